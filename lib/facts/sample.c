/* Where samples come from; see sample.h. */
#include "facts/sample.h"

#include <stddef.h>

static const struct {
    const char *name, *label;
} provenances[] = {
    [SAMPLE_PROVENANCE_UNSET] = {"unknown", "unknown"},
    [SAMPLE_PROVENANCE_AGENT] = {"agent", "agent"},
    [SAMPLE_PROVENANCE_SLOW_LOG] = {"slow_log", "slow log"},
    [SAMPLE_PROVENANCE_ACTIVE_SESSION] = {"active_session", "seen running"},
    [SAMPLE_PROVENANCE_LEGACY] = {"legacy", "legacy"},
};

static size_t row_of(int64_t provenance)
{
    bool is_known = provenance > 0 && provenance < (int64_t)(sizeof provenances / sizeof provenances[0]);

    return is_known ? (size_t)provenance : SAMPLE_PROVENANCE_UNSET;
}

const char *sample_provenance_name(int64_t provenance)
{
    return provenances[row_of(provenance)].name;
}

const char *sample_provenance_label(int64_t provenance)
{
    return provenances[row_of(provenance)].label;
}
