/* One collection cycle of one monitored database: what was known before goes in, what was found comes out.
 * Nothing here knows the store or the wire; the programs carry results to one of them.
 *
 * Every statement that a cycle runs carries the comment "potto" after its first keyword, and what carries it
 * is not counted: neither growth, nor sample, nor active session. */
#ifndef POTTO_COLLECT_COLLECT_H
#define POTTO_COLLECT_COLLECT_H

#include "collect/growth.h"
#include "sql/statement.h"
#include "target/target.h"

enum {
    COLLECT_SLOW_LOG_ROWS_MAX = 5000, /* read in one cycle; the next begins at once */
    COLLECT_PLANS_MAX = 5,            /* EXPLAINs in one cycle */
    COLLECT_PLAN_BUDGET_MS = 2000,    /* and the time they may take together */
    COLLECT_PLAN_PAUSE_S = 3600,      /* before a fingerprint is explained again */
};

/* The last look at one entry of a server's statistics. */
struct collect_baseline {
    struct text key;      /* the engine's identity of the entry: userid/dbid/queryid */
    struct sql_hash hash; /* all zero: not counted (Potto's own) */
    struct counter_totals totals;
};

struct collect_input {
    const struct target_options *target;
    double min_duration_ms; /* of samples; and a mean from which calls count as slow */
    /* Of what is read once and then passed (the slow log): never more than the connection's own, which another run
     * would not make good. */
    double log_min_duration_ms;
    bool keeps_literals;
    struct text cursor; /* JSON that the last cycle gave; data NULL or "{}": none */
    const struct collect_baseline *baselines;
    size_t baseline_count;
    const struct sql_hash *planned; /* fingerprints explained within COLLECT_PLAN_PAUSE_S */
    size_t planned_count;
    int64_t now_us;
};

enum collect_state { COLLECT_STATE_UNSET, COLLECT_STATE_OK, COLLECT_STATE_WARNING, COLLECT_STATE_FAILED };

/* A fingerprint that growth names; samples bring their own. */
struct collect_fingerprint {
    struct sql_fingerprint statement;
    const struct text *tables;
    size_t table_count;
};

struct collect_growth {
    struct sql_hash hash;
    int64_t at_us; /* into which bucket it falls */
    struct counter_totals totals;
    int64_t slow_calls;
};

enum collect_provenance { COLLECT_PROVENANCE_UNSET, COLLECT_SLOW_LOG, COLLECT_ACTIVE_SESSION };

struct collect_sample {
    enum collect_provenance provenance;
    int64_t captured_at_us; /* start of the execution */
    struct text full_sql;   /* data NULL where literals are not kept */
    struct sql_fingerprint statement;
    double duration_ms;
    int64_t rows_examined, rows_returned; /* -1: unknown */
    struct text user_host, database_name; /* data NULL: unknown */
};

struct collect_plan {
    struct sql_hash hash, plan_hash;
    struct text plan;       /* JSON as the engine gave it */
    const char *provenance; /* "explain", "generic_plan" */
    double total_cost;      /* < 0: unknown */
};

struct collect_result {
    enum collect_state state;
    char problem[320], remedy[800]; /* "" when all is well; a hint may come with COLLECT_STATE_OK */
    char detail[340];               /* the server's own words, for the log */
    struct text server_version;     /* data NULL: did not get that far */

    struct collect_fingerprint *fingerprints;
    size_t fingerprint_count;
    struct collect_growth *growth;
    size_t growth_count;
    /* All entries of this look, and the keys that are gone. has_baselines false: no look was made, keep the old. */
    bool has_baselines;
    struct collect_baseline *baselines;
    size_t baseline_count;
    struct collect_sample *samples;
    size_t sample_count;
    struct collect_plan *plans;
    size_t plan_count;

    struct text cursor; /* data NULL: keep the old */
    bool has_more;      /* go on at once */
    int64_t spent_us;   /* waiting for the database's answers, connecting included */
    int statement_count;
};

/* Run a cycle. Always fills *out_result: a database in failure is a result, not an error. Texts live in
 * `arena`, which holds all that is read: a few tens of MB at most. */
void collect_cycle(const struct collect_input *input, struct arena *arena, struct collect_result *out_result);

/* Whether a statement is one of ours: "potto" as a comment right after its first keyword. */
bool collect_is_own(struct text sql);

#endif
