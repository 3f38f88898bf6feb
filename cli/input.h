/* What commands that need no store read and print. */
#ifndef POTTO_CLI_INPUT_H
#define POTTO_CLI_INPUT_H

#include <stdbool.h>

#include "base/buffer.h"

enum { INPUT_READ_BYTES = 64 * 1024 };

/* Append the bytes of the file at `path` ("-": stdin). False: it cannot be read or is larger than the buffer may be
 * less INPUT_READ_BYTES, which is said on stderr; `who` is the command, "potto plan". */
bool input_read(const char *who, const char *path, struct buffer *out);

/* Print what `write` appends. False: stdout cannot be written. */
bool output_print(void (*write)(struct buffer *out));

#endif
