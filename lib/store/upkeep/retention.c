/* Removes data that is older than its retention, in small steps; see retention.h. */
#include "store/upkeep/retention.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "store/scope/statement.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

enum {
    EXPIRED_TOKEN_DAYS = 7,
    IDLE_BASELINE_DAYS = 30,
    SET_ASIDE_DAYS = 30,
    SILENT_COLLECTOR_DAYS = 30,
    SILENT_LOG_DAYS = 30,
    ENDED_API_TOKEN_DAYS = 90,
    LLM_QUESTION_DAYS = 30,
    LLM_SPENDING_DAYS = 400,
    ARRIVALS_DAYS = 4000 /* more than any retention of samples */
};

/* Waiting for a lock to drop a table blocks later readers of it; this limits how long. */
#define DROP_LOCK "SET LOCAL lock_timeout = '300ms'"

static const struct {
    const char *table;
    size_t days; /* offset in struct retention */
} partitioned[] = {
    {"slow_queries_raw", offsetof(struct retention, samples_days)},
    {"metrics_mongodb", offsetof(struct retention, samples_days)},
    {"query_fingerprint_metrics_5m", offsetof(struct retention, fine_days)},
    {"query_fingerprint_metrics_1h", offsetof(struct retention, hour_days)},
    {"session_waits_5m", offsetof(struct retention, fine_days)},
    {"session_waits_1h", offsetof(struct retention, hour_days)},
};

/* Statements that remove rows. Parameters: the resolution (if resolution_s is not 0), the time before which rows are
 * removed, and the most rows to remove. */
static const struct {
    const struct db_sql *sql;
    int32_t resolution_s;
    size_t days;       /* offset in struct retention; used if days_kept is 0 */
    int64_t days_kept; /* a fixed number of days */
} trims[] = {
    {SQL(retention_rollups_fine), 0, offsetof(struct retention, fine_days), 0},
    {SQL(retention_rollups_hour), 0, offsetof(struct retention, hour_days), 0},
    {SQL(retention_rollups_day), 0, offsetof(struct retention, day_days), 0},
    {SQL(retention_connection_rollups), 300, offsetof(struct retention, fine_days), 0},
    {SQL(retention_connection_rollups), 3600, offsetof(struct retention, hour_days), 0},
    {SQL(retention_connection_rollups), 86400, offsetof(struct retention, day_days), 0},
    {SQL(retention_mongodb_reports), 0, offsetof(struct retention, samples_days), 0},
    {SQL(retention_mongodb_newest), 0, offsetof(struct retention, samples_days), 0},
    {SQL(retention_session_waits), 300, offsetof(struct retention, fine_days), 0},
    {SQL(retention_session_waits), 3600, offsetof(struct retention, hour_days), 0},
    {SQL(retention_coverage), 0, offsetof(struct retention, fine_days), 0},
    {SQL(retention_deadlocks), 0, offsetof(struct retention, hour_days), 0},
    {SQL(retention_log_places), 0, 0, SILENT_LOG_DAYS},
    {SQL(retention_log_files), 0, 0, SILENT_LOG_DAYS},
    {SQL(retention_mongodb_stats), 300, offsetof(struct retention, fine_days), 0},
    {SQL(retention_mongodb_stats), 3600, offsetof(struct retention, hour_days), 0},
    {SQL(retention_mongodb_stats), 86400, offsetof(struct retention, day_days), 0},
    {SQL(retention_mongodb_nodes), 0, offsetof(struct retention, day_days), 0},
    {SQL(retention_tag_sums), 0, offsetof(struct retention, samples_days), 0},
    {SQL(retention_tags), 0, offsetof(struct retention, samples_days), 0},
    {SQL(retention_plans), 0, offsetof(struct retention, plans_days), 0},
    {SQL(retention_plans_refused), 0, offsetof(struct retention, plans_days), 0},
    {SQL(retention_batches), 0, offsetof(struct retention, batches_days), 0},
    {SQL(retention_seen), 0, offsetof(struct retention, day_days), 0},
    {SQL(retention_refresh_tokens), 0, 0, EXPIRED_TOKEN_DAYS},
    {SQL(retention_baselines), 0, 0, IDLE_BASELINE_DAYS},
    {SQL(retention_set_aside), 0, 0, SET_ASIDE_DAYS},
    {SQL(retention_mongodb_aside), 0, 0, SET_ASIDE_DAYS},
    {SQL(retention_collectors), 0, 0, SILENT_COLLECTOR_DAYS},
    {SQL(retention_api_tokens), 0, 0, ENDED_API_TOKEN_DAYS},
    {SQL(retention_llm_questions), 0, 0, LLM_QUESTION_DAYS},
    {SQL(retention_llm_days), 0, 0, LLM_SPENDING_DAYS},
    {SQL(retention_audit), 0, offsetof(struct retention, audit_days), 0},
};

static int64_t days_at(const struct retention *retention, size_t offset)
{
    int64_t days;

    memcpy(&days, (const char *)retention + offset, sizeof days);
    return days;
}

/* Add the time before which data is not kept. If it is kept for ever, that is the year 1: no data is older. */
static void params_from(struct db_params *params, int64_t kept_days, int64_t now_us)
{
    int64_t from_us = retention_from_us(kept_days, now_us);

    params_time(params, from_us == INT64_MIN ? INT64_C(-62135596800000000) : from_us); /* 0001-01-01 */
}

static enum status read_clock(struct store *store, struct arena *arena, int64_t *out_now_us, struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(clock), NULL, arena, &result, error);

    if (status == STATUS_OK)
        *out_now_us = row_time(result, 0, CLOCK_CLOCK_TIMESTAMP);
    return status;
}

/* Begin a transaction in which no lock is waited for longer than DROP_LOCK allows. *out_is_ours false: another
 * collector is doing this now. */
static enum status begin_turn(struct store *store, struct arena *arena, bool *out_is_ours, struct error *error)
{
    PGresult *result;
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = store_script(store, DROP_LOCK, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(upkeep_lock), NULL, arena, &result, error);
    *out_is_ours = status == STATUS_OK && row_bool(result, 0, UPKEEP_LOCK_PG_TRY_ADVISORY_XACT_LOCK);
    if (!*out_is_ours)
        store_rollback(store);
    return status;
}

/* Commit or roll back. If another session's lock was in the way, this is not a failure: the next run tries again. */
static enum status end_turn(struct store *store, enum status status, struct error *error)
{
    bool was_locked = strcmp(store_sqlstate(store), "55P03") == 0;

    if (status == STATUS_OK)
        return store_commit(store, error);
    store_rollback(store);
    return was_locked ? STATUS_OK : status;
}

enum status store_retention_prepare(struct store *store, const struct retention *retention, struct arena *arena,
                                    struct error *error)
{
    struct db_params params = {.arena = arena};
    bool is_ours = false;
    enum status status = begin_turn(store, arena, &is_ours, error);

    if (status != STATUS_OK || !is_ours)
        return status;
    params_int32(&params, (int32_t)(retention->samples_days == 0 ? ARRIVALS_DAYS : retention->samples_days));
    status = store_run(store, SQL(retention_arrivals), &params, arena, NULL, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(retention_partitions), NULL, arena, NULL, error);
    return end_turn(store, status, error);
}

/* Record the time before which the predecessors' samples may be missing, before they are removed. Without it a rebuild
 * of rollups would take their days for days without samples. */
static enum status mark_legacy(struct store *store, const struct retention *retention, int64_t now_us,
                               struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    if (retention->legacy_days == 0)
        return STATUS_OK;
    params_from(&params, retention->legacy_days, now_us);
    return store_run(store, SQL(retention_mark_legacy), &params, arena, NULL, error);
}

/* Of one step the first failure is kept, and the next step is done all the same, unless the store is away: the rows of
 * one database must not keep those of others for ever. */
static void keep_first(enum status status, const struct error *failure, enum status *first, struct error *error)
{
    if (status == STATUS_OK || *first != STATUS_OK)
        return;
    *first = status;
    if (error != NULL)
        *error = *failure;
}

enum status store_retention_drop(struct store *store, const struct retention *retention, struct arena *arena,
                                 bool *out_is_dropped, struct error *error)
{
    int64_t now_us = 0;
    enum status first = read_clock(store, arena, &now_us, error), status = first;

    *out_is_dropped = false;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0;
         i < sizeof partitioned / sizeof partitioned[0] && status != STATUS_UNAVAILABLE && !*out_is_dropped; i++) {
        struct db_params params = {.arena = arena};
        struct error failure = {0};
        bool is_ours = false;
        PGresult *result = NULL;

        if (days_at(retention, partitioned[i].days) == 0)
            continue;
        status = begin_turn(store, arena, &is_ours, &failure);
        if (status == STATUS_OK && !is_ours)
            break;
        params_string(&params, partitioned[i].table);
        params_from(&params, days_at(retention, partitioned[i].days), now_us);
        params_from(&params, retention->legacy_days, now_us);
        if (status == STATUS_OK)
            status = mark_legacy(store, retention, now_us, arena, &failure);
        if (status == STATUS_OK)
            status = store_run(store, SQL(retention_drop), &params, arena, &result, &failure);
        *out_is_dropped = status == STATUS_OK && !row_is_null(result, 0, RETENTION_DROP_DROP_PARTITION_BEFORE);
        status = end_turn(store, status, &failure);
        keep_first(status, &failure, &first, error);
    }
    return *out_is_dropped ? STATUS_OK : first;
}

static enum status trim_samples(struct store *store, const struct retention *retention, int64_t now_us, int max,
                                struct arena *arena, int64_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    if (retention->samples_days == 0 && retention->legacy_days == 0)
        return STATUS_OK;
    params_from(&params, retention->samples_days, now_us);
    params_from(&params, retention->legacy_days, now_us);
    params_int32(&params, max);
    status = mark_legacy(store, retention, now_us, arena, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(retention_samples), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_int64(result, 0, RETENTION_SAMPLES_TRIM_SAMPLES);
    return status;
}

static enum status trim(struct store *store, size_t kind, const struct retention *retention, int64_t now_us, int max,
                        struct arena *arena, int64_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t days = trims[kind].days_kept != 0 ? trims[kind].days_kept : days_at(retention, trims[kind].days);
    PGresult *result;
    enum status status;

    if (days == 0)
        return STATUS_OK;
    if (trims[kind].resolution_s != 0)
        params_int32(&params, trims[kind].resolution_s);
    params_from(&params, days, now_us);
    params_int32(&params, max);
    status = store_run(store, trims[kind].sql, &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_changed_count(result);
    return status;
}

static enum status trim_audit(struct store *store, int64_t lines_max, int max, struct arena *arena, int64_t *out_count,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    if (lines_max == 0)
        return STATUS_OK;
    params_int64(&params, lines_max);
    params_int32(&params, max);
    status = store_run(store, SQL(retention_audit_lines), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_count = row_changed_count(result);
    return status;
}

enum status store_retention_trim(struct store *store, const struct retention *retention, int max, struct arena *arena,
                                 int64_t *out_count, struct error *error)
{
    int64_t count = 0, now_us = 0;
    struct error failure = {0};
    enum status first = read_clock(store, arena, &now_us, error), status = first;

    if (status != STATUS_OK)
        return status;
    status = trim_samples(store, retention, now_us, max, arena, &count, &failure);
    keep_first(status, &failure, &first, error);
    for (size_t i = 0; i < sizeof trims / sizeof trims[0] && status != STATUS_UNAVAILABLE && count == 0; i++) {
        failure = (struct error){0};
        status = trim(store, i, retention, now_us, max, arena, &count, &failure);
        keep_first(status, &failure, &first, error);
    }
    if (status != STATUS_UNAVAILABLE && count == 0) {
        failure = (struct error){0};
        status = trim_audit(store, retention->audit_lines, max, arena, &count, &failure);
        keep_first(status, &failure, &first, error);
    }
    if (count == 0)
        return first;
    *out_count = count;
    return STATUS_OK;
}

/* ---- statements' texts ---- */

static enum status drop_texts(struct store *store, int64_t organization_id, const struct sql_hash *hashes, size_t count,
                              struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    bool is_ours = false;
    enum status status = begin_turn(store, arena, &is_ours, error);

    if (status != STATUS_OK || !is_ours)
        return status;
    params_int64(&params, organization_id);
    params_hash_array(&params, hashes, count);
    /* The lock is a statement of its own, so that the next statement sees what writers committed before it. */
    status = store_run(store, SQL(retention_fingerprints_lock), NULL, arena, NULL, error);
    if (status == STATUS_OK)
        status = store_run(store, SQL(retention_fingerprints_drop), &params, arena, NULL, error);
    return end_turn(store, status, error);
}

enum status store_retention_walk(struct store *store, struct retention_walk *walk, int max, struct arena *arena,
                                 bool *out_is_at_end, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *unused = arena_alloc_array(arena, (size_t)max, sizeof *unused);
    struct retention_walk next = {0};
    struct error failure = {0};
    size_t count = 0;
    PGresult *result;
    enum status status, first = STATUS_OK;

    params_int64(&params, walk->organization_id);
    params_hash(&params, walk->hash);
    params_int32(&params, max);
    status = store_run(store, SQL(retention_fingerprints_find), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; status != STATUS_UNAVAILABLE && row < PQntuples(result); row++) {
        int64_t organization_id = row_int64(result, row, RETENTION_FINGERPRINTS_FIND_ORGANIZATION_ID);

        if (count > 0 && organization_id != next.organization_id) {
            status = drop_texts(store, next.organization_id, unused, count, arena, &failure);
            keep_first(status, &failure, &first, error);
            count = 0;
        }
        next = (struct retention_walk){organization_id, row_hash(result, row, RETENTION_FINGERPRINTS_FIND_SQL_HASH)};
        if (row_bool(result, row, RETENTION_FINGERPRINTS_FIND_IS_UNUSED))
            unused[count++] = next.hash;
    }
    if (status != STATUS_UNAVAILABLE && count > 0) {
        status = drop_texts(store, next.organization_id, unused, count, arena, &failure);
        keep_first(status, &failure, &first, error);
    }
    if (status == STATUS_UNAVAILABLE)
        return status;
    *out_is_at_end = PQntuples(result) < max;
    *walk = *out_is_at_end ? (struct retention_walk){0} : next;
    return first;
}
