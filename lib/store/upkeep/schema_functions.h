/* Functions and views of the store's schema: migrations/functions/, one a file, loaded again whenever the file has
 * changed. For potto migrate, as the role that owns the tables, between store_migrate_lock and store_migrate_unlock. */
#ifndef POTTO_STORE_UPKEEP_SCHEMA_FUNCTIONS_H
#define POTTO_STORE_UPKEEP_SCHEMA_FUNCTIONS_H

#include "store/scope/store.h"

struct schema_function {
    const char *name;     /* of the function, aggregate or view, and of the file without ".sql" */
    struct text sql;      /* one CREATE OR REPLACE, with a NUL after it */
    struct text checksum; /* SHA-256 of sql, 32 bytes */
};

struct schema_functions_loaded {
    size_t loaded, dropped;
    /* Functions that somebody has changed in the database, though their files are as they were: loaded again. */
    const char **changed;
    size_t changed_count;
    /* Statements that a superuser must run before the next potto migrate, because the API's roles are missing or have
     * the wrong rights. Lives in the arena. */
    const struct text *missing;
    size_t missing_count;
};

/* Before the migrations, in their transaction: make the functions that the schema lacks, so that triggers, policies and
 * columns can refer to them. Their bodies are not checked, because their tables may be missing. Views need their
 * tables, so they are made by store_schema_functions_load. Existing functions do not change. SQL:
 * sql/schema_function_find.sql */
enum status store_schema_functions_prepare(struct store *store, const struct schema_function *functions, size_t count,
                                           struct arena *arena, struct error *error);

/* After the migrations, in their transaction: load what has changed, drop what has no file any more, and grant the
 * API's roles what the schema declares (potto_grants()). So nobody sees a table without its functions, or a function
 * without its privileges. A function whose parameters or result have changed is dropped first; STATUS_INTERNAL if a
 * trigger, policy, column or index depends on it. SQL: sql/schema_function_*.sql, sql/grants_make.sql */
enum status store_schema_functions_load(struct store *store, const struct schema_function *functions, size_t count,
                                        struct arena *arena, struct schema_functions_loaded *out_loaded,
                                        struct error *error);

#endif
