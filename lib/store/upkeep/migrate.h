/* Brings the store's tables up to date. For the command line, as the role that owns the tables. */
#ifndef POTTO_STORE_UPKEEP_MIGRATE_H
#define POTTO_STORE_UPKEEP_MIGRATE_H

#include "store/scope/store.h"

struct migration {
    int version;
    const char *name; /* "004_collectors_visibility" */
    struct text sql;
    struct text checksum; /* SHA-256 of sql, 32 bytes */
};

enum migration_outcome {
    MIGRATION_UNSET, /* was not applied yet */
    MIGRATION_APPLIED,
    MIGRATION_PRESENT, /* was applied before */
    MIGRATION_CHANGED, /* was applied before, from a file with other content */
};

/* Only one process migrates at a time: others wait here until store_migrate_unlock or the end of its connection. Makes
 * schema_migrations and schema_functions if they are missing. */
enum status store_migrate_lock(struct store *store, struct error *error);
enum status store_migrate_unlock(struct store *store, struct error *error);

/* Was it applied before? STATUS_CONFLICT: a migration of the same version and another name was.
 * SQL: sql/schema_migration_find.sql */
enum status store_migrate_find(struct store *store, const struct migration *migration, struct arena *arena,
                               enum migration_outcome *out_outcome, struct error *error);
/* Apply it in the caller's transaction. Its `sql` needs a NUL after it. SQL: sql/schema_migration_add.sql */
enum status store_migrate_apply(struct store *store, const struct migration *migration, struct arena *arena,
                                enum migration_outcome *out_outcome, struct error *error);

#endif
