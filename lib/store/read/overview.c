/* The numbers of the overview; see overview.h. */
#include "store/read/overview.h"

#include "store/read/tiling.h"
#include "store/read/totals.h"
#include "store/scope/statement.h"

enum status store_overview_percentiles(struct store *store, const struct scope *scope, const struct period *period,
                                       struct arena *arena, struct percentiles *out_percentiles, struct error *error)
{
    struct totals totals;
    int64_t segmented_until_us;
    enum status status = segments_until(store, arena, &segmented_until_us, error);

    if (status == STATUS_OK)
        status = totals_read(store, scope, period, segmented_until_us, true, arena, &totals, error);
    if (status == STATUS_OK)
        *out_percentiles = totals.percentiles;
    return status;
}

enum status store_overview_get(struct store *store, const struct scope *scope, const struct period *period,
                               struct arena *arena, struct overview *out_overview, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct totals totals;
    int64_t segmented_until_us;
    PGresult *result;
    enum status status = segments_until(store, arena, &segmented_until_us, error);

    if (status == STATUS_OK)
        status = totals_read(store, scope, period, segmented_until_us, false, arena, &totals, error);
    params_int32(&params, period->resolution_s);
    params_time(&params, period->from_us);
    params_time(&params, period->from_us + (period->to_us - period->from_us) / 10);
    if (status == STATUS_OK)
        status = store_read(store, scope, SQL(connection_watched), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_overview =
            (struct overview){.sums = totals.sums, .is_watched = row_bool(result, 0, CONNECTION_WATCHED_IS_WATCHED)};
    return status;
}
