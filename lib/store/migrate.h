/* Bringing the store's tables up to date. For the command line, as the role that owns the tables. */
#ifndef POTTO_STORE_MIGRATE_H
#define POTTO_STORE_MIGRATE_H

#include "store/store.h"

struct migration {
    int version;
    const char *name; /* "004_collectors_visibility" */
    struct text sql;
    struct text checksum; /* SHA-256 of sql, 32 bytes */
};

enum migration_outcome {
    MIGRATION_UNSET,
    MIGRATION_APPLIED,
    MIGRATION_PRESENT, /* was applied before */
    MIGRATION_CHANGED, /* was applied before, from a file that was different */
};

/* One at a time: others wait here until store_migrate_unlock or the end of the connection. Makes
 * schema_migrations if it is not there. */
enum status store_migrate_lock(struct store *store, struct error *error);
enum status store_migrate_unlock(struct store *store, struct error *error);

/* Apply one in a transaction of its own, unless it was applied. `sql` needs a NUL after it.
 * SQL: sql/schema_migration_find.sql, sql/schema_migration_add.sql */
enum status store_migrate_apply(struct store *store, const struct migration *migration, struct arena *arena,
                                enum migration_outcome *out_outcome, struct error *error);

/* What the API's role, potto_api, may do; false in *out_is_granted if there is no such role. Tables made later, such
 * as partitions, are covered as long as the same owner makes them. SQL: sql/api_role_exists.sql */
enum status store_migrate_grant(struct store *store, struct arena *arena, bool *out_is_granted, struct error *error);

#endif
