/* Common parts of reports over a period: their parameters, cursors, and the JSON of their rows. */
#ifndef POTTO_FCGI_API_STATS_PARAMS_H
#define POTTO_FCGI_API_STATS_PARAMS_H

#include "fcgi/api/query_params.h"
#include "fcgi/api/sums_write.h"
#include "store/read/stats.h"

/* The parameters of every report, and those of every list. */
#define STATS_PARAMS      "from", "to", "connection_id", "engine", "team_id"
#define STATS_LIST_PARAMS STATS_PARAMS, "limit", "cursor"

/* Read from, to, connection_id, engine and team_id. *out_scope is `scope` with only the connections that the last three
 * choose. Call it after the functions of other parameters, but before stats_cursor_read: it returns the status of all
 * of them. Errors: STATUS_INVALID, STATUS_ABSENT (no such connection), which takes precedence. */
enum status param_stats(const struct request *request, const struct scope *scope, struct period *out_period,
                        const struct scope **out_scope, struct error *error);

/* The key of a row of a list. Rows are ordered by a number; the key tells rows with the same number apart. */
enum stats_key {
    STATS_KEY_UNSET,
    STATS_KEY_HASH,
    STATS_KEY_CONNECTION,
    STATS_KEY_HASH_CONNECTION,
    STATS_KEY_NAME,
    STATS_KEY_TIME
};

/* Read the parameter cursor. Call it last, if all other parameters are valid. Errors: STATUS_MALFORMED (not a cursor of
 * `list`). */
enum status stats_cursor_read(const struct request *request, const char *list, enum stats_key key,
                              struct stats_page *page, struct error *error);
/* The cursor of the next page; data NULL at the end of the list. It lives in `arena`, with a NUL after it. */
struct text stats_cursor_next(const char *list, enum stats_key key, const struct stats_list *rows, struct arena *arena);

/* Write and read a hash as two numbers of a cursor. */
void cursor_put_hash(int64_t *numbers, struct sql_hash hash);
struct sql_hash cursor_take_hash(const int64_t *numbers);

double stats_share(double share); /* rounds to six decimals */

/* Write a statement on one connection with the field names of older clients: connection_id, query_hash, sql_text,
 * avg_execution_time, …, without braces. */
void stats_discovered_write(struct json_writer *json, const struct stats_row *row);

#endif
