/* Choosing statements to explain; see explain.h. */
#include "collect/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_read.h"
#include "plan/plan.h"

enum {
    CANDIDATES_MAX = 8192,
    REFUSED_MAX = 200,
    REFUSALS_MAX = 2 * COLLECT_PLANS_MAX,
    MEANS_MAX = 200,
    MEAN_CALLS_MIN = 3, /* in a cycle, to say how long a statement takes */
    CHANGED_MAX = 2,    /* in a cycle: statements whose time varies leave room for those without a plan */
};
#define MEAN_MS_MAX     1e12
#define MEAN_CHANGED    1.5   /* times longer or shorter, from which the plan is asked for again */
#define MEAN_CHANGED_MS 100.0 /* the least that all executions of the cycle together took longer or shorter */

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

/* How long fingerprints took when they got their plan: {"<hash>": 1.25}, in ms, the one that got it last at the end. */
static struct json_object *means(struct collect_cycle *cycle)
{
    struct json_object *object = NULL;

    if (!json_object_object_get_ex(cycle->cursor, "means", &object) || !json_object_is_type(object, json_type_object)) {
        object = json_object_new_object();
        json_object_object_add(cycle->cursor, "means", object);
    }
    return object;
}

/* 0: not known, or no time that a statement takes. */
static double mean_ms(const struct plan_candidate *candidate)
{
    double mean = candidate->calls >= MEAN_CALLS_MIN ? candidate->weight_ms / (double)candidate->calls : 0;

    return mean > 0 && mean < MEAN_MS_MAX ? mean : 0;
}

static void keep_mean(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct json_object *kept = means(cycle);
    char hex[SQL_HASH_HEX_BYTES];

    json_object_object_del(kept, sql_hash_format(candidate->hash, hex));
    if (!(mean_ms(candidate) > 0))
        return;
    while (json_object_object_length(kept) >= MEANS_MAX)
        json_object_object_del(kept, lh_entry_k(lh_table_head(json_object_get_object(kept))));
    json_object_object_add(kept, hex, json_object_new_double(mean_ms(candidate)));
}

/* Whether it takes another time than when it got its plan. */
static bool has_changed(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct json_object *kept = NULL;
    char hex[SQL_HASH_HEX_BYTES];
    double then = 0, now = mean_ms(candidate);

    if (json_object_object_get_ex(means(cycle), sql_hash_format(candidate->hash, hex), &kept))
        then = json_object_get_double(kept);
    else
        keep_mean(cycle, candidate);
    return then > 0 && now > 0 && (now >= then * MEAN_CHANGED || now <= then / MEAN_CHANGED) &&
           fabs(now - then) * (double)candidate->calls >= MEAN_CHANGED_MS;
}

static bool has_plan(const struct collect_cycle *cycle, struct sql_hash hash)
{
    for (size_t i = 0; i < cycle->input->planned_count; i++)
        if (sql_hash_equal(cycle->input->planned[i], hash))
            return true;
    return false;
}

static bool is_due(struct collect_cycle *cycle, struct plan_candidate *candidate)
{
    char hex[SQL_HASH_HEX_BYTES];

    if (json_object_object_get_ex(refused(cycle), sql_hash_format(candidate->hash, hex), NULL))
        return false;
    if (!has_plan(cycle, candidate->hash))
        return true;
    candidate->is_changed = has_changed(cycle, candidate);
    return candidate->is_changed;
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

/* One candidate for each fingerprint, with the weight and the executions of all. Returns their number. */
static size_t merge_candidates(struct plan_candidate *items, size_t count)
{
    size_t merged = 0;

    qsort(items, count, sizeof *items, compare_candidates);
    for (size_t i = 0; i < count; i++) {
        struct plan_candidate *last = merged == 0 ? NULL : &items[merged - 1];

        if (last == NULL || !sql_hash_equal(last->hash, items[i].hash)) {
            items[merged++] = items[i];
            continue;
        }
        last->weight_ms += items[i].weight_ms;
        last->calls += items[i].calls;
    }
    return merged;
}

/* The heaviest, with at most CHANGED_MAX of those that have a plan. Returns their number. */
static size_t keep_heaviest(struct plan_candidate *items, size_t count)
{
    size_t kept = 0, changed = 0;

    qsort(items, count, sizeof *items, compare_weights);
    for (size_t i = 0; i < count && kept < COLLECT_PLANS_MAX; i++)
        if (!items[i].is_changed || changed++ < CHANGED_MAX)
            items[kept++] = items[i];
    return kept;
}

void explain_choose(struct collect_cycle *cycle)
{
    struct plan_candidate *items = cycle->candidates.items;
    size_t count, due = 0;

    forget_old_refusals(cycle);
    if (!cycle->input->makes_plans) {
        cycle->candidates.count = 0;
        cycle->result->facts.plans.off = PLAN_REFUSAL_OVERHEAD;
    }
    if (cycle->candidates.count == 0)
        return;
    count = merge_candidates(items, cycle->candidates.count);
    for (size_t i = 0; i < count; i++)
        if (is_due(cycle, &items[i]))
            items[due++] = items[i];
    cycle->candidates.count = keep_heaviest(items, take_out_refused(cycle, due));
    cycle->plan_started_us = clock_monotonic_us();
    cycle->plan_spent_us = target_spent_us(cycle->target);
    cycle->plan_statement_count = target_statement_count(cycle->target);
}

int64_t explain_cost_us(const struct collect_cycle *cycle)
{
    return cycle->plan_started_us == 0
               ? 0
               : target_cost_since_us(cycle->target, cycle->plan_spent_us, cycle->plan_statement_count);
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
    keep_mean(cycle, candidate);
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
