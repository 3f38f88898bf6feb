/* Any bytes as a log of each format, cut into pieces at any place, and as a plan. */
#include "base/json_read.h"
#include "logs/auto_explain.h"
#include "tests/fuzz/fuzz.h"

enum { READ_ON_BYTES_MAX = 8192, READERS = 6, FORMATS = LOGS_FORMAT_COUNT - LOGS_FORMAT_STDERR };

struct seen {
    struct arena *arena;
    int64_t events;
};

static void check_event(void *context, const struct logs_event *event)
{
    struct seen *seen = context;
    struct sample_fact sample;
    struct json_reader json;

    seen->events++;
    fuzz_check(event->kind > LOGS_KIND_UNSET && event->kind < LOGS_KIND_COUNT, "an event has a kind");
    fuzz_check(event->deadlock_count <= LOGS_DEADLOCK_MAX, "a deadlock has its bound");
    if (event->plan.data != NULL) {
        json_reader_init(&json, event->plan, seen->arena);
        fuzz_check(json_skip(&json, NULL) && json_finish(&json), "a plan is JSON");
        fuzz_check(memchr(event->plan.data, '\n', event->plan.size) == NULL, "a plan is one line");
    }
    if (!logs_sample(event, INT64_MAX, seen->arena, &sample))
        return;
    fuzz_check(sample_is_possible(&sample, INT64_MAX), "a sample is possible");
    fuzz_check(fuzz_is_utf8(sample.full_sql) && fuzz_is_utf8(sample.user_host) && fuzz_is_utf8(sample.database_name),
               "a text is UTF-8");
}

/* Read the log in pieces of this size; returns how many events it has. */
static int64_t read_log(enum logs_format format, struct text prefix, struct text log, size_t piece_bytes,
                        struct arena *arena)
{
    const struct logs_options options = {.format = format, .prefix = prefix, .has_utc_offset = true};
    struct seen seen = {.arena = arena};
    struct logs_reader *reader;
    struct error error = {0};

    if (logs_reader_new(&options, check_event, &seen, &reader, &error) != STATUS_OK)
        return -1;
    for (size_t at = 0; at < log.size; at += piece_bytes) {
        size_t size = log.size - at < piece_bytes ? log.size - at : piece_bytes;

        logs_reader_feed(reader, (struct text){log.data + at, size});
    }
    logs_reader_end(reader, true);
    fuzz_check(logs_reader_counts(reader)->bytes == (int64_t)log.size, "each byte is counted");
    logs_reader_destroy(reader);
    return seen.events;
}

/* The same by readers that go on where another one left. */
static int64_t read_on(enum logs_format format, struct text prefix, struct text log, size_t piece_bytes,
                       struct arena *arena)
{
    const struct logs_options options = {.format = format, .prefix = prefix, .has_utc_offset = true};
    struct logs_place place = {.offset = 0};
    struct seen seen = {.arena = arena};
    struct logs_reader *reader;
    struct error error = {0};
    size_t end = 0;

    do {
        end = log.size - end < piece_bytes ? log.size : end + piece_bytes;
        if (logs_reader_new(&options, check_event, &seen, &reader, &error) != STATUS_OK)
            return -1;
        logs_reader_begin_at(reader, &place);
        logs_reader_feed(reader, (struct text){log.data + place.offset, end - (size_t)place.offset});
        if (end == log.size) {
            logs_reader_end(reader, true);
        } else {
            const struct logs_place before = place;

            logs_reader_leave(reader, INT64_MIN, &place);
            fuzz_check(place.offset >= before.offset && place.told >= before.told && place.told >= place.offset &&
                           place.told <= (int64_t)end && place.mode >= 0 && place.mode < LOGS_MODE_COUNT,
                       "a place moves on");
        }
        logs_reader_destroy(reader);
    } while (end < log.size);
    return seen.events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct text prefixes[] = {TEXT("%m [%p] "), TEXT("%m [%p] %q%u@%d %a "), TEXT("%t:%r:%u@%d:[%p]:"),
                                           TEXT("%-10u%n %c %l %v %x %e %Q"), TEXT("")};
    struct text log = {(const char *)data, size}, prefix;
    unsigned choice = fuzz_take_byte(&log);
    enum logs_format format = LOGS_FORMAT_STDERR + choice % FORMATS;
    size_t piece_bytes = 1 + choice / FORMATS;
    struct arena *arena = arena_new(0);
    int64_t rows = -1, whole, pieces;

    prefix = prefixes[choice / FORMATS % (sizeof prefixes / sizeof prefixes[0])];
    whole = read_log(format, prefix, log, SIZE_MAX / 2, arena);
    pieces = read_log(format, prefix, log, piece_bytes, arena);
    fuzz_check(whole == pieces, "pieces make no difference");
    if (log.size < READ_ON_BYTES_MAX)
        fuzz_check(whole == read_on(format, prefix, log, log.size / READERS + piece_bytes, arena),
                   "readers that go on make no difference");
    read_log(LOGS_FORMAT_STDERR, log, TEXT("2026-11-28 09:56:37.854 UTC [5] LOG:  duration: 1 ms  statement: x\n"), 99,
             arena);
    plan_text_to_json(log, arena, &rows);
    logs_format_guess(log);
    arena_destroy(arena);
    return 0;
}
