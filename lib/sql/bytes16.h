/* Operations on sixteen bytes at once, with the compiler's vector types: SSE2 on x86-64, NEON on AArch64, plain code
 * elsewhere. Only bytes16_mask has code for each machine. Private to lib/sql. */
#ifndef POTTO_SQL_BYTES16_H
#define POTTO_SQL_BYTES16_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const void *from)
{
    bytes16 value;

    memcpy(&value, from, sizeof value);
    return value;
}

static inline void bytes16_store(void *to, bytes16 value)
{
    memcpy(to, &value, sizeof value);
}

static inline bytes16 bytes16_all(uint8_t byte)
{
    return (bytes16){byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte};
}

/* Comparisons give 0xFF for each byte where they are true, else 0. */
static inline bytes16 bytes16_equal(bytes16 value, uint8_t byte)
{
    return (bytes16)(value == bytes16_all(byte));
}

/* first <= byte <= last */
static inline bytes16 bytes16_between(bytes16 value, uint8_t first, uint8_t last)
{
#ifdef __SSE2__
    __m128i shifted = _mm_sub_epi8((__m128i)value, _mm_set1_epi8((char)first));

    return (bytes16)_mm_cmpeq_epi8(_mm_min_epu8(shifted, _mm_set1_epi8((char)(last - first))), shifted);
#else
    return (bytes16)(value - bytes16_all(first) <= bytes16_all((uint8_t)(last - first)));
#endif
}

/* Bit i of the result is the highest bit of byte i. */
static inline uint32_t bytes16_mask(bytes16 value)
{
#ifdef __SSE2__
    return (uint32_t)_mm_movemask_epi8((__m128i)value);
#else
    uint32_t mask = 0;

    for (int i = 0; i < 16; i++)
        mask |= (uint32_t)(value[i] >> 7) << i;
    return mask;
#endif
}

/* ASCII letters become lower case; other bytes stay. */
static inline bytes16 bytes16_lower(bytes16 value)
{
    return value | (bytes16_between(value, 'A', 'Z') & bytes16_all(0x20));
}

/* Keep the first `size` bytes (0..16); the others become 0. */
static inline bytes16 bytes16_first(bytes16 value, unsigned size)
{
    static const uint8_t ones_then_zeros[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                255, 255, 255, 255, 255, 255, 255, 255};

    return value & bytes16_load(ones_then_zeros + 16 - size);
}

#endif
