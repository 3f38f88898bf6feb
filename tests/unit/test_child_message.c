/* lib/child's messages: what one side packs the other unpacks, and no other bytes do harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "child/message.h"
#include "facts/codec.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

enum { ROUNDS = 300, ITEMS_MAX = 6 };

/* ---- random facts ---- */

static int64_t random_count(void)
{
    return (int64_t)(random_below(UINT64_C(1) << 63) >> random_below(63));
}

static struct text random_text(size_t least)
{
    static const char *const pieces[] = {"a", "ß", "€", "𝄞", "SELECT ?", " ", "\t"};
    const char *text = "";

    for (size_t left = least + random_below(5); left > 0; left--)
        text = arena_printf(arena, "%s%s", text, pieces[random_below(sizeof pieces / sizeof pieces[0])]);
    return text_of(text);
}

static struct text random_text_or_null(void)
{
    return random_below(3) == 0 ? (struct text){NULL, 0} : random_text(0);
}

static struct sql_hash random_hash(void)
{
    struct sql_hash hash;

    for (size_t i = 0; i < sizeof hash.bytes; i++)
        hash.bytes[i] = (unsigned char)random_below(256);
    return hash;
}

static int64_t random_time(void)
{
    return CLOCK_FIRST_US + (int64_t)random_below((uint64_t)CLOCK_LAST_US - (uint64_t)CLOCK_FIRST_US);
}

static double random_double(void)
{
    return (double)random_count() / 1000;
}

static struct sql_fingerprint random_statement(void)
{
    return (struct sql_fingerprint){random_text(1), random_hash(), (enum sql_kind)random_below(SQL_KIND_COUNT)};
}

static struct sums random_sums(int64_t least)
{
    struct sums sums = {.total_ms = random_double(), .max_ms = random_double()};

    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        sums_set_counter(&sums, counter, random_below(4) == 0 ? least : random_count());
    return sums;
}

static const struct measures *random_measures(void)
{
    struct measures measures = measures_unknown();

    if (random_below(2) == 0)
        return NULL;
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        measures.amounts[i] = random_below(3) == 0 ? MEASURE_UNKNOWN : random_count();
    return arena_copy(arena, &measures, sizeof measures);
}

static struct baseline_list random_baselines(void)
{
    struct baseline_list list = {.count = random_below(ITEMS_MAX)};

    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++) {
        const char *key = arena_printf(arena, "%zu/%s", i, random_text(0).data);

        list.items[i] =
            (struct counter_baseline){text_of(key), random_hash(), random_sums(COUNTER_UNREAD), random_measures()};
    }
    return list;
}

static void fill_samples(struct sample_facts *samples)
{
    samples->count = random_below(ITEMS_MAX);
    samples->provenance = SAMPLE_PROVENANCE_SLOW_LOG;
    samples->items = arena_alloc_array(arena, samples->count, sizeof *samples->items);
    for (size_t i = 0; i < samples->count; i++)
        samples->items[i] = (struct sample_fact){.captured_at_us = random_time(),
                                                 .full_sql = random_text_or_null(),
                                                 .statement = random_statement(),
                                                 .duration_ms = random_double(),
                                                 .rows_examined = random_count() - 1,
                                                 .rows_returned = random_count() - 1,
                                                 .lock_us = random_count() - 1,
                                                 .user_host = random_text_or_null(),
                                                 .database_name = random_text_or_null(),
                                                 .plan_hash = random_hash(),
                                                 .has_plan_hash = random_below(2) == 0,
                                                 .is_uncounted = random_below(2) == 0};
}

static struct coverage_fact random_coverage(void)
{
    struct coverage_fact fact = {.basis = (enum coverage_basis)random_below(COVERAGE_BASIS_COUNT),
                                 .covered_us = random_below(1000),
                                 .first_looks = random_below(2),
                                 .server_ms = random_below(1000) / 7.0,
                                 .attributed_ms = random_below(1000) / 7.0,
                                 .server_calls = random_below(1000),
                                 .attributed_calls = random_below(1000),
                                 .evictions = random_below(1000)};

    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        fact.gaps_ms[gap] = random_below(1000) / 7.0;
    fact.gaps_ms[COVERAGE_RUNNING] *= -1;
    fact.gaps_ms[COVERAGE_TEXT_MISSING] *= -1;
    return fact;
}

static struct facts random_facts(void)
{
    struct facts facts = {.statements = {.count = random_below(ITEMS_MAX)},
                          .growth = {.count = random_below(ITEMS_MAX)},
                          .plans = {.count = random_below(ITEMS_MAX), .refusal_count = random_below(ITEMS_MAX)},
                          .baselines = {.written = random_baselines(), .gone_count = random_below(ITEMS_MAX)},
                          .coverage = random_coverage()};

    fill_samples(&facts.samples);
    facts.statements.items = arena_alloc_array(arena, facts.statements.count, sizeof *facts.statements.items);
    facts.growth.items = arena_alloc_array(arena, facts.growth.count, sizeof *facts.growth.items);
    facts.plans.items = arena_alloc_array(arena, facts.plans.count, sizeof *facts.plans.items);
    facts.baselines.gone_keys = arena_alloc_array(arena, facts.baselines.gone_count, sizeof(struct text));
    for (size_t i = 0; i < facts.statements.count; i++)
        facts.statements.items[i] = random_statement();
    for (size_t i = 0; i < facts.growth.count; i++) {
        struct growth_fact *fact = &facts.growth.items[i];

        *fact = (struct growth_fact){random_hash(), random_time(), random_sums(0), random_measures()};
        fact->sums.slow_calls = random_below(2) == 0 ? 0 : fact->sums.calls;
    }
    for (size_t i = 0; i < facts.plans.count; i++)
        facts.plans.items[i] = (struct plan_fact){random_hash(), random_hash(), random_text(0), PLAN_PROVENANCE_EXPLAIN,
                                                  random_below(3) == 0 ? -1 : random_double()};
    facts.plans.off = random_below(2) == 0 ? PLAN_REFUSAL_UNSET : PLAN_REFUSAL_SUPERUSER;
    facts.plans.refusals = arena_alloc_array(arena, facts.plans.refusal_count, sizeof *facts.plans.refusals);
    for (size_t i = 0; i < facts.plans.refusal_count; i++)
        facts.plans.refusals[i] = (struct plan_refusal_fact){
            random_hash(), (enum plan_refusal)(1 + random_below(PLAN_REFUSAL_OFF - 1)), "42P18"};
    for (size_t i = 0; i < facts.baselines.gone_count; i++)
        facts.baselines.gone_keys[i] = random_text(1);
    return facts;
}

static struct collect_result random_result(void)
{
    struct collect_result result = {.state = (enum collect_state)(1 + random_below(3)),
                                    .server_version = random_text_or_null(),
                                    .facts = random_facts(),
                                    .cursor = random_below(2) == 0 ? (struct text){NULL, 0} : TEXT("{\"a\":[1,\"b\"]}"),
                                    .has_more = random_below(2) == 0,
                                    .spent_us = INT64_MAX,
                                    .cost_us = random_count(),
                                    .statement_count = (int)random_below(100)};

    result.plan_cost_us = result.cost_us / 2;
    snprintf(result.problem, sizeof result.problem, "%s", random_text(0).data);
    snprintf(result.remedy, sizeof result.remedy, "%s", random_text(0).data);
    snprintf(result.detail, sizeof result.detail, "%s", random_text(0).data);
    return result;
}

static struct text packed_of(const struct collect_result *result)
{
    struct buffer buffer;
    struct text bytes;

    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_collected(result, arena, &buffer);
    assert_false(buffer.has_failed);
    bytes = (struct text){arena_copy(arena, buffer.data, buffer.size_bytes), buffer.size_bytes};
    buffer_free(&buffer);
    return bytes;
}

static const struct collect_input keeping = {.keeps_literals = true}, hiding = {.keeps_literals = false};

static bool is_taken(struct text bytes)
{
    struct collect_result result;
    /* A copy of just this size, so that a sanitizer sees a read behind it. */
    char *copy = malloc(bytes.size == 0 ? 1 : bytes.size);
    bool is_good;

    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.size);
    is_good = message_unpack_collected((struct text){copy, bytes.size}, &keeping, arena, &result);
    free(copy);
    return is_good;
}

/* ---- answers ---- */

static void what_is_packed_is_unpacked(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct collect_result sent, got;
        struct text bytes, again;

        random_seed((uint64_t)round);
        sent = random_result();
        bytes = packed_of(&sent);
        assert_true(message_unpack_collected(bytes, &keeping, arena, &got));
        assert_int_equal(got.state, sent.state);
        assert_string_equal(got.problem, sent.problem);
        assert_string_equal(got.remedy, sent.remedy);
        assert_int_equal(got.facts.growth.count, sent.facts.growth.count);
        assert_int_equal(got.facts.samples.count, sent.facts.samples.count);
        /* All the rest: what was unpacked is packed as the same bytes. */
        again = packed_of(&got);
        assert_int_equal(again.size, bytes.size);
        assert_memory_equal(again.data, bytes.data, bytes.size);
        arena_reset(arena);
    }
}

static void an_answer_cut_anywhere_is_refused(void **state)
{
    struct collect_result result;
    struct text bytes;

    (void)state;
    random_seed(7);
    result = random_result();
    bytes = packed_of(&result);
    assert_true(is_taken(bytes));
    for (size_t size = 0; size < bytes.size; size++)
        assert_false(is_taken((struct text){bytes.data, size}));
    assert_false(is_taken((struct text){arena_printf(arena, "%.*sx", (int)bytes.size, bytes.data), bytes.size + 1}));
}

/* A changed answer may be taken, with other numbers; then it keeps the rules, so that it packs and unpacks again. */
static void a_changed_byte_does_no_harm(void **state)
{
    struct collect_result result, got;
    struct text bytes;
    size_t refused = 0;

    (void)state;
    random_seed(11);
    result = random_result();
    bytes = packed_of(&result);
    for (size_t at = 0; at < bytes.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            char *changed = arena_copy(arena, bytes.data, bytes.size);

            changed[at] = (char)(changed[at] ^ 1 << bit);
            if (is_taken((struct text){changed, bytes.size})) {
                assert_true(message_unpack_collected((struct text){changed, bytes.size}, &keeping, arena, &got));
                assert_true(is_taken(packed_of(&got)));
            } else {
                refused++;
            }
        }
    assert_true(refused > bytes.size);
}

/* ---- rules ---- */

static struct collect_result empty_result(void)
{
    return (struct collect_result){.state = COLLECT_STATE_OK};
}

static void broken_rules_are_refused(void **state)
{
    struct sample_fact sample = {.statement = {TEXT("SELECT ?"), {{1}}, SQL_KIND_SELECT}};
    struct growth_fact growth = {.sums = {.calls = 1, .total_ms = 1}};
    struct measures measures = measures_unknown();
    struct counter_baseline baselines[2] = {{.key = TEXT("2")}, {.key = TEXT("1")}};
    struct collect_result result = empty_result();

    (void)state;
    assert_true(is_taken(packed_of(&result)));
    result.cursor = TEXT("[1]");
    assert_false(is_taken(packed_of(&result)));
    result.cursor = TEXT("{\"a\":\"\\u0000\"}");
    assert_false(is_taken(packed_of(&result)));
    result.cursor = TEXT("{\"a\":1e99999}");
    assert_false(is_taken(packed_of(&result)));

    result = empty_result();
    result.facts.baselines.written = (struct baseline_list){baselines, 2, 0};
    assert_false(is_taken(packed_of(&result)));
    baselines[1].key = TEXT("2");
    assert_false(is_taken(packed_of(&result)));
    baselines[1].key = TEXT("3");
    assert_true(is_taken(packed_of(&result)));

    result = empty_result();
    result.facts.growth = (struct growth_facts){&growth, 1};
    assert_true(is_taken(packed_of(&result)));
    growth.sums.blocks_read = -1;
    assert_false(is_taken(packed_of(&result)));
    growth.sums = (struct sums){.calls = 1, .total_ms = -1};
    assert_false(is_taken(packed_of(&result)));
    growth.sums = (struct sums){.calls = 1, .slow_calls = 2};
    assert_false(is_taken(packed_of(&result)));
    growth.sums = (struct sums){.calls = 1};
    growth.measures = &measures;
    assert_true(is_taken(packed_of(&result)));
    measures.amounts[MEASURE_WAL_BYTES] = MEASURE_UNKNOWN - 1;
    assert_false(is_taken(packed_of(&result)));

    result = empty_result();
    result.facts.coverage.gaps_ms[COVERAGE_RUNNING] = -1;
    assert_true(is_taken(packed_of(&result)));
    result.facts.coverage.gaps_ms[COVERAGE_OWN] = -1;
    assert_false(is_taken(packed_of(&result)));
    result.facts.coverage = (struct coverage_fact){.server_ms = 2e15};
    assert_false(is_taken(packed_of(&result)));
    result = empty_result();
    result.cost_us = 1; /* more than was waited for */
    assert_false(is_taken(packed_of(&result)));
    result.spent_us = 1;
    assert_true(is_taken(packed_of(&result)));
    result.plan_cost_us = 2; /* more than all of it */
    assert_false(is_taken(packed_of(&result)));

    result = empty_result();
    result.facts.samples = (struct sample_facts){SAMPLE_PROVENANCE_SLOW_LOG, &sample, 1, 1};
    assert_true(is_taken(packed_of(&result)));
    sample.statement.text = TEXT("SELECT '\xff'");
    assert_false(is_taken(packed_of(&result)));
    sample.statement.text = TEXT("SELECT ?");
    result.facts.samples.provenance = SAMPLE_PROVENANCE_AGENT;
    assert_false(is_taken(packed_of(&result)));
}

static void literals_that_are_not_kept_are_refused(void **state)
{
    struct sample_fact sample = {.full_sql = TEXT("SELECT 1"), .statement = {TEXT("SELECT ?"), {{1}}, SQL_KIND_SELECT}};
    struct collect_result result = empty_result(), got;

    (void)state;
    result.facts.samples = (struct sample_facts){SAMPLE_PROVENANCE_SLOW_LOG, &sample, 1, 1};
    assert_true(message_unpack_collected(packed_of(&result), &keeping, arena, &got));
    assert_false(message_unpack_collected(packed_of(&result), &hiding, arena, &got));
}

/* A count of two thousand million items, with no byte of them. */
static void a_count_alone_takes_no_memory(void **state)
{
    struct facts facts;
    struct unpacker unpacker;
    struct buffer buffer;
    size_t used;

    (void)state;
    buffer_init(&buffer, 1024);
    pack_int64(&buffer, FACTS_STATEMENTS_MAX);
    unpacker = unpack_begin(buffer_text(&buffer));
    used = arena_used(arena);
    facts_unpack(&unpacker, arena, &facts);
    assert_false(unpack_finish(&unpacker));
    assert_true(arena_used(arena) - used < 1024);
    buffer_free(&buffer);
}

/* ---- looks at sessions ---- */

static struct wait_statement random_wait_statement(void)
{
    return (struct wait_statement){random_below(2) == 0, random_hash(), random_text_or_null()};
}

static struct wait_part random_part(void)
{
    struct wait_part part = {.watched_ms = (int64_t)random_below(WAITS_STRETCH_MAX_S * 1000),
                             .look_count = (int64_t)random_below(300),
                             .cost_us = (int64_t)random_below(1000000),
                             .wait_count = random_below(ITEMS_MAX),
                             .block_count = random_below(ITEMS_MAX)};

    part.waits = arena_alloc_array(arena, part.wait_count, sizeof *part.waits);
    part.blocks = arena_alloc_array(arena, part.block_count, sizeof *part.blocks);
    for (size_t i = 0; i < part.wait_count; i++)
        part.waits[i] = (struct wait_fact){(enum wait_class)(1 + random_below(WAIT_CLASS_COUNT - 1)),
                                           random_text(0),
                                           random_wait_statement(),
                                           random_text(0),
                                           random_text(0),
                                           random_text(0),
                                           (int64_t)random_below(WAITS_SESSION_MS_MAX)};
    for (size_t i = 0; i < part.block_count; i++)
        part.blocks[i] = (struct block_fact){(enum block_state)(1 + random_below(BLOCK_STATE_COUNT - 1)),
                                             random_wait_statement(),
                                             random_text(0),
                                             random_text(0),
                                             random_wait_statement(),
                                             (int64_t)random_below(WAITS_SESSION_MS_MAX),
                                             1 + (int64_t)random_below(9),
                                             1 + (int64_t)random_below(9)};
    return part;
}

static struct text packed_waits(const struct waits_result *result)
{
    struct buffer buffer;
    struct text bytes;

    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_waits(result, arena, &buffer);
    bytes = (struct text){arena_copy(arena, buffer.data, buffer.size_bytes), buffer.size_bytes};
    buffer_free(&buffer);
    return bytes;
}

static bool is_waits_taken(const struct waits_result *result)
{
    struct waits_result got;

    return message_unpack_waits(packed_waits(result), arena, &got);
}

static void looks_at_sessions_arrive_whole(void **state)
{
    (void)state;
    random_seed(17);
    for (int i = 0; i < ROUNDS; i++) {
        struct sql_fingerprint statement = random_statement();
        struct waits_result result = {.state = COLLECT_STATE_WARNING, .problem = "slow"}, got;
        struct text bytes, again;

        result.facts = (struct wait_facts){{&statement, 1}, {random_part(), random_part()}};
        bytes = packed_waits(&result);
        assert_true(message_unpack_waits(bytes, arena, &got));
        again = packed_waits(&got);
        assert_true(text_equal(bytes, again));
        for (size_t size = 0; size < bytes.size; size += 7)
            assert_false(message_unpack_waits((struct text){bytes.data, size}, arena, &got));
        arena_reset(arena);
    }
}

static void impossible_looks_at_sessions_are_refused(void **state)
{
    struct wait_fact wait = {WAIT_CLASS_CPU, TEXT(""),  {.is_known = false}, TEXT("u"),
                             TEXT("h"),      TEXT("a"), .session_ms = 1};
    struct block_fact block = {.state = BLOCK_STATE_IDLE,
                               .user = TEXT("u"),
                               .application = TEXT("a"),
                               .session_ms = 1,
                               .depth_max = 1,
                               .waiters_max = 1};
    struct waits_result result = {.state = COLLECT_STATE_OK};
    struct wait_part *part = &result.facts.parts[1];

    (void)state;
    *part = (struct wait_part){.waits = &wait, .wait_count = 1, .blocks = &block, .block_count = 1};
    assert_true(is_waits_taken(&result));
    wait.session_ms = -1;
    assert_false(is_waits_taken(&result));
    wait.session_ms = WAITS_SESSION_MS_MAX + 1;
    assert_false(is_waits_taken(&result));
    wait.session_ms = 1;
    wait.wait_class = WAIT_CLASS_COUNT;
    assert_false(is_waits_taken(&result));
    wait.wait_class = WAIT_CLASS_CPU;
    wait.user = TEXT("\xff");
    assert_false(is_waits_taken(&result));
    wait.user = TEXT("u");
    block.depth_max = 0;
    assert_false(is_waits_taken(&result));
    block.depth_max = 1;
    part->watched_ms = WAITS_STRETCH_MAX_S * INT64_C(1000) + 1;
    assert_false(is_waits_taken(&result));
    part->watched_ms = 0;
    assert_true(is_waits_taken(&result));
}

/* ---- log files ---- */

static const struct log_input part = {.keeps_literals = true,
                                      .place = {.offset = 100, .told = 120},
                                      .bytes = {"forty bytes of a log, one line and more", 40}};

static struct text packed_log(const struct log_result *result)
{
    struct buffer buffer;
    struct text bytes;

    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_log(result, &buffer);
    bytes = (struct text){arena_copy(arena, buffer.data, buffer.size_bytes), buffer.size_bytes};
    buffer_free(&buffer);
    return bytes;
}

static bool is_log_taken(const struct log_result *result, const struct log_input *input)
{
    struct log_result got;

    return message_unpack_log(packed_log(result), input, arena, &got);
}

static struct log_result sent_log(void)
{
    static struct sample_fact sample;
    static struct deadlock_process processes[2];
    static struct deadlock_fact deadlock;
    static struct sql_fingerprint statement;

    random_seed(23);
    statement = random_statement();
    sample = (struct sample_fact){.captured_at_us = SAMPLE_CAPTURED_US_MIN,
                                  .full_sql = TEXT("SELECT 1"),
                                  .statement = statement,
                                  .plan = TEXT("{\"Plan\": {}}"),
                                  .has_plan_hash = true};
    processes[0] = (struct deadlock_process){1, 2, TEXT("ShareLock on transaction 773"), true, statement.hash};
    processes[1] = (struct deadlock_process){.process = 2};
    deadlock = (struct deadlock_fact){
        .noticed_at_us = 5, .victim = 1, .user = TEXT("u"), .processes = processes, .process_count = 2};
    return (struct log_result){.problem = "",
                               .format = LOGS_FORMAT_CSV,
                               .place = {.offset = 130, .told = 140, .mode = LOGS_MODE_BROKEN},
                               .counts = {.entries = 3},
                               .facts = {.samples = {SAMPLE_PROVENANCE_SLOW_LOG, &sample, 1, 1},
                                         .deadlocks = &deadlock,
                                         .deadlock_count = 1,
                                         .statements = {&statement, 1}}};
}

static void a_part_of_a_log_arrives_whole(void **state)
{
    struct log_result sent = sent_log(), got;
    struct text bytes = packed_log(&sent), again;

    (void)state;
    assert_true(message_unpack_log(bytes, &part, arena, &got));
    again = packed_log(&got);
    assert_true(text_equal(bytes, again));
    assert_int_equal(got.place.told, 140);
    assert_int_equal(got.facts.deadlocks[0].processes[0].blocked_by, 2);
    for (size_t size = 0; size < bytes.size; size++)
        assert_false(message_unpack_log((struct text){bytes.data, size}, &part, arena, &got));
}

static void a_part_of_a_log_that_breaks_a_rule_is_refused(void **state)
{
    struct log_input hiding_part = part;
    struct log_result sent = sent_log();

    (void)state;
    assert_true(is_log_taken(&sent, &part));
    hiding_part.keeps_literals = false;
    assert_false(is_log_taken(&sent, &hiding_part));
    sent.place.offset = 99;
    assert_false(is_log_taken(&sent, &part));
    sent.place = (struct logs_place){.offset = 130, .told = 141};
    assert_false(is_log_taken(&sent, &part));
    sent.place = (struct logs_place){.offset = 110, .told = 110}; /* it was at 120 before */
    assert_false(is_log_taken(&sent, &part));
    sent.place = (struct logs_place){.offset = 120, .told = 120, .mode = LOGS_MODE_COUNT};
    assert_false(is_log_taken(&sent, &part));
    sent.place.mode = 0;
    assert_true(is_log_taken(&sent, &part));
    sent.facts.samples.items[0].plan = TEXT("{\"Plan\": ");
    assert_false(is_log_taken(&sent, &part));
    sent.facts.samples.items[0].plan = TEXT("{}");
    sent.facts.samples.items[0].duration_ms = SAMPLE_DURATION_MS_MAX * 2;
    assert_false(is_log_taken(&sent, &part));
    sent.facts.samples.items[0].duration_ms = 1;
    sent.facts.samples.provenance = SAMPLE_PROVENANCE_AGENT;
    assert_false(is_log_taken(&sent, &part));
    sent.facts.samples.provenance = SAMPLE_PROVENANCE_SLOW_LOG;
    sent.facts.deadlocks[0].process_count = 0;
    assert_false(is_log_taken(&sent, &part));
}

static void a_log_goes_to_the_child_whole(void **state)
{
    struct message_request request = {.kind = MESSAGE_LOG, .max_ms = 5, .log = part}, got;
    struct buffer buffer;

    (void)state;
    request.log.engine = TEXT("postgresql");
    request.log.prefix = TEXT("%m [%p] ");
    request.log.bytes = (struct text){"a\0b\xff", 4};
    request.log.is_last = true;
    request.log.now_us = 5;
    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_request(&request, &buffer);
    assert_true(message_unpack_request(buffer_text(&buffer), arena, &got));
    assert_true(text_equal(got.log.bytes, request.log.bytes) && text_equal(got.log.prefix, request.log.prefix));
    assert_true(got.log.is_last && got.log.place.offset == 100 && got.log.place.told == 120);
    assert_null(got.options.engine);
    for (size_t size = 0; size < buffer.size_bytes; size++)
        assert_false(message_unpack_request((struct text){buffer.data, size}, arena, &got));
    buffer_free(&buffer);
}

/* ---- requests and probes ---- */

static void a_request_arrives_whole(void **state)
{
    struct message_request request = {.kind = MESSAGE_COLLECT, .max_ms = 1234, .is_yielding = true}, got;
    struct sql_hash planned[2] = {{{1}}, {{2}}};
    struct buffer buffer;

    (void)state;
    random_seed(3);
    request.options = (struct target_options){.engine = "postgresql",
                                              .host = "db.example",
                                              .port = 5433,
                                              .username = "u",
                                              .password = "a secret",
                                              .tls_mode = "prefer",
                                              .statement_timeout_ms = 5000};
    request.input = (struct collect_input){.min_duration_ms = 2.5,
                                           .keeps_literals = true,
                                           .cursor = TEXT("{}"),
                                           .baselines = random_baselines(),
                                           .planned = planned,
                                           .planned_count = 2,
                                           .now_us = 5};
    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_request(&request, &buffer);
    assert_true(message_unpack_request(buffer_text(&buffer), arena, &got));
    assert_int_equal(got.max_ms, 1234);
    assert_true(got.is_yielding);
    assert_string_equal(got.options.host, "db.example");
    assert_int_equal(got.options.port, 5433);
    assert_null(got.options.database);
    assert_string_equal(got.options.password, "a secret");
    assert_int_equal(got.options.statement_timeout_ms, 5000);
    assert_true(got.input.keeps_literals);
    assert_int_equal(got.input.baselines.count, request.input.baselines.count);
    assert_memory_equal(got.input.planned, planned, sizeof planned);
    for (size_t size = 0; size < buffer.size_bytes; size++)
        assert_false(message_unpack_request((struct text){buffer.data, size}, arena, &got));
    buffer_free(&buffer);
}

static void a_probe_arrives_whole(void **state)
{
    struct probe_result sent = {.is_reachable = true,
                                .problem = "",
                                .remedy = "",
                                .latency_ms = 1.5,
                                .server_version = TEXT("15.4"),
                                .checks = {{"version", true, true, "", ""}, {"rights", false, false, "p\xff", "r"}},
                                .check_count = 2};
    struct probe_result got;
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    message_pack_probed(&sent, arena, &buffer);
    assert_true(message_unpack_probed(buffer_text(&buffer), arena, &got));
    assert_true(got.is_reachable);
    assert_int_equal(got.check_count, 2);
    assert_string_equal(got.checks[0].name, "version");
    assert_string_equal(got.checks[1].problem, "p\xef\xbf\xbd");
    assert_null(got.user.data);
    for (size_t size = 0; size < buffer.size_bytes; size++)
        assert_false(message_unpack_probed((struct text){buffer.data, size}, arena, &got));
    buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_packed_is_unpacked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_cut_anywhere_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_byte_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_rules_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(literals_that_are_not_kept_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_count_alone_takes_no_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looks_at_sessions_arrive_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impossible_looks_at_sessions_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_of_a_log_arrives_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_of_a_log_that_breaks_a_rule_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_goes_to_the_child_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_arrives_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_probe_arrives_whole, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
