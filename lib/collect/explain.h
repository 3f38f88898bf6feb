/* Which statements of a cycle get a plan: the heaviest few that have none of late, or that take another time than when
 * they got theirs, as they do when their plan changed. The engines know how to ask for one. */
#ifndef POTTO_COLLECT_EXPLAIN_H
#define POTTO_COLLECT_EXPLAIN_H

#include "collect/cycle.h"

enum { EXPLAIN_DENIED_PAUSE_S = 60 }; /* somebody may give the missing grant any minute */

/* A text that may be explained for a fingerprint. */
struct plan_candidate {
    struct sql_hash hash;
    struct text sql;    /* data NULL: not read yet; `key` says where it is */
    struct text key;    /* the engine's identity of the statement; data NULL: it comes from a sample */
    struct text schema; /* database to explain it in (MySQL); data NULL: the connection's */
    double weight_ms;
    int64_t calls;             /* executions that took weight_ms; 0: it is not of whole executions */
    bool is_normalized;        /* $n in place of literals */
    enum plan_refusal refusal; /* why it is not to be explained; it takes no place of those that are */
    bool is_changed;           /* set by explain_choose(): it has a plan of late, and takes another time now */
};

void explain_offer(struct collect_cycle *cycle, const struct plan_candidate *candidate);
/* Sort the candidates, drop those that were refused within the pause or have a recent plan and take as long as with it,
 * keep COLLECT_PLANS_MAX; none where the connection's overhead budget is used up. Plans are the last that a cycle asks
 * for: what the statements from here on cost is theirs. */
void explain_choose(struct collect_cycle *cycle);
int64_t explain_cost_us(const struct collect_cycle *cycle);
bool explain_has_time(const struct collect_cycle *cycle);
void explain_keep(struct collect_cycle *cycle, const struct plan_candidate *candidate, struct text json,
                  enum plan_provenance provenance);
/* Do not explain it again for `pause_s`, and say why. `code`: what the server called it; "": not the server's. */
void explain_refused(struct collect_cycle *cycle, const struct plan_candidate *candidate, enum plan_refusal refusal,
                     const char *code, int pause_s);
/* The server's refusal in cycle->failure; `refusal` is what its code means. */
void explain_failed(struct collect_cycle *cycle, const struct plan_candidate *candidate, enum plan_refusal refusal);
/* Whether the user could not read a statement's tables at the last try. Forgotten after COLLECT_PLAN_PAUSE_S. */
void explain_set_denied(struct collect_cycle *cycle, bool is_denied);
bool explain_is_denied(const struct collect_cycle *cycle);

#endif
