/* Testing a connection to PostgreSQL; see collect/probe.h. */
#include <string.h>

#include "collect/postgres/postgres.h"
#include "collect/probe_internal.h"

enum { POSTGRES_VERSION_MIN = 130000 };

/* clang-format off */
static const char postgres_sql[] =
    "SELECT /* potto */ current_user, current_database(), pg_catalog.quote_ident(current_user), "
    "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), "
    "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), "
    "(SELECT pg_catalog.pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_data'), "
    "extension.extversion, pg_catalog.quote_ident(namespace.nspname), "
    "pg_catalog.has_schema_privilege(namespace.oid, 'USAGE'), current_setting('pg_stat_statements.track', true), "
    "pg_catalog.quote_ident(current_database()), "
    "coalesce(current_setting('potto.plans', true) = 'off', false), current_setting('compute_query_id', true) "
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
    PG_DATABASE_QUOTED,
    PG_FORBIDS_PLANS,
    PG_QUERY_IDS
};
#define NAME_TEXT TARGET_TEXT, .max_bytes = POSTGRES_NAME_BYTES_MAX
static const struct target_column postgres_columns[] = {
    [PG_USER] = {"user", NAME_TEXT},
    [PG_DATABASE] = {"database", NAME_TEXT},
    [PG_USER_QUOTED] = {"quoted_user", NAME_TEXT},
    [PG_IS_SUPERUSER] = {"rolsuper", TARGET_BOOL, .may_be_null = true},
    [PG_READS_STATS] = {"reads_stats", .kind = TARGET_BOOL},
    [PG_READS_DATA] = {"reads_data", TARGET_BOOL, .may_be_null = true},
    [PG_EXTENSION] = {"extversion", NAME_TEXT, .may_be_null = true},
    [PG_SCHEMA] = {"schema", NAME_TEXT, .may_be_null = true},
    [PG_HAS_SCHEMA] = {"has_schema", TARGET_BOOL, .may_be_null = true},
    [PG_TRACK] = {"track", NAME_TEXT, .may_be_null = true},
    [PG_DATABASE_QUOTED] = {"quoted_database", NAME_TEXT},
    [PG_FORBIDS_PLANS] = {"forbids_plans", .kind = TARGET_BOOL},
    [PG_QUERY_IDS] = {"compute_query_id", NAME_TEXT, .may_be_null = true},
};
static const struct target_statement postgres_statement = {
    .sql = postgres_sql, TARGET_COLUMNS(postgres_columns), .rows_min = 1, .rows_max = 1, .cost_max = 16384};

static enum status count_entries(struct probe *probe, const char *schema)
{
    static const struct target_column columns[] = {{"count", .kind = TARGET_COUNT}};
    const struct target_statement statement = {
        .sql = arena_printf(probe->arena, "SELECT /* potto */ count(*) FROM %s.pg_stat_statements(false)", schema),
        TARGET_COLUMNS(columns),
        .rows_min = 1,
        .rows_max = 1,
        .cost_max = 1024};
    struct target_rows rows;

    return probe_run(probe, &statement, &rows);
}

/* The extension must be there, new enough, within reach, loaded, and counting. Tells the first of these that is not so.
 */
static void check_statements(struct probe *probe, const struct target_rows *about)
{
    static const char name[] = "pg_stat_statements";
    struct text version = target_text(about, 0, PG_EXTENSION);
    const char *schema = target_string(about, 0, PG_SCHEMA);
    const char *user = target_string(about, 0, PG_USER_QUOTED);

    if (version.data == NULL) {
        probe_add_check(
            probe, name, true, false, "The extension pg_stat_statements is not installed in this database.",
            "As a superuser, in this database: CREATE EXTENSION pg_stat_statements; If the server does not load it "
            "yet, first "
            "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already) and restart "
            "PostgreSQL.");
    } else if (collect_postgres_statements_version(version) < POSTGRES_STATEMENTS_VERSION_MIN) {
        probe_add_check(probe, name, true, false, "pg_stat_statements is older than Potto reads (1.8).",
                        "ALTER EXTENSION pg_stat_statements UPDATE;");
    } else if (!target_is_true(about, 0, PG_HAS_SCHEMA)) {
        probe_add_check(probe, name, true, false,
                        arena_printf(probe->arena,
                                     "%s may not use the schema %s, in which pg_stat_statements is installed.", user,
                                     schema),
                        arena_printf(probe->arena, "GRANT USAGE ON SCHEMA %s TO %s;", schema, user));
    } else if (count_entries(probe, schema) != STATUS_OK) {
        bool is_unloaded = strcmp(probe->failure.code, "55000") == 0;

        probe_add_check(
            probe, name, true, false,
            is_unloaded ? "PostgreSQL does not load pg_stat_statements."
                        : probe_text(text_of(probe->failure.problem), probe->arena),
            is_unloaded
                ? "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already), then "
                  "restart PostgreSQL."
                : probe_text(text_of(probe->failure.remedy), probe->arena));
    } else {
        const struct postgres_counting_fault *fault =
            collect_postgres_counting_fault(target_version_number(probe->target), version,
                                            target_text(about, 0, PG_TRACK), target_text(about, 0, PG_QUERY_IDS));

        probe_add_check(probe, name, fault == NULL || fault->counts_nothing, fault == NULL,
                        fault == NULL ? "" : fault->problem, fault == NULL ? "" : fault->remedy);
    }
}

bool collect_postgres_probe(struct probe *probe)
{
    struct arena *arena = probe->arena;
    struct target_rows about;
    const char *user;
    bool is_superuser;

    if (probe_run(probe, &postgres_statement, &about) != STATUS_OK)
        return false;
    user = target_string(&about, 0, PG_USER_QUOTED);
    is_superuser = target_is_true(&about, 0, PG_IS_SUPERUSER);
    probe->result->user = target_text(&about, 0, PG_USER);
    probe->result->database = target_text(&about, 0, PG_DATABASE);
    probe_add_check(probe, "version", true, target_version_number(probe->target) >= POSTGRES_VERSION_MIN,
                    "This PostgreSQL is older than 13, the first whose statistics Potto reads.", "Upgrade PostgreSQL.");
    check_statements(probe, &about);
    probe_add_check(probe, "pg_read_all_stats", true, target_is_true(&about, 0, PG_READS_STATS),
                    arena_printf(arena, "%s sees only its own statements.", user),
                    arena_printf(arena, "GRANT pg_monitor TO %s;", user));
    probe_add_check(
        probe, "not_superuser", false, !is_superuser,
        arena_printf(arena,
                     "%s is a superuser: Potto makes no plans as one, since planning can run other people's functions.",
                     user),
        "CREATE ROLE potto_monitor LOGIN PASSWORD '…'; GRANT pg_monitor, pg_read_all_data TO potto_monitor; and give "
        "the "
        "connection that user.");
    if (!is_superuser && !target_is_true(&about, 0, PG_FORBIDS_PLANS))
        probe_add_check(
            probe, "plans", false, target_is_true(&about, 0, PG_READS_DATA),
            "Plans will be missing for tables that the user may not read.",
            arena_printf(
                arena,
                "GRANT pg_read_all_data TO %s; (PostgreSQL 14 and newer), or GRANT USAGE ON SCHEMA … and SELECT ON ALL "
                "TABLES IN SCHEMA … TO %s;",
                user, user));
    return true;
}
