/* GET /api/v1/slow-queries/fingerprints, from rollups alone, and …/fingerprints/{hash}: one fingerprint with its
 * series, samples and plans. */
#include <math.h>

#include "base/clock.h"
#include "fcgi/api/plan_json.h"
#include "fcgi/api/query_params.h"
#include "fcgi/api/sums_write.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "fcgi/request/literals.h"
#include "store/read/series.h"
#include "store/read/summary.h"

enum { DETAILS_SAMPLES = 10, DETAILS_TAGS = 20, OFFSET_MAX = 10000 };

static const char *const list_params[] = {
    "connection_id", "engine", "min_duration_ms", "statement_kind",  "table", "q", "tag", "from", "to",
    "sort",          "limit",  "cursor",          "include_catalog", NULL};
static const char *const show_params[] = {"connection_id", "from", "to", NULL};

/* In the order of enum query_sort, starting with QUERY_SORT_TOTAL. */
static const char *const sort_names[] = {"total_ms", "calls",        "mean_ms", "max_ms",
                                         "rows",     "last_seen_at", "lock_ms", NULL};

static const char *cursor_list(const struct request *request, const struct query_filter *filter)
{
    return arena_printf(request->arena, "fingerprints:%s", sort_names[filter->sort - QUERY_SORT_TOTAL]);
}

/* out_scope: `scope` with the connections that are asked for. */
static enum status read_fingerprint_filter(const struct request *request, const struct scope *scope,
                                           struct query_filter *out_filter, const struct scope **out_scope,
                                           struct error *error)
{
    struct query_filter filter = {.limit = LIST_LIMIT_DEFAULT, .with_percentiles = true};
    struct connection_filter connections = {0};
    struct cursor cursor;
    int64_t from_us, to_us;
    int sort = 0;
    bool has_cursor = false;
    enum status status;

    request_query_only(request, list_params, error);
    param_period(request, &filter.period, &from_us, &to_us, error);
    param_engine(request, &connections.engine, error);
    request_query_double(request, "min_duration_ms", 0, 1e12, &filter.mean_ms_min, error);
    param_statements(request, &filter.statement_kind, &filter.table, &filter.search, error);
    param_tag(request, &filter.tag, error);
    param_catalog(request, &filter.with_catalog, error);
    param_sort(request, sort_names, &sort, error);
    param_limit(request, &filter.limit, error);
    status = param_connections(request, scope, connections, out_scope, error);
    if (status != STATUS_OK)
        return status;
    filter.sort = (enum query_sort)(QUERY_SORT_TOTAL + sort);
    status = cursor_read(request, cursor_list(request, &filter), 1, &cursor, &has_cursor, error);
    if (status != STATUS_OK)
        return status;
    if (has_cursor && (cursor.numbers[0] < 1 || cursor.numbers[0] > OFFSET_MAX)) {
        error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
        return STATUS_MALFORMED;
    }
    filter.offset = has_cursor ? (int)cursor.numbers[0] : 0;
    *out_filter = filter;
    return STATUS_OK;
}

/* null: the plan is not known to have changed. */
static void write_flip(struct json_writer *json, const struct plan_flip *flip)
{
    json_key(json, "plan_change");
    if (flip->plan_count == 0) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_member_int64(json, "database_connection_id", flip->connection_id);
    json_member_int64(json, "plan_count", flip->plan_count);
    json_member_time(json, "first_changed_at", flip->first_changed_us);
    json_member_time(json, "last_changed_at", flip->last_changed_us);
    json_member_bool(json, "is_back_and_forth", flip->is_back_and_forth);
    json_object_end(json);
}

/* The members of one summary, without braces. */
static void write_summary(struct json_writer *json, const struct query_summary *summary)
{
    json_member_hash(json, "sql_hash", summary->hash);
    json_member_text(json, "fingerprint", summary->fingerprint);
    json_member_text(json, "statement_kind", summary->statement_kind);
    json_key(json, "tables");
    json_array_begin(json);
    for (size_t i = 0; i < summary->table_count; i++)
        json_text(json, summary->tables[i]);
    json_array_end(json);
    sums_load_write(json, &summary->sums);
    json_member_ms(json, "mean_ms", summary->mean_ms);
    json_member_ms(json, "max_ms", summary->sums.max_ms);
    json_member_percentiles(json, &summary->percentiles);
    json_member_double(json, "time_share", round(summary->time_share * 1e6) / 1e6);
    sums_counts_write(json, &summary->sums, summary->known);
    json_member_time(json, "first_seen_at", summary->first_seen_us);
    json_member_time(json, "last_seen_at", summary->last_seen_us);
    json_key(json, "database_connection_ids");
    json_array_begin(json);
    for (size_t i = 0; i < summary->connection_count; i++)
        json_int64(json, summary->connection_ids[i]);
    json_array_end(json);
    write_flip(json, &summary->plan_flip);
}

static void write_spark(struct json_writer *json, const double *spark_ms)
{
    json_key(json, "spark_ms");
    json_array_begin(json);
    for (int i = 0; i < QUERY_SPARK_POINTS; i++)
        json_double(json, round(spark_ms[i] * 10) / 10);
    json_array_end(json);
}

static void write_list_end(const struct request *request, const struct query_filter *filter,
                           const struct query_summary_list *list, struct json_writer *json)
{
    int64_t next = filter->offset + (int64_t)list->count;

    if (list->count > 0 && next < list->total_count && next <= OFFSET_MAX) {
        struct cursor cursor = {.number_count = 1, .numbers = {next}};

        json_member_text(json, "next_cursor", cursor_write(cursor_list(request, filter), &cursor, request->arena));
    } else {
        json_member_null(json, "next_cursor");
    }
    json_member_int64(json, "total_count", list->total_count);
    json_key(json, "totals");
    json_object_begin(json);
    sums_load_write(json, &list->totals);
    json_object_end(json);
    json_member_period(json, &filter->period);
}

enum status fingerprint_list(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct query_filter filter;
    struct query_summary_list list;
    struct json_writer *json;
    const struct scope *chosen;
    enum status status = read_fingerprint_filter(request, scope, &filter, &chosen, error);

    if (status == STATUS_OK)
        status = store_query_summary_list(request->store, chosen, &filter, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++) {
        json_object_begin(json);
        write_summary(json, &list.items[i]);
        write_spark(json, list.items[i].spark_ms);
        json_object_end(json);
    }
    json_array_end(json);
    write_list_end(request, &filter, &list, json);
    json_object_end(json);
    return STATUS_OK;
}

/* ---- one ---- */

struct details {
    struct query_summary summary;
    struct series series;
    struct sample_list samples;
    struct query_plan_list plans;
    struct tag_list tags;
    struct query_no_plan no_plan;                 /* if there are none */
    const struct text *sample_texts, *plan_texts; /* their texts with literals */
};

static enum status read_details(const struct request *request, const struct scope *scope, struct sql_hash hash,
                                const struct period *period, struct details *out, struct error *error)
{
    struct sample_filter samples = {
        .from_us = period->from_us,
        .to_us = period->to_us,
        .has_hash = true,
        .hash = hash,
        .limit = DETAILS_SAMPLES,
    };
    struct store *store = request->store;
    struct arena *arena = request->arena;
    enum status status = store_query_summary_get(store, scope, hash, period, arena, &out->summary, error);

    if (status == STATUS_OK)
        status = store_query_series(store, scope, hash, period, arena, &out->series, error);
    if (status == STATUS_OK)
        status = store_slow_query_list(store, scope, &samples, arena, &out->samples, error);
    if (status == STATUS_OK)
        status = literals_open_samples(request, scope, &out->samples, &out->sample_texts, error);
    if (status == STATUS_OK)
        status = store_query_plan_list(store, scope, hash, arena, &out->plans, error);
    if (status == STATUS_OK)
        status = store_tag_fingerprint_list(store, scope, hash, period, DETAILS_TAGS, arena, &out->tags, error);
    if (status == STATUS_OK)
        status = literals_open_plans(request, scope, &out->plans, &out->plan_texts, error);
    if (status == STATUS_OK && out->plans.count == 0)
        status = store_query_no_plan_get(store, scope, hash, out->summary.statement_kind, arena, &out->no_plan, error);
    return status;
}

/* As read_details(); `hash` may be the MD5 by which systems before Potto name the statement. */
static enum status read_named(const struct request *request, const struct scope *scope, struct sql_hash hash,
                              const struct period *period, struct details *out, struct error *error)
{
    struct sql_hash own_hash;
    enum status status = read_details(request, scope, hash, period, out, error);

    if (status != STATUS_ABSENT)
        return status;
    *error = (struct error){0};
    status = store_query_find_by_md5(request->store, scope, hash, request->arena, &own_hash, error);
    return status == STATUS_OK ? read_details(request, scope, own_hash, period, out, error) : status;
}

static void write_series(struct json_writer *json, const struct series *series)
{
    json_key(json, "series");
    json_array_begin(json);
    for (size_t i = 0; i < series->count; i++) {
        const struct series_point *point = &series->points[i];

        json_object_begin(json);
        json_member_time(json, "bucket_at", point->bucket_us);
        sums_load_write(json, &point->sums);
        json_member_ms(json, "p95_ms", point->p95_ms > 0 ? point->p95_ms : NAN);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Why there is none; null where there is one. */
static void write_no_plan(struct json_writer *json, const struct details *details)
{
    const struct query_no_plan *reason = &details->no_plan;

    if (details->plans.count > 0) {
        json_member_null(json, "no_plan");
        return;
    }
    json_key(json, "no_plan");
    json_object_begin(json);
    json_member_string(json, "reason", plan_refusal_name(reason->refusal));
    json_member_string(json, "message", plan_refusal_sentence(reason->refusal));
    json_member_text_or_null(json, "code", reason->code);
    if (reason->connection_id == 0)
        json_member_null(json, "database_connection_id");
    else
        json_member_int64(json, "database_connection_id", reason->connection_id);
    json_member_time(json, "tried_at", reason->refused_us);
    json_object_end(json);
}

/* null: no server tells it. */
static void write_measures(struct json_writer *json, const struct measures *measures)
{
    json_key(json, "measures");
    json_object_begin(json);
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++) {
        enum measure measure = (enum measure)i;

        if (!measures_know(measures, measure))
            json_member_null(json, measure_name(measure));
        else if (measure_unit(measure) == MEASURE_MICROSECONDS)
            json_member_ms(json, measure_name(measure), (double)measures->amounts[measure] / 1000);
        else
            json_member_int64(json, measure_name(measure), measures->amounts[measure]);
    }
    json_object_end(json);
}

static void write_tags(struct json_writer *json, const struct tag_list *tags)
{
    json_key(json, "tags");
    json_array_begin(json);
    for (size_t i = 0; i < tags->count; i++) {
        json_object_begin(json);
        json_member_text(json, "key", tags->items[i].key);
        json_member_text(json, "value", tags->items[i].value);
        json_member_int64(json, "calls", tags->items[i].calls);
        json_member_ms(json, "total_ms", tags->items[i].total_ms);
        json_member_ms(json, "max_ms", tags->items[i].max_ms);
        json_object_end(json);
    }
    json_array_end(json);
}

enum status fingerprint_show(const struct request *request, const struct scope *scope, struct response *response,
                             struct error *error)
{
    struct period period;
    struct sql_hash hash;
    struct details details;
    struct json_writer *json;
    const struct scope *chosen;
    int64_t from_us, to_us;
    enum status status;

    if (!sql_hash_parse(request_path_param(request, "hash"), &hash))
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    request_query_only(request, show_params, error);
    param_period(request, &period, &from_us, &to_us, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = read_named(request, chosen, hash, &period, &details, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    write_summary(json, &details.summary);
    write_measures(json, &details.summary.measures);
    json_member_period(json, &period);
    write_series(json, &details.series);
    json_key(json, "samples");
    json_array_begin(json);
    for (size_t i = 0; i < details.samples.count; i++) {
        json_object_begin(json);
        sample_write(json, &details.samples.items[i], details.sample_texts[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_key(json, "plans");
    json_array_begin(json);
    for (size_t i = 0; i < details.plans.count; i++)
        plan_write(json, &details.plans.items[i], details.plan_texts[i], request->arena);
    json_array_end(json);
    write_no_plan(json, &details);
    write_tags(json, &details.tags);
    json_object_end(json);
    return STATUS_OK;
}
