/* What MariaDB's and MySQL's tables of digests are, and whether they are filled; see counting.h. */
#include "collect/mysql/counting.h"

#include <string.h>

#define UPTIME_S_MAX 1e10 /* three hundred years */

/* On a server without samples, Potto knows its own digests by the name `potto` of a column. */
#define ABOUT_SQL(status)                                                                                              \
    "SELECT /* potto */ @@GLOBAL.performance_schema AS potto, @@GLOBAL.performance_schema_digests_size, "              \
    "LEAST(@@GLOBAL.max_digest_length, @@GLOBAL.performance_schema_max_digest_length), "                               \
    "(SELECT VARIABLE_VALUE FROM " status ".global_status WHERE VARIABLE_NAME = 'Uptime')"
enum { ABOUT_IS_ON, ABOUT_SIZE, ABOUT_DIGEST_BYTES, ABOUT_UPTIME };
static const struct target_column about_columns[] = {
    [ABOUT_IS_ON] = {"performance_schema", .kind = TARGET_BOOL},
    [ABOUT_SIZE] = {"performance_schema_digests_size", .kind = TARGET_INT64},
    [ABOUT_DIGEST_BYTES] = {"max_digest_length", .kind = TARGET_COUNT},
    [ABOUT_UPTIME] = {"uptime", TARGET_AMOUNT, .may_be_null = true},
};
#define ABOUT(status)                                                                                                  \
    {                                                                                                                  \
        .sql = ABOUT_SQL(status), TARGET_COLUMNS(about_columns), .rows_min = 1, .rows_max = 1, .cost_max = 1024        \
    }

/* The first row counts that a server is new enough for. */
static const struct mysql_digest_layout layouts[] = {
    {true, 100500, ABOUT("information_schema"), MYSQL_TEXTS_SQL("NULL")},
    {false, 80003, ABOUT("performance_schema"),
     MYSQL_TEXTS_SQL("IF(LENGTH(QUERY_SAMPLE_TEXT) < @@GLOBAL.performance_schema_max_sql_text_length OR "
                     "QUERY_SAMPLE_TEXT LIKE 'SELECT /* potto */%', LEFT(QUERY_SAMPLE_TEXT, 100000), NULL)")},
    {false, 50700, ABOUT("performance_schema"), MYSQL_TEXTS_SQL("NULL")},
};

static const struct target_column switch_columns[] = {{"consumers", .kind = TARGET_BOOL},
                                                      {"instruments", .kind = TARGET_BOOL}};
const struct target_statement mysql_switches_statement = {
    .sql = "SELECT /* potto */ (SELECT COUNT(*) FROM performance_schema.setup_consumers WHERE ENABLED = 'YES' AND NAME "
           "IN ('global_instrumentation', 'statements_digest')) = 2 AS potto, EXISTS (SELECT 1 FROM "
           "performance_schema.setup_instruments WHERE NAME = 'statement/sql/select' AND ENABLED = 'YES' AND TIMED = "
           "'YES')",
    TARGET_COLUMNS(switch_columns),
    .rows_min = 1,
    .rows_max = 1,
    .cost_max = 1024};

const struct mysql_digest_layout *mysql_digest_layout_of(const struct target *target)
{
    bool is_mariadb = strstr(target_server_version(target), "MariaDB") != NULL;
    int version = target_version_number(target);

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (layouts[i].is_mariadb == is_mariadb && layouts[i].version_min <= version)
            return &layouts[i];
    return NULL;
}

struct mysql_about mysql_about_read(const struct target_rows *rows)
{
    double uptime_s = target_is_null(rows, 0, ABOUT_UPTIME) ? -1 : target_double(rows, 0, ABOUT_UPTIME);

    return (struct mysql_about){
        .is_on = target_is_true(rows, 0, ABOUT_IS_ON),
        .digests_size = target_int64(rows, 0, ABOUT_SIZE),
        .digest_bytes_max = target_int64(rows, 0, ABOUT_DIGEST_BYTES),
        .uptime_s = uptime_s <= UPTIME_S_MAX ? uptime_s : -1,
    };
}

#define ONLY "Only statements in the slow log are counted: "

static const struct mysql_counting_fault
    too_old = {ONLY "the server is older than MySQL 5.7 and MariaDB 10.5.", "Upgrade the server."},
    switched_off = {ONLY "performance_schema is switched off.",
                    "performance_schema = ON under [mysqld] in the server's configuration, and a restart."},
    no_room = {ONLY "performance_schema has no room for digests (performance_schema_digests_size = 0).",
               "Remove performance_schema_digests_size = 0 from the server's configuration, and restart it."},
    no_consumer = {ONLY "a consumer of performance_schema that they need is switched off.",
                   "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME IN "
                   "('global_instrumentation', 'statements_digest'); and under [mysqld] "
                   "performance_schema_consumer_global_instrumentation = ON, "
                   "performance_schema_consumer_statements_digest = ON, so that a restart keeps it."},
    no_instrument = {ONLY "performance_schema is told not to look at statements.",
                     "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES', TIMED = 'YES' WHERE NAME LIKE "
                     "'statement/%'; and performance_schema_instrument = 'statement/%=ON' under [mysqld], so that a "
                     "restart keeps it."};

const struct mysql_counting_fault *mysql_counting_fault_of(const struct mysql_digest_layout *layout,
                                                           const struct mysql_about *about)
{
    if (layout == NULL)
        return &too_old;
    if (!about->is_on)
        return &switched_off;
    return about->digests_size == 0 ? &no_room : NULL;
}

const struct mysql_counting_fault *mysql_switches_fault_of(const struct target_rows *switches)
{
    if (!target_is_true(switches, 0, 0))
        return &no_consumer;
    return target_is_true(switches, 0, 1) ? NULL : &no_instrument;
}

struct mysql_counting_fault mysql_no_right(const char *account, struct arena *arena)
{
    return (struct mysql_counting_fault){ONLY "the user may not read performance_schema.",
                                         arena_printf(arena, "GRANT SELECT ON performance_schema.* TO %s;", account)};
}
