/* Writing plans that came with samples; see plans.h. */
#include "store/ingest/plans.h"

#include <stdlib.h>
#include <string.h>

#include "facts/plan.h"
#include "store/scope/statement.h"

enum { PLANS_BYTES_MAX = 8 * 1024 * 1024 }; /* in one statement */

static int compare_plans(const void *left_sample, const void *right_sample)
{
    const struct sample_fact *left = *(const struct sample_fact *const *)left_sample;
    const struct sample_fact *right = *(const struct sample_fact *const *)right_sample;
    int order = memcmp(left->statement.hash.bytes, right->statement.hash.bytes, sizeof left->statement.hash.bytes);

    return order != 0 ? order : memcmp(left->plan_hash.bytes, right->plan_hash.bytes, sizeof left->plan_hash.bytes);
}

static enum status write_plan_chunk(struct store *store, const struct sample_batch *batch,
                                    const struct sample_fact **samples, size_t count, struct arena *arena,
                                    struct budget_spent *spent, struct error *error)
{
    struct db_params params = {.arena = arena};
    double bytes = 0, new_count = 0;
    PGresult *result;
    enum status status;
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct sql_hash *plan_hashes = arena_alloc_array(arena, count, sizeof *plan_hashes);
    struct text *plans = arena_alloc_array(arena, count, sizeof *plans);

    for (size_t i = 0; i < count; i++) {
        hashes[i] = samples[i]->statement.hash;
        plan_hashes[i] = samples[i]->plan_hash;
        plans[i] = samples[i]->plan;
        bytes += (double)plans[i].size;
    }
    params_int64(&params, batch->target.organization_id);
    params_int64(&params, batch->target.connection_id);
    params_string(&params,
                  plan_provenance_name(batch->samples.provenance == SAMPLE_PROVENANCE_AGENT ? PLAN_PROVENANCE_AGENT
                                                                                            : PLAN_PROVENANCE_LOG));
    params_hash_array(&params, hashes, count);
    params_hash_array(&params, plan_hashes, count);
    params_text_array(&params, plans, count);
    status = store_run(store, SQL(ingest_plans), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        new_count += row_bool(result, row, INGEST_PLANS_IS_NEW);
    /* Which ones were new is not known, so they count as long as the mean. */
    spent->bytes += new_count * (bytes / (double)count + BUDGET_ROW_BYTES);
    spent->rows += new_count;
    return STATUS_OK;
}

enum status ingest_plans_write(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                               struct arena *arena, struct budget_spent *spent, struct error *error)
{
    const struct sample_fact **samples;
    size_t count = 0, distinct = 0;
    enum status status = STATUS_OK;

    if (!batch->target.rules.keeps_literals)
        return STATUS_OK;
    for (size_t i = 0; i < rows->count; i++)
        count += rows->rows[i].is_new && rows->rows[i].sample->plan.data != NULL;
    if (count == 0)
        return STATUS_OK;
    samples = arena_alloc_array(arena, count, sizeof *samples);
    for (size_t i = 0, at = 0; i < rows->count; i++)
        if (rows->rows[i].is_new && rows->rows[i].sample->plan.data != NULL)
            samples[at++] = rows->rows[i].sample;
    qsort(samples, count, sizeof *samples, compare_plans);
    for (size_t i = 0; i < count; i++)
        if (distinct == 0 || compare_plans(&samples[distinct - 1], &samples[i]) != 0)
            samples[distinct++] = samples[i];
    for (size_t from = 0, size; status == STATUS_OK && from < distinct; from += size) {
        size_t bytes = 0;

        for (size = 0; from + size < distinct && bytes < PLANS_BYTES_MAX; size++)
            bytes += samples[from + size]->plan.size;
        status = write_plan_chunk(store, batch, samples + from, size, arena, spent, error);
    }
    return status;
}
