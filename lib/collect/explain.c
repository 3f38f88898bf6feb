/* Choosing statements to explain; see explain.h. */
#include "collect/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_read.h"
#include "plan/plan.h"

enum { CANDIDATES_MAX = 8192, REFUSED_MAX = 200, REFUSALS_MAX = 2 * COLLECT_PLANS_MAX };

void explain_offer(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct plan_candidate *added = vector_add(&cycle->candidates, CANDIDATES_MAX, cycle->arena);

    if (added != NULL)
        *added = *candidate;
}

static int64_t now_s(const struct collect_cycle *cycle)
{
    return cycle->input->now_us / CLOCK_SECOND_US;
}

/* Fingerprints that could not be explained, with the second from which their pause counts: {"<hash>": 1762077000}. */
static struct json_object *refused(struct collect_cycle *cycle)
{
    struct json_object *object = NULL;

    if (!json_object_object_get_ex(cycle->cursor, "refused", &object) ||
        !json_object_is_type(object, json_type_object)) {
        object = json_object_new_object();
        json_object_object_add(cycle->cursor, "refused", object);
    }
    return object;
}

static void forget_old_refusals(struct collect_cycle *cycle)
{
    struct json_object *old = refused(cycle), *kept = json_object_new_object();
    int64_t oldest_s = now_s(cycle) - COLLECT_PLAN_PAUSE_S;
    int count = 0;

    json_object_object_foreach(old, key, value)
    {
        if (json_object_get_int64(value) > oldest_s && count++ < REFUSED_MAX)
            json_object_object_add(kept, key, json_object_get(value));
    }
    json_object_object_add(cycle->cursor, "refused", kept);
}

static bool is_due(struct collect_cycle *cycle, struct sql_hash hash)
{
    char hex[SQL_HASH_HEX_BYTES];

    for (size_t i = 0; i < cycle->input->planned_count; i++)
        if (sql_hash_equal(cycle->input->planned[i], hash))
            return false;
    return !json_object_object_get_ex(refused(cycle), sql_hash_format(hash, hex), NULL);
}

static int compare_candidates(const void *left_candidate, const void *right_candidate)
{
    const struct plan_candidate *left = left_candidate, *right = right_candidate;
    int order = memcmp(&left->hash, &right->hash, sizeof left->hash);

    /* By fingerprint; within one, a text with literals says more than a generic one, then the heavier. */
    if (order != 0)
        return order;
    if (left->is_normalized != right->is_normalized)
        return left->is_normalized ? 1 : -1;
    return left->weight_ms > right->weight_ms ? -1 : left->weight_ms < right->weight_ms;
}

static int compare_weights(const void *left, const void *right)
{
    double left_ms = ((const struct plan_candidate *)left)->weight_ms;
    double right_ms = ((const struct plan_candidate *)right)->weight_ms;

    return left_ms > right_ms ? -1 : left_ms < right_ms;
}

static void add_refusal(struct collect_cycle *cycle, struct sql_hash hash, enum plan_refusal refusal, const char *code)
{
    struct plan_facts *plans = &cycle->result->facts.plans;
    struct plan_refusal_fact *fact;

    if (plans->refusals == NULL)
        plans->refusals = arena_alloc_array(cycle->arena, REFUSALS_MAX, sizeof *plans->refusals);
    fact = &plans->refusals[plans->refusal_count++];
    *fact = (struct plan_refusal_fact){.hash = hash, .refusal = refusal};
    if (plan_refusal_is_code(text_of(code)))
        memcpy(fact->code, code, strlen(code));
}

void explain_refused(struct collect_cycle *cycle, const struct plan_candidate *candidate, enum plan_refusal refusal,
                     const char *code, int pause_s)
{
    char hex[SQL_HASH_HEX_BYTES];

    json_object_object_add(refused(cycle), sql_hash_format(candidate->hash, hex),
                           json_object_new_int64(now_s(cycle) - COLLECT_PLAN_PAUSE_S + pause_s));
    add_refusal(cycle, candidate->hash, refusal, code);
}

/* Keeps the others of the first `count`, and returns their number. Those that are left for another run are refused
 * then. */
static size_t take_out_refused(struct collect_cycle *cycle, size_t count)
{
    struct plan_candidate *items = cycle->candidates.items;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (items[i].refusal == PLAN_REFUSAL_UNSET)
            items[kept++] = items[i];
        else if (cycle->result->facts.plans.refusal_count < COLLECT_PLANS_MAX)
            explain_refused(cycle, &items[i], items[i].refusal, "", COLLECT_PLAN_PAUSE_S);
    return kept;
}

void explain_choose(struct collect_cycle *cycle)
{
    size_t count = 0;

    forget_old_refusals(cycle);
    if (cycle->candidates.count == 0)
        return;
    qsort(cycle->candidates.items, cycle->candidates.count, sizeof *cycle->candidates.items, compare_candidates);
    for (size_t i = 0; i < cycle->candidates.count; i++) {
        const struct plan_candidate *candidate = &cycle->candidates.items[i];

        if (count > 0 && sql_hash_equal(cycle->candidates.items[count - 1].hash, candidate->hash))
            cycle->candidates.items[count - 1].weight_ms += candidate->weight_ms;
        else if (is_due(cycle, candidate->hash))
            cycle->candidates.items[count++] = *candidate;
    }
    count = take_out_refused(cycle, count);
    qsort(cycle->candidates.items, count, sizeof *cycle->candidates.items, compare_weights);
    cycle->candidates.count = count < COLLECT_PLANS_MAX ? count : COLLECT_PLANS_MAX;
    cycle->plan_started_us = clock_monotonic_us();
}

bool explain_has_time(const struct collect_cycle *cycle)
{
    return target_is_usable(cycle->target) &&
           clock_monotonic_us() - cycle->plan_started_us < COLLECT_PLAN_BUDGET_MS * INT64_C(1000);
}

/* The engines' own readers take what is nearly JSON; the store does not. */
static bool is_storable(struct text json, struct arena *arena)
{
    struct json_reader reader;

    json_reader_init(&reader, json, arena);
    return json_skip(&reader, NULL) && json_finish(&reader) && !reader.has_nul && !reader.has_huge_number;
}

void explain_keep(struct collect_cycle *cycle, const struct plan_candidate *candidate, struct text json,
                  enum plan_provenance provenance)
{
    struct plan_facts *plans = &cycle->result->facts.plans;
    enum plan_dialect dialect = plan_dialect_of(text_of(cycle->input->target->engine));
    struct plan_fact *kept;
    struct plan plan;

    if (!is_storable(json, cycle->arena) || plan_read(dialect, json, cycle->arena, &plan, NULL) != STATUS_OK) {
        explain_refused(cycle, candidate, PLAN_REFUSAL_UNREADABLE, "", COLLECT_PLAN_PAUSE_S);
        return;
    }
    if (plans->items == NULL)
        plans->items = arena_alloc_array(cycle->arena, COLLECT_PLANS_MAX, sizeof *plans->items);
    kept = &plans->items[plans->count++];
    *kept = (struct plan_fact){
        .hash = candidate->hash, .json = json, .provenance = provenance, .total_cost = plan.total_cost};
    memcpy(kept->plan_hash.bytes, plan.hash.bytes, sizeof kept->plan_hash.bytes);
}

void explain_failed(struct collect_cycle *cycle, const struct plan_candidate *candidate, enum plan_refusal refusal)
{
    const struct target_problem *failure = &cycle->failure;
    bool is_denied = refusal == PLAN_REFUSAL_NO_RIGHT;

    if (failure->failure == TARGET_FAILURE_TIMEOUT)
        refusal = PLAN_REFUSAL_NO_TIME;
    else if (failure->failure == TARGET_FAILURE_SHAPE)
        refusal = PLAN_REFUSAL_UNREADABLE;
    else if (!target_is_usable(cycle->target))
        return; /* the connection is gone: that says nothing of the statement */
    explain_refused(cycle, candidate, refusal, failure->code,
                    is_denied ? EXPLAIN_DENIED_PAUSE_S : COLLECT_PLAN_PAUSE_S);
    if (is_denied)
        explain_set_denied(cycle, true);
}

void explain_set_denied(struct collect_cycle *cycle, bool is_denied)
{
    collect_cursor_set(cycle, "plans_denied", is_denied ? now_s(cycle) : INT64_MIN);
}

bool explain_is_denied(const struct collect_cycle *cycle)
{
    return collect_cursor_get(cycle, "plans_denied") > now_s(cycle) - COLLECT_PLAN_PAUSE_S;
}
