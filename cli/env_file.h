/* Reads and replaces one value in a file of settings, lines NAME=value, such as POTTO_ENV_FILE names. */
#ifndef POTTO_CLI_ENV_FILE_H
#define POTTO_CLI_ENV_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* The value of the last line of that name; STATUS_ABSENT if there is none. Lives in `arena`. */
enum status env_file_get(const char *path, const char *name, struct arena *arena, struct text *out_value,
                         struct error *error);

/* Replace the value, or add a line. A reader sees either the complete old file or the complete new one, even after a
 * crash of the machine. The owner and the group stay, and the mode as far as 0640; 0600 if the caller may not give a
 * file to that group. */
enum status env_file_set(const char *path, const char *name, struct text value, struct arena *arena,
                         struct error *error);

#endif
