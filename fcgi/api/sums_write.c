/* Writing sums; see sums_write.h. */
#include "fcgi/api/sums_write.h"

#include <math.h>

#include "fcgi/api/query_params.h"

static double mean_or_nan(const struct sums *sums)
{
    return sums->calls > 0 ? sums_mean_ms(sums) : (double)NAN;
}

void sums_load_write(struct json_writer *json, const struct sums *sums)
{
    json_member_int64(json, "calls", sums->calls);
    json_member_int64(json, "slow_calls", sums->slow_calls);
    json_member_ms(json, "total_ms", sums->total_ms);
}

void sums_brief_write(struct json_writer *json, const struct sums *sums)
{
    sums_load_write(json, sums);
    json_member_ms(json, "mean_ms", mean_or_nan(sums));
}

/* The counts of the details as they are written. */
static const struct {
    const char *name;
    unsigned needs; /* enum sums_known; 0: always known */
} counts[SUMS_COUNTERS] = {
    [SUMS_COUNTER_rows_examined] = {"rows_examined", SUMS_KNOW_EXAMINED},
    [SUMS_COUNTER_rows_returned] = {"rows_returned", 0},
    [SUMS_COUNTER_blocks_hit] = {"blocks_hit", 0},
    [SUMS_COUNTER_blocks_read] = {"blocks_read", 0},
    [SUMS_COUNTER_lock_us] = {"lock_ms", SUMS_KNOW_LOCKS},
    [SUMS_COUNTER_temp_tables] = {"temp_tables", SUMS_KNOW_DIGESTS},
    [SUMS_COUNTER_temp_disk_tables] = {"temp_disk_tables", SUMS_KNOW_DIGESTS},
    [SUMS_COUNTER_sort_passes] = {"sort_passes", SUMS_KNOW_DIGESTS},
    [SUMS_COUNTER_no_index_calls] = {"no_index_calls", SUMS_KNOW_DIGESTS},
    [SUMS_COUNTER_errors] = {"errors", SUMS_KNOW_DIGESTS},
};
enum { FIRST_COUNT = SUMS_COUNTER_calls + 1 };
_Static_assert(SUMS_COUNTERS == SUMS_COUNTER_errors + 1, "each count has a name above, and in SUMS_CSV_COLUMNS");

static bool is_known(int counter, unsigned known)
{
    return (counts[counter].needs & ~known) == 0;
}

void sums_counts_write(struct json_writer *json, const struct sums *sums, unsigned known)
{
    for (int counter = FIRST_COUNT; counter < SUMS_COUNTERS; counter++)
        if (!is_known(counter, known))
            json_member_null(json, counts[counter].name);
        else if (counter == SUMS_COUNTER_lock_us)
            json_member_ms(json, counts[counter].name, (double)sums->lock_us / 1000);
        else
            json_member_int64(json, counts[counter].name, sums_counter(sums, counter));
}

void sums_write(struct json_writer *json, const struct sums *sums, unsigned known)
{
    sums_brief_write(json, sums);
    json_member_ms(json, "max_ms", sums->max_ms);
    sums_counts_write(json, sums, known);
}

void sums_side_members_write(struct json_writer *json, const struct sums *sums)
{
    json_member_int64(json, "calls", sums->calls);
    json_member_ms(json, "total_ms", sums->total_ms);
    json_member_ms(json, "mean_ms", mean_or_nan(sums));
}

void sums_side_write(struct json_writer *json, const char *key, const struct sums *sums)
{
    json_key(json, key);
    json_object_begin(json);
    sums_side_members_write(json, sums);
    json_object_end(json);
}

static void csv_ms(struct csv_writer *csv, double ms)
{
    csv_double(csv, round(ms * 1000) / 1000);
}

void sums_brief_csv(struct csv_writer *csv, const struct sums *sums)
{
    csv_int64(csv, sums->calls);
    csv_int64(csv, sums->slow_calls);
    csv_ms(csv, sums->total_ms);
    csv_ms(csv, mean_or_nan(sums));
}

void sums_csv(struct csv_writer *csv, const struct sums *sums, unsigned known)
{
    sums_brief_csv(csv, sums);
    csv_ms(csv, sums->max_ms);
    for (int counter = FIRST_COUNT; counter < SUMS_COUNTERS; counter++)
        if (!is_known(counter, known))
            csv_double(csv, NAN);
        else if (counter == SUMS_COUNTER_lock_us)
            csv_ms(csv, (double)sums->lock_us / 1000);
        else
            csv_int64(csv, sums_counter(sums, counter));
}
