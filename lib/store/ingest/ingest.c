/* One batch, one transaction; see ingest.h. */
#include "store/ingest/ingest.h"

#include "store/ingest/batch_id.h"
#include "store/ingest/plans.h"
#include "store/ingest/rows.h"
#include "store/ingest/seen.h"
#include "store/ingest/sums.h"
#include "store/ingest/tags.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

/* What store_ingest() writes. */
struct items {
    const struct sample_batch *batch;
    struct ingest_rows rows;
    struct ingest_statement *written; /* for ingest_seen_add(), after the commit */
    size_t written_count;
};

enum status store_ingest_target(struct store *store, const struct scope *scope, struct arena *arena,
                                struct ingest_target *out_target, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text engine;
    PGresult *result;
    enum status status;

    params_int64(&params, scope_connection_id(scope));
    status = store_read(store, scope, SQL(ingest_target), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    engine = row_text(result, 0, INGEST_TARGET_ENGINE);
    *out_target = (struct ingest_target){.organization_id = scope_organization_id(scope),
                                         .connection_id = scope_connection_id(scope),
                                         .host = row_text(result, 0, INGEST_TARGET_HOST),
                                         .rules = {.engine = engine,
                                                   .dialect = sql_dialect_of(engine),
                                                   .keeps_literals = row_bool(result, 0, INGEST_TARGET_KEEP_LITERALS)}};
    return STATUS_OK;
}

static struct ingest_batch_id id_of(const struct sample_batch *batch)
{
    return (struct ingest_batch_id){.organization_id = batch->target.organization_id,
                                    .connection_id = batch->target.connection_id,
                                    .id = batch->batch_id,
                                    .body_digest = batch->body_digest};
}

enum status store_ingest_replay(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    const struct ingest_batch_id id = id_of(batch);

    return ingest_batch_replay(store, &id, arena, out_outcome, error);
}

/* What the new rows add up to. *out_written is what ingest_seen_add() takes after the commit. */
static enum status write_sums(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                              struct arena *arena, struct ingest_statement **out_written, size_t *out_written_count,
                              struct budget_spent *out_spent, struct error *error)
{
    const struct ingest_target *target = &batch->target;
    struct ingest_statement *statements;
    size_t count = ingest_statements_find(store, target, rows, arena, &statements);
    struct budget_spent spent = ingest_rows_cost(batch, rows);
    enum status status = ingest_deltas_write(store, target, rows, arena, error);

    if (status == STATUS_OK)
        status = ingest_fingerprints_write(store, target->organization_id, statements, count, arena, &spent, error);
    if (status == STATUS_OK)
        status = ingest_fingerprints_seen(store, target->organization_id, target->connection_id, statements, count,
                                          arena, error);
    if (status == STATUS_OK)
        status = ingest_plans_write(store, batch, rows, arena, &spent, error);
    if (status == STATUS_OK)
        status = ingest_tags_write(store, batch, rows, arena, &spent, error);
    *out_spent = spent;
    *out_written = statements;
    *out_written_count = count;
    return status;
}

static int64_t count_new(const struct ingest_rows *rows)
{
    int64_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        count += rows->rows[i].is_new;
    return count;
}

static enum status write_items(struct store *store, void *context, bool by_copy, int64_t *out_new, struct error *error)
{
    struct items *items = context;
    enum status status = by_copy ? ingest_rows_copy(store, items->batch, &items->rows, error)
                                 : ingest_rows_insert(store, items->batch, &items->rows, error);

    items->written_count = 0;
    *out_new = status == STATUS_OK ? count_new(&items->rows) : 0;
    return status;
}

static enum status write_sums_of(struct store *store, void *context, struct arena *arena,
                                 struct budget_spent *out_spent, struct error *error)
{
    struct items *items = context;

    return write_sums(store, items->batch, &items->rows, arena, &items->written, &items->written_count, out_spent,
                      error);
}

enum status store_ingest(struct store *store, const struct sample_batch *batch, struct arena *arena,
                         struct ingest_outcome *out_outcome, struct error *error)
{
    static const struct ingest_batch_writer writer = {write_items, write_sums_of};
    struct items items = {.batch = batch, .rows = ingest_rows_make(batch, arena)};
    const struct ingest_batch_id id = id_of(batch);
    const struct ingest_batch_counts counts = {.sent = (int64_t)batch->samples.count,
                                               .distinct = (int64_t)items.rows.count,
                                               .rejected = batch->rejected,
                                               .expects_duplicates = batch->expects_duplicates};
    enum status status = ingest_batch_store(store, &id, &counts, &writer, &items, arena, out_outcome, error);

    if (status == STATUS_OK && !out_outcome->is_replay)
        ingest_seen_add(store, &batch->target, items.written, items.written_count);
    return status;
}

static struct growth_facts list_uncounted(const struct ingest_rows *rows, struct arena *arena)
{
    struct growth_facts growth = {.items = arena_alloc_array(arena, rows->count, sizeof *growth.items)};

    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].is_new && rows->rows[i].sample->is_uncounted)
            growth.items[growth.count++] = growth_of_sample(rows->rows[i].sample);
    return growth;
}

enum status store_ingest_within(struct store *store, const struct sample_batch *batch, struct arena *arena,
                                struct ingest_outcome *out_outcome, struct error *error)
{
    struct ingest_rows rows = ingest_rows_make(batch, arena);
    struct ingest_statement *written;
    size_t written_count;
    /* Not by COPY: a duplicate would fail it, and the caller's transaction with it. */
    enum status status = ingest_rows_insert(store, batch, &rows, error);

    if (status == STATUS_OK)
        status = write_sums(store, batch, &rows, arena, &written, &written_count, &out_outcome->spent, error);
    if (status == STATUS_OK) {
        out_outcome->accepted = count_new(&rows);
        out_outcome->duplicates = (int64_t)batch->samples.count - out_outcome->accepted;
        out_outcome->is_replay = false;
        out_outcome->uncounted = list_uncounted(&rows, arena);
    }
    return status;
}
