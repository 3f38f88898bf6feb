/* Growing buffers; see buffer.h. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY_BYTES = 256 };

void buffer_init(struct buffer *buffer, size_t max_bytes)
{
    *buffer = (struct buffer){.max_bytes = max_bytes};
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.max_bytes = buffer->max_bytes};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size_bytes = 0;
    buffer->has_failed = false;
}

bool buffer_reserve(struct buffer *buffer, size_t more_bytes)
{
    size_t wanted = buffer->capacity_bytes == 0 ? FIRST_CAPACITY_BYTES : buffer->capacity_bytes;
    char *grown;

    if (buffer->has_failed)
        return false;
    if (more_bytes <= buffer->capacity_bytes - buffer->size_bytes)
        return true;
    if (more_bytes > buffer->max_bytes - buffer->size_bytes) {
        buffer->has_failed = true;
        return false;
    }
    while (wanted - buffer->size_bytes < more_bytes)
        wanted *= 2;
    if (wanted > buffer->max_bytes)
        wanted = buffer->max_bytes;
    grown = realloc(buffer->data, wanted);
    if (grown == NULL) {
        buffer->has_failed = true;
        return false;
    }
    buffer->data = grown;
    buffer->capacity_bytes = wanted;
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size_bytes)
{
    if (size_bytes == 0 || !buffer_reserve(buffer, size_bytes))
        return;
    memcpy(buffer->data + buffer->size_bytes, data, size_bytes);
    buffer->size_bytes += size_bytes;
}

void buffer_append_text(struct buffer *buffer, struct text text)
{
    buffer_append(buffer, text.data, text.size);
}

void buffer_append_string(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_list again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* One more byte for vsnprintf's NUL, which size_bytes does not count. */
    if (length > 0 && buffer_reserve(buffer, (size_t)length + 1)) {
        vsnprintf(buffer->data + buffer->size_bytes, (size_t)length + 1, format, again);
        buffer->size_bytes += (size_t)length;
    }
    va_end(again);
}
