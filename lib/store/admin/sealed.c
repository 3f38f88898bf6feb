/* Values sealed with ENCRYPTION_KEY; see sealed.h. */
#include "store/admin/sealed.h"
#include "store/scope/statement.h"

enum status store_admin_keys_lock(struct store *store, struct error *error)
{
    enum status status = store_set_limit(store, STORE_LIMIT_LONG_MS, error);

    /* The number of the lock is "keys" in ASCII. No other lock of this database has it. */
    return status == STATUS_OK ? store_script(store, "SELECT pg_advisory_lock(1801812339)", error) : status;
}

static void read_rows(const PGresult *result, struct arena *arena, struct sealed_row **out_rows, size_t *out_count)
{
    struct sealed_row *rows;

    *out_count = (size_t)PQntuples(result);
    rows = arena_alloc_array(arena, *out_count, sizeof *rows);
    for (int row = 0; row < (int)*out_count; row++)
        rows[row] = (struct sealed_row){.organization_id = row_int64(result, row, SEALED_LIST_ORGANIZATION_ID),
                                        .connection_id = row_int64(result, row, SEALED_LIST_ID),
                                        .password = row_text(result, row, SEALED_LIST_PASSWORD_CIPHERTEXT),
                                        .agent_token = row_text(result, row, SEALED_LIST_AGENT_TOKEN_CIPHERTEXT)};
    *out_rows = rows;
}

enum status store_admin_sealed_list(struct store *store, struct text key_id, int64_t after_id, int limit,
                                    struct arena *arena, struct sealed_row **out_rows, size_t *out_count,
                                    struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_bytes(&params, key_id);
    params_int64(&params, after_id);
    params_int32(&params, limit);
    status = store_run(store, SQL(sealed_list), &params, arena, &result, error);
    if (status == STATUS_OK)
        read_rows(result, arena, out_rows, out_count);
    return status;
}

enum status store_admin_sealed_is_placed(struct store *store, struct arena *arena, bool *out_is_placed,
                                         struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(sealed_is_placed), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_is_placed = row_bool(result, 0, SEALED_IS_PLACED_IS_PLACED);
    return status;
}

enum status store_admin_sealed_freeze(struct store *store, struct error *error)
{
    return store_script(store, "LOCK TABLE database_connections IN SHARE ROW EXCLUSIVE MODE", error);
}

enum status store_admin_unplaced_list(struct store *store, int64_t after_id, int limit, struct arena *arena,
                                      struct sealed_row **out_rows, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, after_id);
    params_int32(&params, limit);
    status = store_run(store, SQL(unplaced_list), &params, arena, &result, error);
    if (status == STATUS_OK)
        read_rows(result, arena, out_rows, out_count);
    return status;
}

enum status store_admin_sealed_replace(struct store *store, const struct sealed_row *row, struct arena *arena,
                                       struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, row->organization_id);
    params_int64(&params, row->connection_id);
    params_bytes(&params, row->password);
    params_bytes(&params, row->agent_token);
    return store_run(store, SQL(sealed_replace), &params, arena, NULL, error);
}

enum status store_admin_sealed_count(struct store *store, struct arena *arena, struct sealed_count **out_counts,
                                     size_t *out_count, struct error *error)
{
    struct sealed_count *counts;
    PGresult *result;
    enum status status = store_run(store, SQL(sealed_count), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    counts = arena_alloc_array(arena, *out_count, sizeof *counts);
    for (int row = 0; row < (int)*out_count; row++)
        counts[row] = (struct sealed_count){row_text(result, row, SEALED_COUNT_KEY_ID),
                                            row_int64(result, row, SEALED_COUNT_VALUE_COUNT)};
    *out_counts = counts;
    return STATUS_OK;
}

enum status store_admin_keys_audit(struct store *store, const char *action, struct text detail_json,
                                   struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_string(&params, action);
    params_json(&params, detail_json);
    return store_run(store, SQL(sealed_audit), &params, arena, NULL, error);
}
