/* PostgreSQL's own totals beside its statements; see postgres.h and collect/coverage.h.
 *
 * From 14 on the whole is active_time of pg_stat_database: the time in which the database's sessions were at work.
 * Parsing, planning, committing and sending are parts of it that PostgreSQL counts for no statement, so they stay
 * unknown. session_time would be another thing: it includes the time between statements. */
#include "collect/postgres/postgres.h"

/* Where it has no room, pg_stat_statements evicts a twentieth of what it has room for. */
enum { VERSION_14 = 140000, EVICTED_PART = 20, EVICTED_MIN = 10, STATEMENTS_1_9 = 109 };

/* Statements that run now: sessions of others, without workers, whose leader has the whole time. */
#define TOTALS(active_time, evictions)                                                                                 \
    "SELECT /* potto */ " active_time                                                                                  \
    ", " EPOCH_US("clock_timestamp()") ", "                                                                            \
                                       "(SELECT coalesce(sum(extract(epoch FROM clock_timestamp() - query_start)), "   \
                                       "0)::float8 * 1000 "                                                            \
                                       "FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND " \
                                       "datname = current_database() "                                                 \
                                       "AND backend_type = 'client backend'), " evictions                              \
                                       ", current_setting('pg_stat_statements.max', true)::bigint "                    \
                                       "FROM pg_stat_database WHERE datname = current_database()"
#define EVICTIONS "(SELECT dealloc FROM pg_stat_statements_info)"

enum { TOTAL_ACTIVE_MS, TOTAL_NOW, TOTAL_RUNNING_MS, TOTAL_EVICTIONS, TOTAL_ENTRIES_MAX };
static const struct target_column totals_columns[] = {
    [TOTAL_ACTIVE_MS] = {"active_time", TARGET_AMOUNT, .may_be_null = true},
    [TOTAL_NOW] = {"now", .kind = TARGET_TIME_US},
    [TOTAL_RUNNING_MS] = {"running", .kind = TARGET_DOUBLE},
    [TOTAL_EVICTIONS] = {"dealloc", TARGET_COUNT, .may_be_null = true},
    [TOTAL_ENTRIES_MAX] = {"max", TARGET_COUNT, .may_be_null = true},
};
#define STATEMENT(active_time, evictions)                                                                              \
    {                                                                                                                  \
        .sql = TOTALS(active_time, evictions), TARGET_COLUMNS(totals_columns), .rows_min = 1, .rows_max = 1,           \
        .cost_max = 1024                                                                                               \
    }
static const struct target_statement totals_statement = STATEMENT("active_time", EVICTIONS),
                                     totals_old_statement = STATEMENT("active_time", "NULL::bigint"),
                                     totals_13_statement = STATEMENT("NULL::float8", "NULL::bigint");

static int64_t count_of(const struct target_rows *rows, int column)
{
    return target_is_null(rows, 0, column) ? INT64_MIN : target_int64(rows, 0, column);
}

static int64_t microseconds(double ms)
{
    return ms >= 0 && ms < COVERAGE_MAX ? (int64_t)(ms * 1000) : INT64_MIN;
}

bool collect_postgres_coverage(struct collect_cycle *cycle, const struct postgres_about *about,
                               const struct counter_snapshot *snapshot)
{
    bool has_active_time = target_version_number(cycle->target) >= VERSION_14;
    bool has_counters = cycle->coverage.continuity != COUNTER_CONTINUITY_UNSET;
    bool has_evictions =
        has_counters && has_active_time && collect_postgres_statements_version(about->extension) >= STATEMENTS_1_9;
    const struct postgres_counting_fault *fault = collect_postgres_counting_fault(
        target_version_number(cycle->target), about->extension, about->track, about->query_ids);
    struct coverage_totals totals = {.basis = has_active_time ? COVERAGE_BASIS_ACTIVE_TIME
                                              : has_counters  ? COVERAGE_BASIS_STATEMENTS
                                                              : COVERAGE_BASIS_UNKNOWN,
                                     .server_since_us = about->server_since_us,
                                     .hidden_us = has_counters ? microseconds(snapshot->hidden_ms) : INT64_MIN,
                                     .calls = INT64_MIN,
                                     .counts_nothing = fault != NULL && fault->counts_nothing};
    struct target_rows rows;

    if (collect_run(cycle,
                    has_evictions     ? &totals_statement
                    : has_active_time ? &totals_old_statement
                                      : &totals_13_statement,
                    NULL, 0, &rows) != STATUS_OK)
        return target_is_usable(cycle->target);
    totals.taken_at_us = target_time_us(&rows, 0, TOTAL_NOW);
    totals.busy_us =
        target_is_null(&rows, 0, TOTAL_ACTIVE_MS) ? INT64_MIN : microseconds(target_double(&rows, 0, TOTAL_ACTIVE_MS));
    totals.running_us = microseconds(target_double(&rows, 0, TOTAL_RUNNING_MS));
    totals.evictions = count_of(&rows, TOTAL_EVICTIONS);
    totals.entries_max = count_of(&rows, TOTAL_ENTRIES_MAX);
    totals.eviction_count = totals.entries_max / EVICTED_PART;
    if (totals.eviction_count < EVICTED_MIN)
        totals.eviction_count = EVICTED_MIN;
    coverage_collect(cycle, &totals);
    return true;
}
