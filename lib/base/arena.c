/* A bump allocator in doubling blocks; see arena.h. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_STEP_BYTES = 1024 * 1024 };

struct block {
    struct block *next; /* older */
    size_t size_bytes;
    size_t used_bytes;
    _Alignas(ALIGNMENT) unsigned char data[];
};

struct cleanup {
    struct cleanup *next;
    void (*run)(void *thing);
    void *thing;
};

struct arena {
    struct block *newest;
    struct cleanup *cleanups;
    size_t max_bytes;
    size_t used_bytes;
};

static void arena_fail(const char *why)
{
    fprintf(stderr, "{\"level\":\"fatal\",\"message\":\"arena: %s\"}\n", why);
    abort();
}

static struct block *block_new(size_t size_bytes, struct block *next)
{
    struct block *block = malloc(sizeof *block + size_bytes);

    if (block == NULL)
        arena_fail("out of memory");
    block->next = next;
    block->size_bytes = size_bytes;
    block->used_bytes = 0;
    return block;
}

struct arena *arena_new(size_t max_bytes)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (arena == NULL)
        arena_fail("out of memory");
    arena->max_bytes = max_bytes;
    arena->newest = block_new(FIRST_BLOCK_BYTES, NULL);
    return arena;
}

void arena_reset(struct arena *arena)
{
    struct cleanup *cleanup = arena->cleanups;

    /* Cleanups live in the arena itself, so run them all before freeing. */
    for (; cleanup != NULL; cleanup = cleanup->next)
        cleanup->run(cleanup->thing);
    arena->cleanups = NULL;
    while (arena->newest->next != NULL) {
        struct block *older = arena->newest->next;

        free(arena->newest);
        arena->newest = older;
    }
    arena->newest->used_bytes = 0;
    arena->used_bytes = 0;
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free(arena->newest);
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    struct block *block = arena->newest;
    size_t rounded = (size_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    void *memory;

    if (rounded < size_bytes)
        arena_fail("size overflows");
    if (arena->max_bytes != 0 && rounded > arena->max_bytes - arena->used_bytes)
        arena_fail("over its bound");
    if (rounded > block->size_bytes - block->used_bytes) {
        size_t step = block->size_bytes * 2 > LARGEST_STEP_BYTES ? LARGEST_STEP_BYTES : block->size_bytes * 2;

        block = block_new(rounded > step ? rounded : step, block);
        arena->newest = block;
    }
    memory = block->data + block->used_bytes;
    block->used_bytes += rounded;
    arena->used_bytes += rounded;
    return memory;
}

void *arena_zalloc(struct arena *arena, size_t size_bytes)
{
    return memset(arena_alloc(arena, size_bytes), 0, size_bytes);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes)
{
    size_t total;

    if (__builtin_mul_overflow(count, size_bytes, &total))
        arena_fail("size overflows");
    return arena_zalloc(arena, total);
}

void *arena_copy(struct arena *arena, const void *data, size_t size_bytes)
{
    void *copy = arena_alloc(arena, size_bytes);

    if (size_bytes != 0)
        memcpy(copy, data, size_bytes);
    return copy;
}

char *arena_string(struct arena *arena, const char *data, size_t size_bytes)
{
    char *copy = arena_alloc(arena, size_bytes + 1);

    if (size_bytes != 0)
        memcpy(copy, data, size_bytes);
    copy[size_bytes] = '\0';
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_list again;
    int length;
    char *copy;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    copy = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(copy, (size_t)length + 1, format, again);
    va_end(again);
    return copy;
}

void arena_defer(struct arena *arena, void (*cleanup)(void *thing), void *thing)
{
    struct cleanup *entry = arena_alloc(arena, sizeof *entry);

    entry->run = cleanup;
    entry->thing = thing;
    entry->next = arena->cleanups;
    arena->cleanups = entry;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used_bytes;
}
