/* The store's own size; see size.h. */
#include "store/upkeep/size.h"

enum { MEASURE_PAUSE_S = 240 };

enum status store_size_measure(struct store *store, struct arena *arena, struct error *error)
{
    struct store_params params = {.arena = arena};
    enum status status;

    params_int32(&params, MEASURE_PAUSE_S);
    status = store_run(store, SQL(store_size_measure), &params, 0, arena, NULL, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(store_size_trim), NULL, 0, arena, NULL, error);
    return status;
}

enum status store_size_report(struct store *store, struct arena *arena, struct store_size_list *out_list,
                              struct error *error)
{
    struct store_size_list list = {0};
    PGresult *result;
    enum status status = store_run(store, SQL(store_size_report), NULL, 7, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    list.items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list.items);
    for (int row = 0; row < PQntuples(result); row++)
        list.items[list.count++] = (struct store_size){
            .measured_at_us = row_time(result, row, 0),
            .table_group = row_text(result, row, 1),
            .bytes = row_int64(result, row, 2),
            .row_count = row_int64(result, row, 3),
            .oldest_us = row_time(result, row, 4),
            .newest_us = row_time(result, row, 5),
            .has_growth = !row_is_null(result, row, 6),
            .growth_bytes = row_double(result, row, 6),
        };
    *out_list = list;
    return STATUS_OK;
}
