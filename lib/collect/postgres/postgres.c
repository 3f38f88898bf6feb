/* A cycle of PostgreSQL; see postgres.h. */
#include "collect/postgres/postgres.h"

/* The extension's schema goes behind pg_catalog, so that nothing in it can stand in for a function of the system. */
/* clang-format off */
static const char about_sql[] =
    "SELECT /* potto */ extension.extversion, "
    "pg_catalog.set_config('search_path', "
    "    'pg_catalog' || coalesce(', ' || pg_catalog.quote_ident(namespace.nspname), ''), false), "
    "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), "
    "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), current_user, current_database(), "
    EPOCH_US("pg_catalog.pg_postmaster_start_time()") ", "
    "pg_catalog.pg_size_bytes(current_setting('track_activity_query_size')), "
    "current_setting('pg_stat_statements.track', true), "
    "pg_catalog.has_schema_privilege(namespace.oid, 'USAGE'), pg_catalog.quote_ident(namespace.nspname), "
    "'\"' || pg_catalog.replace(current_user, '\"', '\"\"') || '\"', "
    "coalesce(current_setting('potto.plans', true) = 'off', false), current_setting('compute_query_id', true), "
    "current_setting('block_size'), current_setting('track_io_timing'), "
    "current_setting('pg_stat_statements.track_planning', true) "
    "FROM (SELECT) AS one "
    "LEFT JOIN pg_catalog.pg_extension AS extension ON extension.extname = 'pg_stat_statements' "
    "LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace";
/* clang-format on */
enum {
    ABOUT_EXTENSION,
    ABOUT_PATH,
    ABOUT_READS_ALL,
    ABOUT_IS_SUPERUSER,
    ABOUT_USER,
    ABOUT_DATABASE,
    ABOUT_SERVER_SINCE,
    ABOUT_ACTIVITY_BYTES,
    ABOUT_TRACK,
    ABOUT_HAS_SCHEMA,
    ABOUT_SCHEMA,
    ABOUT_USER_QUOTED,
    ABOUT_FORBIDS_PLANS,
    ABOUT_QUERY_IDS,
    ABOUT_BLOCK_BYTES,
    ABOUT_TRACKS_IO_TIMING,
    ABOUT_TRACKS_PLANNING
};
#define NAME_TEXT TARGET_TEXT, .max_bytes = POSTGRES_NAME_BYTES_MAX
static const struct target_column about_columns[] = {
    [ABOUT_EXTENSION] = {"extversion", NAME_TEXT, .may_be_null = true},
    [ABOUT_PATH] = {"search_path", TARGET_TEXT, .max_bytes = 1024},
    [ABOUT_READS_ALL] = {"reads_all", .kind = TARGET_BOOL},
    [ABOUT_IS_SUPERUSER] = {"rolsuper", TARGET_BOOL, .may_be_null = true},
    [ABOUT_USER] = {"user", NAME_TEXT},
    [ABOUT_DATABASE] = {"database", NAME_TEXT},
    [ABOUT_SERVER_SINCE] = {"server_since", .kind = TARGET_TIME_US},
    [ABOUT_ACTIVITY_BYTES] = {"track_activity_query_size", .kind = TARGET_COUNT},
    [ABOUT_TRACK] = {"track", NAME_TEXT, .may_be_null = true},
    [ABOUT_HAS_SCHEMA] = {"has_schema", TARGET_BOOL, .may_be_null = true},
    [ABOUT_SCHEMA] = {"schema", NAME_TEXT, .may_be_null = true},
    [ABOUT_USER_QUOTED] = {"quoted_user", NAME_TEXT},
    [ABOUT_FORBIDS_PLANS] = {"forbids_plans", .kind = TARGET_BOOL},
    [ABOUT_QUERY_IDS] = {"compute_query_id", NAME_TEXT, .may_be_null = true},
    [ABOUT_BLOCK_BYTES] = {"block_size", .kind = TARGET_COUNT},
    [ABOUT_TRACKS_IO_TIMING] = {"track_io_timing", .kind = TARGET_BOOL},
    [ABOUT_TRACKS_PLANNING] = {"track_planning", TARGET_BOOL, .may_be_null = true},
};
static const struct target_statement about_statement = {
    .sql = about_sql, TARGET_COLUMNS(about_columns), .rows_min = 1, .rows_max = 1, .cost_max = 16384};

int collect_postgres_statements_version(struct text version)
{
    struct text major;
    int64_t major_number = 0, minor_number = 0;

    if (!text_split(&version, '.', &major) || !text_to_int64(major, &major_number))
        return 0;
    text_to_int64(version, &minor_number);
    if (major_number < 0 || major_number > 1000 || minor_number < 0 || minor_number >= 100)
        return 0;
    return (int)(major_number * 100 + minor_number);
}

static bool read_about(struct collect_cycle *cycle, struct postgres_about *out_about)
{
    struct target_rows rows;

    if (collect_run(cycle, &about_statement, NULL, 0, &rows) != STATUS_OK)
        return false;
    *out_about = (struct postgres_about){
        .extension = target_text(&rows, 0, ABOUT_EXTENSION),
        .schema = target_text(&rows, 0, ABOUT_SCHEMA),
        .user = target_text(&rows, 0, ABOUT_USER),
        .quoted_user = target_text(&rows, 0, ABOUT_USER_QUOTED),
        .database = target_text(&rows, 0, ABOUT_DATABASE),
        .has_schema = target_is_true(&rows, 0, ABOUT_HAS_SCHEMA),
        .reads_all = target_is_true(&rows, 0, ABOUT_READS_ALL),
        .is_superuser = target_is_true(&rows, 0, ABOUT_IS_SUPERUSER),
        .forbids_plans = target_is_true(&rows, 0, ABOUT_FORBIDS_PLANS),
        .track = target_text(&rows, 0, ABOUT_TRACK),
        .query_ids = target_text(&rows, 0, ABOUT_QUERY_IDS),
        .server_since_us = target_time_us(&rows, 0, ABOUT_SERVER_SINCE),
        .activity_bytes = target_int64(&rows, 0, ABOUT_ACTIVITY_BYTES),
        .block_bytes = target_int64(&rows, 0, ABOUT_BLOCK_BYTES),
        .tracks_io_timing = target_is_true(&rows, 0, ABOUT_TRACKS_IO_TIMING),
        .tracks_planning = target_is_true(&rows, 0, ABOUT_TRACKS_PLANNING),
    };
    return true;
}

void collect_postgres(struct collect_cycle *cycle)
{
    struct postgres_about about;
    struct counter_snapshot snapshot = {.count = 0};

    if (!read_about(cycle, &about) || !collect_postgres_counters(cycle, &about, &snapshot) ||
        !collect_postgres_coverage(cycle, &about, &snapshot) ||
        collect_postgres_sessions(cycle, &about, &snapshot) != STATUS_OK) {
        collect_fail(cycle);
        return;
    }
    if (!about.reads_all && snapshot.hidden == 0)
        collect_tell(
            cycle, COLLECT_STATE_WARNING,
            arena_printf(cycle->arena, "%.*s sees only its own statements.", (int)about.user.size, about.user.data),
            arena_printf(cycle->arena, "GRANT pg_monitor TO %s;", about.quoted_user.data));
    collect_postgres_plans(cycle, &about);
}
