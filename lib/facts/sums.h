/* What executions add up to: those of a statement, of a connection, of a bucket, or all of a period. Pure. */
#ifndef POTTO_FACTS_SUMS_H
#define POTTO_FACTS_SUMS_H

#include <stddef.h>
#include <stdint.h>

struct sums {
    /* The load. */
    int64_t calls;
    int64_t slow_calls;
    double total_ms;
    /* The details. */
    double max_ms; /* the longest sample; 0: only counters are known */
    int64_t rows_examined, rows_returned;
    int64_t blocks_hit, blocks_read; /* blocks found in the buffer cache, and read from outside it */
};

/* The counts of the details, for code that treats all of them alike: X(member). Rows of statements, chunks and the API
 * have them in this order. */
#define SUMS_DETAIL_COUNTS(X)                                                                                          \
    X(rows_examined)                                                                                                   \
    X(rows_returned)                                                                                                   \
    X(blocks_hit)                                                                                                      \
    X(blocks_read)

/* Counts stop at INT64_MAX. max_ms becomes the larger of the two. */
void sums_add(struct sums *sums, const struct sums *more);

/* A count with another added to it; stops at INT64_MAX. Both are 0 or more. */
static inline int64_t sums_add_count(int64_t count, int64_t more)
{
    int64_t sum;

    return __builtin_add_overflow(count, more, &sum) ? INT64_MAX : sum;
}

/* The counts that a server keeps as cumulative counters, beside total_ms. Statements that store counters take them in
 * this order. */
struct sums_counter {
    const char *name; /* of the column in counter_baselines */
    size_t offset;    /* in struct sums */
};
enum { SUMS_COUNTER_COUNT = 4 };
extern const struct sums_counter sums_counters[SUMS_COUNTER_COUNT];

static inline int64_t sums_count(const struct sums *sums, int counter)
{
    return *(const int64_t *)((const char *)sums + sums_counters[counter].offset);
}

static inline void sums_set_count(struct sums *sums, int counter, int64_t count)
{
    *(int64_t *)((char *)sums + sums_counters[counter].offset) = count;
}

/* 0 without calls. */
double sums_mean_ms(const struct sums *sums);

/* The longest execution, as far as it is known. Counters know the mean of all executions, samples the longest one seen:
 * a sample that is shorter than the mean is not the longest execution. 0: unknown. */
double sums_max_ms(const struct sums *sums);

#endif
