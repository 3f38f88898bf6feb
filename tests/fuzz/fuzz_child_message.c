/* Any bytes as the answer of a child: a cycle's, a probe's, of looks at sessions, of a part of a log; and as a request.
 */
#include "base/clock.h"
#include "child/message.h"
#include "tests/fuzz/fuzz.h"

static void check_text(struct text text)
{
    fuzz_check(fuzz_is_utf8(text), "a text is UTF-8");
}

static void check_facts(const struct facts *facts)
{
    const struct baseline_list *written = &facts->baselines.written;

    for (size_t i = 0; i < facts->growth.count; i++) {
        const struct growth_fact *fact = &facts->growth.items[i];

        fuzz_check(fact->at_us >= CLOCK_FIRST_US && fact->at_us <= CLOCK_LAST_US, "growth has a time");
        fuzz_check(fact->sums.total_ms >= 0 && fact->sums.slow_calls <= fact->sums.calls, "growth is not negative");
        for (int m = MEASURE_UNSET + 1; m < MEASURE_END && fact->measures != NULL; m++)
            fuzz_check(fact->measures->amounts[m] >= MEASURE_UNKNOWN, "measures are not negative");
        for (int counter = 0; counter < SUMS_COUNTERS; counter++)
            fuzz_check(sums_counter(&fact->sums, counter) >= 0, "a counter grows");
    }
    for (size_t i = 0; i < facts->samples.count; i++) {
        const struct sample_fact *sample = &facts->samples.items[i];

        fuzz_check(sample->duration_ms >= 0, "a duration lies in its range");
        fuzz_check(sample->rows_examined >= -1 && sample->rows_returned >= -1, "numbers of rows lie in their range");
        fuzz_check(sample->statement.text.size > 0, "a sample has a statement");
        check_text(sample->full_sql);
        check_text(sample->statement.text);
        check_text(sample->user_host);
    }
    for (size_t i = 0; i < facts->statements.count; i++)
        check_text(facts->statements.items[i].text);
    for (size_t i = 0; i < facts->plans.count; i++)
        check_text(facts->plans.items[i].json);
    for (size_t i = 1; i < written->count; i++)
        fuzz_check(!text_equal(written->items[i - 1].key, written->items[i].key), "a key comes once");
}

static void check_part(const struct wait_part *part)
{
    fuzz_check(part->watched_ms >= 0 && part->wait_count <= WAITS_MAX && part->block_count <= WAITS_BLOCKS_MAX,
               "a part has its bounds");
    for (size_t i = 0; i < part->wait_count; i++) {
        fuzz_check(part->waits[i].session_ms >= 0 && part->waits[i].session_ms <= WAITS_SESSION_MS_MAX,
                   "time of sessions lies in its range");
        check_text(part->waits[i].event);
        check_text(part->waits[i].user);
    }
    for (size_t i = 0; i < part->block_count; i++)
        fuzz_check(part->blocks[i].depth_max > 0 && part->blocks[i].waiters_max > 0, "somebody waits");
}

static void check_log(const struct log_facts *facts)
{
    for (size_t i = 0; i < facts->samples.count; i++) {
        check_text(facts->samples.items[i].full_sql);
        check_text(facts->samples.items[i].plan);
        fuzz_check(sample_is_possible(&facts->samples.items[i], CLOCK_LAST_US), "a sample is possible");
    }
    for (size_t i = 0; i < facts->deadlock_count; i++) {
        const struct deadlock_fact *deadlock = &facts->deadlocks[i];

        fuzz_check(deadlock->process_count > 0 && deadlock->process_count <= DEADLOCK_PROCESSES_MAX,
                   "a deadlock has processes");
        check_text(deadlock->user);
        check_text(deadlock->processes[0].wait);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct text bytes = {(const char *)data, size};
    const struct collect_input input = {.keeps_literals = true};
    unsigned choice = fuzz_take_byte(&bytes);
    struct collect_result collected;
    struct message_request request;
    struct probe_result probed;
    struct waits_result waited;
    const struct log_input log = {.keeps_literals = true, .place = {10, 20, 0}, .bytes = {NULL, 100}};
    struct log_result told;

    if (choice == 0 && message_unpack_collected(bytes, &input, arena, &collected)) {
        check_facts(&collected.facts);
        check_text(text_of(collected.problem));
        check_text(text_of(collected.remedy));
        check_text(collected.cursor);
    }
    if (choice == 1 && message_unpack_probed(bytes, arena, &probed)) {
        check_text(text_of(probed.problem));
        check_text(probed.server_version);
        fuzz_check(probed.check_count >= 0 && probed.check_count <= PROBE_CHECKS_MAX, "checks have their bound");
    }
    if (choice == 2 && message_unpack_request(bytes, arena, &request))
        fuzz_check(request.kind >= MESSAGE_COLLECT && request.kind <= MESSAGE_LOG, "a request has a kind");
    if (choice == 3 && message_unpack_waits(bytes, arena, &waited)) {
        check_text(text_of(waited.problem));
        for (int i = 0; i < WAITS_PARTS; i++)
            check_part(&waited.facts.parts[i]);
    }
    if (choice == 4 && message_unpack_log(bytes, &log, arena, &told)) {
        check_text(text_of(told.problem));
        fuzz_check(told.place.offset >= 10 && told.place.told >= 20 && told.place.told <= 110,
                   "a place lies in the part");
        check_log(&told.facts);
    }
    arena_destroy(arena);
    return 0;
}
