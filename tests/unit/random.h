/* Random numbers that are the same in every run, for tests that compare many inputs with a simple reference. */
#ifndef POTTO_TESTS_UNIT_RANDOM_H
#define POTTO_TESTS_UNIT_RANDOM_H

#include <stdint.h>

static uint64_t random_state;

static inline void random_seed(uint64_t seed)
{
    random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
}

/* A number from 0 to below - 1, by xorshift64*. */
static inline uint64_t random_below(uint64_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717) % below;
}

#endif
