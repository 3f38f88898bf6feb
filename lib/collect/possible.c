/* Leaving out what cannot be; see possible.h. */
#include "collect/possible.h"

#include <stdio.h>

#include "base/clock.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

static void warn(struct collect_result *result, const char *problem, const char *remedy)
{
    result->state = COLLECT_STATE_WARNING;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
}

static void bound_growth(const struct collect_input *input, struct collect_result *result)
{
    struct growth_facts *growth = &result->facts.growth;
    /* Without baselines the last snapshot was empty, or is long ago. */
    int64_t last_us = input->baselines.stored_at_us == INT64_MIN || input->baselines.count == 0
                          ? input->now_us - DAY_US
                          : input->baselines.stored_at_us;

    if (last_us > input->now_us) /* the clocks of two machines */
        last_us = input->now_us;
    growth_move_within(growth, last_us, input->now_us);
    if (growth_is_possible(growth, input->now_us - last_us))
        return;
    growth->count = 0;
    result->facts.coverage = (struct coverage_fact){.basis = COVERAGE_BASIS_UNKNOWN};
    warn(result, "The numbers of this server grew by more than any server can; they were left out.",
         "Potto counts on from the new numbers. If this comes again, look at the server's own statistics "
         "(pg_stat_statements): something else than the server may write them.");
}

static void bound_samples(const struct collect_input *input, struct collect_result *result)
{
    struct sample_facts *samples = &result->facts.samples;
    size_t kept = 0;
    char problem[sizeof result->problem];

    for (size_t i = 0; i < samples->count; i++)
        if (sample_is_possible(&samples->items[i], input->now_us + DAY_US))
            samples->items[kept++] = samples->items[i];
    if (kept == samples->count)
        return;
    snprintf(problem, sizeof problem, "%zu executions with impossible times or numbers were left out.",
             samples->count - kept);
    samples->count = kept;
    warn(result, problem,
         "Potto takes executions that began between the year 2000 and tomorrow, lasted at most three years, and read "
         "at most 10^15 rows. Is the server's clock right?");
}

void collect_leave_out_impossible(const struct collect_input *input, struct collect_result *result)
{
    if (result->state == COLLECT_STATE_FAILED)
        return;
    bound_samples(input, result);
    bound_growth(input, result);
}
