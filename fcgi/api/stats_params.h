/* What reports over a period have in common: their parameters, cursors, and the JSON of their rows. */
#ifndef POTTO_FCGI_API_STATS_PARAMS_H
#define POTTO_FCGI_API_STATS_PARAMS_H

#include "fcgi/api/query_params.h"
#include "fcgi/api/sums_write.h"
#include "store/read/stats.h"

/* The parameters that every one takes; with those of lists. */
#define STATS_PARAMS      "from", "to", "connection_id", "engine", "team_id"
#define STATS_LIST_PARAMS STATS_PARAMS, "limit", "cursor"

/* from, to, connection_id, engine, team_id: the period, and the scope with the connections that they pick alone. Call
 * it after the others but the cursor: it returns what is wrong with any of them, STATUS_ABSENT before all: no such
 * connection. */
enum status param_stats(const struct request *request, const struct scope *scope, struct period *out_period,
                        const struct scope **out_scope, struct error *error);

/* How a list's rows are told apart, beside the number that they are ordered by. */
enum stats_key {
    STATS_KEY_UNSET,
    STATS_KEY_HASH,
    STATS_KEY_CONNECTION,
    STATS_KEY_HASH_CONNECTION,
    STATS_KEY_NAME,
    STATS_KEY_TIME
};

/* The parameter cursor. Call it last, when nothing else is wrong. STATUS_MALFORMED: not one of `list`. */
enum status stats_cursor_read(const struct request *request, const char *list, enum stats_key key,
                              struct stats_page *page, struct error *error);
/* data NULL: the list ends here. Else lives in `arena`, with a NUL after it. */
struct text stats_cursor_next(const char *list, enum stats_key key, const struct stats_list *rows, struct arena *arena);

/* A hash as two numbers of a cursor. */
void cursor_put_hash(int64_t *numbers, struct sql_hash hash);
struct sql_hash cursor_take_hash(const int64_t *numbers);

double stats_share(double share); /* rounded to six decimals */

/* A statement on one connection, as older clients know it: connection_id, query_hash, sql_text, avg_execution_time, …,
 * without braces. */
void stats_discovered_write(struct json_writer *json, const struct stats_row *row);

#endif
