/* A cycle of MariaDB or MySQL; see mysql.h. */
#include "collect/mysql/mysql.h"

#include <stdio.h>

static const char settings_sql[] = "SELECT /* potto */ @@GLOBAL.slow_query_log AS potto, @@GLOBAL.log_output, "
                                   "@@GLOBAL.long_query_time, CURRENT_USER(), "
                                   "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED), VERSION()";
enum { SETTING_SLOW_LOG, SETTING_OUTPUT, SETTING_LONG_QUERY, SETTING_USER, SETTING_NOW, SETTING_VERSION };
static const struct target_column settings_columns[] = {
    [SETTING_SLOW_LOG] = {"slow_query_log", .kind = TARGET_BOOL},
    [SETTING_OUTPUT] = {"log_output", TARGET_TEXT, .max_bytes = 256},
    [SETTING_LONG_QUERY] = {"long_query_time", .kind = TARGET_AMOUNT},
    [SETTING_USER] = {"user", TARGET_TEXT, .may_be_null = true, .max_bytes = 1024},
    [SETTING_NOW] = {"now", .kind = TARGET_TIME_US},
    [SETTING_VERSION] = {"version", TARGET_TEXT, .max_bytes = 256},
};
static const struct target_statement settings_statement = {
    .sql = settings_sql, TARGET_COLUMNS(settings_columns), .rows_min = 1, .rows_max = 1, .cost_max = 8192};

/* ---- names in statements for people ---- */

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

/* ---- settings ---- */

static bool has_word(struct text list, struct text word)
{
    struct text piece;

    while (text_split(&list, ',', &piece))
        if (text_equal_nocase(text_trim(piece), word))
            return true;
    return false;
}

static void check_settings(struct collect_cycle *cycle, const struct target_rows *settings)
{
    double long_query_ms = target_double(settings, 0, SETTING_LONG_QUERY) * 1000;
    char problem[320];

    if (!target_is_true(settings, 0, SETTING_SLOW_LOG))
        collect_tell(
            cycle, COLLECT_STATE_WARNING, "The slow query log is switched off: nothing new is recorded.",
            "SET GLOBAL slow_query_log = ON; SET GLOBAL log_output = 'TABLE'; and the same under [mysqld] in the "
            "server's configuration, so that a restart keeps it.");
    else if (!has_word(target_text(settings, 0, SETTING_OUTPUT), TEXT("TABLE")))
        collect_tell(
            cycle, COLLECT_STATE_WARNING,
            "The slow query log is written to a file, which Potto cannot read from here: log_output is without "
            "TABLE.",
            "SET GLOBAL log_output = 'TABLE'; (or 'FILE,TABLE'), and the same under [mysqld] in the server's "
            "configuration. Or let an agent on the host push.");
    if (long_query_ms > 1000 && long_query_ms > 2 * cycle->input->min_duration_ms) {
        snprintf(problem, sizeof problem,
                 "The server records statements from %.3g s on (long_query_time); this connection asks for %.3g ms.",
                 long_query_ms / 1000, cycle->input->min_duration_ms);
        collect_tell(cycle, COLLECT_STATE_WARNING, problem,
                     arena_printf(cycle->arena,
                                  "SET GLOBAL long_query_time = %.3g; and the same under [mysqld] in the server's "
                                  "configuration. Sessions that are open keep the old value.",
                                  cycle->input->min_duration_ms / 1000));
    }
}

/* A log that may not be read, or is too large, leaves what the digests tell. */
static void collect_without_log(struct collect_cycle *cycle, const struct mysql_server *server)
{
    struct target_problem of_the_log = cycle->failure;

    if (of_the_log.failure == TARGET_FAILURE_PERMISSION || of_the_log.failure == TARGET_FAILURE_TIMEOUT) {
        collect_warn(cycle);
        if (collect_mysql_counters(cycle, server))
            return;
    }
    cycle->failure = of_the_log;
    collect_fail(cycle);
}

void collect_mysql(struct collect_cycle *cycle)
{
    struct target_rows settings;
    struct mysql_server server;

    if (collect_run(cycle, &settings_statement, NULL, 0, &settings) != STATUS_OK) {
        collect_fail(cycle);
        return;
    }
    server = (struct mysql_server){
        .version = target_string(&settings, 0, SETTING_VERSION),
        .account = collect_mysql_account(target_text(&settings, 0, SETTING_USER), cycle->arena),
        .now_us = target_time_us(&settings, 0, SETTING_NOW),
        .log_read_at_us = collect_cursor_get(cycle, "log_read_at"),
    };
    if (collect_mysql_slow_log(cycle, &server)) {
        check_settings(cycle, &settings);
        collect_mysql_counters(cycle, &server);
        collect_mysql_plans(cycle, server.account);
    } else {
        collect_without_log(cycle, &server);
    }
}
