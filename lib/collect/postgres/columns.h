/* What of pg_stat_statements Potto reads, by the extension's version. */
#ifndef POTTO_COLLECT_POSTGRES_COLUMNS_H
#define POTTO_COLLECT_POSTGRES_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "facts/measures.h"
#include "target/shape.h"

/* The columns of the statement that postgres_counters_sql() makes. */
enum postgres_counter {
    COLUMN_KEY,
    COLUMN_QUERY_ID,
    COLUMN_CALLS,
    COLUMN_MS,
    COLUMN_ROWS,
    COLUMN_HIT,
    COLUMN_READ,
    COLUMN_SINCE,
    COLUMN_MAX,
    COLUMN_MEASURES, /* one text for all of them: cells of their own would cost more than what is in them */
    POSTGRES_COUNTERS
};
extern const struct target_column postgres_counter_columns[POSTGRES_COUNTERS];

/* Versions are as collect_postgres_statements_version() has them, POSTGRES_STATEMENTS_VERSION_MIN or newer. */

/* The counters of the connection's own database, top-level statements alone where the version tells them apart. */
const char *postgres_counters_sql(int version, struct arena *arena);
/* When all counters were last reset, and the time now. */
const char *postgres_era_sql(int version);
/* The first version whose entries stand for the same executions: numbers go on over an update. */
int postgres_entries_version(int version);

/* Of a cell of COLUMN_MEASURES. A number that is none, or too large, is unknown. `block_bytes` 0: unknown. */
struct measures postgres_measures_read(struct text cell, int version, int64_t block_bytes);
/* Measures that a server with these settings does not count, as measures_growth() takes them. */
uint64_t postgres_measures_silent(bool tracks_planning, bool tracks_io_timing);

#endif
