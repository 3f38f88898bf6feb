/* What connections ran in a period, all together; see query_totals.h. */
#include "store/read/query_totals.h"

#include <stdlib.h>

#include "store/read/query_bins.h"
#include "store/read/query_bytes.h"
#include "store/read/query_packs.h"
#include "store/read/query_parts.h"
#include "store/scope/statement.h"

static int by_id(const void *one, const void *other)
{
    const int64_t *a = one, *b = other;

    return *a < *b ? -1 : *a > *b;
}

static int64_t count_distinct(int64_t *ids, size_t count)
{
    int64_t distinct = 0;

    if (count > 0)
        qsort(ids, count, sizeof *ids, by_id);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || ids[i] != ids[i - 1];
    return distinct;
}

/* False: a distribution is not one. */
static bool add_up(const PGresult *result, struct arena *arena, struct query_totals *out_totals)
{
    struct query_totals totals = {0};
    struct bin_sums bins = {{0}};
    int64_t *active_ids = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *active_ids);
    size_t active_count = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        int64_t calls = row_int64(result, row, QUERY_TOTALS_READ_CALLS);

        if (calls > 0)
            active_ids[active_count++] = row_int64(result, row, QUERY_TOTALS_READ_DATABASE_CONNECTION_ID);
        totals.calls = add_bounded(totals.calls, calls);
        totals.slow_calls = add_bounded(totals.slow_calls, row_int64(result, row, QUERY_TOTALS_READ_SLOW_CALLS));
        totals.total_ms += row_double(result, row, QUERY_TOTALS_READ_TOTAL_MS);
        if (!bin_sums_add_bytes(&bins, row_text(result, row, QUERY_TOTALS_READ_HISTOGRAM_BYTES)))
            return false;
        bin_sums_add_array(&bins, row_text(result, row, QUERY_TOTALS_READ_HISTOGRAM_ARRAY));
    }
    totals.active_connection_count = count_distinct(active_ids, active_count);
    totals.percentiles = bin_sums_percentiles(&bins);
    *out_totals = totals;
    return true;
}

enum status query_totals_read(struct store *store, const struct scope *scope, int64_t connection_id, struct text engine,
                              int64_t team_id, const struct period *period, int64_t packed_until_us,
                              bool with_percentiles, struct arena *arena, struct query_totals *out_totals,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, connection_id, engine);
    params_int64(&params, team_id);
    query_params_cover(&params, period, packed_until_us);
    params_bool(&params, with_percentiles);
    status = store_read(store, scope, SQL(query_totals_read), &params, arena, &result, error);
    if (status == STATUS_OK && !add_up(result, arena, out_totals)) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        status = error_detail(error, "a distribution that is not one");
    }
    return status;
}

enum status store_overview_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                       int64_t connection_id, struct text engine, int64_t team_id, struct arena *arena,
                                       struct percentiles *out, struct error *error)
{
    struct query_totals totals;
    int64_t packed_until_us;
    enum status status = query_packs_until(store, arena, &packed_until_us, error);

    if (status == STATUS_OK)
        status = query_totals_read(store, scope, connection_id, engine, team_id, period, packed_until_us, true, arena,
                                   &totals, error);
    if (status == STATUS_OK)
        *out = totals.percentiles;
    return status;
}

enum status store_overview_sums(struct store *store, const struct scope *scope, const struct period *period,
                                int64_t connection_id, struct arena *arena, struct overview_sums *out_sums,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    struct query_totals totals;
    int64_t packed_until_us;
    PGresult *result;
    enum status status = query_packs_until(store, arena, &packed_until_us, error);

    if (status == STATUS_OK)
        status = query_totals_read(store, scope, connection_id, (struct text){NULL, 0}, 0, period, packed_until_us,
                                   false, arena, &totals, error);
    params_int64(&params, connection_id);
    params_int32(&params, period->resolution_s);
    params_time(&params, period->from_us);
    params_time(&params, period->from_us + (period->to_us - period->from_us) / 10);
    if (status == STATUS_OK)
        status = store_read(store, scope, SQL(connection_watched), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_sums = (struct overview_sums){.calls = totals.calls,
                                           .slow_calls = totals.slow_calls,
                                           .total_ms = totals.total_ms,
                                           .is_watched = row_bool(result, 0, CONNECTION_WATCHED_IS_WATCHED)};
    return status;
}
