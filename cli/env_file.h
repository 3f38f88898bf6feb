/* Files of settings, lines NAME=value, as POTTO_ENV_FILE names one: reading and replacing one value. */
#ifndef POTTO_CLI_ENV_FILE_H
#define POTTO_CLI_ENV_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* The value of the last line of that name; STATUS_ABSENT if there is none. Lives in `arena`. */
enum status env_file_get(const char *path, const char *name, struct arena *arena, struct text *out_value,
                         struct error *error);

/* Replace it, or add a line. Whoever reads the file sees the old one or the new one, whole, also if the machine stops
 * half-way; owner and group stay, and the mode is 0600. */
enum status env_file_set(const char *path, const char *name, struct text value, struct arena *arena,
                         struct error *error);

#endif
