/* Arrays that grow, in an arena. The compiler checks the type of the elements:
 *
 *     VECTOR(struct point) points = {0};
 *     struct point *point = vector_add(&points, POINTS_MAX, arena);
 *
 * Elements move when the array grows, so pointers to them are valid until the next vector_add. The smaller arrays stay
 * in the arena; all arrays together take less than twice the memory of the last one. */
#ifndef POTTO_BASE_VECTOR_H
#define POTTO_BASE_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Any struct with these three members is a vector. Zero-initialise. */
#define VECTOR(type)                                                                                                   \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count, capacity;                                                                                        \
    }

/* Returns a pointer to a new element at the end, not initialized; never NULL. Evaluates its arguments more than once.
 */
#define vector_push(vector, arena) vector_extend(vector, SIZE_MAX, arena)

/* The same for a vector that may have `max` elements: NULL if there are so many already. */
#define vector_add(vector, max, arena) ((vector)->count >= (max) ? NULL : vector_extend(vector, max, arena))

/* For the two above. */
#define vector_extend(vector, max, arena)                                                                              \
    ((vector)->items = (vector)->count < (vector)->capacity                                                            \
                           ? (vector)->items                                                                           \
                           : vector_grow((vector)->items, (vector)->count, &(vector)->capacity,                        \
                                         sizeof *(vector)->items, (max), (arena)),                                     \
     &(vector)->items[(vector)->count++])

/* For vector_extend: copy the `count` elements to an array of twice the capacity, but at most `max` (above `count`). */
void *vector_grow(const void *items, size_t count, size_t *capacity, size_t element_bytes, size_t max,
                  struct arena *arena);

#endif
