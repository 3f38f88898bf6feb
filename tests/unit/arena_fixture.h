/* For test programs that need only an arena: one for all tests of the program. */
#ifndef POTTO_TESTS_UNIT_ARENA_FIXTURE_H
#define POTTO_TESTS_UNIT_ARENA_FIXTURE_H

#include "base/arena.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#endif
