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

static size_t row_of(enum sample_provenance provenance)
{
    return provenance < sizeof provenances / sizeof provenances[0] ? provenance : SAMPLE_PROVENANCE_UNSET;
}

const char *sample_provenance_name(enum sample_provenance provenance)
{
    return provenances[row_of(provenance)].name;
}

const char *sample_provenance_label(enum sample_provenance provenance)
{
    return provenances[row_of(provenance)].label;
}

bool sample_is_possible(const struct sample_fact *sample, int64_t captured_max_us)
{
    return sample->captured_at_us >= SAMPLE_CAPTURED_US_MIN && sample->captured_at_us <= captured_max_us &&
           sample->duration_ms >= 0 && sample->duration_ms <= SAMPLE_DURATION_MS_MAX &&
           sample->rows_examined <= SAMPLE_ROWS_MAX && sample->rows_returned <= SAMPLE_ROWS_MAX &&
           (double)sample->lock_us <= SAMPLE_DURATION_MS_MAX * 1000;
}
