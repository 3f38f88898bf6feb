/* The columns of pg_stat_statements; see columns.h. Versions: 1.8 is of PostgreSQL 13, 1.9 of 14, 1.10 of 15 and 16,
 * 1.11 of 17, 1.12 of 18. A database may have an older one than its server brings. */
#include "collect/postgres/columns.h"

#include "base/buffer.h"
#include "collect/postgres/postgres.h"

enum { V1_8 = 108, V1_9 = 109, V1_10 = 110, V1_11 = 111, V1_12 = 112, CELL_BYTES_MAX = 512 };

/* SQL from a version on, and what stood for it before. */
struct versioned {
    int since; /* major * 100 + minor */
    const char *sql;
    const char *before; /* NULL: nothing */
};

const struct target_column postgres_counter_columns[POSTGRES_COUNTERS] = {
    [COLUMN_KEY] = {"key", TARGET_KEY, .may_be_null = true, .max_bytes = 64},
    [COLUMN_QUERY_ID] = {"queryid", TARGET_KEY, .may_be_null = true, .max_bytes = 20},
    [COLUMN_CALLS] = {"calls", .kind = TARGET_COUNT},
    [COLUMN_MS] = {"total_exec_time", .kind = TARGET_AMOUNT},
    [COLUMN_ROWS] = {"rows", .kind = TARGET_COUNT},
    [COLUMN_HIT] = {"shared_blks_hit", .kind = TARGET_COUNT},
    [COLUMN_READ] = {"shared_blks_read", .kind = TARGET_COUNT},
    [COLUMN_SINCE] = {"stats_since", TARGET_TIME_US, .may_be_null = true},
    [COLUMN_MAX] = {"max_exec_time", .kind = TARGET_AMOUNT},
    [COLUMN_MEASURES] = {"measures", TARGET_TEXT, .max_bytes = CELL_BYTES_MAX},
};
static const struct versioned counters[COLUMN_MEASURES] = {
    [COLUMN_KEY] = {V1_8, "userid || '/' || dbid || '/' || queryid", NULL},
    [COLUMN_QUERY_ID] = {V1_8, "queryid", NULL},
    [COLUMN_CALLS] = {V1_8, "calls", NULL},
    [COLUMN_MS] = {V1_8, "total_exec_time", NULL},
    [COLUMN_ROWS] = {V1_8, "rows", NULL},
    [COLUMN_HIT] = {V1_8, "shared_blks_hit", NULL},
    [COLUMN_READ] = {V1_8, "shared_blks_read", NULL},
    [COLUMN_SINCE] = {V1_11, EPOCH_US("stats_since"), "NULL"},
    [COLUMN_MAX] = {V1_8, "max_exec_time", NULL},
};

/* What a server counts only under a setting. */
enum condition { ALWAYS, TRACK_PLANNING, TRACK_IO_TIMING };

/* Of each measure that the engine has: times in milliseconds, as PostgreSQL has them. */
static const struct {
    enum measure measure;
    struct versioned column;
    enum condition condition;
    bool is_in_blocks; /* and a measure of bytes */
} measured[] = {
    {MEASURE_PLANS, {V1_8, "plans", NULL}, TRACK_PLANNING, false},
    {MEASURE_PLAN_TIME, {V1_8, "total_plan_time", NULL}, TRACK_PLANNING, false},
    {MEASURE_READ_TIME, {V1_11, "shared_blk_read_time + local_blk_read_time", "blk_read_time"}, TRACK_IO_TIMING, false},
    {MEASURE_WRITE_TIME,
     {V1_11, "shared_blk_write_time + local_blk_write_time", "blk_write_time"},
     TRACK_IO_TIMING,
     false},
    {MEASURE_TEMP_READ, {V1_8, "temp_blks_read", NULL}, ALWAYS, true},
    {MEASURE_TEMP_WRITTEN, {V1_8, "temp_blks_written", NULL}, ALWAYS, true},
    {MEASURE_TEMP_READ_TIME, {V1_10, "temp_blk_read_time", NULL}, TRACK_IO_TIMING, false},
    {MEASURE_TEMP_WRITE_TIME, {V1_10, "temp_blk_write_time", NULL}, TRACK_IO_TIMING, false},
    {MEASURE_WAL_RECORDS, {V1_8, "wal_records", NULL}, ALWAYS, false},
    {MEASURE_WAL_PAGES, {V1_8, "wal_fpi", NULL}, ALWAYS, false},
    {MEASURE_WAL_BYTES, {V1_8, "wal_bytes", NULL}, ALWAYS, false},
    {MEASURE_JIT_FUNCTIONS, {V1_10, "jit_functions", NULL}, ALWAYS, false},
    {MEASURE_JIT_TIME,
     {V1_10, "jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time", NULL},
     ALWAYS,
     false},
    {MEASURE_WORKERS_PLANNED, {V1_12, "parallel_workers_to_launch", NULL}, ALWAYS, false},
    {MEASURE_WORKERS_LAUNCHED, {V1_12, "parallel_workers_launched", NULL}, ALWAYS, false},
};
enum { MEASURED = sizeof measured / sizeof measured[0] };

/* Before, a statement within a function was not told from one that a client sent. */
static const struct versioned top_level = {V1_9, " AND toplevel IS NOT FALSE", ""};
/* clang-format off */
static const struct versioned era = {
    V1_9,
    "SELECT /* potto */ " EPOCH_US("stats_reset") ", " EPOCH_US("clock_timestamp()") " FROM pg_stat_statements_info",
    "SELECT /* potto */ NULL, " EPOCH_US("clock_timestamp()")};
/* clang-format on */

/* NULL: that version has nothing of it. */
static const char *sql_of(const struct versioned *column, int version)
{
    return version >= column->since ? column->sql : column->before;
}

const char *postgres_era_sql(int version)
{
    return sql_of(&era, version);
}

int postgres_entries_version(int version)
{
    return version >= top_level.since ? top_level.since : V1_8;
}

/* The function leaves the texts out, which lie in a file that the view reads whole. */
const char *postgres_counters_sql(int version, struct arena *arena)
{
    struct buffer sql;
    const char *made, *column;

    buffer_init(&sql, 4096);
    buffer_append_string(&sql, "SELECT /* potto */ ");
    for (int i = 0; i < COLUMN_MEASURES; i++) {
        buffer_append_string(&sql, sql_of(&counters[i], version));
        buffer_append_string(&sql, ", ");
    }
    buffer_append_string(&sql, "concat_ws(','");
    for (int i = 0; i < MEASURED; i++)
        if ((column = sql_of(&measured[i].column, version)) != NULL) {
            buffer_append_string(&sql, ", ");
            buffer_append_string(&sql, column);
        }
    buffer_append_string(&sql, ") FROM pg_stat_statements(false) "
                               "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())");
    buffer_append_string(&sql, sql_of(&top_level, version));
    made = arena_string(arena, sql.data, sql.size_bytes);
    buffer_free(&sql);
    return made;
}

/* ---- measures ---- */

static int64_t read_time_us(struct text number)
{
    double ms;

    return text_to_double(number, &ms) && ms >= 0 && ms <= 1e15 ? (int64_t)(ms * 1000) : MEASURE_UNKNOWN;
}

static int64_t read_count(struct text number, int64_t unit)
{
    int64_t count;

    if (!text_to_int64(number, &count) || count < 0 || unit <= 0 || count > INT64_MAX / unit)
        return MEASURE_UNKNOWN;
    return count * unit;
}

struct measures postgres_measures_read(struct text cell, int version, int64_t block_bytes)
{
    struct measures measures = measures_unknown();
    struct text number;

    for (int i = 0; i < MEASURED; i++) {
        enum measure measure = measured[i].measure;

        if (sql_of(&measured[i].column, version) == NULL)
            continue;
        if (!text_split(&cell, ',', &number)) /* fewer than there should be: nobody knows which one is missing */
            return measures_unknown();
        measures.amounts[measure] = measure_unit(measure) == MEASURE_MICROSECONDS
                                        ? read_time_us(number)
                                        : read_count(number, measured[i].is_in_blocks ? block_bytes : 1);
    }
    return cell.data == NULL ? measures : measures_unknown();
}

uint64_t postgres_measures_silent(bool tracks_planning, bool tracks_io_timing)
{
    uint64_t silent = 0;

    for (int i = 0; i < MEASURED; i++)
        if ((measured[i].condition == TRACK_PLANNING && !tracks_planning) ||
            (measured[i].condition == TRACK_IO_TIMING && !tracks_io_timing))
            silent |= UINT64_C(1) << measured[i].measure;
    return silent;
}
