/* Arrays that grow; see vector.h. */
#include "base/vector.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };

void *vector_grow(const void *items, size_t count, size_t *capacity, size_t element_bytes, size_t max,
                  struct arena *arena)
{
    size_t larger = count == 0 ? FIRST_CAPACITY : count <= max / 2 ? count * 2 : max, bytes;
    void *grown;

    if (larger > max)
        larger = max;
    if (__builtin_mul_overflow(larger, element_bytes, &bytes))
        abort();
    grown = arena_alloc(arena, bytes);
    if (count > 0)
        memcpy(grown, items, count * element_bytes);
    *capacity = larger;
    return grown;
}
