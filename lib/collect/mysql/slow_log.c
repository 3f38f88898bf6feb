/* Rows of mysql.slow_log as samples; see mysql.h.
 *
 * The log is a CSV table without an index: every snapshot makes the server read all of it, and asks for a bounded part.
 * A row is written when its statement ends, says when it began, and rows are not in any exact order. Therefore a
 * snapshot asks for statements that ended since the last snapshot began, less an overlap for stragglers. The store
 * recognizes a row that it has already, by its digest.
 *
 * Where there is more than one snapshot may read (rows, or bytes of text), the position moves to the end of the last
 * row, and the next snapshot follows at once. If the server's clock went back since the last snapshot, reading begins
 * anew. */
#include <stdio.h>

#include "base/clock.h"
#include "collect/explain.h"
#include "collect/mysql/mysql.h"

enum {
    OVERLAP_S = 10,
    FIRST_LOG_S = 86400,           /* how much of the past the first snapshot reads */
    SLOW_READ_MS = 1000,           /* a snapshot that takes longer: the log has grown too large */
    SNAPSHOT_BYTES_MAX = 32 << 20, /* of rows */
    TEXT_BYTES_MAX = 4 << 20       /* of a statement: LEFT() below counts characters */
};

#define QUERY_TIME_US                                                                                                  \
    "(HOUR(query_time) * 3600 + MINUTE(query_time) * 60 + SECOND(query_time)) * 1000000 + MICROSECOND(query_time)"
#define START_US "CAST(UNIX_TIMESTAMP(start_time) * 1000000 AS SIGNED)"
#define END_US   "(" START_US " + " QUERY_TIME_US ")"

static const char slow_log_sql[] =
    "SELECT /* potto */ " START_US ", " QUERY_TIME_US
    ", rows_examined, rows_sent, user_host, db, LEFT(sql_text, 1048576), " END_US " FROM mysql.slow_log WHERE " END_US
    " >= CAST(? AS SIGNED) AND " QUERY_TIME_US " >= CAST(? AS SIGNED) ORDER BY 8, 1 LIMIT 5000";
enum { LOG_START, LOG_DURATION, LOG_EXAMINED, LOG_SENT, LOG_USER, LOG_DB, LOG_TEXT, LOG_END };
_Static_assert(COLLECT_SLOW_LOG_ROWS_MAX == 5000, "the LIMIT above");

static const struct target_column slow_log_columns[] = {
    [LOG_START] = {"start", .kind = TARGET_TIME_US},
    [LOG_DURATION] = {"query_time", .kind = TARGET_COUNT},
    [LOG_EXAMINED] = {"rows_examined", .kind = TARGET_INT64},
    [LOG_SENT] = {"rows_sent", .kind = TARGET_INT64},
    [LOG_USER] = {"user_host", TARGET_TEXT, .may_be_null = true, .max_bytes = 4096},
    [LOG_DB] = {"db", TARGET_TEXT, .may_be_null = true, .max_bytes = 4096},
    [LOG_TEXT] = {"sql_text", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    [LOG_END] = {"end", .kind = TARGET_TIME_US},
};
static const struct target_statement slow_log_statement = {.sql = slow_log_sql,
                                                           TARGET_COLUMNS(slow_log_columns),
                                                           .rows_max = COLLECT_SLOW_LOG_ROWS_MAX,
                                                           .cost_max = SNAPSHOT_BYTES_MAX,
                                                           .takes_first = true};

static void tell_failure(struct collect_cycle *cycle, const char *account)
{
    if (cycle->failure.failure == TARGET_FAILURE_PERMISSION) {
        collect_fail(cycle);
        snprintf(cycle->result->problem, sizeof cycle->result->problem, "The user %s may not read mysql.slow_log.",
                 account);
        snprintf(cycle->result->remedy, sizeof cycle->result->remedy, "GRANT SELECT ON mysql.slow_log TO %s;", account);
    } else if (cycle->failure.failure == TARGET_FAILURE_TIMEOUT) {
        collect_fail(cycle);
        snprintf(cycle->result->problem, sizeof cycle->result->problem,
                 "Reading mysql.slow_log took longer than Potto may take: it has grown too large.");
        snprintf(cycle->result->remedy, sizeof cycle->result->remedy,
                 "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    } else {
        collect_fail(cycle);
    }
}

/* -1, unknown, for a count that the log's column could not hold. */
static int64_t row_count(const struct target_rows *rows, int row, int column)
{
    int64_t count = target_int64(rows, row, column);

    return count < 0 ? -1 : count;
}

static void add_row(struct collect_cycle *cycle, const struct target_rows *rows, int row)
{
    const struct collect_input *input = cycle->input;
    struct arena *arena = cycle->arena;
    struct text sql = text_trim(target_text(rows, row, LOG_TEXT));
    struct text database = target_text(rows, row, LOG_DB);
    struct sample_fact *sample;

    if (sql.size == 0 || sql_is_protocol_command(sql) || collect_is_own(sql))
        return;
    sample = collect_add_sample(cycle);
    *sample = (struct sample_fact){.captured_at_us = target_time_us(rows, row, LOG_START),
                                   .full_sql = input->keeps_literals ? sql : (struct text){NULL, 0},
                                   .statement = statement_fingerprint(&cycle->rules, sql, arena),
                                   .duration_ms = (double)target_int64(rows, row, LOG_DURATION) / 1000,
                                   .rows_examined = row_count(rows, row, LOG_EXAMINED),
                                   .rows_returned = row_count(rows, row, LOG_SENT),
                                   .user_host = target_text(rows, row, LOG_USER)};
    if (database.size > 0 &&
        (input->target->database == NULL || !text_equal(database, text_of(input->target->database))))
        sample->database_name = database;
    /* A plan of this engine shows literals in its conditions. */
    if (input->keeps_literals && sql_is_explainable(SQL_DIALECT_MYSQL, sql))
        explain_offer(cycle, &(struct plan_candidate){.hash = sample->statement.hash,
                                                      .sql = sql,
                                                      .schema = database,
                                                      .weight_ms = sample->duration_ms});
}

/* From where on this snapshot reads. */
static int64_t find_position(const struct collect_cycle *cycle, int64_t taken_at_us)
{
    int64_t read_from_us = collect_cursor_get(cycle, "read_from");
    int64_t last_us = collect_cursor_get(cycle, "snapshot_at");

    if (read_from_us == INT64_MIN || taken_at_us + OVERLAP_S * CLOCK_SECOND_US < last_us)
        return taken_at_us - FIRST_LOG_S * CLOCK_SECOND_US;
    return read_from_us;
}

/* From where on the next one does. */
static void move_on(struct collect_cycle *cycle, const struct target_rows *rows, int64_t read_from_us,
                    int64_t taken_at_us)
{
    int64_t end_us;

    collect_cursor_set(cycle, "snapshot_at", taken_at_us);
    if (!rows->is_cut && rows->row_count < COLLECT_SLOW_LOG_ROWS_MAX) {
        collect_cursor_set(cycle, "read_from", taken_at_us - OVERLAP_S * CLOCK_SECOND_US);
        return;
    }
    /* The rows of that microsecond are read again; should it hold more than one snapshot takes, the rest is passed
     * over. */
    end_us = target_time_us(rows, rows->row_count - 1, LOG_END);
    collect_cursor_set(cycle, "read_from", end_us > read_from_us ? end_us : read_from_us + 1);
    cycle->result->has_more = true;
}

static enum status read_rows(struct collect_cycle *cycle, int64_t read_from_us, struct target_rows *out_rows)
{
    struct arena *arena = cycle->arena;
    struct text params[2] = {
        text_of(arena_printf(arena, "%lld", (long long)read_from_us)),
        text_of(arena_printf(arena, "%lld", (long long)(cycle->input->log_min_duration_ms * 1000)))};

    return collect_run(cycle, &slow_log_statement, params, 2, out_rows);
}

bool collect_mysql_slow_log(struct collect_cycle *cycle, int64_t now_us, const char *account)
{
    int64_t read_from_us = find_position(cycle, now_us), started_us = clock_monotonic_us();
    struct target_rows rows;

    cycle->result->facts.samples.provenance = SAMPLE_PROVENANCE_SLOW_LOG;
    if (read_rows(cycle, read_from_us, &rows) != STATUS_OK) {
        tell_failure(cycle, account);
        return false;
    }
    if (clock_monotonic_us() - started_us > SLOW_READ_MS * INT64_C(1000))
        collect_tell(cycle, COLLECT_STATE_WARNING,
                     "Reading mysql.slow_log takes longer than a second: it has grown large, and every look reads all "
                     "of it.",
                     "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    for (int row = 0; row < rows.row_count; row++)
        add_row(cycle, &rows, row);
    move_on(cycle, &rows, read_from_us, now_us);
    return true;
}
