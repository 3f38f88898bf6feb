/* PostgreSQL 13 to 18: growth of pg_stat_statements (growth.h has the rules), active sessions as samples,
 * plans (collect_postgres_plan.c).
 *
 * What a look costs the server is kept small: numbers are read without texts, since texts lie in a file
 * that the view reads whole; texts are asked for only of entries that the last look did not have.
 *
 * Counted: entries of the connection's own database, top-level statements only (what runs inside a function
 * is part of the call's time already). An entry's identity is userid/dbid/queryid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "collect/collect_postgres.h"
#include "sql/redacted.h"

enum {
    ATTEMPTS_MAX = 3,
    TEXTS_AT_ONCE = 200,
    TEXT_BYTES_BUDGET = 32 * 1024 * 1024, /* in one look; what is left comes at the next */
    SESSIONS_MAX = 100,
    TABLES_MAX = 32
};

#define EPOCH_US(expression) "(extract(epoch FROM " expression ") * 1000000)::bigint"

/* The schema of the extension goes behind pg_catalog, so that nothing in it can stand in for a function of
 * the system. */
/* clang-format off */
static const char about_sql[] =
    "SELECT /* potto */ extension.extversion, "
    "pg_catalog.set_config('search_path', "
    "    'pg_catalog' || coalesce(', ' || pg_catalog.quote_ident(namespace.nspname), ''), false), "
    "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'), "
    "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), current_user, current_database(), "
    EPOCH_US("pg_catalog.pg_postmaster_start_time()") ", "
    "pg_catalog.pg_size_bytes(current_setting('track_activity_query_size')), current_setting('pg_stat_statements.track', true), "
    "pg_catalog.has_schema_privilege(namespace.oid, 'USAGE'), pg_catalog.quote_ident(namespace.nspname), "
    "'\"' || pg_catalog.replace(current_user, '\"', '\"\"') || '\"' "
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
    ABOUT_USER_QUOTED
};

/* clang-format off */
static const char era_sql[] =
    "SELECT /* potto */ " EPOCH_US("stats_reset") ", " EPOCH_US("clock_timestamp()") " FROM pg_stat_statements_info";
/* clang-format on */
static const char era_13_sql[] = "SELECT /* potto */ NULL, " EPOCH_US("clock_timestamp()");

/* The view's columns by its version; the function spares the texts. */
#define COUNTERS(since, filter)                                                                                        \
    "SELECT /* potto */ userid || '/' || dbid || '/' || queryid, queryid, calls, total_exec_time, rows, "              \
    "shared_blks_hit, shared_blks_read, " since " FROM pg_stat_statements(false) "                                     \
    "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())" filter

static const struct {
    int version; /* major * 100 + minor, from which on */
    const char *counters_sql, *era_sql;
} layouts[] = {
    {111, COUNTERS(EPOCH_US("stats_since"), " AND toplevel IS NOT FALSE"), era_sql},
    {109, COUNTERS("NULL", " AND toplevel IS NOT FALSE"), era_sql},
    {108, COUNTERS("NULL", ""), era_13_sql},
};
enum {
    COUNTER_KEY,
    COUNTER_QUERYID,
    COUNTER_CALLS,
    COUNTER_MS,
    COUNTER_ROWS,
    COUNTER_HIT,
    COUNTER_READ,
    COUNTER_SINCE
};

static const char texts_sql[] =
    "SELECT /* potto */ userid || '/' || dbid || '/' || queryid, left(query, 100000) FROM pg_stat_statements(true) "
    "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND queryid = ANY ($1::bigint[])";

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
enum { SESSION_START, SESSION_MS, SESSION_USER, SESSION_QUERY, SESSION_BYTES, SESSION_QUERYID };

/* An entry whose text this look could not afford: its totals are kept, its growth counts once the text is known. */
static const struct sql_hash pending = {
    {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};
static const struct sql_hash own = {{0}};

static bool hash_is(struct sql_hash left, struct sql_hash right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

/* One entry of a look. */
struct entry {
    struct text key, query_id;
    struct counter_totals totals;
    int64_t since_us;
    const struct counter_totals *before; /* NULL: not in the last look */
    struct sql_hash hash;
    bool is_known; /* hash is set */
    bool is_gone;  /* evicted between the two statements of a look */
};

struct look {
    struct entry *entries; /* ascending by key */
    size_t count;
    int64_t hidden; /* of other users, without pg_read_all_stats */
    struct counter_era era;
};

/* ---- eras ---- */

static int extension_version(struct text version)
{
    struct text major;
    int64_t major_number = 0, minor_number = 0;

    if (!text_split(&version, '.', &major) || !text_to_int64(major, &major_number))
        return 0;
    text_to_int64(version, &minor_number);
    return (int)(major_number * 100 + minor_number);
}

static int64_t cell_time(const struct target_rows *rows, int row, int column)
{
    return target_cell(rows, row, column).data == NULL ? INT64_MIN : target_int64(rows, row, column);
}

static struct counter_era last_era(const struct cycle *cycle)
{
    return (struct counter_era){.looked_at_us = cycle_cursor_int64(cycle, "looked_at"),
                                .statistics_since_us = cycle_cursor_int64(cycle, "statistics_since"),
                                .server_since_us = cycle_cursor_int64(cycle, "server_since"),
                                .is_partial = cycle_cursor_int64(cycle, "hidden") > 0};
}

static void keep_era(struct cycle *cycle, const struct look *look)
{
    cycle_cursor_set(cycle, "looked_at", look->era.looked_at_us);
    cycle_cursor_set(cycle, "statistics_since", look->era.statistics_since_us);
    cycle_cursor_set(cycle, "server_since", look->era.server_since_us);
    cycle_cursor_set(cycle, "hidden", look->hidden);
}

/* ---- a look ---- */

static int compare_texts(struct text left, struct text right)
{
    int order = memcmp(left.data, right.data, left.size < right.size ? left.size : right.size);

    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

static int compare_entries(const void *left, const void *right)
{
    return compare_texts(((const struct entry *)left)->key, ((const struct entry *)right)->key);
}

static void fill_look(struct cycle *cycle, const struct target_rows *rows, struct look *look)
{
    look->entries = arena_alloc_array(cycle->arena, (size_t)rows->row_count, sizeof *look->entries);
    look->count = 0;
    look->hidden = 0;
    for (int row = 0; row < rows->row_count; row++) {
        if (target_cell(rows, row, COUNTER_QUERYID).data == NULL) {
            look->hidden++;
            continue;
        }
        look->entries[look->count++] = (struct entry){.key = target_cell(rows, row, COUNTER_KEY),
                                                      .query_id = target_cell(rows, row, COUNTER_QUERYID),
                                                      .totals = {.calls = target_int64(rows, row, COUNTER_CALLS),
                                                                 .total_ms = target_double(rows, row, COUNTER_MS),
                                                                 .rows = target_int64(rows, row, COUNTER_ROWS),
                                                                 .blocks_hit = target_int64(rows, row, COUNTER_HIT),
                                                                 .blocks_read = target_int64(rows, row, COUNTER_READ)},
                                                      .since_us = cell_time(rows, row, COUNTER_SINCE)};
    }
    if (look->count > 0)
        qsort(look->entries, look->count, sizeof *look->entries, compare_entries);
}

static enum status read_era(struct cycle *cycle, const char *sql, struct counter_era *era)
{
    struct target_rows rows;
    enum status status = cycle_run(cycle, sql, NULL, 0, &rows);

    if (status == STATUS_OK && rows.row_count == 1) {
        era->statistics_since_us = cell_time(&rows, 0, 0);
        era->looked_at_us = cell_time(&rows, 0, 1);
    }
    return status;
}

/* All entries between two equal answers to "when were they last reset": a reset in between would leave it
 * open which side of it the numbers are from. The look's time is the later one: an entry made after the
 * numbers were read is missing from them, and so the next look takes all of it. */
static enum status take_look(struct cycle *cycle, int version, int64_t server_since_us, struct look *look)
{
    size_t layout = 0;
    enum status status = STATUS_OK;

    while (layout + 1 < sizeof layouts / sizeof layouts[0] && layouts[layout].version > version)
        layout++;
    status = read_era(cycle, layouts[layout].era_sql, &look->era);
    for (int attempt = 0; status == STATUS_OK && attempt < ATTEMPTS_MAX; attempt++) {
        int64_t before_us = look->era.statistics_since_us;
        struct target_rows rows;

        status = cycle_run(cycle, layouts[layout].counters_sql, NULL, 0, &rows);
        if (status == STATUS_OK)
            status = read_era(cycle, layouts[layout].era_sql, &look->era);
        if (status != STATUS_OK || look->era.statistics_since_us != before_us)
            continue;
        fill_look(cycle, &rows, look);
        look->era.server_since_us = server_since_us;
        look->era.is_partial = look->hidden > 0;
        return STATUS_OK;
    }
    if (status == STATUS_OK) /* somebody resets all the time */
        status = STATUS_UNAVAILABLE;
    return status;
}

static const struct collect_baseline *find_baseline(const struct collect_input *input, struct text key)
{
    size_t low = 0, high = input->baseline_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_texts(input->baselines[middle].key, key);

        if (order == 0)
            return &input->baselines[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct entry *find_entry(const struct look *look, struct text key)
{
    struct entry wanted = {.key = key};

    return look->count == 0 ? NULL
                            : bsearch(&wanted, look->entries, look->count, sizeof *look->entries, compare_entries);
}

static void match_baselines(struct cycle *cycle, struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        struct entry *entry = &look->entries[i];
        const struct collect_baseline *baseline = find_baseline(cycle->input, entry->key);

        if (baseline == NULL)
            continue;
        entry->before = &baseline->totals;
        entry->hash = baseline->hash;
        entry->is_known = !hash_is(baseline->hash, pending);
    }
}

/* ---- texts ---- */

static void name_entry(struct cycle *cycle, struct entry *entry, struct text text)
{
    struct collect_result *result = cycle->result;
    struct sql_fingerprint statement;
    struct collect_fingerprint *fingerprint;
    struct text *tables;

    entry->is_known = true;
    if (collect_is_own(text)) {
        entry->hash = own;
        return;
    }
    text = text_to_utf8(text, cycle->arena);
    /* Statements that are no query stand in the statistics as they were sent. */
    statement = cycle->input->keeps_literals ? sql_fingerprint(SQL_DIALECT_POSTGRESQL, text, cycle->arena)
                                             : sql_fingerprint_redacted(TEXT("postgresql"), text, cycle->arena);
    entry->hash = statement.hash;
    fingerprint = &result->fingerprints[result->fingerprint_count++];
    fingerprint->statement = statement;
    tables = arena_alloc_array(cycle->arena, TABLES_MAX, sizeof *tables);
    fingerprint->tables = tables;
    fingerprint->table_count = sql_tables(SQL_DIALECT_POSTGRESQL, statement.text, tables, TABLES_MAX, cycle->arena);
}

/* {1,-2,3} of the query ids of up to TEXTS_AT_ONCE entries without a name, from *at on. */
static size_t list_unnamed(struct cycle *cycle, const struct look *look, size_t *at, struct text *out_list)
{
    char *list = arena_alloc(cycle->arena, TEXTS_AT_ONCE * 24 + 3), *end = list;
    size_t count = 0;

    *end++ = '{';
    for (; *at < look->count && count < TEXTS_AT_ONCE; (*at)++) {
        const struct entry *entry = &look->entries[*at];

        if (entry->is_known)
            continue;
        if (count++ > 0)
            *end++ = ',';
        memcpy(end, entry->query_id.data, entry->query_id.size);
        end += entry->query_id.size;
    }
    *end++ = '}';
    *out_list = (struct text){list, (size_t)(end - list)};
    return count;
}

static enum status read_texts(struct cycle *cycle, struct text list, const struct look *look, size_t *bytes)
{
    struct target_rows rows;
    enum status status = cycle_run(cycle, texts_sql, &list, 1, &rows);

    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++) {
        struct entry *entry = find_entry(look, target_cell(&rows, row, 0));

        *bytes += target_cell(&rows, row, 1).size;
        if (entry != NULL && !entry->is_known)
            name_entry(cycle, entry, target_cell(&rows, row, 1));
    }
    return status;
}

static enum status name_entries(struct cycle *cycle, struct look *look)
{
    enum status status = STATUS_OK;
    size_t at = 0, from = 0, bytes = 0;
    struct text list;

    cycle->result->fingerprints = arena_alloc_array(cycle->arena, look->count, sizeof *cycle->result->fingerprints);
    while (status == STATUS_OK && bytes < TEXT_BYTES_BUDGET && list_unnamed(cycle, look, &at, &list) > 0) {
        status = read_texts(cycle, list, look, &bytes);
        for (; status == STATUS_OK && from < at; from++)
            look->entries[from].is_gone = !look->entries[from].is_known;
    }
    for (; from < look->count; from++)
        if (!look->entries[from].is_known)
            look->entries[from].hash = pending;
    return status;
}

/* ---- growth ---- */

static void add_growth(struct cycle *cycle, const struct entry *entry, const struct counter_totals *growth,
                       int64_t last_us, int64_t now_us)
{
    struct collect_result *result = cycle->result;
    int pieces = counter_piece_count(last_us, now_us);
    bool is_slow = growth->total_ms >= cycle->input->min_duration_ms * (double)growth->calls;

    for (int i = 0; i < pieces; i++) {
        struct counter_totals piece = counter_piece(growth, i, pieces);
        /* Our clock, not the server's: buckets of all databases must line up. The newest piece is first, where
         * the odd call of a rest goes too. */
        int64_t at_us = cycle->input->now_us - (now_us - last_us) / pieces * i;

        if (piece.calls == 0)
            continue;
        result->growth[result->growth_count++] =
            (struct collect_growth){entry->hash, at_us, piece, is_slow ? piece.calls : 0};
    }
}

static void count_growth(struct cycle *cycle, const struct look *look)
{
    struct counter_era last = last_era(cycle);
    enum counter_continuity continuity = counter_continuity_of(&last, &look->era);
    struct collect_result *result = cycle->result;
    int pieces = counter_piece_count(last.looked_at_us, look->era.looked_at_us);

    result->growth = arena_alloc_array(cycle->arena, look->count * (size_t)pieces, sizeof *result->growth);
    result->baselines = arena_alloc_array(cycle->arena, look->count, sizeof *result->baselines);
    result->has_baselines = true;
    for (size_t i = 0; i < look->count; i++) {
        const struct entry *entry = &look->entries[i];
        struct counter_totals growth;

        if (entry->is_gone)
            continue;
        result->baselines[result->baseline_count++] = (struct collect_baseline){entry->key, entry->hash, entry->totals};
        if (!entry->is_known || hash_is(entry->hash, own) ||
            !counter_growth(continuity, entry->before, &entry->totals, entry->since_us, last.looked_at_us, &growth))
            continue;
        add_growth(cycle, entry, &growth, last.looked_at_us, look->era.looked_at_us);
        explain_offer(cycle, &(struct plan_candidate){.hash = entry->hash,
                                                      .key = entry->query_id,
                                                      .weight_ms = growth.total_ms,
                                                      .is_normalized = true});
    }
}

/* ---- sessions ---- */

/* $1 and on: bound parameters, whose values the server does not show. */
static bool has_placeholder(struct text sql)
{
    for (size_t i = 0; i + 1 < sql.size; i++)
        if (sql.data[i] == '$' && sql.data[i + 1] >= '1' && sql.data[i + 1] <= '9')
            return true;
    return false;
}

static const struct entry *entry_of_query(const struct look *look, struct text query_id)
{
    for (size_t i = 0; query_id.data != NULL && i < look->count; i++) {
        const struct entry *entry = &look->entries[i];

        if (text_equal(entry->query_id, query_id) && entry->is_known && !hash_is(entry->hash, own))
            return entry;
    }
    return NULL;
}

static void add_session(struct cycle *cycle, const struct look *look, const struct target_rows *rows, int row,
                        int64_t activity_bytes)
{
    struct arena *arena = cycle->arena;
    struct text sql = text_trim(text_to_utf8(target_cell(rows, row, SESSION_QUERY), arena));
    bool is_cut = target_int64(rows, row, SESSION_BYTES) >= activity_bytes - 4;
    const struct entry *entry = entry_of_query(look, target_cell(rows, row, SESSION_QUERYID));
    struct collect_sample *sample;
    struct sql_fingerprint statement;

    if (sql.size == 0 || collect_is_own(sql) || text_equal(sql, TEXT("<insufficient privilege>")))
        return;
    /* A text that the server cut short is known by its query id alone. */
    if (is_cut && entry == NULL)
        return;
    statement = cycle->input->keeps_literals ? sql_fingerprint(SQL_DIALECT_POSTGRESQL, sql, arena)
                                             : sql_fingerprint_redacted(TEXT("postgresql"), sql, arena);
    if (is_cut)
        statement.hash = entry->hash;
    sample = cycle_add_sample(cycle);
    sample->provenance = COLLECT_ACTIVE_SESSION;
    sample->captured_at_us = target_int64(rows, row, SESSION_START);
    sample->duration_ms = target_double(rows, row, SESSION_MS);
    sample->rows_examined = -1;
    sample->rows_returned = -1;
    sample->user_host = text_to_utf8(target_cell(rows, row, SESSION_USER), arena);
    sample->statement = statement;
    if (cycle->input->keeps_literals)
        sample->full_sql = sql;
    if (!is_cut && (cycle->input->keeps_literals || !sql_has_literals(SQL_DIALECT_POSTGRESQL, sql)))
        explain_offer(cycle, &(struct plan_candidate){.hash = statement.hash,
                                                      .sql = sql,
                                                      .weight_ms = sample->duration_ms,
                                                      .is_normalized = has_placeholder(sql)});
}

static enum status read_sessions(struct cycle *cycle, const struct look *look, int64_t activity_bytes)
{
    bool has_query_id = target_version_number(cycle->target) >= 140000;
    struct text least = text_of(arena_printf(cycle->arena, "%.3f", cycle->input->min_duration_ms));
    struct target_rows rows;
    enum status status = cycle_run(cycle, has_query_id ? SESSIONS("query_id") : SESSIONS("NULL"), &least, 1, &rows);

    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        add_session(cycle, look, &rows, row, activity_bytes);
    return status;
}

/* ---- what is missing ---- */

static void tell_missing_extension(struct cycle *cycle, const char *database)
{
    cycle_tell(
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

static void tell_not_loaded(struct cycle *cycle)
{
    cycle_tell(cycle, COLLECT_STATE_WARNING,
               "PostgreSQL does not load pg_stat_statements: only statements that happen to be running when Potto "
               "looks are seen.",
               "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; (keep what it has already), then "
               "restart PostgreSQL.");
}

static void tell_hidden(struct cycle *cycle, const struct look *look, struct text user, struct text quoted_user)
{
    cycle_tell(cycle, COLLECT_STATE_WARNING,
               arena_printf(cycle->arena, "%lld statements of other users are hidden from %.*s.",
                            (long long)look->hidden, (int)user.size, user.data),
               arena_printf(cycle->arena, "GRANT pg_monitor TO %s;", quoted_user.data));
}

/* The statistics. A problem with them is told, and the rest of the cycle goes on; false: it cannot. */
static bool collect_statistics(struct cycle *cycle, const struct target_rows *about, struct look *look)
{
    struct text version = target_cell(about, 0, ABOUT_EXTENSION);
    struct text user = target_cell(about, 0, ABOUT_USER), database = target_cell(about, 0, ABOUT_DATABASE);
    enum status status;

    if (version.data == NULL) {
        tell_missing_extension(cycle, database.data);
        return true;
    }
    if (extension_version(version) < 108) {
        cycle_tell(cycle, COLLECT_STATE_WARNING,
                   arena_printf(cycle->arena, "pg_stat_statements %s is older than Potto reads (1.8, PostgreSQL 13).",
                                version.data),
                   "ALTER EXTENSION pg_stat_statements UPDATE; on PostgreSQL 13 or newer.");
        return true;
    }
    if (!target_is_true(about, 0, ABOUT_HAS_SCHEMA)) {
        cycle_tell(cycle, COLLECT_STATE_WARNING,
                   arena_printf(cycle->arena, "%s may not use the schema %s, in which pg_stat_statements is installed.",
                                user.data, target_cell(about, 0, ABOUT_SCHEMA).data),
                   arena_printf(cycle->arena, "GRANT USAGE ON SCHEMA %s TO %s;",
                                target_cell(about, 0, ABOUT_SCHEMA).data,
                                target_cell(about, 0, ABOUT_USER_QUOTED).data));
        return true;
    }
    status = take_look(cycle, extension_version(version), target_int64(about, 0, ABOUT_SERVER_SINCE), look);
    if (status != STATUS_OK && strcmp(cycle->failure.code, "55000") == 0) {
        tell_not_loaded(cycle);
        return true;
    }
    if (status == STATUS_OK) {
        match_baselines(cycle, look);
        status = name_entries(cycle, look);
    }
    if (status != STATUS_OK)
        return false;
    count_growth(cycle, look);
    keep_era(cycle, look);
    if (look->hidden > 0)
        tell_hidden(cycle, look, user, target_cell(about, 0, ABOUT_USER_QUOTED));
    if (text_equal(target_cell(about, 0, ABOUT_TRACK), TEXT("none")))
        cycle_tell(cycle, COLLECT_STATE_WARNING, "pg_stat_statements is loaded but counts nothing.",
                   "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();");
    return true;
}

void collect_postgres(struct cycle *cycle)
{
    struct target_rows about;
    struct look look = {0};
    struct text user, quoted_user;

    if (cycle_run(cycle, about_sql, NULL, 0, &about) != STATUS_OK || about.row_count != 1 ||
        !collect_statistics(cycle, &about, &look) ||
        read_sessions(cycle, &look, target_int64(&about, 0, ABOUT_ACTIVITY_BYTES)) != STATUS_OK) {
        cycle_fail(cycle);
        return;
    }
    user = target_cell(&about, 0, ABOUT_USER);
    quoted_user = target_cell(&about, 0, ABOUT_USER_QUOTED);
    if (!target_is_true(&about, 0, ABOUT_READS_ALL) && look.hidden == 0)
        cycle_tell(cycle, COLLECT_STATE_WARNING,
                   arena_printf(cycle->arena, "%.*s sees only its own statements.", (int)user.size, user.data),
                   arena_printf(cycle->arena, "GRANT pg_monitor TO %s;", quoted_user.data));
    collect_postgres_plans(cycle, user, quoted_user, target_is_true(&about, 0, ABOUT_IS_SUPERUSER));
}
