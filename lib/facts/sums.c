/* Adding up executions; see sums.h. */
#include "facts/sums.h"

void sums_add(struct sums *sums, const struct sums *more)
{
    sums->calls = sums_add_count(sums->calls, more->calls);
    sums->slow_calls = sums_add_count(sums->slow_calls, more->slow_calls);
    sums->total_ms += more->total_ms;
    if (more->max_ms > sums->max_ms)
        sums->max_ms = more->max_ms;
    sums->rows_examined = sums_add_count(sums->rows_examined, more->rows_examined);
    sums->rows_returned = sums_add_count(sums->rows_returned, more->rows_returned);
    sums->blocks_hit = sums_add_count(sums->blocks_hit, more->blocks_hit);
    sums->blocks_read = sums_add_count(sums->blocks_read, more->blocks_read);
}

double sums_mean_ms(const struct sums *sums)
{
    return sums->calls > 0 ? sums->total_ms / (double)sums->calls : 0;
}
