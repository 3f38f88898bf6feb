/* Parameters and JSON of lists of queries; see query_params.h. */
#include "fcgi/api/query_params.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/engine.h"
#include "sql/statement.h"

enum { WORDS_BYTES_MAX = 200 };

void param_period(const struct request *request, struct period *out_period, int64_t *out_from_us, int64_t *out_to_us,
                  struct error *error)
{
    int64_t from_us = INT64_MIN, to_us = INT64_MIN;
    bool is_from_good = request_query_time(request, "from", &from_us, error);
    bool is_to_good = request_query_time(request, "to", &to_us, error);

    if (!is_from_good || !is_to_good)
        return;
    if (period_make(from_us, to_us, request->received_at_us, out_period, error) != STATUS_OK)
        return;
    *out_to_us = to_us != INT64_MIN ? to_us : out_period->to_us;
    *out_from_us = from_us != INT64_MIN ? from_us : out_period->from_us;
}

static bool is_one_of(struct text value, const char *const *choices, int *out_index)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (text_equal(value, text_of(choices[i]))) {
            *out_index = i;
            return true;
        }
    return false;
}

void param_engine(const struct request *request, struct text *out_engine, struct error *error)
{
    struct text value = request_query(request, "engine");
    const struct engine *engine = engine_find(value);
    char names[ENGINE_NAMES_BYTES];

    if (value.size == 0)
        return;
    if (engine == NULL)
        error_field(error, "engine", "must be one of %s", engine_names(", ", names));
    else
        *out_engine = text_of(engine->name);
}

static void param_statement_kind(const struct request *request, struct text *out_kind, struct error *error)
{
    struct text value = request_query(request, "statement_kind");

    if (value.size == 0)
        return;
    for (int kind = SQL_KIND_UNSET + 1; kind < SQL_KIND_COUNT; kind++)
        if (text_equal_nocase(value, text_of(sql_kind_name((enum sql_kind)kind)))) {
            *out_kind = text_of(sql_kind_name((enum sql_kind)kind));
            return;
        }
    error_field(error, "statement_kind", "must be a kind of statement, like select, insert, update, delete, ddl");
}

static void param_text(const struct request *request, const char *name, int bytes_max, struct text *out,
                       struct error *error)
{
    struct text value = request_query(request, name);

    if (value.size > (size_t)bytes_max)
        error_field(error, name, "must have at most %d bytes", bytes_max);
    else if (value.size > 0)
        *out = value;
}

void param_words(const struct request *request, const char *name, struct text *out, struct error *error)
{
    param_text(request, name, WORDS_BYTES_MAX, out, error);
}

void param_statements(const struct request *request, struct text *out_kind, struct text *out_table,
                      struct text *out_search, struct error *error)
{
    param_statement_kind(request, out_kind, error);
    param_words(request, "table", out_table, error);
    param_text(request, "q", READ_SEARCH_BYTES_MAX, out_search, error);
}

void param_tag(const struct request *request, struct tag_filter *out_tag, struct error *error)
{
    struct text value = request_query(request, "tag");

    if (value.size > WORDS_BYTES_MAX || (value.size > 0 && !tag_filter_parse(value, out_tag)))
        error_field(error, "tag", "must be a key, a colon and a value, like controller:orders");
}

void param_catalog(const struct request *request, bool *out_with_catalog, struct error *error)
{
    static const char *const choices[] = {"false", "true", NULL};
    struct text value = request_query(request, "include_catalog");
    int index = 0;

    if (value.size > 0 && !is_one_of(value, choices, &index))
        error_field(error, "include_catalog", "must be true or false");
    *out_with_catalog = index == 1;
}

void param_limit(const struct request *request, int *out_limit, struct error *error)
{
    int64_t limit = LIST_LIMIT_DEFAULT;

    if (request_query_int64(request, "limit", 1, LIST_LIMIT_MAX, &limit, error))
        *out_limit = (int)limit;
}

void param_sort(const struct request *request, const char *const *choices, int *out_index, struct error *error)
{
    struct text value = request_query(request, "sort");
    char message[160];
    int size = 0;

    if (value.size == 0)
        return;
    if (value.data[0] == '-')
        value = (struct text){value.data + 1, value.size - 1};
    if (is_one_of(value, choices, out_index))
        return;
    for (int i = 0; choices[i] != NULL && size < (int)sizeof message; i++)
        size += snprintf(message + size, sizeof message - (size_t)size, "%s%s", i > 0 ? ", " : "", choices[i]);
    error_field(error, "sort", "must be one of %s", message);
}

enum status params_status(enum status status, const struct error *error)
{
    return status != STATUS_OK || error->field_count == 0 ? status : error->status;
}

enum status param_connections(const struct request *request, const struct scope *scope, struct connection_filter filter,
                              const struct scope **out_scope, struct error *error)
{
    enum status status = STATUS_OK;

    if (request_query_int64(request, "connection_id", 1, INT64_MAX, &filter.connection_id, error) &&
        filter.connection_id != 0 && !scope_has_connection(scope, filter.connection_id))
        status = error_set(error, STATUS_ABSENT, "There is no such connection.");
    status = params_status(status, error);
    if (status != STATUS_OK)
        return status;
    return store_scope_narrow(request->store, scope, &filter, request->arena, out_scope, error);
}

enum status param_path_connection(const struct request *request, const char *const *allowed, int64_t *out_connection_id,
                                  struct error *error)
{
    enum status status = request_path_id(request, "id", out_connection_id, error);

    return status == STATUS_OK ? request_query_only(request, allowed, error) : status;
}

enum status param_connection_check(const struct scope *scope, int64_t connection_id, struct error *error)
{
    return scope_has_connection(scope, connection_id)
               ? STATUS_OK
               : error_set(error, STATUS_ABSENT, "There is no such database connection.");
}

enum status param_page(const struct request *request, const char *list, int number_count, int *out_limit,
                       struct cursor *out_cursor, struct error *error)
{
    static const char *const allowed[] = {"limit", "cursor", NULL};
    int limit = LIST_LIMIT_DEFAULT;
    struct cursor cursor = {0};
    bool has_cursor;
    enum status status = request_query_only(request, allowed, error);

    param_limit(request, &limit, error);
    status = params_status(status, error);
    if (status == STATUS_OK)
        status = cursor_read(request, list, number_count, &cursor, &has_cursor, error);
    if (status != STATUS_OK)
        return status;
    *out_limit = limit;
    *out_cursor = cursor;
    return STATUS_OK;
}

void json_member_ms(struct json_writer *json, const char *key, double ms)
{
    json_member_double(json, key, round(ms * 1000) / 1000);
}

void json_member_percentiles(struct json_writer *json, const struct percentiles *percentiles)
{
    bool is_known = percentiles->calls > 0;

    json_member_int64(json, "sampled_calls", percentiles->calls);
    json_member_ms(json, "p50_ms", is_known ? percentiles->p50_ms : NAN);
    json_member_ms(json, "p95_ms", is_known ? percentiles->p95_ms : NAN);
    json_member_ms(json, "p99_ms", is_known ? percentiles->p99_ms : NAN);
}

void json_member_hash(struct json_writer *json, const char *key, struct sql_hash hash)
{
    char text[SQL_HASH_HEX_BYTES];

    json_member_string(json, key, sql_hash_format(hash, text));
}

void json_member_span(struct json_writer *json, const char *key, int64_t from_us, int64_t to_us)
{
    json_key(json, key);
    json_object_begin(json);
    json_member_time(json, "from", from_us);
    json_member_time(json, "to", to_us);
    json_object_end(json);
}

void json_member_period(struct json_writer *json, const struct period *period)
{
    json_key(json, "period");
    json_object_begin(json);
    json_member_time(json, "from", period->from_us);
    json_member_time(json, "to", period->to_us);
    json_member_int64(json, "resolution_s", period->resolution_s);
    json_object_end(json);
}

void json_member_next_cursor(struct json_writer *json, struct text cursor)
{
    json_member_text_or_null(json, "next_cursor", cursor);
}

static void member_count_or_null(struct json_writer *json, const char *key, int64_t count)
{
    if (count < 0)
        json_member_null(json, key);
    else
        json_member_int64(json, key, count);
}

void sample_write(struct json_writer *json, const struct sample *sample, struct text full_sql)
{
    json_member_int64(json, "id", sample->id);
    json_member_int64(json, "database_connection_id", sample->connection_id);
    json_member_text(json, "database_connection_name", sample->connection_name);
    json_member_text(json, "engine", sample->engine);
    json_member_time(json, "captured_at", sample->captured_at_us);
    json_member_ms(json, "duration_ms", sample->duration_ms);
    member_count_or_null(json, "rows_examined", sample->rows_examined);
    member_count_or_null(json, "rows_returned", sample->rows_returned);
    json_member_ms(json, "lock_ms", sample->lock_us < 0 ? (double)NAN : (double)sample->lock_us / 1000);
    json_member_hash(json, "sql_hash", sample->hash);
    json_member_text(json, "fingerprint", sample->fingerprint);
    json_member_text(json, "statement_kind", sample->statement_kind);
    json_member_text_or_null(json, "full_sql", full_sql);
    json_member_text_or_null(json, "user_host", sample->user_host);
    json_member_text_or_null(json, "database", sample->database_name);
    json_member_string(json, "provenance", sample_provenance_name(sample->provenance));
    if (sample->has_plan_hash)
        json_member_hash(json, "plan_hash", sample->plan_hash);
    else
        json_member_null(json, "plan_hash");
}
