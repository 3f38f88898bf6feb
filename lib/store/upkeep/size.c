/* Measures and reports the store's size; see size.h. */
#include "store/upkeep/size.h"
#include "store/scope/statement.h"

enum { MEASURE_PAUSE_S = 240 };

enum status store_size_measure(struct store *store, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    enum status status;

    params_int32(&params, MEASURE_PAUSE_S);
    status = store_run(store, SQL(store_size_measure), &params, arena, NULL, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(store_size_trim), NULL, arena, NULL, error);
    return status;
}

enum status store_size_report(struct store *store, struct arena *arena, struct store_size_list *out_list,
                              struct error *error)
{
    struct store_size_list list = {0};
    PGresult *result;
    enum status status = store_run(store, SQL(store_size_report), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    list.items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list.items);
    for (int row = 0; row < PQntuples(result); row++)
        list.items[list.count++] = (struct store_size){
            .measured_at_us = row_time(result, row, STORE_SIZE_REPORT_MEASURED_AT),
            .table_group = row_text(result, row, STORE_SIZE_REPORT_TABLE_GROUP),
            .bytes = row_int64(result, row, STORE_SIZE_REPORT_BYTES),
            .row_count = row_int64(result, row, STORE_SIZE_REPORT_ROW_COUNT),
            .oldest_us = row_time(result, row, STORE_SIZE_REPORT_OLDEST_AT),
            .newest_us = row_time(result, row, STORE_SIZE_REPORT_NEWEST_AT),
            .has_growth = !row_is_null(result, row, STORE_SIZE_REPORT_GROWTH_BYTES),
            .growth_bytes = row_double(result, row, STORE_SIZE_REPORT_GROWTH_BYTES),
        };
    *out_list = list;
    return STATUS_OK;
}

enum status store_is_shared(struct store *store, struct arena *arena, bool *out_is_shared, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(store_is_shared), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_is_shared = row_bool(result, 0, STORE_IS_SHARED_IS_SHARED);
    return status;
}

enum status store_size_judge(struct store *store, int64_t bytes_max, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, bytes_max);
    return store_run(store, SQL(store_verdict_set), &params, arena, NULL, error);
}

enum status store_size_limit(struct store *store, struct arena *arena, struct store_limit *out_limit,
                             struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(store_verdict_get), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_limit = (struct store_limit){.is_full = false};
    if (PQntuples(result) == 1)
        *out_limit = (struct store_limit){.is_full = row_bool(result, 0, STORE_VERDICT_GET_IS_FULL),
                                          .bytes_max = row_int64(result, 0, STORE_VERDICT_GET_BYTES_MAX)};
    return STATUS_OK;
}
