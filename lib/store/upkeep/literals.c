/* Removes literals that are no longer kept; see literals.h. */
#include "store/upkeep/literals.h"

#include <xxhash.h>

#include "store/ingest/rows.h"
#include "store/scope/statement.h"

#define YEAR_1_US INT64_C(-62135596800000000)

enum { ROWS_MAX = 2000 };

static struct db_params connection_params(const struct literals_purge *purge, struct arena *arena)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, purge->organization_id);
    params_int64(&params, purge->connection_id);
    return params;
}

static enum status find_next(struct store *store, struct literals_purge *purge, struct arena *arena,
                             struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(literals_due), NULL, arena, &result, error);

    if (status == STATUS_OK && PQntuples(result) > 0)
        *purge = (struct literals_purge){.organization_id = row_int64(result, 0, LITERALS_DUE_ORGANIZATION_ID),
                                         .connection_id = row_int64(result, 0, LITERALS_DUE_ID),
                                         .started_us = row_time(result, 0, LITERALS_DUE_STARTED_AT),
                                         .captured_at_us = YEAR_1_US,
                                         .digest = INT64_MIN};
    return status;
}

/* Purge everything but samples. *out_count 0: there is nothing left to purge. */
static enum status purge_others(struct store *store, const struct literals_purge *purge, struct arena *arena,
                                int64_t *out_count, struct error *error)
{
    static const struct db_sql *const statements[] = {SQL(literals_plans), SQL(literals_jobs), SQL(literals_legacy)};
    int64_t count = 0;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof statements / sizeof statements[0] && status == STATUS_OK && count == 0; i++) {
        struct db_params params = connection_params(purge, arena);
        PGresult *result;

        params_int32(&params, ROWS_MAX);
        status = store_run(store, statements[i], &params, arena, &result, error);
        if (status == STATUS_OK)
            count = row_changed_count(result);
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

/* The digest that the sample would have if literals had not been kept. So a sample that is sent again is still
 * recognized. */
static int64_t digest_of(const PGresult *result, int row)
{
    struct sample_fact sample = {
        .captured_at_us = row_time(result, row, LITERALS_SAMPLE_LIST_CAPTURED_AT),
        .statement.hash = row_hash(result, row, LITERALS_SAMPLE_LIST_SQL_HASH),
        .duration_ms = row_double(result, row, LITERALS_SAMPLE_LIST_DURATION_MS),
        .rows_examined = row_int64(result, row, LITERALS_SAMPLE_LIST_ROWS_EXAMINED),
        .rows_returned = row_int64(result, row, LITERALS_SAMPLE_LIST_ROWS_RETURNED),
        .user_host = row_text(result, row, LITERALS_SAMPLE_LIST_USER_HOST),
        .database_name = row_text(result, row, LITERALS_SAMPLE_LIST_DATABASE_NAME),
    };
    enum sample_provenance provenance = (enum sample_provenance)row_int64(result, row, LITERALS_SAMPLE_LIST_PROVENANCE);

    /* The digest of a predecessors' sample is the row's number. */
    return provenance == SAMPLE_PROVENANCE_LEGACY ? row_int64(result, row, LITERALS_SAMPLE_LIST_SAMPLE_DIGEST)
                                                  : ingest_sample_digest(&sample, provenance, false);
}

/* is_apart: the new digests include the sample's id. Without it, executions that differ only in their literals would
 * have the same digest. */
static enum status clear_samples(struct store *store, const struct literals_purge *purge, const PGresult *result,
                                 bool is_apart, struct arena *arena, struct error *error)
{
    struct db_params params = connection_params(purge, arena);
    size_t rows = (size_t)PQntuples(result), count = 0;
    int64_t *times_us = arena_alloc_array(arena, rows, sizeof *times_us);
    int64_t *ids = arena_alloc_array(arena, rows, sizeof *ids);
    int64_t *digests = arena_alloc_array(arena, rows, sizeof *digests);

    for (int row = 0; row < PQntuples(result); row++) {
        int64_t parts[2] = {row_int64(result, row, LITERALS_SAMPLE_LIST_ID), digest_of(result, row)};

        if (!row_bool(result, row, LITERALS_SAMPLE_LIST_HAS_LITERALS))
            continue;
        times_us[count] = row_time(result, row, LITERALS_SAMPLE_LIST_CAPTURED_AT);
        ids[count] = parts[0];
        digests[count++] = is_apart ? (int64_t)XXH3_64bits(parts, sizeof parts) : parts[1];
    }
    if (count == 0)
        return STATUS_OK;
    params_time_array(&params, times_us, count);
    params_int64_array(&params, ids, count);
    params_int64_array(&params, digests, count);
    return store_run(store, SQL(literals_sample_clear), &params, arena, NULL, error);
}

static enum status purge_samples(struct store *store, struct literals_purge *purge, struct arena *arena,
                                 struct error *error)
{
    struct db_params params = connection_params(purge, arena);
    PGresult *result;
    int count;
    enum status status;

    params_time(&params, purge->captured_at_us);
    params_int64(&params, purge->digest);
    params_int32(&params, ROWS_MAX);
    status = store_run(store, SQL(literals_sample_list), &params, arena, &result, error);
    if (status == STATUS_OK)
        status = clear_samples(store, purge, result, false, arena, error);
    if (status == STATUS_CONFLICT)
        status = clear_samples(store, purge, result, true, arena, error);
    if (status != STATUS_OK)
        return status;
    count = PQntuples(result);
    purge->has_samples_left = count == ROWS_MAX;
    if (count > 0) {
        purge->captured_at_us = row_time(result, count - 1, LITERALS_SAMPLE_LIST_CAPTURED_AT);
        purge->digest = row_int64(result, count - 1, LITERALS_SAMPLE_LIST_SAMPLE_DIGEST);
    }
    return STATUS_OK;
}

static enum status finish(struct store *store, struct literals_purge *purge, struct arena *arena, struct error *error)
{
    struct db_params params = connection_params(purge, arena);
    enum status status;

    params_time(&params, purge->started_us);
    status = store_run(store, SQL(literals_done), &params, arena, NULL, error);
    if (status == STATUS_OK)
        *purge = (struct literals_purge){0};
    return status;
}

/* After a failure of this connection's rows the others come first; it is tried again in a minute. The purge does not
 * count as done: it began in the year 1. */
static enum status put_off(struct store *store, struct literals_purge *purge, enum status status, struct arena *arena)
{
    if (status == STATUS_OK || status == STATUS_UNAVAILABLE)
        return status;
    purge->started_us = YEAR_1_US;
    if (finish(store, purge, arena, NULL) != STATUS_OK)
        *purge = (struct literals_purge){0};
    return status;
}

enum status store_literals_purge(struct store *store, struct literals_purge *purge, struct arena *arena,
                                 bool *out_has_more, struct error *error)
{
    int64_t count = 0;
    enum status status = STATUS_OK;

    *out_has_more = false;
    if (purge->connection_id == 0)
        status = find_next(store, purge, arena, error);
    if (status != STATUS_OK || purge->connection_id == 0)
        return status;
    *out_has_more = true;
    if (!purge->has_samples_left)
        status = purge_others(store, purge, arena, &count, error);
    if (status != STATUS_OK || count > 0)
        return put_off(store, purge, status, arena);
    status = purge_samples(store, purge, arena, error);
    if (status == STATUS_OK && !purge->has_samples_left)
        status = finish(store, purge, arena, error);
    return put_off(store, purge, status, arena);
}
