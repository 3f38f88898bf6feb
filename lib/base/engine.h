/* The database engines that Potto knows: one table of their names, ports, labels and dialects. Everything that lists
 * engines reads it. The SQL type database_engine has the same names. All texts are static. */
#ifndef POTTO_BASE_ENGINE_H
#define POTTO_BASE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* In the order in which lists show them. */
enum engine_kind {
    ENGINE_UNSET,
    ENGINE_POSTGRESQL,
    ENGINE_MYSQL,
    ENGINE_MSSQL,
    ENGINE_ORACLE,
    ENGINE_MONGODB,
    ENGINE_KIND_COUNT
};

/* How lib/sql reads statements. SQL_DIALECT_UNSET: by the rules that all dialects share. */
enum sql_dialect { SQL_DIALECT_UNSET, SQL_DIALECT_POSTGRESQL, SQL_DIALECT_MYSQL };

enum { ENGINE_ALIASES_MAX = 2, ENGINE_NAMES_BYTES = 96 };

struct engine {
    enum engine_kind kind;
    const char *name;                        /* in the store and in answers: "postgresql" */
    const char *aliases[ENGINE_ALIASES_MAX]; /* other names that users may give; NULL: none */
    const char *label;                       /* for people: "PostgreSQL" */
    const char *fork_label;                  /* a fork that counts as this engine: "MariaDB"; NULL: none */
    int32_t default_port;
    enum sql_dialect dialect;
    bool is_collected; /* Potto's collector asks it; the others are fed by agents */
};

const struct engine *engine_of_kind(enum engine_kind kind); /* not ENGINE_UNSET */

/* By the name in the store; NULL: no engine has it. */
const struct engine *engine_of(struct text name);
/* By what a user gave: a name or an alias, in lower case; NULL: no engine has it. */
const struct engine *engine_find(struct text name_or_alias);
const struct engine *engine_find_nocase(struct text name_or_alias);

/* All names with `separator` between them: "postgresql, mysql, …". `out` has ENGINE_NAMES_BYTES; returns it. */
const char *engine_names(const char *separator, char *out);
/* Names of those that Potto's collector asks. Returns how many. */
size_t engine_collected(struct text out_names[ENGINE_KIND_COUNT]);

#endif
