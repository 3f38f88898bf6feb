/* Hours of what sessions waited for; see session_waits.h. */
#include "store/upkeep/session_waits.h"

#include "store/scope/statement.h"

enum status store_session_waits_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                                     struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, max);
    status = store_run(store, SQL(session_waits_fold), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_changed_count(result);
    return status;
}
