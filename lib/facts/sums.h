/* What executions add up to: those of a statement, of a connection, of a bucket, or all of a period. Pure. */
#ifndef POTTO_FACTS_SUMS_H
#define POTTO_FACTS_SUMS_H

#include <stdint.h>

struct sums {
    int64_t calls;
    int64_t slow_calls;
    double total_ms;
    double max_ms; /* the longest sample; 0: only counters are known */
    int64_t rows_examined, rows_returned;
    int64_t blocks_hit, blocks_read; /* of the buffer cache, and of the disk */
};

/* Counts stop at INT64_MAX. max_ms becomes the larger of the two. */
void sums_add(struct sums *sums, const struct sums *more);

/* A count with another added to it; stops at INT64_MAX. Both are 0 or more. */
static inline int64_t sums_add_count(int64_t count, int64_t more)
{
    int64_t sum;

    return __builtin_add_overflow(count, more, &sum) ? INT64_MAX : sum;
}

/* 0 without calls. */
double sums_mean_ms(const struct sums *sums);

#endif
