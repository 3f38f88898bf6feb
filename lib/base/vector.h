/* Arrays that grow, in an arena. The elements' type is the compiler's to check:
 *
 *     VECTOR(struct point) points = {0};
 *     struct point *point = vector_add(&points, POINTS_MAX, arena);
 *
 * Elements move when the array grows, so that pointers to them hold until the next vector_add. The array that was
 * outgrown stays in the arena: all of them together take less than twice the last one's room. */
#ifndef POTTO_BASE_VECTOR_H
#define POTTO_BASE_VECTOR_H

#include <stddef.h>

#include "base/arena.h"

/* Any struct with these three members is a vector. Zero-initialise. */
#define VECTOR(type)                                                                                                   \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count, capacity;                                                                                        \
    }

/* A pointer to a new element at the end, whose bytes are not set; NULL if there are `max` already. The arguments are
 * evaluated more than once. */
#define vector_add(vector, max, arena)                                                                                 \
    ((vector)->count >= (max)                                                                                          \
         ? NULL                                                                                                        \
         : ((vector)->items = (vector)->count < (vector)->capacity                                                     \
                                  ? (vector)->items                                                                    \
                                  : vector_grow((vector)->items, (vector)->count, &(vector)->capacity,                 \
                                                sizeof *(vector)->items, (max), (arena)),                              \
            &(vector)->items[(vector)->count++]))

/* For vector_add: the `count` elements in an array of twice the room, or of `max`, which is more than `count`. */
void *vector_grow(const void *items, size_t count, size_t *capacity, size_t element_bytes, size_t max,
                  struct arena *arena);

#endif
