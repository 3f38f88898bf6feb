/* Any bytes as an ingest body, a registration, a heartbeat and a bare JSON value. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json_read.h"
#include "wire/agent_token.h"
#include "wire/collector.h"
#include "wire/ingest.h"

enum { BATCH_MAX = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int is_true)
{
    if (!is_true)
        abort();
}

/* What the store is promised of every text. */
static void check_text(struct text text)
{
    check(text_valid_utf8(text) == text.size);
}

static void check_message(const struct ingest_message *message)
{
    check(message->query_count + (size_t)message->rejected <= BATCH_MAX);
    check(message->error_count <= INGEST_ERRORS_MAX);
    for (size_t i = 0; i < message->query_count; i++) {
        const struct ingest_query *query = &message->queries[i];

        check(query->full_sql.data != NULL || query->fingerprint.data != NULL);
        check(query->duration_ms >= 0 && query->duration_ms <= 1e12);
        check(query->rows_examined >= -1 && query->rows_returned >= -1);
        check_text(query->full_sql);
        check_text(query->fingerprint);
        check_text(query->user_host);
        check_text(query->database);
        check_text(query->plan);
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
        check(json_skip(&reader, NULL) && json_finish(&reader));
    }
    json_reader_init(&reader, body, arena);
    if (json_skip(&reader, &raw)) {
        /* What was taken once is taken again. */
        json_reader_init(&reader, raw, arena);
        check(json_skip(&reader, NULL) && json_finish(&reader));
    }
    arena_destroy(arena);
    return 0;
}
