/* The next 64 bytes of the input as three bit sets. The end of a word, a number or white space is then found with one
 * shift and one bit scan instead of a loop over bytes. Private to lib/sql. */
#ifndef POTTO_SQL_WINDOW_H
#define POTTO_SQL_WINDOW_H

#include "sql/bytes16.h"

enum {
    WINDOW_BYTES = 64,
    WINDOW_SLACK_BYTES = 128 /* bytes that must be readable from a window's first byte on */
};

struct window {
    uint64_t words;   /* letters, digits, _ $ . and bytes from 0x80 on: a qualified name is one word */
    uint64_t numbers; /* digits and dots */
    uint64_t solid; /* all but white space, control characters and NUL. The last bit is always 0, so that a token never
                       ends outside the window. */
};

static inline __attribute__((always_inline)) struct window window_at(const uint8_t *from)
{
    struct window window = {0, 0, 0};

    for (int i = 0; i < WINDOW_BYTES; i += 16) {
        bytes16 bytes = bytes16_load(from + i);
        bytes16 number = bytes16_between(bytes, '0', '9') | bytes16_equal(bytes, '.');
        bytes16 word = bytes16_between(bytes | bytes16_all(0x20), 'a', 'z') | bytes16_equal(bytes, '_') |
                       bytes16_equal(bytes, '$') | number | bytes; /* bytes from 0x80 on have their highest bit set */

        window.words |= (uint64_t)bytes16_mask(word) << i;
        window.numbers |= (uint64_t)bytes16_mask(number) << i;
        window.solid |= (uint64_t)(~bytes16_mask(bytes16_between(bytes, 0, ' ')) & 0xFFFF) << i;
    }
    window.solid &= ~(UINT64_C(1) << (WINDOW_BYTES - 1));
    return window;
}

/* The number of set bits in a row from bit `at` on, up to the window's end. */
static inline unsigned window_run(uint64_t bits, unsigned at)
{
    uint64_t ends = (bits >> at) + 1;

    return ends == 0 ? WINDOW_BYTES : (unsigned)__builtin_ctzll(ends);
}

#endif
