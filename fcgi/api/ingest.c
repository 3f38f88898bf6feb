/* POST /api/v1/collectors/ingest/slow-queries: an agent's batch of samples. */
#include "wire/ingest.h"

#include <xxhash.h>

#include "base/clock.h"
#include "fcgi/api/ingest_answer.h"
#include "fcgi/handlers.h"
#include "fcgi/request/metrics.h"
#include "plan/plan.h"
#include "store/ingest/ingest.h"

enum {
    PAGES_DAYS_MAX = 30, /* the longest period that pages offer */
    PLAN_IS_WITHIN = 3,  /* levels of JSON of a batch: the message, its queries, the query */
};
_Static_assert(JSON_READ_DEPTH_MAX - PLAN_IS_WITHIN >= PLAN_JSON_DEPTH_MAX, "each plan that is read can be sent");

/* Of the plan's shape where lib/plan can read it: a plan whose costs drift stays the same plan. Else of its bytes. */
static struct sql_hash hash_plan(enum plan_dialect dialect, struct text json, struct arena *scratch)
{
    struct sql_hash hash;
    struct plan plan;
    XXH128_canonical_t bytes;

    if (plan_read(dialect, json, scratch, &plan, NULL) == STATUS_OK) {
        memcpy(hash.bytes, plan.hash.bytes, sizeof hash.bytes);
        return hash;
    }
    XXH128_canonicalFromHash(&bytes, XXH3_128bits(json.data, json.size));
    memcpy(hash.bytes, bytes.digest, sizeof hash.bytes);
    return hash;
}

/* An agent's own fingerprint is reduced once more, so that a statement has one fingerprint whoever sends it. */
static void complete_samples(const struct statement_rules *rules, struct sample_facts *samples, struct arena *arena)
{
    enum plan_dialect dialect = plan_dialect_of(rules->engine);
    struct arena *scratch = NULL;

    for (size_t i = 0; i < samples->count; i++) {
        struct sample_fact *sample = &samples->items[i];
        struct text sql = sample->full_sql.data == NULL ? sample->statement.text : sample->full_sql;

        sample->statement = statement_fingerprint(rules, sql, arena);
        if (!rules->keeps_literals)
            sample->plan = (struct text){NULL, 0};
        if (sample->plan.data == NULL)
            continue;
        if (scratch == NULL)
            scratch = arena_new(0);
        sample->plan_hash = hash_plan(dialect, sample->plan, scratch);
        sample->has_plan_hash = true;
        arena_reset(scratch);
    }
    arena_destroy(scratch);
}

/* Nothing more is taken from this agent now, as `refusal` says. A batch that is stored already gets its answer. */
static enum status answer_known(const struct request *request, const struct sample_batch *batch,
                                struct ingest_outcome *out_outcome, struct error *refusal)
{
    struct error failure = {0};
    enum status status = store_ingest_replay(request->store, batch, request->arena, out_outcome, &failure);

    if (status == STATUS_OK && out_outcome->is_replay)
        return STATUS_OK;
    if (status != STATUS_OK)
        *refusal = failure;
    return refusal->status;
}

static enum status store_message(const struct request *request, const struct scope *scope,
                                 const struct ingest_message *message, struct ingest_outcome *out_outcome,
                                 struct error *error)
{
    struct sample_batch batch = {
        .samples = message->samples,
        .batch_id = message->batch_id,
        /* Only the queries count: a retry after the rotation of the token is still the same batch. */
        .body_digest = XXH3_64bits(message->queries_json.data, message->queries_json.size),
        .rejected = message->rejected,
    };
    const struct budgets budgets = BUDGETS_OF(*request->config);
    enum status status = store_ingest_target(request->store, scope, request->arena, &batch.target, error);

    if (status == STATUS_OK && budget_check(request->store, scope, &budgets, request->arena, error) != STATUS_OK)
        return answer_known(request, &batch, out_outcome, error);
    if (status != STATUS_OK)
        return status;
    complete_samples(&batch.target.rules, &batch.samples, request->arena);
    status = store_ingest(request->store, &batch, request->arena, out_outcome, error);
    if (status == STATUS_OK)
        budget_charge(request->store, scope, &budgets, &out_outcome->spent, request->arena);
    return status;
}

/* A sentence about samples that are older than samples are kept; NULL: there are none. */
static const char *note_of_old(const struct request *request, const struct sample_facts *samples)
{
    int64_t kept_days = request->config->retention_samples_days, days = kept_days > 0 ? kept_days : PAGES_DAYS_MAX;
    int64_t from_us = clock_now_us() - days * 86400 * CLOCK_SECOND_US, oldest_us = INT64_MAX, count = 0;
    const char *end = "";
    char oldest[CLOCK_RFC3339_BYTES];

    for (size_t i = 0; i < samples->count; i++) {
        int64_t captured_at_us = samples->items[i].captured_at_us;

        count += captured_at_us < from_us;
        oldest_us = captured_at_us < oldest_us ? captured_at_us : oldest_us;
    }
    if (count == 0)
        return NULL;
    if (kept_days > 0)
        end = arena_printf(request->arena, " As all samples they are removed %lld days after they came.",
                           (long long)kept_days);
    return arena_printf(request->arena,
                        "%lld of the queries ran more than %lld days ago, the oldest at %s. Pages show them only where "
                        "a period is chosen that reaches back so far.%s",
                        (long long)count, (long long)days, clock_format(oldest_us, oldest), end);
}

enum status ingest_slow_queries(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    struct ingest_message message;
    struct ingest_outcome outcome = {0};
    struct ingest_answer answer;
    enum status status = ingest_message_read(request->body, clock_now_us(), request->config->ingest_batch_max,
                                             request->arena, &message, error);

    if (status == STATUS_OK && message.samples.count != 0)
        status = store_message(request, scope, &message, &outcome, error);
    if (status != STATUS_OK)
        return status;
    metrics_count_ingest(outcome.accepted, outcome.duplicates, message.rejected);
    answer = (struct ingest_answer){
        .accepted = outcome.accepted,
        .duplicates = outcome.duplicates,
        .rejected = message.rejected,
        .zoneless = message.zoneless,
        .errors = message.errors,
        .warnings = message.warnings,
        .old_note = note_of_old(request, &message.samples),
        .refusal = message.samples.count == 0 ? "Every query of the batch was refused." : NULL,
    };
    ingest_answer_write(request, &answer, response);
    return STATUS_OK;
}
