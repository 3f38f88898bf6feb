/* A small hash map; see map.h. */
#include "base/map.h"

enum { FIRST_SLOTS = 16 };

struct map map_new(size_t max_count, struct arena *arena)
{
    size_t size = FIRST_SLOTS;

    assert(max_count < UINT32_MAX / 2);
    while (size < max_count * 2)
        size *= 2;
    return (struct map){
        .slots = arena_alloc_array(arena, size, sizeof(uint32_t)), .mask = size - 1, .max_count = max_count};
}
