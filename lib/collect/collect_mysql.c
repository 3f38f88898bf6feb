/* MariaDB and MySQL: rows of mysql.slow_log, plans of what they hold.
 *
 * The slow log is a CSV table without an index, so each look reads all of it; what is asked for is bounded.
 * A row is written when its statement ends and says when it began, and rows are not written in any exact
 * order. Therefore a look asks for what *ended* since the last look began, less an overlap for stragglers,
 * and leaves it to the store to know a row that it has already (by its digest). While there is more than one
 * look may read (rows, or bytes of text), the position moves along by the end of the last row read, and the next look
 * follows at once. A clock of the server's that went back since the last look begins anew, as a first look does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "collect/collect_internal.h"
#include "sql/redacted.h"

enum {
    OVERLAP_S = 10,
    FIRST_LOOK_BACK_S = 86400,
    SLOW_READ_MS = 1000,      /* a look that takes longer: the log has grown too large */
    LOOK_BYTES_MAX = 32 << 20 /* of rows in one look */
};

#define QUERY_TIME_US                                                                                                  \
    "(HOUR(query_time) * 3600 + MINUTE(query_time) * 60 + SECOND(query_time)) * 1000000 + MICROSECOND(query_time)"
#define START_US "CAST(UNIX_TIMESTAMP(start_time) * 1000000 AS SIGNED)"
#define END_US   "(" START_US " + " QUERY_TIME_US ")"

static const char settings_sql[] =
    "SELECT /* potto */ @@GLOBAL.slow_query_log, @@GLOBAL.log_output, @@GLOBAL.long_query_time, CURRENT_USER(), "
    "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)";
enum { SETTING_SLOW_LOG, SETTING_OUTPUT, SETTING_LONG_QUERY, SETTING_USER, SETTING_NOW };

static const char slow_log_sql[] =
    "SELECT /* potto */ " START_US ", " QUERY_TIME_US
    ", rows_examined, rows_sent, user_host, db, LEFT(sql_text, 1048576), " END_US " FROM mysql.slow_log WHERE " END_US
    " >= CAST(? AS SIGNED) AND " QUERY_TIME_US " >= CAST(? AS SIGNED) ORDER BY 8, 1 LIMIT 5000";
enum { LOG_START, LOG_DURATION, LOG_EXAMINED, LOG_SENT, LOG_USER, LOG_DB, LOG_TEXT, LOG_END };
_Static_assert(COLLECT_SLOW_LOG_ROWS_MAX == 5000, "the LIMIT above");

/* As it stands between single quotes. */
static const char *escape(struct text name, struct arena *arena)
{
    char *escaped = arena_alloc(arena, name.size * 2 + 1), *at = escaped;

    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '\'' || name.data[i] == '\\')
            *at++ = name.data[i];
        *at++ = name.data[i];
    }
    *at = '\0';
    return escaped;
}

const char *collect_mysql_account(struct text user, struct arena *arena)
{
    size_t at = user.size;

    while (at > 0 && user.data[at - 1] != '@')
        at--;
    if (at == 0)
        return "…";
    return arena_printf(arena, "'%s'@'%s'", escape((struct text){user.data, at - 1}, arena),
                        escape((struct text){user.data + at, user.size - at}, arena));
}

/* ---- what is switched off ---- */

static bool has_word(struct text list, struct text word)
{
    struct text piece;

    while (text_split(&list, ',', &piece))
        if (text_equal_nocase(text_trim(piece), word))
            return true;
    return false;
}

static void check_settings(struct cycle *cycle, const struct target_rows *settings)
{
    double long_query_ms = target_double(settings, 0, SETTING_LONG_QUERY) * 1000;
    char problem[320];

    if (!target_is_true(settings, 0, SETTING_SLOW_LOG))
        cycle_tell(
            cycle, COLLECT_STATE_WARNING, "The slow query log is switched off: nothing new is recorded.",
            "SET GLOBAL slow_query_log = ON; SET GLOBAL log_output = 'TABLE'; and the same under [mysqld] in the "
            "server's configuration, so that a restart keeps it.");
    else if (!has_word(target_cell(settings, 0, SETTING_OUTPUT), TEXT("TABLE")))
        cycle_tell(cycle, COLLECT_STATE_WARNING,
                   "The slow query log is written to a file, which Potto cannot read from here: log_output is without "
                   "TABLE.",
                   "SET GLOBAL log_output = 'TABLE'; (or 'FILE,TABLE'), and the same under [mysqld] in the server's "
                   "configuration. Or let an agent on the host push.");
    if (long_query_ms > 1000 && long_query_ms > 2 * cycle->input->min_duration_ms) {
        snprintf(problem, sizeof problem,
                 "The server records statements from %.3g s on (long_query_time); this connection asks for %.3g ms.",
                 long_query_ms / 1000, cycle->input->min_duration_ms);
        cycle_tell(cycle, COLLECT_STATE_WARNING, problem,
                   arena_printf(cycle->arena,
                                "SET GLOBAL long_query_time = %.3g; and the same under [mysqld] in the server's "
                                "configuration. Sessions that are open keep the old value.",
                                cycle->input->min_duration_ms / 1000));
    }
}

static void tell_slow_log_trouble(struct cycle *cycle, const char *user)
{
    if (cycle->failure.failure == TARGET_FAILURE_PERMISSION) {
        cycle_fail(cycle);
        snprintf(cycle->result->problem, sizeof cycle->result->problem, "The user %s may not read mysql.slow_log.",
                 user);
        snprintf(cycle->result->remedy, sizeof cycle->result->remedy, "GRANT SELECT ON mysql.slow_log TO %s;", user);
    } else if (cycle->failure.failure == TARGET_FAILURE_TIMEOUT) {
        cycle_fail(cycle);
        snprintf(cycle->result->problem, sizeof cycle->result->problem,
                 "Reading mysql.slow_log took longer than Potto may take: it has grown too large.");
        snprintf(cycle->result->remedy, sizeof cycle->result->remedy,
                 "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    } else {
        cycle_fail(cycle);
    }
}

/* ---- rows ---- */

static void add_row(struct cycle *cycle, const struct target_rows *rows, int row)
{
    const struct collect_input *input = cycle->input;
    struct arena *arena = cycle->arena;
    struct text sql = text_trim(text_to_utf8(target_cell(rows, row, LOG_TEXT), arena));
    struct text database = text_to_utf8(target_cell(rows, row, LOG_DB), arena);
    struct collect_sample *sample;

    /* "# administrator command: Quit" and its like are no statements. */
    if (sql.size == 0 || sql.data[0] == '#' || collect_is_own(sql))
        return;
    sample = cycle_add_sample(cycle);
    sample->provenance = COLLECT_SLOW_LOG;
    sample->captured_at_us = target_int64(rows, row, LOG_START);
    sample->duration_ms = target_double(rows, row, LOG_DURATION) / 1000;
    sample->rows_examined = target_int64(rows, row, LOG_EXAMINED);
    sample->rows_returned = target_int64(rows, row, LOG_SENT);
    sample->user_host = text_to_utf8(target_cell(rows, row, LOG_USER), arena);
    sample->statement = input->keeps_literals ? sql_fingerprint(SQL_DIALECT_MYSQL, sql, arena)
                                              : sql_fingerprint_redacted(TEXT("mysql"), sql, arena);
    if (input->keeps_literals)
        sample->full_sql = sql;
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

/* Where this look starts. */
static int64_t find_position(const struct cycle *cycle, int64_t looked_at_us)
{
    int64_t read_from_us = cycle_cursor_int64(cycle, "read_from");
    int64_t last_looked_at_us = cycle_cursor_int64(cycle, "looked_at");

    if (read_from_us == INT64_MIN || looked_at_us + OVERLAP_S * CLOCK_SECOND_US < last_looked_at_us)
        return looked_at_us - FIRST_LOOK_BACK_S * CLOCK_SECOND_US;
    return read_from_us;
}

/* Where the next look starts. */
static void move_on(struct cycle *cycle, const struct target_rows *rows, int64_t read_from_us, int64_t looked_at_us)
{
    int64_t end_us;

    cycle_cursor_set(cycle, "looked_at", looked_at_us);
    if (!rows->is_cut && rows->row_count < COLLECT_SLOW_LOG_ROWS_MAX) {
        cycle_cursor_set(cycle, "read_from", looked_at_us - OVERLAP_S * CLOCK_SECOND_US);
        return;
    }
    /* The rows of that microsecond are read again; should it hold more than one look takes, it is passed. */
    end_us = target_int64(rows, rows->row_count - 1, LOG_END);
    cycle_cursor_set(cycle, "read_from", end_us > read_from_us ? end_us : read_from_us + 1);
    cycle->result->has_more = true;
}

static enum status read_slow_log(struct cycle *cycle, const struct target_rows *settings, const char *user)
{
    int64_t looked_at_us = target_int64(settings, 0, SETTING_NOW);
    int64_t read_from_us = find_position(cycle, looked_at_us), started_us = clock_monotonic_us();
    struct text params[2];
    struct target_rows rows;
    enum status status;

    params[0] = text_of(arena_printf(cycle->arena, "%lld", (long long)read_from_us));
    params[1] = text_of(arena_printf(cycle->arena, "%lld", (long long)(cycle->input->log_min_duration_ms * 1000)));
    status =
        target_run_first(cycle->target, slow_log_sql, params, 2, LOOK_BYTES_MAX, cycle->arena, &rows, &cycle->failure);
    if (status != STATUS_OK) {
        tell_slow_log_trouble(cycle, user);
        return status;
    }
    if (clock_monotonic_us() - started_us > SLOW_READ_MS * INT64_C(1000))
        cycle_tell(cycle, COLLECT_STATE_WARNING,
                   "Reading mysql.slow_log takes longer than a second: it has grown large, and every look reads all "
                   "of it.",
                   "TRUNCATE TABLE mysql.slow_log; now and then, by an event for example. Potto has its own copy.");
    for (int row = 0; row < rows.row_count; row++)
        add_row(cycle, &rows, row);
    move_on(cycle, &rows, read_from_us, looked_at_us);
    return STATUS_OK;
}

/* ---- plans ---- */

const char *collect_mysql_quote(struct text name, struct arena *arena)
{
    char *quoted = arena_alloc(arena, name.size * 2 + 3), *at = quoted;

    *at++ = '`';
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '`')
            *at++ = '`';
        *at++ = name.data[i];
    }
    *at++ = '`';
    *at = '\0';
    return quoted;
}

static void explain(struct cycle *cycle, const struct plan_candidate *candidate)
{
    struct target_rows rows;
    enum status status = STATUS_OK;
    bool is_denied;

    if (candidate->schema.size > 0)
        status = cycle_run(
            cycle,
            arena_printf(cycle->arena, "USE /* potto */ %s", collect_mysql_quote(candidate->schema, cycle->arena)),
            NULL, 0, &rows);
    if (status == STATUS_OK)
        status = cycle_run(cycle,
                           arena_printf(cycle->arena, "EXPLAIN /* potto */ FORMAT=JSON %.*s", (int)candidate->sql.size,
                                        candidate->sql.data),
                           NULL, 0, &rows);
    if (status == STATUS_OK && rows.row_count > 0 && rows.column_count > 0) {
        explain_set_denied(cycle, false);
        explain_keep(cycle, candidate, target_cell(&rows, 0, 0), "explain");
        return;
    }
    is_denied = status != STATUS_OK && (cycle->failure.failure == TARGET_FAILURE_PERMISSION ||
                                        cycle->failure.failure == TARGET_FAILURE_DATABASE);
    explain_refused(cycle, candidate, is_denied ? EXPLAIN_DENIED_PAUSE_S : COLLECT_PLAN_PAUSE_S);
    if (is_denied) {
        explain_set_denied(cycle, true);
        json_object_object_add(cycle->cursor, "plans_denied_in",
                               json_object_new_string(collect_mysql_quote(candidate->schema, cycle->arena)));
    }
}

static void tell_denied(struct cycle *cycle, const char *user)
{
    struct json_object *schema = NULL;

    if (!explain_is_denied(cycle) || !json_object_object_get_ex(cycle->cursor, "plans_denied_in", &schema))
        return;
    cycle_hint(
        cycle, "Plans are missing: the user may not read the tables whose statements Potto would explain.",
        arena_printf(cycle->arena, "GRANT SELECT, SHOW VIEW ON %s.* TO %s;", json_object_get_string(schema), user));
}

void collect_mysql(struct cycle *cycle)
{
    struct target_rows settings;
    const char *user;

    if (cycle_run(cycle, settings_sql, NULL, 0, &settings) != STATUS_OK || settings.row_count != 1) {
        cycle_fail(cycle);
        return;
    }
    user = collect_mysql_account(text_to_utf8(target_cell(&settings, 0, SETTING_USER), cycle->arena), cycle->arena);
    if (read_slow_log(cycle, &settings, user) != STATUS_OK)
        return;
    check_settings(cycle, &settings);
    explain_choose(cycle);
    for (size_t i = 0; i < cycle->candidate_count && explain_has_time(cycle); i++)
        explain(cycle, &cycle->candidates[i]);
    tell_denied(cycle, user);
}
