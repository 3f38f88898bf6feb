/* Gives the predecessors' statements Potto's fingerprints; see legacy.h. */
#include "store/upkeep/legacy.h"

#include <stdlib.h>
#include <string.h>

#include "sql/statement.h"
#include "store/ingest/fingerprints.h"
#include "store/scope/statement.h"

enum { TEXTS_MAX = 500 };

static const char task[] = "legacy_samples";

/* One statement on one connection, and its new fingerprint. */
struct move {
    int64_t organization_id, connection_id;
    struct sql_hash before;
    enum sql_dialect dialect;
    struct sql_fingerprint after;
};

enum status store_legacy_is_due(struct store *store, struct arena *arena, bool *out_is_due, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_string(&params, task);
    status = store_run(store, SQL(migration_task_find), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_due = PQntuples(result) > 0;
    return status;
}

enum status store_legacy_done(struct store *store, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    /* Autovacuum does not analyze partitioned tables, and readers need the statistics at once. */
    enum status status = store_set_limit(store, STORE_LIMIT_LONG_MS, error);

    if (status == STATUS_OK)
        status = store_script(store,
                              "ANALYZE slow_queries_raw, query_fingerprints, query_fingerprint_connections,"
                              " query_fingerprint_metrics, query_metrics, query_plans",
                              error);
    if (status == STATUS_OK)
        status = store_set_limit(store, STORE_LIMIT_USUAL_MS, error);
    if (status != STATUS_OK)
        return status;
    params_string(&params, task);
    return store_run(store, SQL(migration_task_done), &params, arena, NULL, error);
}

static struct move read_move(const PGresult *result, int row, struct arena *arena)
{
    struct text sql = row_text(result, row, LEGACY_TEXT_LIST_FINGERPRINT);
    struct move move = {.organization_id = row_int64(result, row, LEGACY_TEXT_LIST_ORGANIZATION_ID),
                        .before = row_hash(result, row, LEGACY_TEXT_LIST_SQL_HASH),
                        .connection_id = row_int64(result, row, LEGACY_TEXT_LIST_DATABASE_CONNECTION_ID),
                        .dialect = sql_dialect_of(row_text(result, row, LEGACY_TEXT_LIST_ENGINE))};

    move.after = sql_fingerprint(move.dialect, sql, arena);
    return move;
}

static int compare_moves(const void *left, const void *right)
{
    return memcmp(&((const struct move *)left)->after.hash, &((const struct move *)right)->after.hash,
                  sizeof(struct sql_hash));
}

/* Write the new fingerprints. `moves` are of one organization and ascending by their new hashes. */
static enum status write_texts(struct store *store, const struct move *moves, size_t count, struct arena *arena,
                               struct error *error)
{
    struct ingest_statement *statements = arena_alloc_array(arena, count, sizeof *statements);
    size_t distinct = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sql_fingerprint *after = &moves[i].after;

        if (distinct == 0 || !sql_hash_equal(statements[distinct - 1].fingerprint->hash, after->hash))
            statements[distinct++] = (struct ingest_statement){.fingerprint = after, .dialect = moves[i].dialect};
    }
    return ingest_fingerprints_write(store, moves[0].organization_id, statements, distinct, arena,
                                     &(struct budget_spent){0}, error);
}

static enum status write_moves(struct store *store, const struct move *moves, size_t count, struct arena *arena,
                               struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t *organization_ids = arena_alloc_array(arena, count, sizeof *organization_ids);
    int64_t *connection_ids = arena_alloc_array(arena, count, sizeof *connection_ids);
    struct sql_hash *before = arena_alloc_array(arena, count, sizeof *before);
    struct sql_hash *after = arena_alloc_array(arena, count, sizeof *after);
    enum status status;

    for (size_t i = 0; i < count; i++) {
        organization_ids[i] = moves[i].organization_id;
        connection_ids[i] = moves[i].connection_id;
        before[i] = moves[i].before;
        after[i] = moves[i].after.hash;
    }
    params_int64_array(&params, organization_ids, count);
    params_int64_array(&params, connection_ids, count);
    params_hash_array(&params, before, count);
    params_hash_array(&params, after, count);
    status = store_run(store, SQL(legacy_text_move), &params, arena, NULL, error);
    return status == STATUS_OK ? store_run(store, SQL(legacy_text_drop), NULL, arena, NULL, error) : status;
}

/* Write one organization's moves in a transaction. The migrations put all legacy connections into one organization. */
static enum status move_all(struct store *store, struct move *moves, size_t count, struct arena *arena,
                            struct error *error)
{
    enum status status = store_begin(store, error);

    qsort(moves, count, sizeof *moves, compare_moves);
    if (status == STATUS_OK)
        status = store_set_limit(store, STORE_LIMIT_LONG_MS, error);
    if (status == STATUS_OK)
        status = write_texts(store, moves, count, arena, error);
    if (status == STATUS_OK)
        status = write_moves(store, moves, count, arena, error);
    return store_end(store, status, error);
}

enum status store_legacy_fingerprint(struct store *store, struct arena *arena, int64_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct move *moves;
    size_t count = 0;
    PGresult *result;
    enum status status;

    params_int32(&params, TEXTS_MAX);
    status = store_run(store, SQL(legacy_text_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    moves = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *moves);
    for (int row = 0; row < PQntuples(result); row++) {
        struct move move = read_move(result, row, arena);

        if (count == 0 || move.organization_id == moves[0].organization_id)
            moves[count++] = move;
    }
    if (count > 0)
        status = move_all(store, moves, count, arena, error);
    if (status == STATUS_OK)
        *out_count = (int64_t)count;
    return status;
}
