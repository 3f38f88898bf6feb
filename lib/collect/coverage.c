/* From a server's totals to the coverage of a cycle; see coverage.h. */
#include "collect/coverage.h"

#include <math.h>

#include "collect/cycle.h"

/* Totals that the cursor keeps: X(its name there, member). */
#define KEPT(X)                                                                                                        \
    X("coverage_at", taken_at_us)                                                                                      \
    X("coverage_since", server_since_us)                                                                               \
    X("busy_us", busy_us)                                                                                              \
    X("running_us", running_us)                                                                                        \
    X("hidden_us", hidden_us)                                                                                          \
    X("server_calls", calls)                                                                                           \
    X("evictions", evictions)

static struct coverage_totals last_totals(const struct collect_cycle *cycle)
{
    struct coverage_totals last = {0};

#define GET(key, member) last.member = collect_cursor_get(cycle, key);
    KEPT(GET)
#undef GET
    return last;
}

static void keep_totals(struct collect_cycle *cycle, const struct coverage_totals *now)
{
#define SET(key, member) collect_cursor_set(cycle, key, now->member);
    KEPT(SET)
#undef SET
}

/* False: one of them is not known, or the total began anew. */
static bool grown(int64_t last, int64_t now, double *out_growth)
{
    *out_growth = last == INT64_MIN || now == INT64_MIN || now < last ? 0 : (double)now - (double)last;
    return last != INT64_MIN && now != INT64_MIN && now >= last;
}

/* How much of `left_ms` was evicted, by what is known of statements that were seen for the first time. */
static double evicted_ms(const struct coverage_counters *counters, int64_t evictions, const struct coverage_totals *now,
                         double left_ms)
{
    double gone, share;

    if (evictions <= 0 || now->entries_max <= 0 || counters->new_calls <= 0)
        return 0;
    /* The server evicts what was called least, whichever database it is of. Statements that were there at the last look
     * gained little before they went; the others came and went in between, and are like those that came and stayed. */
    share = fmin((double)counters->entry_count / (double)now->entries_max, 1);
    gone = (double)evictions * (double)now->eviction_count * share - (double)counters->gone_count;
    return fmin(fmax(gone, 0) * counters->new_ms / (double)counters->new_calls, fmax(left_ms, 0));
}

/* What is left after the parts that were counted is of the cause that the cycle knows of. */
static void explain_rest(const struct collect_cycle *cycle, const struct coverage_totals *now,
                         struct coverage_fact *fact)
{
    double left_ms = coverage_unknown_ms(fact);

    if (now->counts_nothing || cycle->coverage.continuity == COUNTER_CONTINUITY_UNSET)
        fact->gaps_ms[COVERAGE_NOT_COUNTED] += left_ms;
    else if (cycle->coverage.continuity == COUNTER_RESET)
        fact->gaps_ms[COVERAGE_RESET] += left_ms;
    else
        fact->gaps_ms[COVERAGE_EVICTED] += evicted_ms(&cycle->coverage, fact->evictions, now, left_ms);
}

static void compare(const struct collect_cycle *cycle, const struct coverage_totals *last,
                    const struct coverage_totals *now, struct coverage_fact *fact)
{
    double busy_us, running_us, hidden_us, calls, evictions;
    bool has_busy = grown(last->busy_us, now->busy_us, &busy_us);
    bool has_calls = grown(last->calls, now->calls, &calls);

    fact->covered_us = now->taken_at_us > last->taken_at_us ? now->taken_at_us - last->taken_at_us : 0;
    fact->attributed_ms = cycle->coverage.attributed_ms;
    fact->attributed_calls = cycle->coverage.attributed_calls;
    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        fact->gaps_ms[gap] = cycle->coverage.gaps_ms[gap];
    if (grown(last->hidden_us, now->hidden_us, &hidden_us))
        fact->gaps_ms[COVERAGE_NO_RIGHT] += hidden_us / 1000;
    if (has_calls)
        fact->server_calls = (int64_t)calls;
    if (grown(last->evictions, now->evictions, &evictions))
        fact->evictions = (int64_t)evictions;
    fact->basis = now->basis;
    if (now->basis == COVERAGE_BASIS_ACTIVE_TIME && has_busy) {
        running_us = last->running_us == INT64_MIN || now->running_us == INT64_MIN
                         ? 0
                         : (double)now->running_us - (double)last->running_us;
        fact->gaps_ms[COVERAGE_RUNNING] = running_us / 1000;
        fact->server_ms = fmax((busy_us + running_us) / 1000, 0);
        explain_rest(cycle, now, fact);
    } else if (now->basis == COVERAGE_BASIS_STATEMENTS) {
        fact->server_ms = coverage_known_ms(fact);
    } else if (now->basis != COVERAGE_BASIS_CALLS || !has_calls) {
        *fact = (struct coverage_fact){.basis = COVERAGE_BASIS_UNKNOWN, .covered_us = fact->covered_us};
    }
}

void coverage_collect(struct collect_cycle *cycle, const struct coverage_totals *now)
{
    struct coverage_fact *fact = &cycle->result->facts.coverage;
    struct coverage_totals last = last_totals(cycle);

    *fact = (struct coverage_fact){.basis = COVERAGE_BASIS_UNKNOWN};
    if (last.taken_at_us == INT64_MIN || last.server_since_us != now->server_since_us ||
        cycle->coverage.continuity == COUNTER_FIRST_SNAPSHOT)
        fact->first_looks = 1;
    else
        compare(cycle, &last, now, fact);
    if (!coverage_is_possible(fact))
        *fact = (struct coverage_fact){.basis = COVERAGE_BASIS_UNKNOWN};
    keep_totals(cycle, now);
}
