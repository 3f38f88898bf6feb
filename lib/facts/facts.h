/* Everything that one collection cycle finds out about a database. Pure. */
#ifndef POTTO_FACTS_FACTS_H
#define POTTO_FACTS_FACTS_H

#include "facts/coverage.h"
#include "facts/growth.h"
#include "facts/plan.h"
#include "facts/sample.h"
#include "facts/statement.h"

struct facts {
    struct statement_list statements; /* those that growth refers to and that may be new; samples bring their own */
    struct growth_facts growth;
    struct sample_facts samples;
    struct plan_facts plans;
    struct baseline_changes baselines;
    struct coverage_fact coverage;
};

#endif
