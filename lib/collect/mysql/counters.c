/* Growth of the digests of MariaDB and MySQL; see mysql.h, and collect/counters.h for what the engines share.
 *
 * An entry is a digest within a schema. Its statement is the sample that MySQL 8 keeps of it; elsewhere, and where the
 * sample was cut off, the one that its text stands for (sql/digest.h). log_meets.c has what is to be done so that a
 * statement is one fingerprint, whether its digest or its rows in the slow log tell of it. */
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "collect/mysql/digests.h"
#include "sql/digest.h"

enum {
    ENTRIES_MAX = 100000,          /* of a snapshot */
    SNAPSHOT_BYTES_MAX = 80 << 20, /* so many entries */
    DIGEST_BYTES_MAX = 64,
    TEXTS_BYTES_MAX = 64 << 20,
    UPTIME_SLACK_S = 3, /* a server says in whole seconds how long it runs */
};

/* ---- statements ---- */

static const struct target_column text_columns[] = {
    [MYSQL_TEXT_KEY] = {"key", TARGET_KEY, .may_be_null = true, .max_bytes = MYSQL_KEY_BYTES_MAX},
    [MYSQL_TEXT_SAMPLE] = {"sample", TARGET_TEXT, .may_be_null = true, .max_bytes = MYSQL_TEXT_BYTES_MAX},
    [MYSQL_TEXT_DIGEST] = {"digest_text", TARGET_TEXT, .may_be_null = true, .max_bytes = MYSQL_TEXT_BYTES_MAX},
};

static const char digests_sql[] =
    "SELECT /* potto */ " MYSQL_DIGEST_KEY " AS potto, DIGEST, COUNT_STAR, SUM_TIMER_WAIT / 1000000000, "
    "MAX_TIMER_WAIT / 1000000000, SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_LOCK_TIME DIV 1000000, "
    "SUM_CREATED_TMP_TABLES, SUM_CREATED_TMP_DISK_TABLES, SUM_SORT_MERGE_PASSES, SUM_NO_INDEX_USED, SUM_ERRORS, "
    "CAST(UNIX_TIMESTAMP(FIRST_SEEN) * 1000000 AS SIGNED) FROM " MYSQL_DIGESTS " LIMIT 100000";
enum {
    COLUMN_KEY,
    COLUMN_DIGEST,
    COLUMN_CALLS,
    COLUMN_MS,
    COLUMN_MAX,
    COLUMN_EXAMINED,
    COLUMN_SENT,
    COLUMN_LOCK_US,
    COLUMN_TEMP,
    COLUMN_TEMP_DISK,
    COLUMN_SORTS,
    COLUMN_NO_INDEX,
    COLUMN_ERRORS,
    COLUMN_SINCE,
};
_Static_assert(ENTRIES_MAX == 100000, "the LIMIT above");
static const struct target_column digest_columns[] = {
    [COLUMN_KEY] = {"key", TARGET_KEY, .may_be_null = true, .max_bytes = MYSQL_KEY_BYTES_MAX},
    [COLUMN_DIGEST] = {"digest", TARGET_KEY, .may_be_null = true, .max_bytes = DIGEST_BYTES_MAX},
    [COLUMN_CALLS] = {"count_star", .kind = TARGET_COUNT},
    [COLUMN_MS] = {"sum_timer_wait", .kind = TARGET_AMOUNT},
    [COLUMN_MAX] = {"max_timer_wait", .kind = TARGET_AMOUNT},
    [COLUMN_EXAMINED] = {"sum_rows_examined", .kind = TARGET_COUNT},
    [COLUMN_SENT] = {"sum_rows_sent", .kind = TARGET_COUNT},
    [COLUMN_LOCK_US] = {"sum_lock_time", .kind = TARGET_COUNT},
    [COLUMN_TEMP] = {"sum_created_tmp_tables", .kind = TARGET_COUNT},
    [COLUMN_TEMP_DISK] = {"sum_created_tmp_disk_tables", .kind = TARGET_COUNT},
    [COLUMN_SORTS] = {"sum_sort_merge_passes", .kind = TARGET_COUNT},
    [COLUMN_NO_INDEX] = {"sum_no_index_used", .kind = TARGET_COUNT},
    [COLUMN_ERRORS] = {"sum_errors", .kind = TARGET_COUNT},
    [COLUMN_SINCE] = {"first_seen", TARGET_TIME_US, .may_be_null = true},
};
static const struct target_statement digests_statement = {
    .sql = digests_sql, TARGET_COLUMNS(digest_columns), .rows_max = ENTRIES_MAX, .cost_max = SNAPSHOT_BYTES_MAX};

static const struct target_column now_columns[] = {{"now", .kind = TARGET_TIME_US}};
static const struct target_statement now_statement = {
    .sql = "SELECT /* potto */ CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED) AS potto",
    TARGET_COLUMNS(now_columns),
    .rows_min = 1,
    .rows_max = 1,
    .cost_max = 1024};

/* ---- a snapshot ---- */

static struct sums read_totals(const struct target_rows *rows, int row)
{
    return (struct sums){.calls = target_int64(rows, row, COLUMN_CALLS),
                         .total_ms = target_double(rows, row, COLUMN_MS),
                         .max_ms = target_double(rows, row, COLUMN_MAX),
                         .rows_examined = target_int64(rows, row, COLUMN_EXAMINED),
                         .rows_returned = target_int64(rows, row, COLUMN_SENT),
                         .lock_us = target_int64(rows, row, COLUMN_LOCK_US),
                         .temp_tables = target_int64(rows, row, COLUMN_TEMP),
                         .temp_disk_tables = target_int64(rows, row, COLUMN_TEMP_DISK),
                         .sort_passes = target_int64(rows, row, COLUMN_SORTS),
                         .no_index_calls = target_int64(rows, row, COLUMN_NO_INDEX),
                         .errors = target_int64(rows, row, COLUMN_ERRORS)};
}

/* Statements that found no place in the table are one entry, without a digest: *out_lost. */
static void fill_snapshot(struct arena *arena, const struct target_rows *rows, struct counter_snapshot *snapshot,
                          struct sums *out_lost)
{
    snapshot->entries = arena_alloc_array(arena, (size_t)rows->row_count, sizeof *snapshot->entries);
    *out_lost = (struct sums){.calls = 0};
    for (int row = 0; row < rows->row_count; row++) {
        struct sums totals = read_totals(rows, row);

        if (target_is_null(rows, row, COLUMN_KEY) || target_is_null(rows, row, COLUMN_DIGEST)) {
            sums_add(out_lost, &totals);
            continue;
        }
        snapshot->entries[snapshot->count++] =
            (struct counter_entry){.key = target_text(rows, row, COLUMN_KEY),
                                   .statement_id = target_text(rows, row, COLUMN_DIGEST),
                                   .totals = totals,
                                   .since_us = target_time_us(rows, row, COLUMN_SINCE)};
    }
    snapshot->era.is_partial = rows->row_count == ENTRIES_MAX;
    counters_sort(snapshot);
    counters_add_up(snapshot, arena);
}

/* The server was asked for its uptime before the digests were read, and for the time after that. */
static void find_era(const struct collect_cycle *cycle, const struct mysql_about *about, int64_t now_us,
                     struct counter_era *era)
{
    int64_t last_us = collect_cursor_get(cycle, "server_since"), slack_us = UPTIME_SLACK_S * CLOCK_SECOND_US;

    era->taken_at_us = now_us;
    era->statistics_since_us = era->server_since_us = era->layout = INT64_MIN;
    if (about->uptime_s < 0)
        return;
    era->server_since_us = now_us - (int64_t)(about->uptime_s * 1e6);
    if (last_us != INT64_MIN && era->server_since_us > last_us - slack_us && era->server_since_us < last_us + slack_us)
        era->server_since_us = last_us;
}

/* ---- texts ---- */

/* Some of Potto's statements can have no column called so. */
static bool is_own_digest(struct text digest)
{
    static const char *const beginnings[] = {"EXPLAIN FORMAT = JSON ", "SET SESSION MAX_STATEMENT_TIME = ?",
                                             "SET SESSION TRANSACTION READ ONLY", "USE "};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (text_starts(digest, text_of(beginnings[i])))
            return true;
    return digest.size > 0 && memmem(digest.data, digest.size, "AS `potto`", strlen("AS `potto`")) != NULL;
}

static void name_row(struct collect_cycle *cycle, struct counter_snapshot *snapshot, const struct target_rows *rows,
                     int row)
{
    struct text sample = target_text(rows, row, MYSQL_TEXT_SAMPLE), digest = target_text(rows, row, MYSQL_TEXT_DIGEST);
    struct text key = target_text(rows, row, MYSQL_TEXT_KEY);

    if (sample.size > 0)
        counters_name(cycle, snapshot, key, sample);
    else if (digest.data != NULL && is_own_digest(digest))
        counters_name(cycle, snapshot, key, TEXT("SELECT /* potto */"));
    else if (digest.data != NULL)
        counters_name(cycle, snapshot, key, sql_digest_statement(digest, cycle->arena));
    else
        counters_name(cycle, snapshot, key, digest);
}

enum status mysql_digests_read(struct collect_cycle *cycle, const char *condition, int rows_max, size_t bytes_max,
                               struct target_rows *out_rows)
{
    const struct target_statement statement = {
        .sql = arena_printf(cycle->arena, "%s %s", mysql_digest_layout_of(cycle->target)->texts_sql, condition),
        TARGET_COLUMNS(text_columns),
        .rows_max = rows_max,
        .cost_max = bytes_max};

    return collect_run(cycle, &statement, NULL, 0, out_rows);
}

static enum status read_texts(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                              const struct counter_entry *const *entries, size_t count)
{
    struct target_rows rows;
    struct buffer condition;
    enum status status;

    buffer_init(&condition, (size_t)COUNTER_TEXTS_AT_ONCE * (DIGEST_BYTES_MAX + 3) + 64);
    buffer_append_string(&condition, "WHERE DIGEST IN (");
    for (size_t i = 0; i < count; i++) { /* letters and digits, or "/" and "-" */
        buffer_append_string(&condition, i > 0 ? ",'" : "'");
        buffer_append_text(&condition, entries[i]->statement_id);
        buffer_append_string(&condition, "'");
    }
    buffer_append_string(&condition, ")");
    status = mysql_digests_read(cycle, arena_string(cycle->arena, condition.data, condition.size_bytes), ENTRIES_MAX,
                                TEXTS_BYTES_MAX, &rows);
    buffer_free(&condition);
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        if (!target_is_null(&rows, row, MYSQL_TEXT_KEY))
            name_row(cycle, snapshot, &rows, row);
    return status;
}

/* ---- what is missing ---- */

static void tell_lost(struct collect_cycle *cycle, const struct sums *lost, int64_t size)
{
    int64_t calls = collect_cursor_get(cycle, "lost_calls"), us = collect_cursor_get(cycle, "lost_us");
    int64_t now_us = (int64_t)(lost->total_ms < COVERAGE_MAX ? lost->total_ms * 1000 : 0);

    collect_cursor_set(cycle, "lost_calls", lost->calls);
    collect_cursor_set(cycle, "lost_us", now_us);
    if (calls == INT64_MIN || us == INT64_MIN || lost->calls <= calls || now_us < us)
        return;
    cycle->coverage.gaps_ms[COVERAGE_EVICTED] += (double)(now_us - us) / 1000;
    collect_tell(
        cycle, COLLECT_STATE_WARNING,
        arena_printf(cycle->arena,
                     "The server's table of digests is full (performance_schema_digests_size = %lld): %lld "
                     "executions since the last look are of no statement that Potto could name.",
                     (long long)size, (long long)(lost->calls - calls)),
        "A larger performance_schema_digests_size under [mysqld] and a restart; or now and then TRUNCATE TABLE "
        "performance_schema.events_statements_summary_by_digest; of which Potto loses only what ran since its last "
        "look.");
}

static void tell_fault(struct collect_cycle *cycle, const char *account, const struct mysql_counting_fault *fault)
{
    struct mysql_counting_fault no_right = mysql_no_right(account, cycle->arena);

    if (fault == NULL && cycle->failure.failure == TARGET_FAILURE_PERMISSION)
        fault = &no_right;
    if (fault != NULL)
        collect_hint(cycle, fault->problem, fault->remedy);
    else
        collect_tell(cycle, COLLECT_STATE_WARNING, cycle->failure.problem, cycle->failure.remedy);
}

/* ---- a cycle ---- */

static enum status take_snapshot(struct collect_cycle *cycle, const struct mysql_about *about,
                                 struct counter_snapshot *snapshot)
{
    struct target_rows rows, now;
    struct sums lost;
    enum status status = collect_run(cycle, &digests_statement, NULL, 0, &rows);

    /* An entry that was made after the numbers were read is missing from them: all of it is growth the next time. */
    if (status == STATUS_OK)
        status = collect_run(cycle, &now_statement, NULL, 0, &now);
    if (status != STATUS_OK)
        return status;
    fill_snapshot(cycle->arena, &rows, snapshot, &lost);
    find_era(cycle, about, target_time_us(&now, 0, 0), &snapshot->era);
    tell_lost(cycle, &lost, about->digests_size);
    return STATUS_OK;
}

static enum status collect_digests(struct collect_cycle *cycle, const struct mysql_server *server,
                                   const struct mysql_about *about)
{
    struct counter_snapshot snapshot = {.count = 0};
    enum status status = take_snapshot(cycle, about, &snapshot);

    /* Before Potto read digests, this was the time until which it had read the log. */
    if (collect_cursor_get(cycle, "counted_since") == INT64_MIN)
        collect_cursor_set(cycle, "snapshot_at", INT64_MIN);
    if (status == STATUS_OK)
        status = counters_name_all(cycle, &snapshot, read_texts);
    if (status == STATUS_OK)
        status = mysql_log_meets_digests(cycle, &snapshot, about->digest_bytes_max);
    if (status != STATUS_OK)
        return status;
    counters_count(cycle, &snapshot);
    if (cycle->coverage.continuity == COUNTER_FIRST_SNAPSHOT)
        collect_cursor_set(cycle, "counted_since", snapshot.era.taken_at_us);
    mysql_log_marks_uncounted(cycle, server, &snapshot);
    coverage_collect(cycle, &(struct coverage_totals){.basis = COVERAGE_BASIS_STATEMENTS,
                                                      .taken_at_us = snapshot.era.taken_at_us,
                                                      .server_since_us = snapshot.era.server_since_us,
                                                      .busy_us = INT64_MIN,
                                                      .running_us = INT64_MIN,
                                                      .hidden_us = INT64_MIN,
                                                      .calls = INT64_MIN,
                                                      .evictions = INT64_MIN});
    return STATUS_OK;
}

bool collect_mysql_counters(struct collect_cycle *cycle, const struct mysql_server *server)
{
    const struct mysql_digest_layout *layout = mysql_digest_layout_of(cycle->target);
    const struct mysql_counting_fault *fault = NULL;
    struct mysql_about about = {.is_on = false};
    struct target_rows rows;
    enum status status = STATUS_OK;

    if (!target_is_usable(cycle->target))
        return false;
    if (layout != NULL)
        status = collect_run(cycle, &layout->about, NULL, 0, &rows);
    if (layout != NULL && status == STATUS_OK)
        about = mysql_about_read(&rows);
    if (status == STATUS_OK)
        fault = mysql_counting_fault_of(layout, &about);
    if (status == STATUS_OK && fault == NULL)
        status = collect_run(cycle, &mysql_switches_statement, NULL, 0, &rows);
    if (status == STATUS_OK && fault == NULL)
        fault = mysql_switches_fault_of(&rows);
    if (status == STATUS_OK && fault == NULL)
        status = collect_digests(cycle, server, &about);
    if (status == STATUS_OK && fault == NULL)
        return true;
    tell_fault(cycle, server->account, fault);
    return false;
}
