/* Common parts of lists of queries: their parameters, and JSON of samples. */
#ifndef POTTO_FCGI_API_QUERY_PARAMS_H
#define POTTO_FCGI_API_QUERY_PARAMS_H

#include "fcgi/request/cursor.h"
#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/read/distribution.h"
#include "store/read/filter.h"
#include "store/read/period.h"
#include "store/read/sample.h"
#include "store/read/tags.h"

enum { LIST_LIMIT_DEFAULT = 50, LIST_LIMIT_MAX = 500 };

/* Each function leaves *out unchanged if its parameter is absent or empty, and adds a field error if its value is
 * invalid. Callers go on after a failure, so that every bad parameter is named, and check error->status at the end. */
void param_period(const struct request *request, struct period *out_period, int64_t *out_from_us, int64_t *out_to_us,
                  struct error *error); /* from and to; without them *out_period is the default period */
void param_engine(const struct request *request, struct text *out_engine, struct error *error);
void param_words(const struct request *request, const char *name, struct text *out, struct error *error);
/* The parameters statement_kind, table and q. */
void param_statements(const struct request *request, struct text *out_kind, struct text *out_table,
                      struct text *out_search, struct error *error);
/* tag: key:value, as POTTO_TAG_KEYS takes them out of comments. */
void param_tag(const struct request *request, struct tag_filter *out_tag, struct error *error);
/* include_catalog: also statements that read the database's own catalogues alone. */
void param_catalog(const struct request *request, bool *out_with_catalog, struct error *error);
void param_limit(const struct request *request, int *out_limit, struct error *error);
/* The index in `choices` of the value, which may start with `-`: every order is descending. */
void param_sort(const struct request *request, const char *const *choices, int *out_index, struct error *error);
/* Choose connections by the parameter connection_id and by `filter`, which holds other parameters: *out_scope is
 * `scope` with only these connections. Call it after the functions of the other parameters, because it returns the
 * status of all of them. Errors: STATUS_ABSENT (the connection is not visible), which takes precedence over bad
 * values. */
enum status param_connections(const struct request *request, const struct scope *scope, struct connection_filter filter,
                              const struct scope **out_scope, struct error *error);
/* The status after the last parameter: `status` if it failed, else the status in `error`. */
enum status params_status(enum status status, const struct error *error);
/* Read limit and cursor, for a list that takes no other parameters. On the first page the cursor is all zeros. Errors:
 * as request_query_only and cursor_read. */
enum status param_page(const struct request *request, const char *list, int number_count, int *out_limit,
                       struct cursor *out_cursor, struct error *error);

/* Times in milliseconds are rounded to a microsecond, because further digits carry no information. */
void json_member_ms(struct json_writer *json, const char *key, double ms);
/* Writes sampled_calls, p50_ms, p95_ms and p99_ms, which come from single executions; null if only counters are
 * known. */
void json_member_percentiles(struct json_writer *json, const struct percentiles *percentiles);
void json_member_hash(struct json_writer *json, const char *key, struct sql_hash hash);
void json_member_span(struct json_writer *json, const char *key, int64_t from_us, int64_t to_us); /* from and to */
void json_member_period(struct json_writer *json, const struct period *period);
/* cursor: data NULL at the end of the list, which writes null. */
void json_member_next_cursor(struct json_writer *json, struct text cursor);

/* Write the members of one sample, without braces. full_sql: the text of the sample, opened
 * (fcgi/request/literals.h). */
void sample_write(struct json_writer *json, const struct sample *sample, struct text full_sql);

/* The connection of a path with {id}, of a route whose query has no other parameters than `allowed` (NULL at its end).
 * Errors: STATUS_ABSENT (no id), STATUS_INVALID. */
enum status param_path_connection(const struct request *request, const char *const *allowed, int64_t *out_connection_id,
                                  struct error *error);
/* Errors: STATUS_ABSENT: the caller sees no such connection. */
enum status param_connection_check(const struct scope *scope, int64_t connection_id, struct error *error);

#endif
