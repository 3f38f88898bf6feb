/* Growing bytes with a maximum. Appending reports no error: when the maximum
 * or the memory is reached, has_failed is set and later appends do nothing.
 * So a writer checks has_failed once, at the end. */
#ifndef POTTO_BASE_BUFFER_H
#define POTTO_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct buffer {
    char *data; /* owned; NULL while empty */
    size_t size_bytes;
    size_t capacity_bytes;
    size_t max_bytes;
    bool has_failed;
};

void buffer_init(struct buffer *buffer, size_t max_bytes);
void buffer_free(struct buffer *buffer);  /* init again before reuse */
void buffer_clear(struct buffer *buffer); /* keeps the memory, resets has_failed */

bool buffer_reserve(struct buffer *buffer, size_t more_bytes); /* false: failed */
void buffer_append(struct buffer *buffer, const void *data, size_t size_bytes);
void buffer_append_text(struct buffer *buffer, struct text text);
void buffer_append_string(struct buffer *buffer, const char *string);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void buffer_append_byte(struct buffer *buffer, char byte)
{
    if (buffer->size_bytes < buffer->capacity_bytes || buffer_reserve(buffer, 1))
        buffer->data[buffer->size_bytes++] = byte;
}

static inline struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){buffer->data, buffer->size_bytes};
}

#endif
