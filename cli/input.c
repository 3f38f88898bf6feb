/* Reading and printing; see input.h. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_BYTES_MAX = 16 * 1024 * 1024 };

bool input_read(const char *who, const char *path, struct buffer *out)
{
    int file = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t size = file < 0 ? -1 : 1;

    while (size > 0 && buffer_reserve(out, INPUT_READ_BYTES)) {
        do
            size = read(file, out->data + out->size_bytes, INPUT_READ_BYTES);
        while (size < 0 && errno == EINTR);
        out->size_bytes += size > 0 ? (size_t)size : 0;
    }
    if (file > STDIN_FILENO)
        close(file);
    if (size < 0)
        fprintf(stderr, "%s: %s: %s\n", who, path, strerror(errno));
    else if (out->has_failed)
        fprintf(stderr, "%s: %s: larger than it may be\n", who, path);
    return size == 0 && !out->has_failed;
}

bool output_print(void (*write)(struct buffer *out))
{
    struct buffer out;

    buffer_init(&out, OUTPUT_BYTES_MAX);
    write(&out);
    fwrite(out.data, 1, out.size_bytes, stdout);
    buffer_free(&out);
    return fflush(stdout) == 0 && !ferror(stdout);
}
