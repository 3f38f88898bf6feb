/* One collection cycle of one monitored database: what was known before goes in, facts come out. Nothing here knows the
 * store or the wire; the programs carry facts to one of them.
 *
 * Every statement that a cycle runs carries the comment "potto" after its first keyword. Statements with that comment
 * are left out of growth, samples and active sessions. */
#ifndef POTTO_COLLECT_COLLECT_H
#define POTTO_COLLECT_COLLECT_H

#include "facts/facts.h"
#include "target/target.h"

enum {
    COLLECT_SLOW_LOG_ROWS_MAX = 5000, /* read in one cycle; the next begins at once */
    COLLECT_PLANS_MAX = 5,            /* EXPLAINs in one cycle */
    COLLECT_PLAN_BUDGET_MS = 2000,    /* and the time that they may take together */
    COLLECT_PLAN_PAUSE_S = 3600,      /* before a fingerprint is explained again */
};

struct collect_input {
    const struct target_options *target;
    double min_duration_ms; /* of samples; calls whose mean is at least this count as slow */
    /* The same for the slow log. Its rows are read once, so this is never more than the connection's own setting: a run
     * that asks for less of them must not lose the others. */
    double log_min_duration_ms;
    bool keeps_literals;
    struct text cursor; /* JSON that the last cycle gave; data NULL or "{}": none */
    struct baseline_list baselines;
    const struct sql_hash *planned; /* fingerprints that got a plan within COLLECT_PLAN_PAUSE_S */
    size_t planned_count;
    bool makes_plans; /* false: the connection's overhead budget is used up (facts/overhead.h) */
    int64_t now_us;
};

enum collect_state { COLLECT_STATE_UNSET, COLLECT_STATE_OK, COLLECT_STATE_WARNING, COLLECT_STATE_FAILED };

struct collect_result {
    enum collect_state state;
    char problem[320], remedy[800]; /* "" when all is well; a hint may come with COLLECT_STATE_OK */
    char detail[340];               /* the server's own words, or why there was no child; for the log */
    struct text server_version;     /* data NULL: did not get that far */
    struct facts facts;
    struct text cursor;   /* data NULL: keep the old */
    bool has_more;        /* go on at once */
    int64_t spent_us;     /* waiting for the database's answers, connecting included */
    int64_t cost_us;      /* of the database's own time, as target_cost_us() has it */
    int64_t plan_cost_us; /* of them, those of plans */
    int statement_count;
};

/* Run a cycle. Always fills *out_result: a failure of the database is a result, not an error. Texts live in `arena`,
 * which holds all that is read: a few tens of MB at most. */
void collect_cycle(const struct collect_input *input, struct arena *arena, struct collect_result *out_result);

/* Whether a statement is Potto's own: "potto" as a comment right after its first keyword. */
bool collect_is_own(struct text sql);

#endif
