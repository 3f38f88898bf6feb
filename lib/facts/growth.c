/* What growth a server can have; see growth.h. */
#include "facts/growth.h"

#include <math.h>

#define SECOND_US 1e6

static bool measures_are_possible(const struct growth_facts *growth, double elapsed_s)
{
    double gained[MEASURE_END] = {0};

    for (size_t i = 0; i < growth->count; i++)
        for (int m = MEASURE_UNSET + 1; m < MEASURE_END && growth->items[i].measures != NULL; m++)
            if (measures_know(growth->items[i].measures, (enum measure)m))
                gained[m] += (double)growth->items[i].measures->amounts[m];
    for (int m = MEASURE_UNSET + 1; m < MEASURE_END; m++)
        if (gained[m] > measure_a_second_max((enum measure)m) * elapsed_s)
            return false;
    return true;
}

bool growth_is_possible(const struct growth_facts *growth, int64_t elapsed_us)
{
    double elapsed_s = fmax((double)elapsed_us / SECOND_US, GROWTH_ELAPSED_S_MIN);
    double most = GROWTH_A_SECOND_MAX * elapsed_s;
    double gained[SUMS_COUNTERS] = {0}, gained_ms = 0;

    for (size_t i = 0; i < growth->count; i++) {
        const struct sums *sums = &growth->items[i].sums;

        for (int counter = 0; counter < SUMS_COUNTERS; counter++) {
            if (sums_counter(sums, counter) < 0)
                return false;
            gained[counter] += (double)sums_counter(sums, counter);
        }
        if (!(sums->total_ms >= 0) || !(sums->max_ms >= 0) || !(sums->max_ms <= most))
            return false;
        gained_ms += sums->total_ms;
    }
    gained[SUMS_COUNTER_lock_us] /= 1000; /* a time has the bound of times */
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        if (gained[counter] > most)
            return false;
    return gained_ms <= most && measures_are_possible(growth, elapsed_s);
}

static int64_t known_or_zero(int64_t count)
{
    return count < 0 ? 0 : count;
}

struct growth_fact growth_of_sample(const struct sample_fact *sample)
{
    struct sums sums = {.calls = 1,
                        .slow_calls = 1,
                        .total_ms = sample->duration_ms,
                        .max_ms = sample->duration_ms,
                        .rows_examined = known_or_zero(sample->rows_examined),
                        .rows_returned = known_or_zero(sample->rows_returned),
                        .lock_us = known_or_zero(sample->lock_us)};

    return (struct growth_fact){sample->statement.hash, sample->captured_at_us, sums, NULL};
}

void growth_move_within(struct growth_facts *growth, int64_t from_us, int64_t to_us)
{
    for (size_t i = 0; i < growth->count; i++) {
        int64_t *at_us = &growth->items[i].at_us;

        *at_us = *at_us < from_us ? from_us : *at_us > to_us ? to_us : *at_us;
    }
}
