/* Memory that lives as long as one request or one collection cycle and is freed
 * at once. Cleanups (PQclear, json_object_put) run in reverse order of
 * registration when the arena is reset or destroyed. */
#ifndef POTTO_BASE_ARENA_H
#define POTTO_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* An arena that may hold at most `max_bytes` (0: no bound). Callers limit
 * their input before they allocate. So an arena over its bound is a bug, as
 * running out of memory is a fault of the machine: in both cases the process
 * aborts, and its manager starts another. */
struct arena *arena_new(size_t max_bytes);
void arena_destroy(struct arena *arena); /* NULL is fine */

/* Run the cleanups and free everything but the first block. */
void arena_reset(struct arena *arena);

/* Aligned to 16 bytes. arena_alloc's memory is not cleared; arena_zalloc's is. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
void *arena_zalloc(struct arena *arena, size_t size_bytes);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes); /* cleared; overflow aborts */
void *arena_copy(struct arena *arena, const void *data, size_t size_bytes);
char *arena_string(struct arena *arena, const char *data, size_t size_bytes); /* copy with a final NUL */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Call `cleanup(thing)` when the arena is reset or destroyed. */
void arena_defer(struct arena *arena, void (*cleanup)(void *thing), void *thing);

size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */

#endif
