/* Rows of the slow log and their digests; see digests.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "collect/mysql/digests.h"
#include "sql/digest.h"

enum {
    RECENT_MAX = 2000, /* digests whose texts are compared with the log's */
    RECENT_BYTES_MAX = 16 << 20,
    RECENT_S = 10,
    SHAPE_BYTES_MAX = 65536, /* of a fingerprint; the shape of a longer one is that of its beginning */
};

/* ---- meeting ---- */

/* A fingerprint of the log that no digest has, or a digest that ran of late. */
struct shaped {
    struct text shape;
    struct sql_hash hash; /* of the log's fingerprint */
    bool may_be_cut;
};

struct hashes {
    struct sql_hash *items; /* ascending */
    size_t count;
};

static int compare_shapes(const void *left, const void *right)
{
    return text_compare(((const struct shaped *)left)->shape, ((const struct shaped *)right)->shape);
}

static int compare_hashes(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct sql_hash));
}

/* Fingerprints of the digests whose texts are known. */
static struct hashes list_hashes(const struct counter_snapshot *snapshot, struct arena *arena)
{
    struct hashes hashes = {.items = arena_alloc_array(arena, snapshot->count, sizeof *hashes.items)};

    for (size_t i = 0; i < snapshot->count; i++)
        if (counters_is_named(&snapshot->entries[i]))
            hashes.items[hashes.count++] = snapshot->entries[i].hash;
    if (hashes.count > 0)
        qsort(hashes.items, hashes.count, sizeof *hashes.items, compare_hashes);
    return hashes;
}

static bool has_hash(const struct hashes *hashes, struct sql_hash hash)
{
    return hashes->count > 0 && bsearch(&hash, hashes->items, hashes->count, sizeof hash, compare_hashes) != NULL;
}

/* Each fingerprint once, by its shape. */
static size_t list_strangers(const struct collect_cycle *cycle, const struct hashes *hashes, struct shaped *strangers)
{
    const struct sample_facts *samples = &cycle->result->facts.samples;
    size_t count = 0;

    for (size_t i = 0; i < samples->count && count < RECENT_MAX; i++) {
        const struct sql_fingerprint *statement = &samples->items[i].statement;
        bool is_known = has_hash(hashes, statement->hash);

        for (size_t j = 0; j < count && !is_known; j++)
            is_known = sql_hash_equal(strangers[j].hash, statement->hash);
        if (!is_known)
            strangers[count++] =
                (struct shaped){sql_digest_shape(text_cut_utf8(statement->text, SHAPE_BYTES_MAX), cycle->arena),
                                statement->hash, false};
    }
    if (count > 0)
        qsort(strangers, count, sizeof *strangers, compare_shapes);
    return count;
}

static const struct shaped *find_stranger(const struct shaped *strangers, size_t count, const struct shaped *digest)
{
    const struct shaped *found = bsearch(digest, strangers, count, sizeof *strangers, compare_shapes);

    for (size_t i = 0; found == NULL && digest->may_be_cut && i < count; i++)
        if (sql_digest_shape_begins(digest->shape, strangers[i].shape))
            found = &strangers[i];
    return found;
}

/* A digest of less than this has all of its statement. */
static size_t whole_bytes(int64_t digest_bytes_max)
{
    return digest_bytes_max > 0 && digest_bytes_max < MYSQL_TEXT_BYTES_MAX ? (size_t)digest_bytes_max * 7 / 10 : 0;
}

/* At the first look some of all digests. */
static enum status read_recent(struct collect_cycle *cycle, struct target_rows *out_rows)
{
    int64_t last_us = collect_cursor_get(cycle, "snapshot_at");
    int64_t since_s = last_us == INT64_MIN ? 0 : last_us / CLOCK_SECOND_US - RECENT_S;

    return mysql_digests_read(cycle,
                              arena_printf(cycle->arena, "WHERE LAST_SEEN >= FROM_UNIXTIME(%lld) LIMIT %d",
                                           (long long)(since_s > 0 ? since_s : 0), RECENT_MAX),
                              RECENT_MAX, RECENT_BYTES_MAX, out_rows);
}

enum status mysql_log_meets_digests(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                                    int64_t digest_bytes_max)
{
    struct hashes hashes = list_hashes(snapshot, cycle->arena);
    struct shaped *strangers = arena_alloc_array(cycle->arena, RECENT_MAX, sizeof *strangers);
    size_t count = list_strangers(cycle, &hashes, strangers);
    struct target_rows rows;
    enum status status;

    if (count == 0)
        return STATUS_OK;
    status = read_recent(cycle, &rows);
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++) {
        struct text text = target_text(&rows, row, MYSQL_TEXT_DIGEST);
        struct shaped digest = {.may_be_cut = text.size >= whole_bytes(digest_bytes_max)};
        const struct shaped *stranger;

        if (text.data == NULL || target_is_null(&rows, row, MYSQL_TEXT_KEY))
            continue;
        digest.shape = sql_digest_shape(text_cut_utf8(text, SHAPE_BYTES_MAX), cycle->arena);
        stranger = find_stranger(strangers, count, &digest);
        if (stranger != NULL)
            counters_rename(snapshot, target_text(&rows, row, MYSQL_TEXT_KEY), stranger->hash);
    }
    return status;
}

/* ---- what no counter has ---- */

/* Whether it ended before the first snapshot, so that no growth has it. A statement whose time in the log is no true
 * one was moved to the end of the look before (slow_log.c), so this time tells nothing of it. */
static bool is_uncounted(const struct collect_cycle *cycle, const struct mysql_server *server,
                         const struct sample_fact *sample)
{
    double end_us = (double)sample->captured_at_us + sample->duration_ms * 1000;

    if (end_us > (double)collect_cursor_get(cycle, "counted_since"))
        return false;
    return cycle->coverage.continuity == COUNTER_FIRST_SNAPSHOT || end_us > (double)server->log_read_at_us + 1;
}

void mysql_log_marks_uncounted(struct collect_cycle *cycle, const struct mysql_server *server,
                               const struct counter_snapshot *snapshot)
{
    struct sample_facts *samples = &cycle->result->facts.samples;
    struct hashes hashes = list_hashes(snapshot, cycle->arena);

    for (size_t i = 0; i < samples->count; i++)
        samples->items[i].is_uncounted =
            is_uncounted(cycle, server, &samples->items[i]) && has_hash(&hashes, samples->items[i].statement.hash);
}
