/* Rows of mysql.slow_log as samples; see mysql.h.
 *
 * The log is a CSV table without an index: every look makes the server read all of it, and takes a bounded part. Rows
 * are only ever added at its end, until somebody empties the log or puts another table in its place. Therefore a look
 * passes over as many rows as were read before. A checksum of the first row tells whether they are still there.
 *
 * The times in the log do not tell what is new: MariaDB takes them from the session's clock, which SET timestamp moves,
 * and in which a replica repeats the time of its source; and both servers write them in the session's time zone. What
 * is new in the log has ended since the last look, by the server's clock. A time that says otherwise is moved there.
 *
 * Times do count where a look begins with the first row: at the first look, and where the first row is another one. An
 * old row of such a log was read before, or is of no interest.
 *
 * Where there is more than one look may read (rows, or bytes of text), the next one follows at once. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "collect/explain.h"
#include "collect/mysql/mysql.h"

enum {
    OVERLAP_S = 10,            /* a statement that ended before the last look, and was written after it */
    FIRST_LOG_S = 86400,       /* how much of the past the first look reads */
    SLOW_READ_MS = 1000,       /* a look that takes longer: the log has grown too large */
    LOOK_BYTES_MAX = 32 << 20, /* of rows */
    TEXT_BYTES_MAX = 4 << 20   /* of a statement: LEFT() below counts characters */
};
#define EARLIEST_US     INT64_C(-62135596800000000) /* the year 1 */
#define DURATION_US_MAX INT64_C(100000000000000)    /* longer is left out later, as impossible */

/* ---- statements ---- */

#define TIME_US(name)                                                                                                  \
    "(HOUR(" name ") * 3600 + MINUTE(" name ") * 60 + SECOND(" name ")) * 1000000 + MICROSECOND(" name ")"
#define QUERY_TIME_US TIME_US("query_time")
#define START_US      "CAST(UNIX_TIMESTAMP(start_time) * 1000000 AS SIGNED)"

/* One IF, since servers choose the order of conditions: the first one must count every row. */
#define LOG_SQL(end_us)                                                                                                \
    "SELECT /* potto */ " START_US " AS potto, " QUERY_TIME_US                                                         \
    ", rows_examined, rows_sent, user_host, db, LEFT(sql_text, 1048576), @potto_row, " TIME_US(                        \
        "lock_time") " FROM mysql.slow_log "                                                                           \
                     "WHERE IF((@potto_row := @potto_row + 1) > CAST(? AS SIGNED), " QUERY_TIME_US                     \
                     " >= CAST(? AS SIGNED) AND " end_us " >= CAST(? AS SIGNED), 0) LIMIT 5000"
enum { LOG_TIME, LOG_DURATION, LOG_EXAMINED, LOG_SENT, LOG_USER, LOG_DB, LOG_TEXT, LOG_ROW, LOG_LOCK };
_Static_assert(COLLECT_SLOW_LOG_ROWS_MAX == 5000, "the LIMIT above");

static const struct target_column log_columns[] = {
    [LOG_TIME] = {"time", .kind = TARGET_TIME_US},
    [LOG_DURATION] = {"query_time", .kind = TARGET_COUNT},
    [LOG_EXAMINED] = {"rows_examined", .kind = TARGET_INT64},
    [LOG_SENT] = {"rows_sent", .kind = TARGET_INT64},
    [LOG_USER] = {"user_host", TARGET_TEXT, .may_be_null = true, .max_bytes = 4096},
    [LOG_DB] = {"db", TARGET_TEXT, .may_be_null = true, .max_bytes = 4096},
    [LOG_TEXT] = {"sql_text", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    [LOG_ROW] = {"row", .kind = TARGET_COUNT},
    [LOG_LOCK] = {"lock_time", TARGET_COUNT, .may_be_null = true},
};
#define LOG_STATEMENT(end_us)                                                                                          \
    {                                                                                                                  \
        .sql = LOG_SQL(end_us), TARGET_COLUMNS(log_columns), .rows_max = COLLECT_SLOW_LOG_ROWS_MAX,                    \
        .cost_max = LOOK_BYTES_MAX, .takes_first = true                                                                \
    }

/* What start_time is in the log of a server. The first row counts whose word its VERSION() has. */
static const struct log_flavour {
    const char *word;
    bool tells_end;
    struct target_statement statement;
} flavours[] = {
    {"MariaDB", false, LOG_STATEMENT("(" START_US " + " QUERY_TIME_US ")")},
    {"", true, LOG_STATEMENT(START_US)},
};

static const char begin_sql[] = "SELECT /* potto */ @potto_row := 0 AS potto, (SELECT CRC32(CONCAT_WS('|', start_time, "
                                "user_host, query_time, lock_time, LEFT(sql_text, 1000))) FROM mysql.slow_log LIMIT 1)";
enum { BEGIN_ROW, BEGIN_FIRST };
static const struct target_column begin_columns[] = {
    [BEGIN_ROW] = {"row", .kind = TARGET_COUNT},
    [BEGIN_FIRST] = {"first", TARGET_COUNT, .may_be_null = true},
};
static const struct target_statement begin_statement = {
    .sql = begin_sql, TARGET_COLUMNS(begin_columns), .rows_min = 1, .rows_max = 1, .cost_max = 1024};

static const struct target_column rows_columns[] = {{"row", .kind = TARGET_COUNT}};
static const struct target_statement rows_statement = {.sql = "SELECT /* potto */ @potto_row AS potto",
                                                       TARGET_COLUMNS(rows_columns),
                                                       .rows_min = 1,
                                                       .rows_max = 1,
                                                       .cost_max = 1024};

/* ---- a look ---- */

/* The cursor has log_first and log_row; log_read_at, when the last look that came to the log's end was taken; and
 * read_from, while that end was not reached from the first row. */
struct log_look {
    const struct log_flavour *flavour;
    int64_t first;    /* the checksum of the first row; -1: the log is empty */
    int64_t row;      /* rows to pass over */
    int64_t from_us;  /* statements that ended earlier are passed over; EARLIEST_US: none */
    int64_t after_us; /* what is taken ended after this; INT64_MIN: unknown */
    int64_t until_us; /* and until now */
};

static const struct log_flavour *find_flavour(const char *version)
{
    const struct log_flavour *flavour = flavours;

    while (strstr(version, flavour->word) == NULL)
        flavour++;
    return flavour;
}

static enum status begin_look(struct collect_cycle *cycle, const struct mysql_server *server, struct log_look *out_look)
{
    int64_t read_at_us = collect_cursor_get(cycle, "log_read_at"), from_us = collect_cursor_get(cycle, "read_from");
    struct log_look look = {.flavour = find_flavour(server->version), .row = collect_cursor_get(cycle, "log_row")};
    struct target_rows begin;
    enum status status = collect_run(cycle, &begin_statement, NULL, 0, &begin);

    if (status != STATUS_OK)
        return status;
    look.first = target_is_null(&begin, 0, BEGIN_FIRST) ? -1 : target_int64(&begin, 0, BEGIN_FIRST);
    look.after_us = read_at_us <= server->now_us ? read_at_us : INT64_MIN; /* the server's clock may go back */
    if (look.row < 0 || (look.row > 0 && look.first != collect_cursor_get(cycle, "log_first"))) {
        look.row = 0;
        if (look.after_us != INT64_MIN)
            from_us = look.after_us - OVERLAP_S * CLOCK_SECOND_US;
        else if (from_us == INT64_MIN || from_us > server->now_us)
            from_us = server->now_us - FIRST_LOG_S * CLOCK_SECOND_US;
    }
    look.from_us = from_us > EARLIEST_US ? from_us : EARLIEST_US;
    *out_look = look;
    return STATUS_OK;
}

/* How many rows are behind us: as many as the server read, if it could read on to the end of the log. -1: fewer than
 * were passed over, so that they are others now. */
static int64_t count_rows(struct collect_cycle *cycle, const struct log_look *look, const struct target_rows *rows)
{
    int64_t count = rows->row_count > 0 ? target_int64(rows, rows->row_count - 1, LOG_ROW) : look->row;
    struct target_rows end;

    if (cycle->result->has_more || collect_run(cycle, &rows_statement, NULL, 0, &end) != STATUS_OK)
        return count;
    return target_int64(&end, 0, 0) < count ? -1 : target_int64(&end, 0, 0);
}

static void end_look(struct collect_cycle *cycle, const struct log_look *look, const struct target_rows *rows,
                     int64_t taken_at_us)
{
    cycle->result->has_more = rows->is_cut || rows->row_count == COLLECT_SLOW_LOG_ROWS_MAX;
    collect_cursor_set(cycle, "log_first", look->first);
    collect_cursor_set(cycle, "log_row", count_rows(cycle, look, rows));
    if (cycle->result->has_more) {
        collect_cursor_set(cycle, "read_from", look->from_us);
        return;
    }
    collect_cursor_set(cycle, "read_from", INT64_MIN);
    collect_cursor_set(cycle, "log_read_at", taken_at_us);
}

static void explain_failure(struct target_problem *failure, const char *account)
{
    if (failure->failure == TARGET_FAILURE_PERMISSION) {
        snprintf(failure->problem, sizeof failure->problem,
                 "The user %s may not read mysql.slow_log: single executions, their values and plans are missing.",
                 account);
        snprintf(failure->remedy, sizeof failure->remedy, "GRANT SELECT ON mysql.slow_log TO %s;", account);
    } else if (failure->failure == TARGET_FAILURE_TIMEOUT) {
        snprintf(failure->problem, sizeof failure->problem,
                 "Reading mysql.slow_log took longer than Potto may take: it has grown too large.");
        snprintf(failure->remedy, sizeof failure->remedy,
                 "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    }
}

/* -1, unknown, for a count that the log's column could not hold. */
static int64_t row_count(const struct target_rows *rows, int row, int column)
{
    int64_t count = target_int64(rows, row, column);

    return count < 0 ? -1 : count;
}

/* -1, unknown, for more than the statement took: the server's clock was set. */
static int64_t lock_time(const struct target_rows *rows, int row)
{
    int64_t lock_us = target_is_null(rows, row, LOG_LOCK) ? -1 : target_int64(rows, row, LOG_LOCK);

    return lock_us <= target_int64(rows, row, LOG_DURATION) ? lock_us : -1;
}

/* When the statement of a row began. */
static int64_t find_start(const struct log_look *look, const struct target_rows *rows, int row)
{
    int64_t time_us = target_time_us(rows, row, LOG_TIME), duration_us = target_int64(rows, row, LOG_DURATION), end_us;

    duration_us = duration_us < DURATION_US_MAX ? duration_us : DURATION_US_MAX;
    end_us = look->flavour->tells_end ? time_us : time_us + duration_us;
    if (end_us > look->until_us)
        end_us = look->until_us;
    else if (look->after_us != INT64_MIN && end_us < look->after_us - OVERLAP_S * CLOCK_SECOND_US)
        end_us = look->after_us;
    return end_us - duration_us > EARLIEST_US ? end_us - duration_us : EARLIEST_US;
}

static void add_row(struct collect_cycle *cycle, const struct log_look *look, const struct target_rows *rows, int row)
{
    const struct collect_input *input = cycle->input;
    struct arena *arena = cycle->arena;
    struct text sql = text_trim(target_text(rows, row, LOG_TEXT));
    struct text database = target_text(rows, row, LOG_DB);
    struct sample_fact *sample;

    if (sql.size == 0 || sql_is_protocol_command(sql) || collect_is_own(sql))
        return;
    sample = collect_add_sample(cycle);
    *sample = (struct sample_fact){.captured_at_us = find_start(look, rows, row),
                                   .full_sql = input->keeps_literals ? sql : (struct text){NULL, 0},
                                   .statement = statement_fingerprint(&cycle->rules, sql, arena),
                                   .duration_ms = (double)target_int64(rows, row, LOG_DURATION) / 1000,
                                   .rows_examined = row_count(rows, row, LOG_EXAMINED),
                                   .rows_returned = row_count(rows, row, LOG_SENT),
                                   .lock_us = lock_time(rows, row),
                                   .user_host = target_text(rows, row, LOG_USER)};
    if (database.size > 0 &&
        (input->target->database == NULL || !text_equal(database, text_of(input->target->database))))
        sample->database_name = database;
    /* A plan of this engine shows literals in its conditions. */
    if (input->keeps_literals && sample->statement.kind == SQL_KIND_SELECT)
        explain_offer(cycle, &(struct plan_candidate){.hash = sample->statement.hash,
                                                      .sql = sql,
                                                      .schema = database,
                                                      .weight_ms = sample->duration_ms,
                                                      .calls = 1,
                                                      .refusal = sql_is_explainable(SQL_DIALECT_MYSQL, sql)
                                                                     ? PLAN_REFUSAL_UNSET
                                                                     : PLAN_REFUSAL_NOT_SAFE});
}

static enum status read_rows(struct collect_cycle *cycle, const struct log_look *look, struct target_rows *out_rows)
{
    int64_t min_us = (int64_t)(cycle->input->log_min_duration_ms * 1000);
    struct text params[3] = {
        text_of(arena_printf(cycle->arena, "%lld", (long long)look->row)),
        text_of(arena_printf(cycle->arena, "%lld", (long long)min_us)),
        text_of(arena_printf(cycle->arena, "%lld", (long long)look->from_us)),
    };

    return collect_run(cycle, &look->flavour->statement, params, 3, out_rows);
}

bool collect_mysql_slow_log(struct collect_cycle *cycle, const struct mysql_server *server)
{
    int64_t started_us = clock_monotonic_us(), spent_us;
    struct log_look look;
    struct target_rows rows;

    cycle->result->facts.samples.provenance = SAMPLE_PROVENANCE_SLOW_LOG;
    if (begin_look(cycle, server, &look) != STATUS_OK || read_rows(cycle, &look, &rows) != STATUS_OK) {
        explain_failure(&cycle->failure, server->account);
        return false;
    }
    spent_us = clock_monotonic_us() - started_us;
    look.until_us = server->now_us + spent_us;
    if (spent_us > SLOW_READ_MS * INT64_C(1000))
        collect_tell(cycle, COLLECT_STATE_WARNING,
                     "Reading mysql.slow_log takes longer than a second: it has grown large, and every look reads all "
                     "of it.",
                     "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    for (int row = 0; row < rows.row_count; row++)
        add_row(cycle, &look, &rows, row);
    end_look(cycle, &look, &rows, server->now_us);
    return true;
}
