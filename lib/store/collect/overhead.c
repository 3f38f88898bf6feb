/* What the server of a connection was asked for, against its overhead budget; see facts/overhead.h. */
#include "store/collect/collect_internal.h"

static enum status set_stage(struct store *store, const struct lease *lease, int stage, struct arena *arena,
                             struct error *error)
{
    struct db_params params = {.arena = arena};

    lease_bind_connection(&params, lease);
    params_int32(&params, stage);
    return store_run(store, SQL(overhead_stage_set), &params, arena, NULL, error);
}

enum status lease_charge_overhead(struct store *store, const struct lease *lease, const struct overhead_cost *cost,
                                  struct arena *arena, const struct overhead_stage **out_stage, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    int64_t before;
    int now;
    enum status status;

    *out_stage = overhead_stage_of(0);
    lease_bind_connection(&params, lease);
    params_double(&params, overhead_cost_sum_us(cost));
    params_double(&params, OVERHEAD_SPAN_S);
    params_double(&params, OVERHEAD_FILL_MAX);
    status = store_run(store, SQL(overhead_charge), &params, arena, &result, error);
    if (status != STATUS_OK || PQntuples(result) == 0)
        return status;
    before = row_int64(result, 0, OVERHEAD_CHARGE_STAGE);
    now = overhead_stage_next(before, row_double(result, 0, OVERHEAD_CHARGE_FILL));
    *out_stage = overhead_stage_of(now);
    return now == before ? STATUS_OK : set_stage(store, lease, now, arena, error);
}
