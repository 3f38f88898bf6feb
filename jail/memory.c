/* A child whose memory is at its limit ends at once and says so by its exit code. Without this each library would make
 * an error of its own of it, which looked as if the server had failed. glibc lets a program replace these functions.
 * Under a sanitizer there is no limit, and the functions are the sanitizer's. */
#ifndef __SANITIZE_ADDRESS__
#include <stdlib.h>
#include <unistd.h>

#include "child/exit.h"

#define EXPORTED __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

EXPORTED void *malloc(size_t size)
{
    void *memory = __libc_malloc(size);

    if (memory == NULL)
        _exit(CHILD_EXIT_MEMORY);
    return memory;
}

EXPORTED void *calloc(size_t count, size_t size)
{
    void *memory = __libc_calloc(count, size);

    if (memory == NULL)
        _exit(CHILD_EXIT_MEMORY);
    return memory;
}

EXPORTED void *realloc(void *old, size_t size)
{
    void *memory = __libc_realloc(old, size);

    if (memory == NULL && size != 0)
        _exit(CHILD_EXIT_MEMORY);
    return memory;
}
#endif
