/* A small hash map from keys to the indexes of an array that holds the keys. Open addressing in an arena, at most half
 * full. The caller hashes and compares the keys:
 *
 *     struct map map = map_new(words_max, arena);
 *     uint32_t index = map_add(&map, hash_of(word), is_word, &(struct look_up){words, word}, count);
 *     if (index == count)
 *         words[count++] = word;
 */
#ifndef POTTO_BASE_MAP_H
#define POTTO_BASE_MAP_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct map {
    uint32_t *slots; /* index + 1; 0: free */
    size_t mask;     /* a power of two, less one */
    size_t count, max_count;
};

/* Make a map for at most `max_count` keys, fewer than 2^31. Lives in `arena`. */
struct map map_new(size_t max_count, struct arena *arena);

/* Find the index of a key. `context` holds the key and the array; `is_same` compares them. If the key is not in the
 * map, it is added with the index `fresh`. Each bit of `hash` should depend on the whole key. Inlined, so that is_same
 * costs no call; a context that points to the key instead of holding it costs nothing either. */
static inline __attribute__((always_inline)) uint32_t map_add(struct map *map, uint64_t hash,
                                                              bool (*is_same)(const void *context, uint32_t index),
                                                              const void *context, uint32_t fresh)
{
    size_t slot = (size_t)(hash ^ hash >> 32) & map->mask;

    for (; map->slots[slot] != 0; slot = (slot + 1) & map->mask)
        if (is_same(context, map->slots[slot] - 1))
            return map->slots[slot] - 1;
    assert(map->count < map->max_count);
    map->count++;
    map->slots[slot] = fresh + 1;
    return fresh;
}

#endif
