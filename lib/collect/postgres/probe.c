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

/* The extension must be there, new enough, within reach, loaded, and counting. Tells the first of these that is not so.
 */
static void check_statements(struct probe *probe, const struct target_rows *about)
{
    static const char name[] = "pg_stat_statements";
    struct text version = target_cell(about, 0, PG_EXTENSION);
    const char *schema = probe_text(target_cell(about, 0, PG_SCHEMA), probe->arena);
    const char *user = probe_text(target_cell(about, 0, PG_USER_QUOTED), probe->arena);
    struct target_rows counted;

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
    } else if (probe_run(
                   probe,
                   arena_printf(probe->arena, "SELECT /* potto */ count(*) FROM %s.pg_stat_statements(false)", schema),
                   &counted) != STATUS_OK) {
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
        probe_add_check(probe, name, true, !text_equal(target_cell(about, 0, PG_TRACK), TEXT("none")),
                        "pg_stat_statements is loaded but counts nothing.",
                        "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();");
    }
}

bool collect_postgres_probe(struct probe *probe)
{
    struct arena *arena = probe->arena;
    struct target_rows about;
    const char *user;
    bool is_superuser;

    if (probe_run(probe, postgres_sql, &about) != STATUS_OK || about.row_count != 1)
        return false;
    user = probe_text(target_cell(&about, 0, PG_USER_QUOTED), arena);
    is_superuser = target_is_true(&about, 0, PG_IS_SUPERUSER);
    probe->result->user = text_of(probe_text(target_cell(&about, 0, PG_USER), arena));
    probe->result->database = text_of(probe_text(target_cell(&about, 0, PG_DATABASE), arena));
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
    if (!is_superuser)
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
