/* GET /api/v1/slow-queries and /api/v1/slow-queries/{id}: samples, one execution each. */
#include "base/clock.h"
#include "fcgi/api/plan_json.h"
#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "fcgi/request/literals.h"
#include "store/read/summary.h"

static const char *const list_params[] = {
    "connection_id", "engine", "team_id", "hash",  "min_duration_ms", "statement_kind",  "table", "q",
    "from",          "to",     "sort",    "limit", "cursor",          "include_catalog", NULL};
static const char *const sort_names[] = {"captured_at", "duration_ms", NULL};

/* The name of the list for cursors. It holds the order, because a cursor belongs to one order. */
static const char *cursor_list(enum sample_sort sort)
{
    return sort == SAMPLE_SORT_DURATION ? "slow-queries:duration_ms" : "slow-queries:captured_at";
}

static enum status read_cursor(const struct request *request, struct sample_filter *filter, struct error *error)
{
    struct cursor cursor;
    enum status status = cursor_read(request, cursor_list(filter->sort), 2, &cursor, &filter->has_cursor, error);

    if (status != STATUS_OK || !filter->has_cursor)
        return status;
    if (filter->sort != SAMPLE_SORT_DURATION && !cursor_is_time(cursor.numbers[0]))
        return error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
    filter->cursor_id = cursor.numbers[1];
    if (filter->sort == SAMPLE_SORT_DURATION)
        filter->cursor_duration_ms = cursor_to_double(cursor.numbers[0]);
    else
        filter->cursor_captured_at_us = cursor.numbers[0];
    return STATUS_OK;
}

static void read_hash(const struct request *request, struct sample_filter *filter, struct error *error)
{
    struct text hash = request_query(request, "hash");

    if (hash.size == 0)
        return;
    filter->has_hash = sql_hash_parse(hash, &filter->hash);
    if (!filter->has_hash)
        error_field(error, "hash", "must be 32 hexadecimal digits");
}

/* out_scope: `scope` with the connections that are asked for. */
static enum status read_sample_filter(const struct request *request, const struct scope *scope,
                                      struct sample_filter *out_filter, const struct scope **out_scope,
                                      struct error *error)
{
    struct sample_filter filter = {.limit = LIST_LIMIT_DEFAULT};
    struct connection_filter connections = {0};
    struct period period;
    int sort = 0;
    enum status status;

    request_query_only(request, list_params, error);
    param_period(request, &period, &filter.from_us, &filter.to_us, error);
    param_engine(request, &connections.engine, error);
    request_query_int64(request, "team_id", 1, INT64_MAX, &connections.team_id, error);
    read_hash(request, &filter, error);
    request_query_double(request, "min_duration_ms", 0, 1e12, &filter.min_duration_ms, error);
    param_statements(request, &filter.statement_kind, &filter.table, &filter.search, error);
    param_sort(request, sort_names, &sort, error);
    param_limit(request, &filter.limit, error);
    param_catalog(request, &filter.with_catalog, error);
    status = param_connections(request, scope, connections, out_scope, error);
    if (status != STATUS_OK)
        return status;
    filter.sort = sort == 1 ? SAMPLE_SORT_DURATION : SAMPLE_SORT_CAPTURED;
    status = read_cursor(request, &filter, error);
    if (status == STATUS_OK)
        *out_filter = filter;
    return status;
}

static void write_next_cursor(const struct request *request, const struct sample_filter *filter,
                              const struct sample_list *list, struct json_writer *json)
{
    struct cursor cursor = {.number_count = 2};

    if (!list->has_more) {
        json_member_null(json, "next_cursor");
        return;
    }
    cursor.numbers[0] =
        filter->sort == SAMPLE_SORT_DURATION ? cursor_from_double(list->next_duration_ms) : list->next_captured_at_us;
    cursor.numbers[1] = list->next_id;
    json_member_text(json, "next_cursor", cursor_write(cursor_list(filter->sort), &cursor, request->arena));
}

enum status slow_query_list(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    struct sample_filter filter;
    struct sample_list list;
    const struct text *texts;
    struct json_writer *json;
    const struct scope *chosen;
    enum status status = read_sample_filter(request, scope, &filter, &chosen, error);

    if (status == STATUS_OK)
        status = store_slow_query_list(request->store, chosen, &filter, request->arena, &list, error);
    /* Systems before Potto name a statement by an MD5. */
    if (status == STATUS_OK && list.count == 0 && filter.has_hash &&
        store_query_find_by_md5(request->store, chosen, filter.hash, request->arena, &filter.hash, NULL) == STATUS_OK)
        status = store_slow_query_list(request->store, chosen, &filter, request->arena, &list, error);
    if (status == STATUS_OK)
        status = literals_open_samples(request, scope, &list, &texts, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        sample_write(json, &list.items[i], texts[i]);
        json_object_end(json);
    }
    json_array_end(json);
    write_next_cursor(request, &filter, &list, json);
    json_object_end(json);
    return STATUS_OK;
}

/* The plan of the sample, if it is still among the newest plans of the fingerprint; else NULL. */
static const struct query_plan *find_plan(const struct query_plan_list *plans, const struct sample *sample)
{
    for (size_t i = 0; sample->has_plan_hash && i < plans->count; i++)
        if (memcmp(plans->items[i].plan_hash.bytes, sample->plan_hash.bytes, sizeof sample->plan_hash.bytes) == 0)
            return &plans->items[i];
    return NULL;
}

enum status slow_query_show(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    static const char *const no_params[] = {NULL};
    struct query_plan_list plans = {0};
    const struct query_plan *plan;
    enum { TEXT_SQL, TEXT_PLAN, TEXT_FINDINGS, TEXT_COUNT };
    const struct literal_text *literals[TEXT_COUNT];
    const struct text *texts;
    struct sample sample;
    struct json_writer *json;
    int64_t id;
    enum status status = request_path_id(request, "id", &id, error);

    if (status == STATUS_OK)
        status = request_query_only(request, no_params, error);
    if (status == STATUS_OK)
        status = store_slow_query_get(request->store, scope, id, request->arena, &sample, error);
    if (status == STATUS_OK && sample.has_plan_hash)
        status =
            store_query_plan_list(request->store, store_scope_narrow_to(scope, sample.connection_id, request->arena),
                                  sample.hash, request->arena, &plans, error);
    if (status == STATUS_OK)
        status = store_sample_findings(request->store, scope, &sample, request->arena, &literals[TEXT_FINDINGS], error);
    if (status != STATUS_OK)
        return status;
    plan = find_plan(&plans, &sample);
    literals[TEXT_SQL] = sample.full_sql;
    literals[TEXT_PLAN] = plan == NULL ? NULL : plan->plan;
    status = literals_open(request, scope, literals, TEXT_COUNT, &texts, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    sample_write(json, &sample, texts[TEXT_SQL]);
    if (plan != NULL) {
        json_key(json, "plan");
        plan_write(json, plan, texts[TEXT_PLAN], request->arena);
    } else {
        json_member_null(json, "plan");
    }
    json_key(json, "analysis_result");
    json_raw(json, literals[TEXT_FINDINGS] == NULL ? TEXT("[]") : texts[TEXT_FINDINGS]);
    json_object_end(json);
    return STATUS_OK;
}
