/* Reading measures; see measures.h. */
#include "store/read/measures.h"

#include "store/read/tiers.h"
#include "store/scope/statement.h"

enum status measures_read(struct store *store, const struct scope *scope, struct sql_hash hash,
                          const struct period *period, struct arena *arena, struct measures *out_measures,
                          struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    *out_measures = measures_unknown();
    params_period_tiers(&params, period);
    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_measures_read), &params, arena, &result, error);
    for (int row = 0; status == STATUS_OK && row < PQntuples(result); row++)
        measures_unpack(out_measures, row_int64(result, row, QUERY_MEASURES_READ_MEASURE),
                        row_int64(result, row, QUERY_MEASURES_READ_AMOUNT));
    return status;
}
