/* Adding up executions; see sums.h. */
#include "facts/sums.h"

#include <stddef.h>

/* Beside the counters: slow_calls, total_ms, max_ms. */
_Static_assert(sizeof(struct sums) == (3 + SUMS_COUNTERS) * sizeof(int64_t), "every count is in the list");

#define OFFSET(member) , offsetof(struct sums, member)
static const size_t counter_offsets[SUMS_COUNTERS] = {offsetof(struct sums, calls) SUMS_DETAIL_COUNTS(OFFSET)};

int64_t sums_counter(const struct sums *sums, int counter)
{
    return *(const int64_t *)((const char *)sums + counter_offsets[counter]);
}

void sums_set_counter(struct sums *sums, int counter, int64_t count)
{
    *(int64_t *)((char *)sums + counter_offsets[counter]) = count;
}

void sums_add(struct sums *sums, const struct sums *more)
{
    sums->calls = sums_add_count(sums->calls, more->calls);
    sums->slow_calls = sums_add_count(sums->slow_calls, more->slow_calls);
    sums->total_ms += more->total_ms;
    if (more->max_ms > sums->max_ms)
        sums->max_ms = more->max_ms;
#define ADD(member) sums->member = sums_add_count(sums->member, more->member);
    SUMS_DETAIL_COUNTS(ADD)
}

unsigned sums_known(const struct sums *sums)
{
    unsigned known = (sums->rows_examined > 0 ? SUMS_KNOW_EXAMINED : 0) | (sums->lock_us > 0 ? SUMS_KNOW_LOCKS : 0);

    for (int counter = SUMS_COUNTER_lock_us + 1; counter < SUMS_COUNTERS; counter++)
        known |= sums_counter(sums, counter) > 0 ? SUMS_KNOW_DIGESTS : 0;
    return known;
}

double sums_mean_ms(const struct sums *sums)
{
    return sums->calls > 0 ? sums->total_ms / (double)sums->calls : 0;
}

double sums_max_ms(const struct sums *sums)
{
    /* The mean of one execution that was counted and sampled differs by rounding. */
    return sums->max_ms < sums_mean_ms(sums) * 0.999 ? 0 : sums->max_ms;
}
