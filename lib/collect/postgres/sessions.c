/* Active sessions as samples; see postgres.h. */
#include <math.h>

#include "collect/explain.h"
#include "collect/postgres/postgres.h"

enum { SESSIONS_MAX = 100 };

#define SESSIONS(query_id)                                                                                             \
    "SELECT /* potto */ " EPOCH_US(                                                                                    \
        "query_start") ", extract(epoch FROM clock_timestamp() - query_start) * 1000, "                                \
                       "usename || coalesce('@' || host(client_addr), ''), query, octet_length(query), " query_id      \
                       " FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = "      \
                       "current_database() "                                                                           \
                       "AND backend_type = 'client backend' AND query_start < clock_timestamp() - $1::float8 * "       \
                       "interval '1 millisecond' "                                                                     \
                       "ORDER BY query_start LIMIT 100"
_Static_assert(SESSIONS_MAX == 100, "the LIMIT above");
enum { SESSION_START, SESSION_MS, SESSION_USER, SESSION_QUERY, SESSION_BYTES, SESSION_QUERY_ID };
static const struct target_column session_columns[] = {
    [SESSION_START] = {"query_start", .kind = TARGET_TIME_US},
    [SESSION_MS] = {"age", .kind = TARGET_DOUBLE},
    [SESSION_USER] = {"user", TARGET_TEXT, .may_be_null = true, .max_bytes = 512},
    /* The largest track_activity_query_size. */
    [SESSION_QUERY] = {"query", TARGET_TEXT, .may_be_null = true, .max_bytes = 1 << 20},
    [SESSION_BYTES] = {"bytes", TARGET_COUNT, .may_be_null = true},
    [SESSION_QUERY_ID] = {"query_id", TARGET_KEY, .may_be_null = true, .max_bytes = 20},
};
#define STATEMENT(query_id)                                                                                            \
    {                                                                                                                  \
        .sql = SESSIONS(query_id), TARGET_COLUMNS(session_columns), .rows_max = SESSIONS_MAX, .cost_max = 16 << 20     \
    }
static const struct target_statement sessions_statement = STATEMENT("query_id"),
                                     sessions_13_statement = STATEMENT("NULL");

/* $1 and on: bound parameters, whose values the server does not show. */
static bool has_placeholder(struct text sql)
{
    for (size_t i = 0; i + 1 < sql.size; i++)
        if (sql.data[i] == '$' && sql.data[i + 1] >= '1' && sql.data[i + 1] <= '9')
            return true;
    return false;
}

static void add_session(struct collect_cycle *cycle, const struct postgres_about *about,
                        const struct counter_snapshot *snapshot, const struct target_rows *rows, int row)
{
    struct arena *arena = cycle->arena;
    struct text sql = text_trim(target_text(rows, row, SESSION_QUERY));
    bool is_cut = target_int64(rows, row, SESSION_BYTES) >= about->activity_bytes - 4;
    const struct counter_entry *entry = counters_find(snapshot, target_text(rows, row, SESSION_QUERY_ID));
    struct sample_fact *sample;
    bool is_of_entry;

    if (sql.size == 0 || collect_is_own(sql) || text_equal(sql, TEXT("<insufficient privilege>")))
        return;
    /* A text that the server cut short is known by its query id alone. */
    if (is_cut && entry == NULL)
        return;
    sample = collect_add_sample(cycle);
    *sample = (struct sample_fact){.captured_at_us = target_time_us(rows, row, SESSION_START),
                                   .full_sql = cycle->rules.keeps_literals ? sql : (struct text){NULL, 0},
                                   .statement = statement_fingerprint(&cycle->rules, sql, arena),
                                   .duration_ms = fmax(target_double(rows, row, SESSION_MS), 0),
                                   .rows_examined = -1,
                                   .lock_us = -1,
                                   .rows_returned = -1,
                                   .user_host = target_text(rows, row, SESSION_USER)};
    /* The text of a message with several statements, or with a name that the counters leave out, has a fingerprint of
     * its own; the server says which of its entries runs. */
    is_of_entry = entry != NULL && sql_hash_equal(sample->statement.hash, entry->hash);
    if (entry != NULL)
        sample->statement.hash = entry->hash;
    if (!is_cut && (entry == NULL || is_of_entry) &&
        (cycle->rules.keeps_literals || !sql_has_literals(SQL_DIALECT_POSTGRESQL, sql)))
        explain_offer(cycle, &(struct plan_candidate){.hash = sample->statement.hash,
                                                      .sql = sql,
                                                      .weight_ms = sample->duration_ms,
                                                      .is_normalized = has_placeholder(sql)});
}

enum status collect_postgres_sessions(struct collect_cycle *cycle, const struct postgres_about *about,
                                      const struct counter_snapshot *snapshot)
{
    bool has_query_id = target_version_number(cycle->target) >= 140000;
    struct text least = text_of(arena_printf(cycle->arena, "%.3f", cycle->input->min_duration_ms));
    struct target_rows rows;
    enum status status =
        collect_run(cycle, has_query_id ? &sessions_statement : &sessions_13_statement, &least, 1, &rows);

    cycle->result->facts.samples.provenance = SAMPLE_PROVENANCE_ACTIVE_SESSION;
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        add_session(cycle, about, snapshot, &rows, row);
    return status;
}
