/* What lists of queries have in common: their parameters and the JSON of their parts. */
#ifndef POTTO_FCGI_API_QUERY_PARAMS_H
#define POTTO_FCGI_API_QUERY_PARAMS_H

#include "fcgi/request/cursor.h"
#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/read/distribution.h"
#include "store/read/filter.h"
#include "store/read/period.h"
#include "store/read/plan.h"
#include "store/read/sample.h"

enum { LIST_LIMIT_DEFAULT = 50, LIST_LIMIT_MAX = 500 };

/* Each leaves *out alone when its parameter is absent or empty, and says in `error` what is wrong with it.
 * Callers go on after a failure, so that every bad parameter is named, and look at error->status at the end. */
void param_period(const struct request *request, struct period *out_period, int64_t *out_from_us, int64_t *out_to_us,
                  struct error *error); /* from, to; never absent: the default period */
void param_engine(const struct request *request, struct text *out_engine, struct error *error);
void param_words(const struct request *request, const char *name, struct text *out, struct error *error);
/* statement_kind, table and q. */
void param_statements(const struct request *request, struct text *out_kind, struct text *out_table,
                      struct text *out_search, struct error *error);
void param_limit(const struct request *request, int *out_limit, struct error *error);
/* The position in `choices` of the value, with or without a leading `-`: every order is descending. */
void param_sort(const struct request *request, const char *const *choices, int *out_index, struct error *error);
/* connection_id, and what `filter` holds of the other parameters: the scope with only the connections that they pick.
 * Call it after the others: it returns what is wrong with any of them. A connection that is not visible: STATUS_ABSENT,
 * which outweighs bad values. */
enum status param_connections(const struct request *request, const struct scope *scope, struct connection_filter filter,
                              const struct scope **out_scope, struct error *error);
/* What to go on with after the last parameter: `status` if it failed, else what `error` says of any of them. */
enum status params_status(enum status status, const struct error *error);
/* All parameters of a list that takes limit and cursor alone. The first page: the cursor has no numbers, and each of
 * its places is 0. Errors: as request_query_only and cursor_read. */
enum status param_page(const struct request *request, const char *list, int number_count, int *out_limit,
                       struct cursor *out_cursor, struct error *error);

/* Times in milliseconds are rounded to a microsecond: more digits say nothing. */
void json_member_ms(struct json_writer *json, const char *key, double ms);
/* sampled_calls, p50_ms, p95_ms, p99_ms: of executions seen one by one; null where only counters are known. */
void json_member_percentiles(struct json_writer *json, const struct percentiles *percentiles);
void json_member_hash(struct json_writer *json, const char *key, struct sql_hash hash);
void json_member_period(struct json_writer *json, const struct period *period);
void json_member_next_cursor(struct json_writer *json, struct text cursor); /* data NULL: the list ends here */

/* The members of one sample, without braces. full_sql: the sample's, opened (fcgi/request/literals.h). */
void sample_write(struct json_writer *json, const struct sample *sample, struct text full_sql);
/* The members of one plan, without braces. plan_json: the plan's, opened. */
void plan_members_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json);
/* One plan as an object. */
void plan_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json);

#endif
