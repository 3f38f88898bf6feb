/* What connections ran in a period, all together; see totals.h. */
#include "store/read/totals.h"

#include <stdlib.h>

#include "store/read/bytes.h"
#include "store/read/sums_row.h"
#include "store/read/tiers.h"
#include "store/read/tiling.h"
#include "store/scope/statement.h"

SUMS_LOAD_COLUMNS(QUERY_TOTALS_READ);

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

/* False: a distribution is malformed. */
static bool add_up(const PGresult *result, struct arena *arena, struct totals *out_totals)
{
    struct totals totals = {0};
    struct distribution distribution = {{0}};
    int64_t *active_ids = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *active_ids);
    size_t active_count = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        struct sums more = row_load(result, row, QUERY_TOTALS_READ_CALLS);

        if (more.calls > 0)
            active_ids[active_count++] = row_int64(result, row, QUERY_TOTALS_READ_DATABASE_CONNECTION_ID);
        sums_add(&totals.sums, &more);
        if (!distribution_add_bytes(&distribution, row_text(result, row, QUERY_TOTALS_READ_HISTOGRAM_BYTES)))
            return false;
        distribution_add_array(&distribution, row_text(result, row, QUERY_TOTALS_READ_HISTOGRAM_ARRAY));
    }
    totals.active_connection_count = count_distinct(active_ids, active_count);
    totals.percentiles = distribution_percentiles(&distribution);
    *out_totals = totals;
    return true;
}

enum status totals_read(struct store *store, const struct scope *scope, const struct period *period,
                        int64_t segmented_until_us, bool with_percentiles, struct arena *arena,
                        struct totals *out_totals, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_tiling(&params, period, segmented_until_us);
    params_bool(&params, with_percentiles);
    status = store_read(store, scope, SQL(query_totals_read), &params, arena, &result, error);
    if (status == STATUS_OK && !add_up(result, arena, out_totals))
        status = bytes_malformed(error, "distribution");
    return status;
}
