/* lib/collect/counters.h: a week of snapshots, one a minute, of servers whose statistics are reset, evicted, saved and
 * lost, and which fail over to each other. What is counted is compared with a ledger of single executions that knows
 * nothing of totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "collect/counters.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

enum { STATEMENTS = 60, OWN = 0, SERVERS = 2, MINUTES = 7 * 24 * 60 };
#define START_US   (INT64_C(1700000000) * CLOCK_SECOND_US)
#define KEY_BEFORE "10/5/"
#define MINUTE_US  (60 * CLOCK_SECOND_US)

/* What a version says of itself. */
struct version {
    const char *name;
    bool says_reset; /* when all statistics were reset: from 14 on */
    bool says_since; /* when each entry was made: from 17 on */
    bool saves;      /* its statistics, for a restart */
};

/* An entry of the statistics. */
struct entry {
    bool is_there, was_seen; /* the second: by the last snapshot of this server */
    int64_t since_us;        /* when it was made */
    struct sums totals;      /* as the server shows them */
    struct sums uncounted;   /* the ledger: executions since the last snapshot, or since it was made */
    struct sums seen;        /* its totals, or its predecessor's, at the last snapshot */
    bool is_remade;          /* its predecessor was seen by the last snapshot */
};

struct server {
    struct entry entries[STATEMENTS];
    int64_t since_us, statistics_since_us;
};

struct week {
    const struct version *version;
    struct server servers[SERVERS];
    int active, last_active; /* the second: at the last snapshot; -1: there was none */
    int64_t now_us;
    char keys[STATEMENTS][32];
    struct sql_hash hashes[STATEMENTS];
    int order[STATEMENTS]; /* ascending by key */
    /* What the store has. */
    struct counter_baseline baselines[STATEMENTS];
    bool has_baseline[STATEMENTS];
    char cursor[1024];
    /* The ledger. Everything executed is counted, lost with its entry, or hidden by an entry made again unsaid. */
    struct sums executed[STATEMENTS], expected[STATEMENTS], lost[STATEMENTS], hidden[STATEMENTS], counted[STATEMENTS];
    int resets, single_resets, evictions, restarts, crashes, failovers, pauses;
};

/* ---- the servers ---- */

static void add(struct sums *sums, const struct sums *more, int sign)
{
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        sums_set_counter(sums, counter, sums_counter(sums, counter) + sign * sums_counter(more, counter));
    sums->total_ms += sign * more->total_ms;
}

/* Of one statement on a server. Times are eighths of milliseconds, so that their sums are exact. */
static void execute(struct week *week, struct server *server, int statement, int64_t calls)
{
    struct entry *entry = &server->entries[statement];
    struct sums more = {.calls = calls,
                        .total_ms = (double)(calls * (int64_t)(1 + random_below(400))) / 8,
                        .rows_returned = calls * (int64_t)random_below(5),
                        .blocks_hit = calls * (int64_t)random_below(9),
                        .blocks_read = (int64_t)random_below(3)};

    if (!entry->is_there) {
        entry->is_there = true;
        entry->since_us = week->now_us - (int64_t)random_below(50) * CLOCK_SECOND_US;
        entry->totals = entry->uncounted = (struct sums){0};
    }
    add(&entry->totals, &more, 1);
    add(&entry->uncounted, &more, 1);
    if (server == &week->servers[week->active])
        add(&week->executed[statement], &more, 1);
}

static void forget(struct week *week, struct server *server, int statement)
{
    struct entry *entry = &server->entries[statement];

    if (!entry->is_there)
        return;
    if (server == &week->servers[week->active])
        add(&week->lost[statement], &entry->uncounted, 1);
    entry->is_there = false;
    entry->is_remade = entry->was_seen;
}

static void forget_all(struct week *week, struct server *server)
{
    for (int statement = 0; statement < STATEMENTS; statement++)
        forget(week, server, statement);
    server->statistics_since_us = week->now_us - 20 * CLOCK_SECOND_US;
}

/* The standby's statements are its own, and the keys of its entries are the primary's. */
static void fail_over(struct week *week)
{
    for (int statement = 0; statement < STATEMENTS; statement++) {
        add(&week->lost[statement], &week->servers[week->active].entries[statement].uncounted,
            week->servers[week->active].entries[statement].is_there);
        /* Nothing is known of what the other one did before the first snapshot of it. */
        week->servers[!week->active].entries[statement].uncounted = (struct sums){0};
    }
    week->active = !week->active;
    week->failovers++;
}

/* What happens in a minute. */
static void live(struct week *week)
{
    struct server *server = &week->servers[week->active];
    /* 13 does not say that other statistics than the last ones came with a server that began later. */
    bool may_restart = week->version->says_reset || week->last_active == week->active;
    uint64_t event = random_below(3000);

    week->now_us += MINUTE_US;
    if (event < 4) {
        forget_all(week, server);
        week->resets++;
    } else if (event < 8 && may_restart) {
        forget_all(week, server);
        server->since_us = server->statistics_since_us;
        week->crashes++;
    } else if (event < 16 && may_restart) {
        if (!week->version->saves)
            forget_all(week, server);
        server->since_us = week->now_us - 25 * CLOCK_SECOND_US;
        week->restarts++;
    } else if (event < 20 && week->last_active == week->active) {
        fail_over(week);
    } else if (event < 60) {
        forget(week, server, (int)random_below(STATEMENTS));
        week->single_resets++;
    } else if (event < 160) {
        for (int i = 0; i < 8; i++)
            forget(week, server, (int)random_below(STATEMENTS));
        week->evictions += 8;
    }
    for (int i = 0; i < 20; i++)
        execute(week, &week->servers[week->active], (int)random_below(STATEMENTS), 1 + (int64_t)random_below(40));
    for (int i = 0; i < 30; i++) /* read on the standby */
        execute(week, &week->servers[!week->active], (int)random_below(STATEMENTS), 1 + (int64_t)random_below(40));
}

/* ---- the ledger ---- */

static bool says_reset_since(const struct week *week, int64_t moment_us)
{
    return week->version->says_reset && week->servers[week->active].statistics_since_us > moment_us;
}

/* An entry made again that has passed all its predecessor's totals looks as if it were the predecessor. */
static bool hides(const struct week *week, const struct entry *entry, int64_t last_snapshot_us)
{
    if (!entry->is_remade || week->version->says_since || says_reset_since(week, last_snapshot_us) ||
        entry->totals.total_ms < entry->seen.total_ms)
        return false;
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        if (sums_counter(&entry->totals, counter) < sums_counter(&entry->seen, counter))
            return false;
    return true;
}

static void settle(struct week *week, int64_t last_snapshot_us)
{
    struct server *server = &week->servers[week->active];
    /* A server that began after the last snapshot, and its statistics too, may be the same one after a crash. */
    bool has_begun =
        week->last_active >= 0 && says_reset_since(week, last_snapshot_us) && server->since_us > last_snapshot_us;
    bool is_first = week->last_active != week->active && !has_begun;

    for (int statement = 0; statement < STATEMENTS; statement++) {
        struct entry *entry = &server->entries[statement];

        if (entry->is_there && is_first)
            add(&week->lost[statement], &entry->uncounted, 1);
        else if (entry->is_there)
            add(&week->expected[statement], &entry->uncounted, 1);
        if (entry->is_there && !is_first && hides(week, entry, last_snapshot_us)) {
            /* With no call more than its predecessor it has not grown at all. */
            const struct sums *gone = entry->totals.calls == entry->seen.calls ? &entry->uncounted : &entry->seen;

            add(&week->expected[statement], gone, -1);
            add(&week->hidden[statement], gone, 1);
        }
        entry->was_seen = entry->is_there;
        entry->is_remade = false;
        entry->seen = entry->totals;
        entry->uncounted = (struct sums){0};
    }
    week->last_active = week->active;
}

/* ---- Potto ---- */

static int number_of(struct text digits)
{
    int64_t number = 0;

    assert_true(text_to_int64(digits, &number));
    assert_in_range(number, 0, STATEMENTS - 1);
    return (int)number;
}

static int statement_of(struct text key)
{
    size_t before = strlen(KEY_BEFORE);

    return number_of((struct text){key.data + before, key.size - before});
}

static enum status read_texts(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                              const struct counter_entry *const *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int statement = number_of(entries[i]->statement_id);

        counters_name(
            cycle, snapshot, entries[i]->key,
            text_of(arena_printf(arena, "SELECT %s* FROM t_%d", statement == OWN ? "/* potto */ " : "", statement)));
    }
    return STATUS_OK;
}

static struct counter_snapshot take_snapshot(const struct week *week)
{
    const struct server *server = &week->servers[week->active];
    struct counter_snapshot snapshot = {
        .entries = arena_alloc_array(arena, STATEMENTS, sizeof *snapshot.entries),
        .era = {.taken_at_us = week->now_us,
                .server_since_us = server->since_us,
                .statistics_since_us = week->version->says_reset ? server->statistics_since_us : INT64_MIN,
                .layout = 109}};

    for (int i = 0; i < STATEMENTS; i++) {
        const struct entry *entry = &server->entries[i];

        if (entry->is_there)
            snapshot.entries[snapshot.count++] =
                (struct counter_entry){.key = text_of(week->keys[i]),
                                       .statement_id = text_of(arena_printf(arena, "%d", i)),
                                       .totals = entry->totals,
                                       .since_us = week->version->says_since ? entry->since_us : INT64_MIN};
    }
    counters_sort(&snapshot);
    return snapshot;
}

/* As the store keeps what a run gives. */
static void keep(struct week *week, const struct collect_result *result, struct json_object *cursor)
{
    const struct baseline_changes *changes = &result->facts.baselines;

    for (size_t i = 0; i < changes->gone_count; i++)
        week->has_baseline[statement_of(changes->gone_keys[i])] = false;
    for (size_t i = 0; i < changes->written.count; i++) {
        int statement = statement_of(changes->written.items[i].key);

        week->baselines[statement] = changes->written.items[i];
        week->baselines[statement].key = text_of(week->keys[statement]);
        week->has_baseline[statement] = true;
    }
    for (size_t i = 0; i < result->facts.growth.count; i++) {
        const struct growth_fact *fact = &result->facts.growth.items[i];
        int statement = 0;

        while (statement < STATEMENTS && !sql_hash_equal(week->hashes[statement], fact->hash))
            statement++;
        assert_in_range(statement, 0, STATEMENTS - 1);
        add(&week->counted[statement], &fact->sums, 1);
    }
    snprintf(week->cursor, sizeof week->cursor, "%s", json_object_to_json_string(cursor));
}

/* A run; one that is not kept ended before the store had it. */
static void collect(struct week *week, bool is_kept)
{
    struct collect_input input = {.now_us = week->now_us, .min_duration_ms = 100, .keeps_literals = true};
    struct collect_result result = {.state = COLLECT_STATE_OK};
    struct collect_cycle cycle = {.input = &input,
                                  .rules = {.engine = TEXT("postgresql"), .dialect = SQL_DIALECT_POSTGRESQL},
                                  .result = &result,
                                  .arena = arena,
                                  .cursor = json_tokener_parse(week->cursor)};
    struct counter_snapshot snapshot = take_snapshot(week);
    int64_t last_us = collect_cursor_get(&cycle, "snapshot_at");

    input.baselines.items = arena_alloc_array(arena, STATEMENTS, sizeof *input.baselines.items);
    for (int i = 0; i < STATEMENTS; i++)
        if (week->has_baseline[week->order[i]])
            input.baselines.items[input.baselines.count++] = week->baselines[week->order[i]];
    assert_int_equal(counters_collect(&cycle, &snapshot, read_texts), STATUS_OK);
    if (is_kept) {
        keep(week, &result, cycle.cursor);
        settle(week, last_us);
    }
    json_object_put(cycle.cursor);
    arena_reset(arena);
}

/* ---- the week ---- */

static struct week *order_week;

static int compare_keys(const void *left, const void *right)
{
    return strcmp(order_week->keys[*(const int *)left], order_week->keys[*(const int *)right]);
}

static void begin(struct week *week, const struct version *version)
{
    const struct statement_rules rules = {.engine = TEXT("postgresql"), .dialect = SQL_DIALECT_POSTGRESQL};

    *week = (struct week){.version = version, .last_active = -1, .now_us = START_US, .cursor = "{}"};
    for (int i = 0; i < STATEMENTS; i++) {
        snprintf(week->keys[i], sizeof week->keys[i], KEY_BEFORE "%d", i);
        week->hashes[i] =
            statement_fingerprint(&rules, text_of(arena_printf(arena, "SELECT * FROM t_%d", i)), arena).hash;
        week->order[i] = i;
    }
    order_week = week;
    qsort(week->order, STATEMENTS, sizeof *week->order, compare_keys);
    for (int i = 0; i < SERVERS; i++) {
        week->servers[i].since_us = START_US - (i + 1) * INT64_C(3600) * CLOCK_SECOND_US;
        week->servers[i].statistics_since_us = week->servers[i].since_us;
    }
}

static void expect_equal(const struct week *week, const char *what, int statement, const struct sums *found,
                         const struct sums *wanted)
{
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        if (sums_counter(found, counter) != sums_counter(wanted, counter))
            fail_msg("%s, %s, statement %d, counter %d: %lld, and not %lld", week->version->name, what, statement,
                     counter, (long long)sums_counter(found, counter), (long long)sums_counter(wanted, counter));
    if (fabs(found->total_ms - wanted->total_ms) > 1e-6 * (1 + wanted->total_ms))
        fail_msg("%s, %s, statement %d: %.6f ms, and not %.6f", week->version->name, what, statement, found->total_ms,
                 wanted->total_ms);
}

static void check(const struct week *week)
{
    static const struct sums nothing;
    struct sums all = nothing, counted = nothing, lost = nothing, hidden = nothing;

    for (int i = 0; i < STATEMENTS; i++) {
        struct sums accounted = week->counted[i];

        if (i == OWN) {
            expect_equal(week, "Potto's own", i, &week->counted[i], &nothing);
            continue;
        }
        expect_equal(week, "counted", i, &week->counted[i], &week->expected[i]);
        add(&accounted, &week->lost[i], 1);
        add(&accounted, &week->hidden[i], 1);
        expect_equal(week, "accounted for", i, &accounted, &week->executed[i]);
        add(&all, &week->executed[i], 1);
        add(&counted, &week->counted[i], 1);
        add(&lost, &week->lost[i], 1);
        add(&hidden, &week->hidden[i], 1);
    }
    assert_true(!week->version->says_since || hidden.calls == 0);
    assert_true(week->resets > 0 && week->crashes > 0 && week->restarts > 0 && week->failovers > 0 && week->pauses > 0);
    print_message(
        "%s: %lld calls; %.3f %% counted, %.3f %% gone with their entry, %.3f %% hidden; %d resets, %d of one "
        "statement, %d evictions, %d restarts, %d crashes, %d failovers, %d pauses\n",
        week->version->name, (long long)all.calls, 100.0 * (double)counted.calls / (double)all.calls,
        100.0 * (double)lost.calls / (double)all.calls, 100.0 * (double)hidden.calls / (double)all.calls, week->resets,
        week->single_resets, week->evictions, week->restarts, week->crashes, week->failovers, week->pauses);
}

static void a_week_of_snapshots_adds_up_to_what_was_executed(void **state)
{
    static const struct version versions[] = {{"PostgreSQL 13", .saves = true},
                                              {"PostgreSQL 14 to 16", .says_reset = true, .saves = true},
                                              {"PostgreSQL 17 and 18", true, true, true},
                                              {"MariaDB and MySQL", .says_since = true}};
    static struct week week;

    (void)state;
    for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++) {
        int pause = 0;

        random_seed(7 + v);
        begin(&week, &versions[v]);
        for (int minute = 0; minute < MINUTES; minute++) {
            uint64_t event = random_below(1000);

            live(&week);
            if (pause == 0 && event == 0) { /* a collector that stands still, for up to ten hours */
                pause = 1 + (int)random_below(600);
                week.pauses++;
            }
            if (pause > 0 && --pause > 0 && minute < MINUTES - 1)
                continue;
            collect(&week, event > 20 || minute == MINUTES - 1);
        }
        check(&week);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_week_of_snapshots_adds_up_to_what_was_executed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
