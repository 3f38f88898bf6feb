/* Growth of pg_stat_statements; see postgres.h, and collect/counters.h for what the engines share.
 *
 * Counted are entries of the connection's own database, and top-level statements only: what runs inside a function is
 * part of the call's time already. An entry's identity is userid/dbid/queryid. */
#include <string.h>

#include "collect/postgres/columns.h"
#include "collect/postgres/postgres.h"

enum {
    ATTEMPTS_MAX = 3,
    ENTRIES_MAX = 100000,          /* of a snapshot */
    SNAPSHOT_BYTES_MAX = 48 << 20, /* so many entries */
    TEXT_BYTES_MAX = 400000,       /* left() below counts characters */
    TEXTS_BYTES_MAX = 64 << 20
};

static const struct target_column era_columns[] = {{"stats_reset", TARGET_TIME_US, .may_be_null = true},
                                                   {"now", .kind = TARGET_TIME_US}};

static const struct target_column text_columns[] = {
    {"key", TARGET_KEY, .may_be_null = true, .max_bytes = 64},
    {"query", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX}};
static const struct target_statement texts_statement = {
    .sql = "SELECT /* potto */ userid || '/' || dbid || '/' || queryid, left(query, 100000) "
           "FROM pg_stat_statements(true) "
           "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
           "AND queryid = ANY ($1::bigint[])",
    TARGET_COLUMNS(text_columns),
    .rows_max = ENTRIES_MAX,
    .cost_max = TEXTS_BYTES_MAX};

static struct sums read_totals(const struct target_rows *rows, int row)
{
    return (struct sums){.calls = target_int64(rows, row, COLUMN_CALLS),
                         .total_ms = target_double(rows, row, COLUMN_MS),
                         .max_ms = target_double(rows, row, COLUMN_MAX),
                         .rows_returned = target_int64(rows, row, COLUMN_ROWS),
                         .blocks_hit = target_int64(rows, row, COLUMN_HIT),
                         .blocks_read = target_int64(rows, row, COLUMN_READ)};
}

/* Many entries have what the one before them has: nothing at all. */
static const struct measures *read_measures(const struct target_rows *rows, int row, int version,
                                            const struct postgres_about *about, const struct measures *last,
                                            struct arena *arena)
{
    struct measures measures =
        postgres_measures_read(target_text(rows, row, COLUMN_MEASURES), version, about->block_bytes);

    if (last != NULL && memcmp(last, &measures, sizeof measures) == 0)
        return last;
    return measures_know_any(&measures) ? arena_copy(arena, &measures, sizeof measures) : NULL;
}

static void fill_snapshot(struct arena *arena, const struct target_rows *rows, const struct postgres_about *about,
                          struct counter_snapshot *snapshot)
{
    int version = collect_postgres_statements_version(about->extension);
    const struct measures *measures = NULL;

    snapshot->entries = arena_alloc_array(arena, (size_t)rows->row_count, sizeof *snapshot->entries);
    snapshot->count = 0;
    snapshot->hidden = 0;
    snapshot->hidden_ms = 0;
    for (int row = 0; row < rows->row_count; row++) {
        if (target_is_null(rows, row, COLUMN_KEY) || target_is_null(rows, row, COLUMN_QUERY_ID)) {
            snapshot->hidden++;
            snapshot->hidden_ms += target_double(rows, row, COLUMN_MS);
            continue;
        }
        measures = read_measures(rows, row, version, about, measures, arena);
        snapshot->entries[snapshot->count++] =
            (struct counter_entry){.key = target_text(rows, row, COLUMN_KEY),
                                   .statement_id = target_text(rows, row, COLUMN_QUERY_ID),
                                   .totals = read_totals(rows, row),
                                   .measures = measures,
                                   .since_us = target_time_us(rows, row, COLUMN_SINCE)};
    }
    counters_sort(snapshot);
    /* Before 1.9 a server from 14 on has two rows of a statement that runs within functions, too. */
    counters_add_up(snapshot, arena);
}

static enum status read_era(struct collect_cycle *cycle, const char *sql, struct counter_era *era)
{
    const struct target_statement statement = {
        .sql = sql, TARGET_COLUMNS(era_columns), .rows_min = 1, .rows_max = 1, .cost_max = 1024};
    struct target_rows rows;
    enum status status = collect_run(cycle, &statement, NULL, 0, &rows);

    if (status == STATUS_OK) {
        era->statistics_since_us = target_time_us(&rows, 0, 0);
        era->taken_at_us = target_time_us(&rows, 0, 1);
    }
    return status;
}

static enum status read_counters(struct collect_cycle *cycle, const char *sql, struct target_rows *out_rows)
{
    const struct target_statement statement = {.sql = sql,
                                               .columns = postgres_counter_columns,
                                               .column_count = POSTGRES_COUNTERS,
                                               .rows_max = ENTRIES_MAX,
                                               .cost_max = SNAPSHOT_BYTES_MAX};

    return collect_run(cycle, &statement, NULL, 0, out_rows);
}

/* The numbers are read between two equal answers to "when were they last reset": after a reset in between, nobody could
 * say from which side of it they are. The snapshot's time is that of the later answer. An entry made after the numbers
 * were read is missing from them, and so all of it is growth at the next snapshot. */
static enum status take_snapshot(struct collect_cycle *cycle, const struct postgres_about *about,
                                 struct counter_snapshot *snapshot)
{
    int version = collect_postgres_statements_version(about->extension);
    const char *counters_sql = postgres_counters_sql(version, cycle->arena), *era_sql = postgres_era_sql(version);
    enum status status = read_era(cycle, era_sql, &snapshot->era);

    for (int attempt = 0; status == STATUS_OK && attempt < ATTEMPTS_MAX; attempt++) {
        int64_t before_us = snapshot->era.statistics_since_us;
        struct target_rows rows;

        status = read_counters(cycle, counters_sql, &rows);
        if (status == STATUS_OK)
            status = read_era(cycle, era_sql, &snapshot->era);
        if (status != STATUS_OK || snapshot->era.statistics_since_us != before_us)
            continue;
        fill_snapshot(cycle->arena, &rows, about, snapshot);
        snapshot->era.server_since_us = about->server_since_us;
        snapshot->era.layout = postgres_entries_version(version);
        snapshot->era.is_partial = snapshot->hidden > 0;
        snapshot->silent = postgres_measures_silent(about->tracks_planning, about->tracks_io_timing);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    collect_tell(cycle, COLLECT_STATE_FAILED, "The statistics were reset each time that Potto read them.",
                 "Find out who calls pg_stat_statements_reset() so often. Potto tries again at the next interval.");
    return STATUS_UNAVAILABLE;
}

/* {1,-2,3} of the entries' query ids, which are as long as the server sent them. */
static struct text list_query_ids(const struct counter_entry *const *entries, size_t count, struct arena *arena)
{
    size_t size = strlen("{}");
    char *list, *end;

    for (size_t i = 0; i < count; i++)
        size += entries[i]->statement_id.size + strlen(",");
    list = end = arena_alloc(arena, size);
    *end++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *end++ = ',';
        memcpy(end, entries[i]->statement_id.data, entries[i]->statement_id.size);
        end += entries[i]->statement_id.size;
    }
    *end++ = '}';
    return (struct text){list, (size_t)(end - list)};
}

/* PostgreSQL reads the texts of all databases at once, so that one which it cannot convert hides the others. */
static void tell_unreadable_texts(struct collect_cycle *cycle)
{
    collect_tell(cycle, COLLECT_STATE_WARNING,
                 "PostgreSQL cannot read the texts of its statements: one is in another encoding, or their file is "
                 "damaged. Statements that Potto knows are counted; new ones wait until their texts can be read.",
                 "Forget the texts of databases without an encoding: SELECT pg_stat_statements_reset(0, oid, 0) FROM "
                 "pg_database WHERE pg_encoding_to_char(encoding) = 'SQL_ASCII'; If that does not help, forget all: "
                 "SELECT pg_stat_statements_reset();");
}

static enum status read_texts(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                              const struct counter_entry *const *entries, size_t count)
{
    struct text list = list_query_ids(entries, count, cycle->arena);
    struct target_rows rows;
    int named = 0;
    bool is_refused;
    enum status status = collect_run(cycle, &texts_statement, &list, 1, &rows);

    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++) {
        counters_name(cycle, snapshot, target_text(&rows, row, 0), target_text(&rows, row, 1));
        named += !target_is_null(&rows, row, 1);
    }
    is_refused = status == STATUS_INVALID && target_is_usable(cycle->target);
    if (!is_refused && (status != STATUS_OK || rows.row_count == 0 || named > 0))
        return status;
    tell_unreadable_texts(cycle);
    return STATUS_ABSENT;
}

/* ---- what is missing ---- */

static void tell_missing_extension(struct collect_cycle *cycle, const char *database)
{
    collect_tell(
        cycle, COLLECT_STATE_WARNING,
        arena_printf(cycle->arena,
                     "pg_stat_statements is not installed in the database %s: only statements that happen to "
                     "be running when Potto looks are seen.",
                     database),
        arena_printf(cycle->arena,
                     "As a superuser, in the database %s: CREATE EXTENSION pg_stat_statements; If the server does "
                     "not load it yet, first ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; "
                     "and restart PostgreSQL (keep what shared_preload_libraries has already).",
                     database));
}

static void tell_not_loaded(struct collect_cycle *cycle)
{
    collect_tell(cycle, COLLECT_STATE_WARNING,
                 "PostgreSQL does not load pg_stat_statements: only statements that happen to be running when Potto "
                 "looks are seen.",
                 "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already), then "
                 "restart PostgreSQL.");
}

static void tell_hidden(struct collect_cycle *cycle, int64_t hidden, const struct postgres_about *about)
{
    collect_tell(cycle, COLLECT_STATE_WARNING,
                 arena_printf(cycle->arena, "%lld statements of other users are hidden from %.*s.", (long long)hidden,
                              (int)about->user.size, about->user.data),
                 arena_printf(cycle->arena, "GRANT pg_monitor TO %s;", about->quoted_user.data));
}

/* False: the statistics cannot be read, and why is told. */
static bool can_read(struct collect_cycle *cycle, const struct postgres_about *about)
{
    if (about->extension.data == NULL) {
        tell_missing_extension(cycle, about->database.data);
        return false;
    }
    if (collect_postgres_statements_version(about->extension) < POSTGRES_STATEMENTS_VERSION_MIN) {
        collect_tell(cycle, COLLECT_STATE_WARNING,
                     arena_printf(cycle->arena, "pg_stat_statements %s is older than Potto reads (1.8, PostgreSQL 13).",
                                  about->extension.data),
                     "ALTER EXTENSION pg_stat_statements UPDATE; on PostgreSQL 13 or newer.");
        return false;
    }
    if (!about->has_schema) {
        collect_tell(
            cycle, COLLECT_STATE_WARNING,
            arena_printf(cycle->arena, "%s may not use the schema %s, in which pg_stat_statements is installed.",
                         about->user.data, about->schema.data),
            arena_printf(cycle->arena, "GRANT USAGE ON SCHEMA %s TO %s;", about->schema.data, about->quoted_user.data));
        return false;
    }
    return true;
}

bool collect_postgres_counters(struct collect_cycle *cycle, const struct postgres_about *about,
                               struct counter_snapshot *out_snapshot)
{
    const struct postgres_counting_fault *fault;
    enum status status;

    if (!can_read(cycle, about))
        return true;
    status = take_snapshot(cycle, about, out_snapshot);
    if (status != STATUS_OK && strcmp(cycle->failure.code, "55000") == 0) {
        tell_not_loaded(cycle);
        return true;
    }
    if (status == STATUS_OK)
        status = counters_collect(cycle, out_snapshot, read_texts);
    if (status != STATUS_OK)
        return false;
    if (out_snapshot->hidden > 0)
        tell_hidden(cycle, out_snapshot->hidden, about);
    fault = collect_postgres_counting_fault(target_version_number(cycle->target), about->extension, about->track,
                                            about->query_ids);
    if (fault != NULL)
        collect_tell(cycle, COLLECT_STATE_WARNING, fault->problem, fault->remedy);
    return true;
}
