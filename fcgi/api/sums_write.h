/* Sums (facts/sums.h) as members of a JSON object and as columns of a CSV file. */
#ifndef POTTO_FCGI_API_SUMS_WRITE_H
#define POTTO_FCGI_API_SUMS_WRITE_H

#include "base/json_write.h"
#include "facts/sums.h"
#include "fcgi/request/csv.h"

/* Writes calls, slow_calls and total_ms. */
void sums_load_write(struct json_writer *json, const struct sums *sums);
/* Writes the members of sums_load_write, and mean_ms, which is null without calls. */
void sums_brief_write(struct json_writer *json, const struct sums *sums);
/* Writes the counts of the details by their names, lock_us as lock_ms. Null are those that are not `known` (enum
 * sums_known). */
void sums_counts_write(struct json_writer *json, const struct sums *sums, unsigned known);
/* Writes the members of sums_brief_write, max_ms, and the members of sums_counts_write. */
void sums_write(struct json_writer *json, const struct sums *sums, unsigned known);
/* Writes calls, total_ms and mean_ms. */
void sums_side_members_write(struct json_writer *json, const struct sums *sums);
/* Writes an object for one side of a comparison: calls, total_ms and mean_ms. */
void sums_side_write(struct json_writer *json, const char *key, const struct sums *sums);

/* Column names for sums_brief_csv and sums_csv. */
#define SUMS_BRIEF_CSV_COLUMNS "calls", "slow_calls", "total_ms", "mean_ms"
#define SUMS_CSV_COLUMNS                                                                                               \
    SUMS_BRIEF_CSV_COLUMNS, "max_ms", "rows_examined", "rows_returned", "blocks_hit", "blocks_read", "lock_ms",        \
        "temp_tables", "temp_disk_tables", "sort_passes", "no_index_calls", "errors"
void sums_brief_csv(struct csv_writer *csv, const struct sums *sums);
void sums_csv(struct csv_writer *csv, const struct sums *sums, unsigned known);

#endif
