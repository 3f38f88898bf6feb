/* Where plans come from; see plan.h. */
#include "facts/plan.h"

static const struct {
    const char *name, *label;
} provenances[] = {
    [PLAN_PROVENANCE_UNSET] = {"unknown", "unknown"},
    [PLAN_PROVENANCE_EXPLAIN] = {"explain", "EXPLAIN of a sample, by the collector"},
    [PLAN_PROVENANCE_GENERIC_PLAN] = {"generic_plan", "generic plan of the normalized statement"},
    [PLAN_PROVENANCE_AGENT] = {"agent", "sent by an agent"},
};
enum { PROVENANCE_COUNT = sizeof provenances / sizeof provenances[0] };

const char *plan_provenance_name(enum plan_provenance provenance)
{
    return provenances[provenance].name;
}

const char *plan_provenance_label(enum plan_provenance provenance)
{
    return provenances[provenance].label;
}

enum plan_provenance plan_provenance_of(struct text name)
{
    for (int i = PLAN_PROVENANCE_UNSET + 1; i < PROVENANCE_COUNT; i++)
        if (text_equal(name, text_of(provenances[i].name)))
            return (enum plan_provenance)i;
    return PLAN_PROVENANCE_UNSET;
}
