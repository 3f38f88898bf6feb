/* The files of POTTO_MIGRATIONS: NNN_what.sql, and functions/NAME.sql. */
#ifndef POTTO_CLI_MIGRATION_FILES_H
#define POTTO_CLI_MIGRATION_FILES_H

#include "cli/cli.h"
#include "store/upkeep/migrate.h"
#include "store/upkeep/schema_functions.h"

struct migration_files {
    struct migration *migrations; /* ascending, each version once */
    size_t migration_count;
    struct schema_function *functions; /* by name */
    size_t function_count;
};

/* Everything lives in the arena of `cli`. Errors: STATUS_INVALID (a directory is missing or empty, a file cannot be
 * read, or two files have the same number). */
enum status migration_files_read(struct cli *cli, struct migration_files *out_files);

#endif
