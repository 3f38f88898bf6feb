/* A plan that somebody had an engine make for a statement. Pure. */
#ifndef POTTO_FACTS_PLAN_H
#define POTTO_FACTS_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "sql/sql_hash.h"

/* How it was made. */
enum plan_provenance {
    PLAN_PROVENANCE_UNSET,
    PLAN_PROVENANCE_EXPLAIN,      /* EXPLAIN of an execution's text, by the collector: may show literals */
    PLAN_PROVENANCE_GENERIC_PLAN, /* of a normalized text: shows parameters in place of literals */
    PLAN_PROVENANCE_AGENT,        /* came with an agent's sample: may show literals */
};

/* As in query_plans.provenance and the API: "explain", "generic_plan", "agent"; "unknown". */
const char *plan_provenance_name(enum plan_provenance provenance);
/* As a page says it. */
const char *plan_provenance_label(enum plan_provenance provenance);
enum plan_provenance plan_provenance_of(struct text name); /* PLAN_PROVENANCE_UNSET for any other name */

struct plan_fact {
    struct sql_hash hash;      /* of the statement's fingerprint */
    struct sql_hash plan_hash; /* of the plan's shape; see plan/plan.h */
    struct text json;          /* as the engine gave it */
    enum plan_provenance provenance;
    double total_cost; /* in the engine's unit; < 0: unknown */
};

struct plan_facts {
    struct plan_fact *items;
    size_t count;
};

#endif
