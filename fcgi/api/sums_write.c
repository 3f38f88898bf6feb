/* Writing sums; see sums_write.h. */
#include "fcgi/api/sums_write.h"

#include <math.h>
#include <string.h>

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

static bool is_unknown(const char *member, bool knows_examined)
{
    return !knows_examined && strcmp(member, "rows_examined") == 0;
}

static void count_write(struct json_writer *json, const char *member, int64_t count, bool knows_examined)
{
    if (is_unknown(member, knows_examined))
        json_member_null(json, member);
    else
        json_member_int64(json, member, count);
}

void sums_counts_write(struct json_writer *json, const struct sums *sums, bool knows_examined)
{
#define WRITE(member) count_write(json, #member, sums->member, knows_examined);
    SUMS_DETAIL_COUNTS(WRITE)
#undef WRITE
}

void sums_write(struct json_writer *json, const struct sums *sums, bool knows_examined)
{
    sums_brief_write(json, sums);
    json_member_ms(json, "max_ms", sums->max_ms);
    sums_counts_write(json, sums, knows_examined);
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

static void count_csv(struct csv_writer *csv, const char *member, int64_t count, bool knows_examined)
{
    if (is_unknown(member, knows_examined))
        csv_double(csv, NAN);
    else
        csv_int64(csv, count);
}

void sums_csv(struct csv_writer *csv, const struct sums *sums, bool knows_examined)
{
    sums_brief_csv(csv, sums);
    csv_ms(csv, sums->max_ms);
#define WRITE(member) count_csv(csv, #member, sums->member, knows_examined);
    SUMS_DETAIL_COUNTS(WRITE)
#undef WRITE
}
