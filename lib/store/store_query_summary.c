/* Fingerprints with their sums over a period; see query.h. */
#include "base/clock.h"
#include "store/query_parts.h"

enum { LIST_COLUMNS = 19, GET_COLUMNS = 16, LIST_TEXT_BYTES = 2000 };

/* Columns from `first`: hash, fingerprint, kind, tables, connections, sums, first and last seen. */
static void read_summary(const PGresult *result, int row, int first, double everything_ms, struct arena *arena,
                         struct query_summary *out)
{
    *out = (struct query_summary){
        .hash = row_hash(result, row, first),
        .fingerprint = row_text(result, row, first + 1),
        .statement_kind = row_text(result, row, first + 2),
        .calls = row_int64(result, row, first + 5),
        .slow_calls = row_int64(result, row, first + 6),
        .rows_examined = row_int64(result, row, first + 7),
        .rows_returned = row_int64(result, row, first + 8),
        .blocks_hit = row_int64(result, row, first + 9),
        .blocks_read = row_int64(result, row, first + 10),
        .total_ms = row_double(result, row, first + 11),
        .max_ms = row_double(result, row, first + 12),
        .first_seen_us = row_time(result, row, first + 13),
        .last_seen_us = row_time(result, row, first + 14),
    };
    out->tables = row_text_array(result, row, first + 3, arena, &out->table_count);
    out->connection_ids = row_int64_array(result, row, first + 4, arena, &out->connection_count);
    out->mean_ms = out->calls > 0 ? out->total_ms / (double)out->calls : 0;
    out->time_share = everything_ms > 0 ? out->total_ms / everything_ms : 0;
    if (out->time_share > 1) /* the two sums come from buckets of different widths */
        out->time_share = 1;
}

/* The largest bucket that is no wider than one point of the spark. */
static int32_t spark_resolution(const struct period *period)
{
    int64_t point_s = (period->to_us - period->from_us) / CLOCK_SECOND_US / QUERY_SPARK_POINTS;

    return point_s >= 86400 ? 86400 : point_s >= 3600 ? 3600 : PERIOD_RESOLUTION_MIN_S;
}

/* Buckets do not end where points do: each gives every point the part that lies in it. The one that is still
 * being filled ends now. */
static void spread(const struct period *period, int64_t bucket_us, int64_t width_us, double total_ms, double *spark_ms)
{
    int64_t filled_us = clock_now_us() - bucket_us;
    double point_us = (double)(period->to_us - period->from_us) / QUERY_SPARK_POINTS;

    if (filled_us > 0 && filled_us < width_us)
        width_us = filled_us;
    for (int i = 0; i < QUERY_SPARK_POINTS; i++) {
        double from = (double)period->from_us + point_us * i, to = from + point_us;
        double first = from > (double)bucket_us ? from : (double)bucket_us;
        double last = to < (double)(bucket_us + width_us) ? to : (double)(bucket_us + width_us);

        if (last > first)
            spark_ms[i] += total_ms * (last - first) / (double)width_us;
    }
}

static const struct query_summary *find(const struct query_summary_list *list, struct sql_hash hash)
{
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->items[i].hash.bytes, hash.bytes, sizeof hash.bytes) == 0)
            return &list->items[i];
    return NULL;
}

static enum status add_sparks(struct store *store, const struct scope *scope, const struct query_filter *filter,
                              struct arena *arena, struct query_summary_list *list, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, list->count, sizeof *hashes);
    double *sparks = arena_alloc_array(arena, list->count * QUERY_SPARK_POINTS, sizeof *sparks);
    int32_t resolution_s = spark_resolution(&filter->period);
    int64_t width_us = resolution_s * CLOCK_SECOND_US;
    PGresult *result;
    enum status status;

    for (size_t i = 0; i < list->count; i++) {
        hashes[i] = list->items[i].hash;
        list->items[i].spark_ms = sparks + i * QUERY_SPARK_POINTS;
    }
    if (list->count == 0)
        return STATUS_OK;
    query_params_choose(&params, filter->connection_id, filter->engine);
    params_hash_array(&params, hashes, list->count);
    params_int32(&params, resolution_s);
    params_time(&params, filter->period.from_us - width_us + 1); /* the bucket in which the period begins, too */
    params_time(&params, filter->period.to_us);
    status = store_read(store, scope, SQL(query_summary_spark), &params, 3, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++) {
        const struct query_summary *summary = find(list, row_hash(result, row, 0));

        if (summary != NULL)
            spread(&filter->period, row_time(result, row, 1), width_us, row_double(result, row, 2),
                   sparks + (summary - list->items) * QUERY_SPARK_POINTS);
    }
    return STATUS_OK;
}

enum status store_query_summary_list(struct store *store, const struct scope *scope, const struct query_filter *filter,
                                     struct arena *arena, struct query_summary_list *out_list, struct error *error)
{
    struct store_params params = {.arena = arena};
    struct query_summary_list list = {0};
    PGresult *result;
    enum status status;

    query_params_choose(&params, filter->connection_id, filter->engine);
    query_params_parts(&params, &filter->period);
    params_text(&params, filter->statement_kind);
    params_text(&params, filter->table);
    params_text(&params, filter->search);
    params_double(&params, filter->mean_ms_min);
    params_int32(&params, (int32_t)filter->sort);
    params_int32(&params, filter->limit);
    params_int32(&params, filter->offset);
    status = store_read(store, scope, SQL(query_summary_list), &params, LIST_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.total_count = row_int64(result, 0, 0);
    list.total_ms = row_double(result, 0, 1);
    list.total_calls = row_int64(result, 0, 2);
    list.total_slow_calls = row_int64(result, 0, 3);
    list.items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *list.items);
    for (int row = 0; row < PQntuples(result) && !row_is_null(result, row, 4); row++) {
        struct query_summary *summary = &list.items[list.count++];

        read_summary(result, row, 4, list.total_ms, arena, summary);
        summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
    }
    status = add_sparks(store, scope, filter, arena, &list, error);
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}

enum status store_query_summary_get(struct store *store, const struct scope *scope, struct sql_hash hash,
                                    int64_t connection_id, const struct period *period, struct arena *arena,
                                    struct query_summary *out_summary, struct error *error)
{
    struct store_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    query_params_choose(&params, connection_id, (struct text){NULL, 0});
    query_params_parts(&params, period);
    params_hash(&params, hash);
    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_int32(&params, period->resolution_s);
    status = store_read(store, scope, SQL(query_summary_get), &params, GET_COLUMNS, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    read_summary(result, 0, 1, row_double(result, 0, 0), arena, out_summary);
    return STATUS_OK;
}
