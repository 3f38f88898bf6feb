/* Testing a connection; see probe.h. */
#include "collect/probe.h"

#include <string.h>

#include "base/clock.h"
#include "base/engine.h"
#include "collect/collect_internal.h"

enum { RESULT_BYTES_MAX = 1024 * 1024, POSTGRES_VERSION_MIN = 130000, STATEMENTS_VERSION_MIN = 108 };

struct probe {
    struct target *target;
    struct probe_result *result;
    struct arena *arena;
    double min_duration_ms;
    struct target_problem failure;
};

static enum status run(struct probe *probe, const char *sql, struct target_rows *out_rows)
{
    return target_run(probe->target, sql, NULL, 0, RESULT_BYTES_MAX, probe->arena, out_rows, &probe->failure);
}

static const char *printable(struct text text, struct arena *arena)
{
    text = text_to_utf8(text, arena);
    return text.size == 0 ? "" : arena_string(arena, text.data, text.size);
}

static void unreachable(struct probe *probe)
{
    probe->result->is_reachable = false;
    probe->result->problem = printable(text_of(probe->failure.problem), probe->arena);
    probe->result->remedy = printable(text_of(probe->failure.remedy), probe->arena);
}

static void check(struct probe *probe, const char *name, bool is_required, bool is_ok, const char *problem,
                  const char *remedy)
{
    struct probe_result *result = probe->result;

    if (result->check_count < PROBE_CHECKS_MAX)
        result->checks[result->check_count++] =
            (struct probe_check){name, is_ok, is_required, is_ok ? "" : problem, is_ok ? "" : remedy};
}

/* ---- PostgreSQL ---- */

/* clang-format off */
static const char postgres_sql[] =
    "SELECT /* potto */ current_user, current_database(), pg_catalog.quote_ident(current_user), "
    "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), "
    "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), "
    "(SELECT pg_catalog.pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_data'), "
    "extension.extversion, pg_catalog.quote_ident(namespace.nspname), "
    "pg_catalog.has_schema_privilege(namespace.oid, 'USAGE'), current_setting('pg_stat_statements.track', true), "
    "pg_catalog.quote_ident(current_database()) "
    "FROM (SELECT) AS one "
    "LEFT JOIN pg_catalog.pg_extension AS extension ON extension.extname = 'pg_stat_statements' "
    "LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace";
/* clang-format on */
enum {
    PG_USER,
    PG_DATABASE,
    PG_USER_QUOTED,
    PG_IS_SUPERUSER,
    PG_READS_STATS,
    PG_READS_DATA,
    PG_EXTENSION,
    PG_SCHEMA,
    PG_HAS_SCHEMA,
    PG_TRACK,
    PG_DATABASE_QUOTED
};

static int statements_version(struct text version)
{
    struct text major;
    int64_t major_number = 0, minor_number = 0;

    if (!text_split(&version, '.', &major) || !text_to_int64(major, &major_number))
        return 0;
    text_to_int64(version, &minor_number);
    return (int)(major_number * 100 + minor_number);
}

/* The extension: there, new enough, within reach, loaded, counting. The first that is not so is told. */
static void check_statements(struct probe *probe, const struct target_rows *about)
{
    static const char name[] = "pg_stat_statements";
    struct text version = target_cell(about, 0, PG_EXTENSION);
    const char *schema = printable(target_cell(about, 0, PG_SCHEMA), probe->arena);
    const char *user = printable(target_cell(about, 0, PG_USER_QUOTED), probe->arena);
    struct target_rows counted;

    if (version.data == NULL) {
        check(
            probe, name, true, false, "The extension pg_stat_statements is not installed in this database.",
            "As a superuser, in this database: CREATE EXTENSION pg_stat_statements; If the server does not load it "
            "yet, first "
            "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already) and restart "
            "PostgreSQL.");
    } else if (statements_version(version) < STATEMENTS_VERSION_MIN) {
        check(probe, name, true, false, "pg_stat_statements is older than Potto reads (1.8).",
              "ALTER EXTENSION pg_stat_statements UPDATE;");
    } else if (!target_is_true(about, 0, PG_HAS_SCHEMA)) {
        check(probe, name, true, false,
              arena_printf(probe->arena, "%s may not use the schema %s, in which pg_stat_statements is installed.",
                           user, schema),
              arena_printf(probe->arena, "GRANT USAGE ON SCHEMA %s TO %s;", schema, user));
    } else if (run(probe,
                   arena_printf(probe->arena, "SELECT /* potto */ count(*) FROM %s.pg_stat_statements(false)", schema),
                   &counted) != STATUS_OK) {
        bool is_unloaded = strcmp(probe->failure.code, "55000") == 0;

        check(
            probe, name, true, false,
            is_unloaded ? "PostgreSQL does not load pg_stat_statements."
                        : printable(text_of(probe->failure.problem), probe->arena),
            is_unloaded
                ? "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already), then "
                  "restart PostgreSQL."
                : printable(text_of(probe->failure.remedy), probe->arena));
    } else {
        check(probe, name, true, !text_equal(target_cell(about, 0, PG_TRACK), TEXT("none")),
              "pg_stat_statements is loaded but counts nothing.",
              "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();");
    }
}

static bool probe_postgres(struct probe *probe)
{
    struct arena *arena = probe->arena;
    struct target_rows about;
    const char *user;
    bool is_superuser;

    if (run(probe, postgres_sql, &about) != STATUS_OK || about.row_count != 1)
        return false;
    user = printable(target_cell(&about, 0, PG_USER_QUOTED), arena);
    is_superuser = target_is_true(&about, 0, PG_IS_SUPERUSER);
    probe->result->user = text_of(printable(target_cell(&about, 0, PG_USER), arena));
    probe->result->database = text_of(printable(target_cell(&about, 0, PG_DATABASE), arena));
    check(probe, "version", true, target_version_number(probe->target) >= POSTGRES_VERSION_MIN,
          "This PostgreSQL is older than 13, the first whose statistics Potto reads.", "Upgrade PostgreSQL.");
    check_statements(probe, &about);
    check(probe, "pg_read_all_stats", true, target_is_true(&about, 0, PG_READS_STATS),
          arena_printf(arena, "%s sees only its own statements.", user),
          arena_printf(arena, "GRANT pg_monitor TO %s;", user));
    check(probe, "not_superuser", false, !is_superuser,
          arena_printf(
              arena, "%s is a superuser: Potto makes no plans as one, since planning can run other people's functions.",
              user),
          "CREATE ROLE potto_monitor LOGIN PASSWORD '…'; GRANT pg_monitor, pg_read_all_data TO potto_monitor; and give "
          "the "
          "connection that user.");
    if (!is_superuser)
        check(
            probe, "plans", false, target_is_true(&about, 0, PG_READS_DATA),
            "Plans will be missing for tables that the user may not read.",
            arena_printf(
                arena,
                "GRANT pg_read_all_data TO %s; (PostgreSQL 14 and newer), or GRANT USAGE ON SCHEMA … and SELECT ON ALL "
                "TABLES IN SCHEMA … TO %s;",
                user, user));
    return true;
}

/* ---- MySQL, MariaDB ---- */

static const char mysql_sql[] = "SELECT /* potto */ CURRENT_USER(), DATABASE(), @@GLOBAL.slow_query_log, "
                                "@@GLOBAL.log_output, @@GLOBAL.long_query_time, "
                                "FIND_IN_SET('TABLE', REPLACE(UPPER(@@GLOBAL.log_output), ' ', '')) > 0";
enum { MY_USER, MY_DATABASE, MY_SLOW_LOG, MY_OUTPUT, MY_LONG_QUERY, MY_TO_TABLE };

/* What is granted to this very account, on everything, on the database or on a table of it. */
static const char mysql_select_sql[] = "SELECT /* potto */ EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES "
                                       "WHERE PRIVILEGE_TYPE = 'SELECT' AND GRANTEE = "
                                       "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')) OR EXISTS (SELECT 1 "
                                       "FROM information_schema.SCHEMA_PRIVILEGES "
                                       "WHERE PRIVILEGE_TYPE = 'SELECT' AND (DATABASE() IS NULL OR DATABASE() LIKE "
                                       "TABLE_SCHEMA)) OR EXISTS (SELECT 1 FROM "
                                       "information_schema.TABLE_PRIVILEGES WHERE PRIVILEGE_TYPE = 'SELECT' AND "
                                       "TABLE_SCHEMA <> 'mysql' AND (DATABASE() IS NULL OR "
                                       "TABLE_SCHEMA = DATABASE()))";

static bool probe_mysql(struct probe *probe)
{
    struct arena *arena = probe->arena;
    struct target_rows about, rows;
    const char *user, *database;
    double long_query_ms;
    enum status status;

    if (run(probe, mysql_sql, &about) != STATUS_OK || about.row_count != 1)
        return false;
    probe->result->user = text_of(printable(target_cell(&about, 0, MY_USER), arena));
    if (target_cell(&about, 0, MY_DATABASE).data != NULL)
        probe->result->database = text_of(printable(target_cell(&about, 0, MY_DATABASE), arena));
    user = collect_mysql_account(probe->result->user, arena);
    database = probe->result->database.data == NULL ? "*" : collect_mysql_quote(probe->result->database, arena);
    long_query_ms = target_double(&about, 0, MY_LONG_QUERY) * 1000;
    check(probe, "slow_query_log", true, target_is_true(&about, 0, MY_SLOW_LOG),
          "The slow query log is switched off: nothing is recorded.",
          "SET GLOBAL slow_query_log = ON; and the same under [mysqld] in the server's configuration, so that a "
          "restart keeps it.");
    check(probe, "log_output", true, target_is_true(&about, 0, MY_TO_TABLE),
          "The slow query log is written to a file, which Potto cannot read from here: log_output is without TABLE.",
          "SET GLOBAL log_output = 'TABLE'; (or 'FILE,TABLE'), and the same under [mysqld] in the server's "
          "configuration.");
    status = run(probe, "SELECT /* potto */ start_time FROM mysql.slow_log LIMIT 1", &rows);
    check(probe, "mysql.slow_log", true, status == STATUS_OK,
          arena_printf(arena, "The user %s may not read mysql.slow_log.", user),
          arena_printf(arena, "GRANT SELECT ON mysql.slow_log TO %s;", user));
    check(probe, "long_query_time", false, long_query_ms <= 1000 || long_query_ms <= 2 * probe->min_duration_ms,
          arena_printf(
              arena,
              "The server records statements from %.3g s on (long_query_time); this connection asks for %.3g ms.",
              long_query_ms / 1000, probe->min_duration_ms),
          arena_printf(arena,
                       "SET GLOBAL long_query_time = %.3g; and the same under [mysqld] in the server's configuration.",
                       probe->min_duration_ms / 1000));
    status = run(probe, mysql_select_sql, &rows);
    check(probe, "plans", false, status == STATUS_OK && target_is_true(&rows, 0, 0),
          "Plans will be missing: the user may not read the tables whose statements Potto would explain.",
          arena_printf(arena, "GRANT SELECT, SHOW VIEW ON %s.* TO %s;", database, user));
    return true;
}

/* false: a statement failed, probe->failure says why */
static bool (*const probe_table[ENGINE_KIND_COUNT])(struct probe *probe) = {
    [ENGINE_POSTGRESQL] = probe_postgres,
    [ENGINE_MYSQL] = probe_mysql,
};

static void measure(struct probe *probe)
{
    int64_t started_us = clock_monotonic_us();
    struct target_rows rows;

    if (run(probe, "SELECT /* potto */ 1", &rows) == STATUS_OK)
        probe->result->latency_ms = (double)(clock_monotonic_us() - started_us) / 1000;
}

void collect_probe(const struct target_options *options, double min_duration_ms, struct arena *arena,
                   struct probe_result *out_result)
{
    struct probe probe = {.result = out_result, .arena = arena, .min_duration_ms = min_duration_ms};

    *out_result = (struct probe_result){.problem = "", .remedy = ""};
    if (target_open(options, &probe.target, &probe.failure) != STATUS_OK) {
        unreachable(&probe);
        return;
    }
    out_result->is_reachable = true;
    out_result->server_version = text_of(printable(text_of(target_server_version(probe.target)), arena));
    measure(&probe);
    if (!probe_table[engine_of(text_of(options->engine))->kind](&probe))
        unreachable(&probe);
    target_close(probe.target);
}
