/* For lib/store/read alone: sums as statements return them. Their columns stand side by side, in the order of enum
 * sums_column; SUMS_COLUMNS holds a statement to it. */
#ifndef POTTO_STORE_READ_SUMS_ROW_H
#define POTTO_STORE_READ_SUMS_ROW_H

#include "db/rows.h"
#include "facts/sums.h"

enum sums_column {
    SUMS_CALLS,
    SUMS_SLOW_CALLS,
    SUMS_TOTAL_MS, /* the load ends here */
    SUMS_MAX_MS,
    SUMS_DETAIL_COUNTS_FIRST,
#define ONE(member) +1
    SUMS_END = SUMS_DETAIL_COUNTS_FIRST SUMS_DETAIL_COUNTS(ONE)
#undef ONE
};

/* SUMS_LOAD_COLUMNS(STATS_ENGINES): its columns are calls, slow_calls, total_ms. */
#define SUMS_LOAD_COLUMNS(statement)                                                                                   \
    _Static_assert(statement##_SLOW_CALLS == statement##_CALLS + SUMS_SLOW_CALLS &&                                    \
                       statement##_TOTAL_MS == statement##_CALLS + SUMS_TOTAL_MS,                                      \
                   "calls, slow_calls, total_ms")
/* SUMS_COLUMNS(QUERY_BUCKETS_LIST): behind them max_ms and the counts, as SUMS_DETAIL_COUNTS lists them. */
#define SUMS_COLUMNS(statement)                                                                                        \
    SUMS_LOAD_COLUMNS(statement);                                                                                      \
    _Static_assert(statement##_MAX_MS == statement##_CALLS + SUMS_MAX_MS &&                                            \
                       statement##_ROWS_EXAMINED == statement##_CALLS + SUMS_DETAIL_COUNTS_FIRST &&                    \
                       statement##_ERRORS == statement##_CALLS + SUMS_END - 1,                                         \
                   "max_ms, and the counts in their order")

/* The load: calls, slow_calls and total_ms. `first` is the column of the calls. */
static inline struct sums row_load(const PGresult *result, int row, int first)
{
    return (struct sums){.calls = row_int64(result, row, first + SUMS_CALLS),
                         .slow_calls = row_int64(result, row, first + SUMS_SLOW_CALLS),
                         .total_ms = row_double(result, row, first + SUMS_TOTAL_MS)};
}

/* All of them. */
static inline struct sums row_sums(const PGresult *result, int row, int first)
{
    struct sums sums = row_load(result, row, first);
    int column = first + SUMS_DETAIL_COUNTS_FIRST;

    sums.max_ms = row_double(result, row, first + SUMS_MAX_MS);
#define READ(member) sums.member = row_int64(result, row, column++);
    SUMS_DETAIL_COUNTS(READ)
#undef READ
    return sums;
}

#endif
