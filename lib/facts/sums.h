/* What executions add up to: those of a statement, of a connection, of a bucket, or all of a period. Pure. */
#ifndef POTTO_FACTS_SUMS_H
#define POTTO_FACTS_SUMS_H

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
    int64_t lock_us;                 /* that executions waited for locks */
    int64_t temp_tables, temp_disk_tables;
    int64_t sort_passes;    /* of sorts that did not fit into memory */
    int64_t no_index_calls; /* that read a table whole for lack of an index */
    int64_t errors;
};

/* What the servers tell of it; what they do not tell is 0 and unknown. */
enum sums_known {
    SUMS_KNOW_EXAMINED = 1, /* rows_examined */
    SUMS_KNOW_LOCKS = 2,    /* lock_us */
    SUMS_KNOW_DIGESTS = 4,  /* what is behind it */
    SUMS_KNOW_ALL = 7,
};

/* The counts of the details, for code that treats all of them alike: X(member). Rows of statements, chunks, baselines
 * and the API have them in this order. A new count is the last, so that the baselines that lack it stay readable. */
#define SUMS_DETAIL_COUNTS(X)                                                                                          \
    X(rows_examined)                                                                                                   \
    X(rows_returned)                                                                                                   \
    X(blocks_hit)                                                                                                      \
    X(blocks_read)                                                                                                     \
    X(lock_us)                                                                                                         \
    X(temp_tables)                                                                                                     \
    X(temp_disk_tables)                                                                                                \
    X(sort_passes)                                                                                                     \
    X(no_index_calls)                                                                                                  \
    X(errors)

/* Counts stop at INT64_MAX. max_ms becomes the larger of the two. */
void sums_add(struct sums *sums, const struct sums *more);

/* A count with another added to it; stops at INT64_MAX. Both are 0 or more. */
static inline int64_t sums_add_count(int64_t count, int64_t more)
{
    int64_t sum;

    return __builtin_add_overflow(count, more, &sum) ? INT64_MAX : sum;
}

/* Part `index` of `count` of a whole: all parts add up to it, and the first ones get what does not divide. */
static inline int64_t sums_part(int64_t whole, int index, int count)
{
    return whole / count + (index < whole % count ? 1 : 0);
}

/* The counts that a server may keep as cumulative counters, beside total_ms: calls, then those of the details. They are
 * numbered from 0. */
#define SUMS_NUMBER(member) , SUMS_COUNTER_##member
enum { SUMS_COUNTER_calls SUMS_DETAIL_COUNTS(SUMS_NUMBER), SUMS_COUNTERS };
int64_t sums_counter(const struct sums *sums, int counter);
void sums_set_counter(struct sums *sums, int counter, int64_t count);

/* What these sums know by themselves, beside what is known of the servers. */
unsigned sums_known(const struct sums *sums);

/* 0 without calls. */
double sums_mean_ms(const struct sums *sums);

/* The longest execution, as far as it is known. Counters know the mean of all executions, samples the longest one seen:
 * a sample that is shorter than the mean is not the longest execution. 0: unknown. */
double sums_max_ms(const struct sums *sums);

#endif
