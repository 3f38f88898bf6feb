/* A plan that somebody had an engine make for a statement. Pure. */
#ifndef POTTO_FACTS_PLAN_H
#define POTTO_FACTS_PLAN_H

#include <stdbool.h>
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
    PLAN_PROVENANCE_LOG,          /* the server logged it with an execution: may show literals, has what was measured */
};

/* As in query_plans.provenance and the API: "explain", "generic_plan", "agent", "log"; "unknown". */
const char *plan_provenance_name(enum plan_provenance provenance);
/* As a page says it. */
const char *plan_provenance_label(enum plan_provenance provenance);
enum plan_provenance plan_provenance_of(struct text name); /* PLAN_PROVENANCE_UNSET for any other name */

/* Why a statement has no plan. */
enum plan_refusal {
    PLAN_REFUSAL_UNSET,
    /* Of one statement, when it was tried. */
    PLAN_REFUSAL_NOT_SAFE,     /* it may write, lock, wait or read files, or cannot be understood */
    PLAN_REFUSAL_LITERALS,     /* its text has values, which are not to be kept */
    PLAN_REFUSAL_TEXT_MISSING, /* the server has no text of it any more, or a very long one */
    PLAN_REFUSAL_PARAMETERS,   /* the server cannot tell the types of its parameters */
    PLAN_REFUSAL_OBJECTS,      /* a table, column or function is not found from where Potto signs in */
    PLAN_REFUSAL_NO_RIGHT,     /* Potto's user may not read its tables */
    PLAN_REFUSAL_NO_TIME,      /* planning takes longer than Potto lets it, or waits for a lock */
    PLAN_REFUSAL_SERVER,       /* the server refused it for another reason */
    PLAN_REFUSAL_UNREADABLE,   /* the plan is too large or too deep, or is none */
    /* Of all statements of a connection. */
    PLAN_REFUSAL_OFF,          /* potto.plans = off */
    PLAN_REFUSAL_SUPERUSER,    /* Potto signs in as a superuser */
    PLAN_REFUSAL_LITERALS_OFF, /* MySQL: a plan shows values, and the connection does not keep them */
    PLAN_REFUSAL_OVERHEAD,     /* the connection's overhead budget is used up, until it is not */
    /* Told by whoever asks the store. */
    PLAN_REFUSAL_NOT_COLLECTED,
    PLAN_REFUSAL_STATEMENT_KIND,
    PLAN_REFUSAL_WAITING, /* nothing is in the way */
    PLAN_REFUSAL_COUNT
};

/* As in query_plans_refused.reason and the API; "" for PLAN_REFUSAL_UNSET. */
const char *plan_refusal_name(enum plan_refusal refusal);
/* As a page says it: sentences, without a word of the server's. */
const char *plan_refusal_sentence(enum plan_refusal refusal);
enum plan_refusal plan_refusal_of(struct text name); /* PLAN_REFUSAL_UNSET for any other name */

struct plan_refusal_fact {
    struct sql_hash hash;
    enum plan_refusal refusal; /* of one statement */
    char code[6];              /* what the server called it: SQLSTATE, or MySQL's error number; "": none */
};

/* At most five capital letters and digits. */
bool plan_refusal_is_code(struct text code);

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
    struct plan_refusal_fact *refusals;
    size_t refusal_count;
    enum plan_refusal off; /* of all statements of the connection; PLAN_REFUSAL_UNSET: plans are made */
};

#endif
