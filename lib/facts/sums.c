/* Adding up executions; see sums.h. */
#include "facts/sums.h"

#define ONE(member) +1
_Static_assert(sizeof(struct sums) == (4 SUMS_DETAIL_COUNTS(ONE)) * sizeof(int64_t), "every count is in the list");
const struct sums_counter sums_counters[SUMS_COUNTER_COUNT] = {
    {"calls", offsetof(struct sums, calls)},
    {"rows", offsetof(struct sums, rows_returned)},
    {"blocks_hit", offsetof(struct sums, blocks_hit)},
    {"blocks_read", offsetof(struct sums, blocks_read)},
};

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

double sums_mean_ms(const struct sums *sums)
{
    return sums->calls > 0 ? sums->total_ms / (double)sums->calls : 0;
}

double sums_max_ms(const struct sums *sums)
{
    /* The mean of one execution that was counted and sampled differs by rounding. */
    return sums->max_ms < sums_mean_ms(sums) * 0.999 ? 0 : sums->max_ms;
}
