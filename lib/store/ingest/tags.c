/* Sums by tag; see tags.h. */
#include "store/ingest/tags.h"

#include <xxhash.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/vector.h"
#include "sql/tags.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

#define HOUR_US (3600 * CLOCK_SECOND_US)

/* One row of query_tag_metrics. */
struct sum {
    struct sql_tag tag;
    int64_t hour_us;
    struct sql_hash hash;
    int64_t calls;
    double total_ms, max_ms;
};

struct sum_key {
    const struct sum *sums;
    const struct sum *sought;
};

static bool is_sum(const void *context, uint32_t index)
{
    const struct sum_key *key = context;
    const struct sum *sum = &key->sums[index], *sought = key->sought;

    return sum->tag.key == sought->tag.key && sum->hour_us == sought->hour_us &&
           sql_hash_equal(sum->hash, sought->hash) && text_equal(sum->tag.value, sought->tag.value);
}

static uint64_t map_hash(const struct sum *sum)
{
    struct {
        uint64_t key, value;
        int64_t hour_us;
        struct sql_hash hash;
    } parts = {sum->tag.key, XXH3_64bits(sum->tag.value.data, sum->tag.value.size), sum->hour_us, sum->hash};

    return XXH3_64bits(&parts, sizeof parts);
}

/* One entry for each tag of each new row. */
static size_t find_tags(const struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                        struct arena *arena, struct sum **out_entries)
{
    VECTOR(struct sum) entries = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct sample_fact *sample = rows->rows[i].sample;
        struct sql_tag tags[SQL_TAGS_MAX];
        size_t count;

        if (!rows->rows[i].is_new)
            continue;
        count = sql_tags_find(batch->target.rules.dialect, sample->full_sql, &store->tag_keys, arena, tags);
        for (size_t j = 0; j < count; j++)
            *vector_push(&entries, arena) = (struct sum){.tag = tags[j],
                                                         .hour_us = clock_floor(sample->captured_at_us, HOUR_US),
                                                         .hash = sample->statement.hash,
                                                         .calls = 1,
                                                         .total_ms = sample->duration_ms,
                                                         .max_ms = sample->duration_ms};
    }
    *out_entries = entries.items;
    return entries.count;
}

/* Add up entries of one tag, hour and fingerprint, in place. */
static size_t add_up(struct sum *sums, size_t entry_count, struct arena *arena)
{
    struct map map = map_new(entry_count, arena);
    uint32_t count = 0;

    for (size_t i = 0; i < entry_count; i++) {
        const struct sum entry = sums[i];
        uint32_t index = map_add(&map, map_hash(&entry), is_sum, &(struct sum_key){sums, &entry}, count);

        if (index == count) {
            sums[count++] = entry;
            continue;
        }
        sums[index].calls++;
        sums[index].total_ms += entry.total_ms;
        sums[index].max_ms = entry.max_ms > sums[index].max_ms ? entry.max_ms : sums[index].max_ms;
    }
    return count;
}

static void bind_sums(struct db_params *params, const struct store *store, const struct sum *sums, size_t count)
{
    struct arena *arena = params->arena;
    struct text *keys = arena_alloc_array(arena, count, sizeof *keys);
    struct text *values = arena_alloc_array(arena, count, sizeof *values);
    int64_t *hours_us = arena_alloc_array(arena, count, sizeof *hours_us);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    int64_t *calls = arena_alloc_array(arena, count, sizeof *calls);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);
    double *maxima_ms = arena_alloc_array(arena, count, sizeof *maxima_ms);

    for (size_t i = 0; i < count; i++) {
        keys[i] = store->tag_keys.keys[sums[i].tag.key];
        values[i] = sums[i].tag.value;
        hours_us[i] = sums[i].hour_us;
        hashes[i] = sums[i].hash;
        calls[i] = sums[i].calls;
        totals_ms[i] = sums[i].total_ms;
        maxima_ms[i] = sums[i].max_ms;
    }
    params_text_array(params, keys, count);
    params_text_array(params, values, count);
    params_time_array(params, hours_us, count);
    params_hash_array(params, hashes, count);
    params_int64_array(params, calls, count);
    params_double_array(params, totals_ms, count);
    params_double_array(params, maxima_ms, count);
}

void store_set_tag_keys(struct store *store, const char *list)
{
    store->tag_keys = tag_keys_parse(list);
}

enum status ingest_tags_write(struct store *store, const struct sample_batch *batch, const struct ingest_rows *rows,
                              struct arena *arena, struct budget_spent *spent, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sum *sums;
    size_t count;
    double new_count;
    PGresult *result;
    enum status status;

    if (!batch->target.rules.keeps_literals)
        return STATUS_OK;
    count = find_tags(store, batch, rows, arena, &sums);
    if (count == 0)
        return STATUS_OK;
    count = add_up(sums, count, arena);
    params_int64(&params, batch->target.organization_id);
    params_int64(&params, batch->target.connection_id);
    bind_sums(&params, store, sums, count);
    params_int32(&params, INGEST_TAG_VALUES_MAX);
    params_string(&params, INGEST_TAG_OTHER);
    status = store_run(store, SQL(ingest_tags), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    new_count = (double)row_int64(result, 0, INGEST_TAGS_NEW_COUNT);
    spent->rows += new_count;
    spent->bytes += new_count * BUDGET_ROW_BYTES;
    return STATUS_OK;
}
