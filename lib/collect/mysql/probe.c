/* Testing a connection to MariaDB or MySQL; see collect/probe.h. */
#include "collect/mysql/counting.h"
#include "collect/mysql/mysql.h"
#include "collect/probe_internal.h"

static const char mysql_sql[] = "SELECT /* potto */ CURRENT_USER() AS potto, DATABASE(), @@GLOBAL.slow_query_log, "
                                "@@GLOBAL.log_output, @@GLOBAL.long_query_time, "
                                "FIND_IN_SET('TABLE', REPLACE(UPPER(@@GLOBAL.log_output), ' ', '')) > 0";
enum { MY_USER, MY_DATABASE, MY_SLOW_LOG, MY_OUTPUT, MY_LONG_QUERY, MY_TO_TABLE };
static const struct target_column mysql_columns[] = {
    [MY_USER] = {"user", TARGET_TEXT, .may_be_null = true, .max_bytes = 1024},
    [MY_DATABASE] = {"database", TARGET_TEXT, .may_be_null = true, .max_bytes = 1024},
    [MY_SLOW_LOG] = {"slow_query_log", .kind = TARGET_BOOL},
    [MY_OUTPUT] = {"log_output", TARGET_TEXT, .max_bytes = 256},
    [MY_LONG_QUERY] = {"long_query_time", .kind = TARGET_AMOUNT},
    [MY_TO_TABLE] = {"is_to_table", TARGET_BOOL, .may_be_null = true},
};
static const struct target_statement mysql_statement = {
    .sql = mysql_sql, TARGET_COLUMNS(mysql_columns), .rows_min = 1, .rows_max = 1, .cost_max = 8192};

static const struct target_column log_columns[] = {{"start_time", TARGET_TEXT, .may_be_null = true, .max_bytes = 64}};
static const struct target_statement log_statement = {
    .sql = "SELECT /* potto */ start_time AS potto FROM mysql.slow_log LIMIT 1",
    TARGET_COLUMNS(log_columns),
    .rows_max = 1,
    .cost_max = 1024};

/* Whether this very account has a grant: on everything, on the database, or on a table of it. */
static const char mysql_select_sql[] = "SELECT /* potto */ EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES "
                                       "WHERE PRIVILEGE_TYPE = 'SELECT' AND GRANTEE = "
                                       "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')) OR EXISTS (SELECT 1 "
                                       "FROM information_schema.SCHEMA_PRIVILEGES "
                                       "WHERE PRIVILEGE_TYPE = 'SELECT' AND (DATABASE() IS NULL OR DATABASE() LIKE "
                                       "TABLE_SCHEMA)) OR EXISTS (SELECT 1 FROM "
                                       "information_schema.TABLE_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT' AND "
                                       "TABLE_SCHEMA <> 'mysql' AND (DATABASE() IS NULL OR "
                                       "TABLE_SCHEMA = DATABASE())) AS potto";
static const struct target_column mysql_select_columns[] = {{"may_select", TARGET_BOOL, .may_be_null = true}};
static const struct target_statement mysql_select_statement = {
    .sql = mysql_select_sql, TARGET_COLUMNS(mysql_select_columns), .rows_min = 1, .rows_max = 1, .cost_max = 1024};

/* Whether the server counts statements. */
static bool check_counting(struct probe *probe, const char *user)
{
    const struct mysql_digest_layout *layout = mysql_digest_layout_of(probe->target);
    struct mysql_counting_fault no_right = mysql_no_right(user, probe->arena);
    const struct mysql_counting_fault *fault;
    struct mysql_about about = {.is_on = false};
    struct target_rows rows;

    if (layout != NULL && probe_run(probe, &layout->about, &rows) == STATUS_OK)
        about = mysql_about_read(&rows);
    fault = mysql_counting_fault_of(layout, &about);
    if (fault == NULL)
        fault = probe_run(probe, &mysql_switches_statement, &rows) == STATUS_OK ? mysql_switches_fault_of(&rows)
                                                                                : &no_right;
    probe_add_check(probe, "performance_schema", false, fault == NULL, fault == NULL ? "" : fault->problem,
                    fault == NULL ? "" : fault->remedy);
    return fault == NULL;
}

bool collect_mysql_probe(struct probe *probe)
{
    struct arena *arena = probe->arena;
    struct target_rows about, rows;
    const char *user, *database;
    double long_query_ms;
    enum status status;
    bool counts;

    if (probe_run(probe, &mysql_statement, &about) != STATUS_OK)
        return false;
    probe->result->user = text_of(target_string(&about, 0, MY_USER));
    probe->result->database = target_text(&about, 0, MY_DATABASE);
    user = collect_mysql_account(probe->result->user, arena);
    database = probe->result->database.data == NULL ? "*" : collect_mysql_quote(probe->result->database, arena);
    long_query_ms = target_double(&about, 0, MY_LONG_QUERY) * 1000;
    /* Digests do without the log. */
    counts = check_counting(probe, user);
    probe_add_check(
        probe, "slow_query_log", !counts, target_is_true(&about, 0, MY_SLOW_LOG),
        "The slow query log is switched off: nothing is recorded.",
        "SET GLOBAL slow_query_log = ON; and the same under [mysqld] in the server's configuration, so that a "
        "restart keeps it.");
    probe_add_check(
        probe, "log_output", !counts, target_is_true(&about, 0, MY_TO_TABLE),
        "The slow query log is written to a file, which Potto cannot read from here: log_output is without TABLE.",
        "SET GLOBAL log_output = 'TABLE'; (or 'FILE,TABLE'), and the same under [mysqld] in the server's "
        "configuration.");
    status = probe_run(probe, &log_statement, &rows);
    probe_add_check(probe, "mysql.slow_log", !counts, status == STATUS_OK,
                    arena_printf(arena, "The user %s may not read mysql.slow_log.", user),
                    arena_printf(arena, "GRANT SELECT ON mysql.slow_log TO %s;", user));
    probe_add_check(
        probe, "long_query_time", false, long_query_ms <= 1000 || long_query_ms <= 2 * probe->min_duration_ms,
        arena_printf(
            arena, "The server records statements from %.3g s on (long_query_time); this connection asks for %.3g ms.",
            long_query_ms / 1000, probe->min_duration_ms),
        arena_printf(arena,
                     "SET GLOBAL long_query_time = %.3g; and the same under [mysqld] in the server's configuration.",
                     probe->min_duration_ms / 1000));
    status = probe_run(probe, &mysql_select_statement, &rows);
    probe_add_check(probe, "plans", false, status == STATUS_OK && target_is_true(&rows, 0, 0),
                    "Plans will be missing: the user may not read the tables whose statements Potto would explain.",
                    arena_printf(arena, "GRANT SELECT, SHOW VIEW ON %s.* TO %s;", database, user));
    return true;
}
