/* From a snapshot to growth; see counters.h. */
#include "collect/counters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "collect/explain.h"

enum {
    TEXT_BYTES_BUDGET = 32 * 1024 * 1024, /* in one snapshot; what is left comes at the next */
    GROWTH_MAX = 10000 * COUNTER_PIECES_MAX,
    PIECE_S_MAX = 31 * 86400 / COUNTER_PIECES_MAX /* the clock that says how long it was is the server's */
};

/* Of an entry without a text: its baseline is kept, and its growth counts once the text is known. */
static const struct sql_hash pending = {
    {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};
static const struct sql_hash own = {{0}}; /* of Potto's own statements */

/* As the store sorts baselines: by bytes. */
static int compare_entries(const void *left, const void *right)
{
    return text_compare(((const struct counter_entry *)left)->key, ((const struct counter_entry *)right)->key);
}

void counters_sort(struct counter_snapshot *snapshot)
{
    if (snapshot->count > 0)
        qsort(snapshot->entries, snapshot->count, sizeof *snapshot->entries, compare_entries);
}

static void add_entry(struct counter_entry *entry, const struct counter_entry *more, struct arena *arena)
{
    struct measures sums = measures_unknown();

    sums_add(&entry->totals, &more->totals);
    if (entry->measures == NULL && more->measures == NULL)
        return;
    measures_add(&sums, entry->measures);
    measures_add(&sums, more->measures);
    entry->measures = arena_copy(arena, &sums, sizeof sums);
}

void counters_add_up(struct counter_snapshot *snapshot, struct arena *arena)
{
    size_t kept = 0;

    for (size_t i = 0; i < snapshot->count; i++)
        if (kept > 0 && text_equal(snapshot->entries[kept - 1].key, snapshot->entries[i].key))
            add_entry(&snapshot->entries[kept - 1], &snapshot->entries[i], arena);
        else
            snapshot->entries[kept++] = snapshot->entries[i];
    snapshot->count = kept;
}

bool counters_is_named(const struct counter_entry *entry)
{
    return entry->is_known && !sql_hash_equal(entry->hash, own);
}

static struct counter_entry *find_key(struct counter_snapshot *snapshot, struct text key)
{
    struct counter_entry wanted = {.key = key};

    return snapshot->count == 0
               ? NULL
               : bsearch(&wanted, snapshot->entries, snapshot->count, sizeof *snapshot->entries, compare_entries);
}

void counters_rename(struct counter_snapshot *snapshot, struct text key, struct sql_hash hash)
{
    struct counter_entry *entry = find_key(snapshot, key);

    if (entry != NULL && counters_is_named(entry))
        entry->hash = hash;
}

const struct counter_entry *counters_find(const struct counter_snapshot *snapshot, struct text statement_id)
{
    for (size_t i = 0; statement_id.data != NULL && i < snapshot->count; i++) {
        const struct counter_entry *entry = &snapshot->entries[i];

        if (text_equal(entry->statement_id, statement_id) && counters_is_named(entry))
            return entry;
    }
    return NULL;
}

/* ---- the last snapshot ---- */

static struct counter_era last_era(const struct collect_cycle *cycle)
{
    return (struct counter_era){.taken_at_us = collect_cursor_get(cycle, "snapshot_at"),
                                .statistics_since_us = collect_cursor_get(cycle, "statistics_since"),
                                .server_since_us = collect_cursor_get(cycle, "server_since"),
                                .is_partial = collect_cursor_get(cycle, "hidden") > 0,
                                .layout = collect_cursor_get(cycle, "layout")};
}

static void keep_era(struct collect_cycle *cycle, const struct counter_snapshot *snapshot)
{
    collect_cursor_set(cycle, "snapshot_at", snapshot->era.taken_at_us);
    collect_cursor_set(cycle, "statistics_since", snapshot->era.statistics_since_us);
    collect_cursor_set(cycle, "server_since", snapshot->era.server_since_us);
    collect_cursor_set(cycle, "hidden", snapshot->hidden);
    collect_cursor_set(cycle, "layout", snapshot->era.layout);
}

/* Baselines and entries ascend by key: both are walked at once. */
static void match_baselines(const struct baseline_list *baselines, struct counter_snapshot *snapshot)
{
    size_t at = 0;

    for (size_t i = 0; i < snapshot->count; i++) {
        struct counter_entry *entry = &snapshot->entries[i];

        while (at < baselines->count && text_compare(baselines->items[at].key, entry->key) < 0)
            at++;
        if (at == baselines->count || text_compare(baselines->items[at].key, entry->key) != 0)
            continue;
        entry->before = &baselines->items[at];
        entry->hash = baselines->items[at].hash;
        entry->is_known = !sql_hash_equal(entry->hash, pending);
        entry->was_pending = !entry->is_known;
    }
}

/* ---- fingerprints ---- */

static void name_entry(struct collect_cycle *cycle, struct counter_entry *entry, struct text sql)
{
    struct statement_list *statements = &cycle->result->facts.statements;
    struct sql_fingerprint statement;

    entry->is_known = true;
    if (collect_is_own(sql)) {
        entry->hash = own;
        return;
    }
    /* Some engines keep statements that are no query as they were sent, literals included. */
    statement = statement_fingerprint(&cycle->rules, text_to_utf8(sql, cycle->arena), cycle->arena);
    entry->hash = statement.hash;
    statements->items[statements->count++] = statement;
}

void counters_name(struct collect_cycle *cycle, struct counter_snapshot *snapshot, struct text key, struct text sql)
{
    struct counter_entry *entry = find_key(snapshot, key);

    cycle->text_bytes += sql.size;
    if (entry == NULL || entry->is_known)
        return;
    if (sql.data == NULL)
        entry->has_no_text = true;
    else
        name_entry(cycle, entry, sql);
}

/* Some entries without a name, from *at on. */
static size_t list_unnamed(const struct counter_snapshot *snapshot, size_t *at, const struct counter_entry **list)
{
    size_t count = 0;

    for (; *at < snapshot->count && count < COUNTER_TEXTS_AT_ONCE; (*at)++)
        if (!snapshot->entries[*at].is_known)
            list[count++] = &snapshot->entries[*at];
    return count;
}

static enum status name_entries(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                                counter_texts_reader *read_texts)
{
    const struct counter_entry *list[COUNTER_TEXTS_AT_ONCE];
    struct statement_list *statements = &cycle->result->facts.statements;
    struct counter_entry *entries = snapshot->entries;
    enum status status = STATUS_OK;
    size_t at = 0, from = 0, count;

    statements->items = arena_alloc_array(cycle->arena, snapshot->count, sizeof *statements->items);
    while (status == STATUS_OK && cycle->text_bytes < TEXT_BYTES_BUDGET &&
           (count = list_unnamed(snapshot, &at, list)) > 0) {
        status = read_texts(cycle, snapshot, list, count);
        for (; status == STATUS_OK && from < at; from++)
            entries[from].is_gone = !entries[from].is_known && !entries[from].has_no_text;
    }
    for (size_t i = 0; i < snapshot->count; i++)
        if (!entries[i].is_known)
            entries[i].hash = pending;
    cycle->coverage.lacks_texts = status == STATUS_ABSENT;
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

/* ---- growth ---- */

struct entry_growth {
    struct sums sums;
    struct measures measures;
};

/* False: it did not grow. */
static bool grow(const struct counter_snapshot *snapshot, const struct counter_entry *entry,
                 enum counter_continuity continuity, int64_t last_taken_at_us, struct entry_growth *out_growth)
{
    const struct sums *before = entry->before == NULL ? NULL : &entry->before->totals;
    const struct measures *measures_before = entry->before == NULL ? NULL : entry->before->measures;

    if (!counter_growth(continuity, before, &entry->totals, entry->since_us, last_taken_at_us, &out_growth->sums))
        return false;
    out_growth->measures = measures_growth(
        measures_before, entry->measures,
        counter_is_whole(continuity, before, &entry->totals, entry->since_us, last_taken_at_us), snapshot->silent);
    return true;
}

static const struct measures *keep_piece(const struct measures *growth, int index, int count, struct arena *arena)
{
    struct measures piece;

    if (!measures_know_any(growth))
        return NULL;
    piece = measures_piece(growth, index, count);
    return arena_copy(arena, &piece, sizeof piece);
}

static void add_growth(struct collect_cycle *cycle, const struct counter_entry *entry,
                       const struct entry_growth *growth, int pieces, int64_t piece_us)
{
    struct growth_facts *list = &cycle->result->facts.growth;
    bool is_slow = growth->sums.total_ms >= cycle->input->min_duration_ms * (double)growth->sums.calls;

    if (growth->sums.calls < pieces) /* a piece without calls would lose its rows and blocks */
        pieces = (int)growth->sums.calls;
    for (int i = 0; i < pieces; i++) {
        struct sums piece = counter_piece(&growth->sums, i, pieces);
        /* By our clock, not the server's: the buckets of all databases must line up. The newest piece is the first,
         * which also gets the calls that remain after the division. */
        int64_t at_us = cycle->input->now_us - piece_us * i;

        piece.slow_calls = is_slow ? piece.calls : 0;
        list->items[list->count++] =
            (struct growth_fact){entry->hash, at_us, piece, keep_piece(&growth->measures, i, pieces, cycle->arena)};
    }
}

/* COVERAGE_GAP_COUNT: it is attributed. */
static enum coverage_gap gap_of(const struct collect_cycle *cycle, const struct counter_entry *entry)
{
    if (entry->is_gone && !cycle->coverage.lacks_texts)
        return COVERAGE_EVICTED;
    if (!entry->is_known)
        return entry->has_no_text || cycle->coverage.lacks_texts ? COVERAGE_TEXT_MISSING : COVERAGE_BEYOND_BOUND;
    return sql_hash_equal(entry->hash, own) ? COVERAGE_OWN : COVERAGE_GAP_COUNT;
}

static void cover(struct coverage_counters *coverage, const struct counter_entry *entry, enum coverage_gap gap,
                  const struct sums *growth)
{
    if (gap != COVERAGE_GAP_COUNT) {
        coverage->gaps_ms[gap] += growth->total_ms;
        return;
    }
    if (entry->was_pending)
        coverage->late_ms += growth->total_ms;
    coverage->attributed_ms += growth->total_ms;
    coverage->attributed_calls = sums_add_count(coverage->attributed_calls, growth->calls);
    if (entry->before != NULL)
        return;
    coverage->new_ms += growth->total_ms;
    coverage->new_calls = sums_add_count(coverage->new_calls, growth->calls);
}

/* ---- entries without a text ---- */

/* Gaps whose growth may still get a text: the cursor keeps how much there is. */
static const struct {
    enum coverage_gap gap;
    const char *key;
} pending_gaps[] = {{COVERAGE_TEXT_MISSING, "pending_text_us"}, {COVERAGE_BEYOND_BOUND, "pending_bound_us"}};

static bool is_pending(const struct counter_entry *entry)
{
    return !entry->is_known && !entry->is_gone;
}

/* Whether entries have been pending for so long that they begin anew. */
static bool gives_up(struct collect_cycle *cycle, const struct counter_snapshot *snapshot)
{
    int64_t since_us = collect_cursor_get(cycle, "pending_since"), now_us = cycle->input->now_us;
    bool is_over = since_us != INT64_MIN && now_us - since_us >= COUNTER_PENDING_S_MAX * CLOCK_SECOND_US;
    bool has_pending = false;

    for (size_t i = 0; i < snapshot->count && !has_pending; i++)
        has_pending = is_pending(&snapshot->entries[i]);
    if (!has_pending || is_over || since_us == INT64_MIN || since_us > now_us)
        collect_cursor_set(cycle, "pending_since", has_pending ? now_us : INT64_MIN);
    return is_over;
}

/* What a pending entry has grown from: its old baseline, or nothing where it was made anew since. */
static const struct counter_baseline *grown_from(const struct counter_entry *entry, const struct sums *growth)
{
    static const struct measures zeros = {.amounts = {0}};
    static const struct counter_baseline nothing = {.measures = &zeros};

    return entry->before != NULL && growth->calls == entry->totals.calls - entry->before->totals.calls ? entry->before
                                                                                                       : &nothing;
}

/* What is pending in all is a total that grows and falls; what it changed by belongs to this cycle. It falls by what
 * has got a text: what else is missing was evicted, and stays a gap of the time when it was counted. */
static void cover_pending(struct collect_cycle *cycle, bool goes_on, bool is_given_up)
{
    struct coverage_counters *coverage = &cycle->coverage;

    for (size_t i = 0; i < sizeof pending_gaps / sizeof pending_gaps[0]; i++) {
        int64_t last_us = collect_cursor_get(cycle, pending_gaps[i].key);
        double *gap_ms = &coverage->gaps_ms[pending_gaps[i].gap];
        double now_ms = *gap_ms;

        if (goes_on && last_us != INT64_MIN)
            *gap_ms = fmax(now_ms - (double)last_us / 1000, -coverage->late_ms);
        collect_cursor_set(cycle, pending_gaps[i].key,
                           is_given_up || !(now_ms > 0 && now_ms < COVERAGE_MAX) ? INT64_MIN
                                                                                 : (int64_t)(now_ms * 1000));
    }
}

/* Fewer than the pause would have where there are very many entries, so that facts have a bound. */
static int count_pieces(const struct counter_era *last, const struct counter_snapshot *snapshot)
{
    int pieces = counter_piece_count(last->taken_at_us, snapshot->era.taken_at_us);
    size_t most = snapshot->count == 0 ? GROWTH_MAX : GROWTH_MAX / snapshot->count;

    return most >= (size_t)pieces ? pieces : most < 1 ? 1 : (int)most;
}

static void count_growth(struct collect_cycle *cycle, struct counter_snapshot *snapshot)
{
    struct counter_era last = last_era(cycle);
    enum counter_continuity continuity = counter_continuity_of(&last, &snapshot->era);
    int pieces = count_pieces(&last, snapshot);
    int64_t piece_us = pieces == 1 ? 0 : (snapshot->era.taken_at_us - last.taken_at_us) / pieces;
    int64_t piece_us_max = PIECE_S_MAX * CLOCK_SECOND_US;
    bool is_given_up = gives_up(cycle, snapshot);

    cycle->coverage.continuity = continuity;
    cycle->result->facts.growth.items =
        arena_alloc_array(cycle->arena, snapshot->count * (size_t)pieces, sizeof(struct growth_fact));
    for (size_t i = 0; i < snapshot->count; i++) {
        struct counter_entry *entry = &snapshot->entries[i];
        enum coverage_gap gap = gap_of(cycle, entry);
        struct entry_growth growth;

        if (!grow(snapshot, entry, continuity, last.taken_at_us, &growth))
            continue;
        cover(&cycle->coverage, entry, gap, &growth.sums);
        if (is_pending(entry) && !is_given_up)
            entry->keeps = grown_from(entry, &growth.sums);
        if (gap != COVERAGE_GAP_COUNT)
            continue;
        add_growth(cycle, entry, &growth, pieces, piece_us < piece_us_max ? piece_us : piece_us_max);
        explain_offer(cycle, &(struct plan_candidate){.hash = entry->hash,
                                                      .key = entry->statement_id,
                                                      .weight_ms = growth.sums.total_ms,
                                                      .calls = growth.sums.calls,
                                                      .is_normalized = true});
    }
    cover_pending(cycle, continuity == COUNTER_CONTINUED || continuity == COUNTER_CONTINUED_IN_PART, is_given_up);
}

/* ---- baselines ---- */

/* What measures gained without a call (plans that were not executed) waits for the next call. */
static bool is_same(const struct counter_baseline *left, const struct counter_baseline *right)
{
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        if (sums_counter(&left->totals, counter) != sums_counter(&right->totals, counter))
            return false;
    return memcmp(&left->totals.total_ms, &right->totals.total_ms, sizeof left->totals.total_ms) == 0 &&
           measures_know_same(left->measures, right->measures) && sql_hash_equal(left->hash, right->hash);
}

static void change_baselines(struct collect_cycle *cycle, const struct counter_snapshot *snapshot)
{
    const struct baseline_list *old = &cycle->input->baselines;
    struct baseline_changes *changes = &cycle->result->facts.baselines;
    struct baseline_list *written = &changes->written;
    size_t at = 0;

    written->items = arena_alloc_array(cycle->arena, snapshot->count, sizeof *written->items);
    changes->gone_keys = arena_alloc_array(cycle->arena, old->count, sizeof *changes->gone_keys);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct counter_entry *entry = &snapshot->entries[i];
        struct counter_baseline now = {entry->key, entry->hash, entry->totals, entry->measures};

        if (entry->is_gone)
            continue;
        if (entry->keeps != NULL) {
            now.totals = entry->keeps->totals;
            now.measures = entry->keeps->measures;
        }
        while (at < old->count && text_compare(old->items[at].key, entry->key) < 0)
            changes->gone_keys[changes->gone_count++] = old->items[at++].key;
        if (at == old->count || text_compare(old->items[at].key, entry->key) != 0)
            written->items[written->count++] = now;
        else if (!is_same(&old->items[at++], &now))
            written->items[written->count++] = now;
    }
    while (at < old->count)
        changes->gone_keys[changes->gone_count++] = old->items[at++].key;
    cycle->coverage.entry_count = (int64_t)snapshot->count;
    cycle->coverage.gone_count = (int64_t)changes->gone_count;
}

enum status counters_name_all(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                              counter_texts_reader *read_texts)
{
    match_baselines(&cycle->input->baselines, snapshot);
    return name_entries(cycle, snapshot, read_texts);
}

void counters_count(struct collect_cycle *cycle, struct counter_snapshot *snapshot)
{
    count_growth(cycle, snapshot);
    change_baselines(cycle, snapshot);
    keep_era(cycle, snapshot);
}

enum status counters_collect(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                             counter_texts_reader *read_texts)
{
    enum status status = counters_name_all(cycle, snapshot, read_texts);

    if (status == STATUS_OK)
        counters_count(cycle, snapshot);
    return status;
}
