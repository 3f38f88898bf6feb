/* Applies migrations; see migrate.h. */
#include "store/upkeep/migrate.h"
#include "store/scope/statement.h"

/* Any number that no other advisory lock in this database uses: "potto" in ASCII. */
#define MIGRATION_LOCK "482806429807"

enum status store_migrate_lock(struct store *store, struct error *error)
{
    /* Migrations may take long, and so may waiting for another process that migrates. */
    enum status status = store_set_limit(store, STORE_LIMIT_MIGRATION_MS, error);

    if (status != STATUS_OK)
        return status;
    return store_script(store,
                        "SET client_min_messages = warning;"
                        "SELECT pg_advisory_lock(" MIGRATION_LOCK ");"
                        "CREATE TABLE IF NOT EXISTS schema_migrations ("
                        "    version    int PRIMARY KEY,"
                        "    name       text NOT NULL,"
                        "    checksum   bytea NOT NULL," /* SHA-256 of the file */
                        "    applied_at timestamptz NOT NULL DEFAULT now());"
                        "CREATE TABLE IF NOT EXISTS schema_functions ("
                        "    name       text PRIMARY KEY,"
                        "    checksum   bytea NOT NULL," /* SHA-256 of the file; empty: load it once more */
                        "    loaded_at  timestamptz NOT NULL DEFAULT now());"
                        "ALTER TABLE schema_functions ADD COLUMN IF NOT EXISTS"
                        "    definition bytea;", /* SHA-256 of what PostgreSQL made of it; NULL: not known */
                        error);
}

enum status store_migrate_unlock(struct store *store, struct error *error)
{
    return store_script(store, "SELECT pg_advisory_unlock(" MIGRATION_LOCK ")", error);
}

enum status store_migrate_find(struct store *store, const struct migration *migration, struct arena *arena,
                               enum migration_outcome *out_outcome, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text name;
    PGresult *result;
    enum status status;

    params_int32(&params, migration->version);
    status = store_run(store, SQL(schema_migration_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_outcome = MIGRATION_UNSET;
    if (PQntuples(result) == 0)
        return STATUS_OK;
    name = row_text(result, 0, SCHEMA_MIGRATION_FIND_NAME);
    if (!text_equal(name, text_of(migration->name)))
        return error_set(error, STATUS_CONFLICT,
                         "this database was made by another Potto: its version %d is %.*s. Use a new database (dev/up: "
                         "--state), or the Potto that made this one",
                         migration->version, (int)name.size, name.data);
    *out_outcome = text_equal(row_text(result, 0, SCHEMA_MIGRATION_FIND_CHECKSUM), migration->checksum)
                       ? MIGRATION_PRESENT
                       : MIGRATION_CHANGED;
    return STATUS_OK;
}

enum status store_migrate_apply(struct store *store, const struct migration *migration, struct arena *arena,
                                enum migration_outcome *out_outcome, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status = store_script(store, migration->sql.data, error);

    if (status != STATUS_OK)
        return status;
    params_int32(&params, migration->version);
    params_string(&params, migration->name);
    params_bytes(&params, migration->checksum);
    status = store_run(store, SQL(schema_migration_add), &params, arena, NULL, error);
    if (status == STATUS_OK)
        *out_outcome = MIGRATION_APPLIED;
    return status;
}
