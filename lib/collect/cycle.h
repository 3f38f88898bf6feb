/* A cycle while it runs: what the engines read from and write to. */
#ifndef POTTO_COLLECT_CYCLE_H
#define POTTO_COLLECT_CYCLE_H

#include <json-c/json.h>

#include "base/vector.h"
#include "collect/collect.h"
#include "collect/coverage.h"

struct collect_cycle {
    const struct collect_input *input;
    struct statement_rules rules;
    struct collect_result *result;
    struct target *target;
    struct arena *arena;
    struct json_object *cursor; /* an object: the last cycle's, changed in place into the next one's */
    struct target_problem failure;
    size_t text_bytes;                        /* of statements, read for counters */
    VECTOR(struct plan_candidate) candidates; /* what may be explained; heaviest first after explain_choose() */
    int64_t plan_started_us, plan_spent_us;   /* plan_started_us 0: nothing was chosen */
    int plan_statement_count;                 /* the target's, before the first plan, as plan_spent_us */
    struct coverage_counters coverage;
};

/* Run a statement. Its failure goes to cycle->failure; an answer of another shape is a warning of the cycle at least.
 */
enum status collect_run(struct collect_cycle *cycle, const struct target_statement *statement,
                        const struct text *params, int param_count, struct target_rows *out_rows);
/* Run a statement that answers no rows. */
enum status collect_command(struct collect_cycle *cycle, const char *sql);
/* EXPLAIN: one row with one text, the plan. */
enum status collect_explain(struct collect_cycle *cycle, const char *sql, struct text *out_json);

/* The cycle failed, or a part of it. Its problem and remedy are those of cycle->failure. */
void collect_fail(struct collect_cycle *cycle);
void collect_warn(struct collect_cycle *cycle);
/* Say what is wrong. The first warning of a cycle stays; a failure replaces it. */
void collect_tell(struct collect_cycle *cycle, enum collect_state state, const char *problem, const char *remedy);
/* Say what could be better. The state stays; a warning goes before a hint. */
void collect_hint(struct collect_cycle *cycle, const char *problem, const char *remedy);

/* One more sample, not initialized. The pointer holds until the next call. */
struct sample_fact *collect_add_sample(struct collect_cycle *cycle);

int64_t collect_cursor_get(const struct collect_cycle *cycle, const char *key);       /* INT64_MIN: not there */
void collect_cursor_set(struct collect_cycle *cycle, const char *key, int64_t value); /* INT64_MIN removes it */

#endif
