/* Leases, and the daemon's own row; see lease.h. */
#include "store/collect/lease.h"

#include "store/collect/collect_internal.h"
#include "store/scope/statement.h"

void lease_bind(struct db_params *params, const struct lease *lease)
{
    lease_bind_connection(params, lease);
    params_text(params, lease->owner);
}

enum status lease_finish(struct store *store, const struct db_sql *sql, const struct db_params *params,
                         struct arena *arena, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, sql, params, arena, &result, error);

    if (status == STATUS_OK && PQntuples(result) == 0)
        return error_set(error, STATUS_CONFLICT, "Another collector has taken the connection over.");
    return status;
}

static enum lease_lane lane_of(struct text name)
{
    return text_equal(name, TEXT("new"))    ? LEASE_LANE_NEW
           : text_equal(name, TEXT("slow")) ? LEASE_LANE_SLOW
                                            : LEASE_LANE_TRUSTED;
}

void lease_read(const PGresult *result, int row, struct text owner, struct lease *out_lease)
{
    *out_lease = (struct lease){
        .owner = owner,
        .organization_id = row_int64(result, row, LEASE_TAKE_ORGANIZATION_ID),
        .connection_id = row_int64(result, row, LEASE_TAKE_DATABASE_CONNECTION_ID),
        .name = row_text(result, row, LEASE_TAKE_NAME),
        .engine = row_text(result, row, LEASE_TAKE_ENGINE),
        .host = row_text(result, row, LEASE_TAKE_HOST),
        .database_name = row_text(result, row, LEASE_TAKE_DATABASE_NAME),
        .username = row_text(result, row, LEASE_TAKE_USERNAME),
        .tls_mode = row_text(result, row, LEASE_TAKE_TLS_MODE),
        .password_ciphertext = row_text(result, row, LEASE_TAKE_PASSWORD_CIPHERTEXT),
        .port = (int32_t)row_int64(result, row, LEASE_TAKE_PORT),
        .min_duration_ms = row_double(result, row, LEASE_TAKE_MIN_DURATION_MS),
        .least_duration_ms = row_double(result, row, LEASE_TAKE_LEAST_DURATION_MS),
        .keeps_literals = row_bool(result, row, LEASE_TAKE_KEEP_LITERALS),
        .cursor = row_json(result, row, LEASE_TAKE_CURSOR),
        .lane = lane_of(row_text(result, row, LEASE_TAKE_LANE)),
        .is_store_full = row_bool(result, row, LEASE_TAKE_IS_STORE_FULL),
        .pause_s = row_double(result, row, LEASE_TAKE_PAUSE_S),
        .overhead_percent = row_double(result, row, LEASE_TAKE_OVERHEAD_BUDGET_PERCENT),
        .overhead_stage = row_int64(result, row, LEASE_TAKE_OVERHEAD_STAGE),
    };
}

enum status store_lease_take(struct store *store, struct text owner, int lease_s, const struct lease_lanes *lanes,
                             struct arena *arena, struct lease *out_lease, bool *out_is_taken, double *out_next_due_ms,
                             struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *row;
    enum status status;

    params_text(&params, owner);
    params_int32(&params, lease_s);
    params_int64_array(&params, lanes->full_organizations, lanes->full_organization_count);
    params_bool(&params, lanes->is_slow_lane_full);
    params_bool(&params, lanes->is_new_lane_full);
    params_int32(&params, lanes->host_runs_max);
    params_int64(&params, lanes->last_slow_organization_id);
    params_int64(&params, lanes->last_new_organization_id);
    params_bool(&params, lanes->is_oldest_new_first);
    params_bool(&params, lanes->is_new_in_turn);
    params_int32(&params, lanes->blame);
    params_bool(&params, lanes->only_asked_for);
    status = store_run(store, SQL(lease_take), &params, arena, &row, error);
    if (status != STATUS_OK)
        return status;
    *out_is_taken = !row_is_null(row, 0, LEASE_TAKE_ORGANIZATION_ID);
    *out_next_due_ms = row_double(row, 0, LEASE_TAKE_NEXT_DUE_MS);
    if (*out_is_taken)
        lease_read(row, 0, owner, out_lease);
    return STATUS_OK;
}

enum status store_lease_take_one(struct store *store, int64_t organization_id, int64_t connection_id, struct text owner,
                                 int lease_s, struct arena *arena, struct lease *out_lease, bool *out_is_taken,
                                 struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *row;
    enum status status;

    params_int64(&params, organization_id);
    params_int64(&params, connection_id);
    params_text(&params, owner);
    params_int32(&params, lease_s);
    status = store_run(store, SQL(lease_take_one), &params, arena, &row, error);
    if (status != STATUS_OK)
        return status;
    *out_is_taken = PQntuples(row) == 1;
    if (*out_is_taken)
        lease_read(row, 0, owner, out_lease);
    return STATUS_OK;
}

enum status store_lease_renew(struct store *store, const struct text *owners, size_t count, int lease_s,
                              struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_text_array(&params, owners, count);
    params_int32(&params, lease_s);
    return store_run(store, SQL(lease_renew), &params, arena, NULL, error);
}

enum status store_lease_reap(struct store *store, struct arena *arena, struct error *error)
{
    return store_run(store, SQL(lease_reap), NULL, arena, NULL, error);
}

enum status store_lease_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error)
{
    struct db_params params = {.arena = arena};

    lease_bind(&params, lease);
    return store_run(store, SQL(lease_release), &params, arena, NULL, error);
}

enum status store_lease_ensure(struct store *store, struct arena *arena, struct error *error)
{
    return store_run(store, SQL(lease_ensure), NULL, arena, NULL, error);
}

enum status store_daemon_beat(struct store *store, struct text hostname, struct text process, struct text version,
                              struct text detail, struct arena *arena, int64_t *out_id, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_text(&params, hostname);
    params_text(&params, process);
    params_text(&params, version);
    params_json(&params, detail);
    status = store_run(store, SQL(daemon_beat), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_id = PQntuples(result) == 1 ? row_int64(result, 0, DAEMON_BEAT_ID) : 0;
    return status;
}

enum status store_daemon_end(struct store *store, int64_t id, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, id);
    return store_run(store, SQL(daemon_end), &params, arena, NULL, error);
}
