/* Any bytes as an ingest body, a registration, a heartbeat and a bare JSON value. */
#include "base/json_read.h"
#include "tests/fuzz/fuzz.h"
#include "wire/agent_token.h"
#include "wire/collector.h"
#include "wire/ingest.h"

enum { BATCH_MAX = 100 };

/* Every text for the store must be valid UTF-8 without NUL. */
static void check_text(struct text text)
{
    fuzz_check(fuzz_is_utf8(text), "a text is UTF-8");
}

static void check_message(const struct ingest_message *message)
{
    fuzz_check(message->samples.count + (size_t)message->rejected <= BATCH_MAX, "a batch has its bound");
    fuzz_check(message->errors.count <= WIRE_ERRORS_MAX && message->warnings.count <= WIRE_ERRORS_MAX,
               "errors have their bound");
    for (size_t i = 0; i < message->samples.count; i++) {
        const struct sample_fact *sample = &message->samples.items[i];

        fuzz_check(sample->full_sql.data != NULL || sample->statement.text.data != NULL, "a query has a text");
        fuzz_check(sample_is_possible(sample, INT64_MAX), "numbers lie in their range");
        fuzz_check(sample->rows_examined >= -1 && sample->rows_returned >= -1, "numbers of rows lie in their range");
        check_text(sample->full_sql);
        check_text(sample->statement.text);
        check_text(sample->user_host);
        check_text(sample->database_name);
        check_text(sample->plan);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct text body = {(const char *)data, size}, token, raw;
    struct ingest_message message;
    struct collector_message said;
    struct error error = {0};
    struct json_reader reader;

    if (ingest_message_read(body, INT64_C(1900000000000000), BATCH_MAX, arena, &message, &error) == STATUS_OK)
        check_message(&message);
    wire_agent_token_find(body, &token, &error);
    collector_registration_read(body, arena, &said, &error);
    if (collector_heartbeat_read(body, arena, &said, &error) == STATUS_OK) {
        json_reader_init(&reader, said.detail, arena);
        fuzz_check(json_skip(&reader, NULL) && json_finish(&reader), "a heartbeat's detail is JSON");
    }
    json_reader_init(&reader, body, arena);
    if (json_skip(&reader, &raw)) {
        json_reader_init(&reader, raw, arena);
        fuzz_check(json_skip(&reader, NULL) && json_finish(&reader), "a skipped value is JSON by itself");
    }
    arena_destroy(arena);
    return 0;
}
