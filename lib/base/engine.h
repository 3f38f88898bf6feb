/* The database engines that Potto knows: one table of their names, ports, labels and dialects. Everything that lists
 * engines reads it. The SQL type database_engine has the same names. All texts are static. */
#ifndef POTTO_BASE_ENGINE_H
#define POTTO_BASE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* In the order of lists. */
enum engine_kind {
    ENGINE_UNSET,
    ENGINE_POSTGRESQL,
    ENGINE_MYSQL,
    ENGINE_MSSQL,
    ENGINE_ORACLE,
    ENGINE_MONGODB,
    ENGINE_KIND_COUNT
};

/* The rules by which lib/sql reads statements. SQL_DIALECT_UNSET: those that all dialects share. */
enum sql_dialect { SQL_DIALECT_UNSET, SQL_DIALECT_POSTGRESQL, SQL_DIALECT_MYSQL };

enum { ENGINE_ALIASES_MAX = 2, ENGINE_NAMES_BYTES = 96 };

struct engine {
    enum engine_kind kind;
    const char *name;                        /* in the store and in answers: "postgresql" */
    const char *aliases[ENGINE_ALIASES_MAX]; /* other names that users may give; NULL: none */
    const char *older_name;                  /* in the columns of older clients: "postgres" */
    const char *label;                       /* for people: "PostgreSQL" */
    const char *fork_label;                  /* a fork that counts as this engine: "MariaDB"; NULL: none */
    int32_t default_port;
    enum sql_dialect dialect;
    bool is_collected; /* Potto's collector reads it and looks at its sessions; data of the others comes from agents */
};

const struct engine *engine_of_kind(enum engine_kind kind); /* not ENGINE_UNSET */

/* Find an engine by its name in the store; NULL: there is none. */
const struct engine *engine_of(struct text name);
/* Find an engine by a user's input: a name or an alias, in any case; NULL: there is none. */
const struct engine *engine_find(struct text name_or_alias);

/* All names with `separator` between them: "postgresql, mysql, …". `out` has ENGINE_NAMES_BYTES; returns it. */
const char *engine_names(const char *separator, char *out);
/* The names of the engines that Potto's collector reads. Returns their number. */
size_t engine_collected(struct text out_names[ENGINE_KIND_COUNT]);

#endif
