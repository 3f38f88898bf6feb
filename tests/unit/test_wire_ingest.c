/* The ingest message: what is accepted, which errors refuse an item, and which refuse the whole message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "wire/collector.h"
#include "wire/ingest.h"

enum { BATCH_MAX = 1000 };

static struct arena *arena;
static struct error error;
static struct ingest_message message;
static int64_t now_us;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(0);
    error = (struct error){0};
    message = (struct ingest_message){0};
    assert_true(clock_parse(TEXT("2025-11-02T11:00:00Z"), false, &now_us));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static enum status read_body(struct text body)
{
    /* A copy of exactly this size, so that the sanitizer sees a read past its end. */
    char *copy = malloc(body.size + (body.size == 0));

    assert_non_null(copy);
    memcpy(copy, body.data, body.size);
    arena_defer(arena, free, copy);
    error = (struct error){0};
    return ingest_message_read((struct text){copy, body.size}, now_us, BATCH_MAX, arena, &message, &error);
}

static struct text with_items(const char *items)
{
    return text_of(arena_printf(arena, "{\"agent_token\": \"agt_x\", \"queries\": [%s]}", items));
}

/* Read a message with one item, which is correct except for `member`. */
static void read_member(const char *member)
{
    assert_int_equal(read_body(with_items(arena_printf(arena,
                                                       "{\"full_sql\": \"SELECT 1\", %s\"duration_ms\": 5, "
                                                       "\"captured_at\": \"2025-11-02T10:30:00Z\"}",
                                                       member))),
                     STATUS_OK);
}

static void assert_refused(const char *member, const char *field, const char *part)
{
    read_member(member);
    if (message.samples.count != 0 || message.rejected != 1 || message.errors.count != 1)
        fail_msg("taken: %s", member);
    assert_int_equal(message.errors.items[0].index, 0);
    assert_string_equal(message.errors.items[0].field, field);
    if (strstr(message.errors.items[0].message, part) == NULL)
        fail_msg("%s: %s", member, message.errors.items[0].message);
}

/* An object of so many levels. */
static char *nested_plan(int levels)
{
    struct buffer plan;
    char *json;

    buffer_init(&plan, SIZE_MAX);
    for (int i = 1; i < levels; i++)
        buffer_append_string(&plan, i % 2 != 0 ? "{\"a\":" : "[");
    buffer_append_string(&plan, "{}");
    for (int i = levels - 1; i > 0; i--)
        buffer_append_string(&plan, i % 2 != 0 ? "}" : "]");
    json = arena_string(arena, plan.data, plan.size_bytes);
    buffer_free(&plan);
    return json;
}

static void every_field_is_read(void **state)
{
    const struct sample_fact *sample;
    int64_t captured_at_us;

    (void)state;
    assert_int_equal(
        read_body(TEXT("{\"agent_token\": \"agt_x\", \"batch_id\": \"01J-a.b\", \"queries\": [{\"fingerprint\": "
                       "\"SELECT * FROM users WHERE id = ?\", \"full_sql\": \"SELECT * FROM users WHERE id = 123\", "
                       "\"duration_ms\": 1250.5, \"rows_examined\": 10000, \"rows_returned\": 1, \"captured_at\": "
                       "\"2025-11-02T10:30:00.25+00:00\", \"user_host\": \"app@10.0.0.5\", \"database\": \"shop\", "
                       "\"lock_ms\": 12.345, \"plan\": {\"Plan\": {\"Total Cost\": 1e3}}}]}")),
        STATUS_OK);
    assert_true(text_equal(message.agent_token, TEXT("agt_x")));
    assert_true(text_equal(message.batch_id, TEXT("01J-a.b")));
    assert_int_equal(message.samples.count, 1);
    assert_int_equal(message.rejected, 0);
    sample = &message.samples.items[0];
    assert_true(text_equal(sample->statement.text, TEXT("SELECT * FROM users WHERE id = ?")));
    assert_true(text_equal(sample->full_sql, TEXT("SELECT * FROM users WHERE id = 123")));
    assert_true(sample->duration_ms == 1250.5);
    assert_int_equal(sample->rows_examined, 10000);
    assert_int_equal(sample->rows_returned, 1);
    assert_int_equal(sample->lock_us, 12345);
    assert_true(clock_parse(TEXT("2025-11-02T10:30:00.25Z"), false, &captured_at_us));
    assert_true(sample->captured_at_us == captured_at_us);
    assert_true(text_equal(sample->user_host, TEXT("app@10.0.0.5")));
    assert_true(text_equal(sample->database_name, TEXT("shop")));
    assert_true(text_equal(sample->plan, TEXT("{\"Plan\": {\"Total Cost\": 1e3}}")));
    assert_int_equal(message.queries_json.data[0], '[');
    assert_int_equal(message.queries_json.data[message.queries_json.size - 1], ']');
}

static void what_is_not_sent_is_unknown(void **state)
{
    const struct sample_fact *sample;

    (void)state;
    read_member("\"rows_examined\": null, \"user_host\": null, \"plan\": {}, ");
    assert_int_equal(message.samples.count, 1);
    sample = &message.samples.items[0];
    assert_int_equal(sample->rows_examined, -1);
    assert_int_equal(sample->rows_returned, -1);
    assert_int_equal(sample->lock_us, -1);
    assert_null(sample->user_host.data);
    assert_null(sample->database_name.data);
    assert_null(sample->plan.data);
    assert_null(sample->statement.text.data);
    assert_null(message.batch_id.data);
}

static void a_wrong_item_is_named(void **state)
{
    char *long_host = arena_printf(arena, "\"user_host\": \"%0256d\", ", 0);
    char *long_database = arena_printf(arena, "\"database\": \"%0129d\", ", 0);

    (void)state;
    assert_refused("\"rows_examined\": -1, ", "rows_examined", "negative");
    assert_refused("\"rows_examined\": 1.5, ", "rows_examined", "whole");
    assert_refused("\"rows_examined\": \"7\", ", "rows_examined", "number");
    assert_refused("\"rows_returned\": 1000000000000001, ", "rows_returned", "1e15");
    assert_refused("\"rows_returned\": 1e300, ", "rows_returned", "1e15");
    assert_refused("\"user_host\": 5, ", "user_host", "string");
    assert_refused("\"user_host\": \"a\\u0000b\", ", "user_host", "NUL");
    assert_refused(long_host, "user_host", "at most 255");
    assert_refused(long_database, "database", "at most 128");
    assert_refused("\"user_host\": \"a\nb\", ", "user_host", "control character");
    assert_refused("\"database\": \"\\x41\", ", "database", "escape");
    assert_refused("\"rows_examined\": NaN, ", "rows_examined", "NaN");
    assert_refused("\"rows_examined\": -Infinity, ", "rows_examined", "Infinity");
    assert_refused("\"colour\": \"\\ud83d\nb\", ", "colour", "not a field");
    assert_refused("\"user_host\": \"\\ud83d\", \"rows_examined\": -1, ", "rows_examined", "negative");
    assert_int_equal(message.warnings.count, 0);
    assert_refused("\"colour\": \"red\", ", "colour", "not a field");
    assert_refused("\"full_sql\": \"SELECT 2\", ", "full_sql", "twice");
}

static void a_text_with_what_is_no_character_is_taken_with_a_warning(void **state)
{
    static const char *const members[] = {"\"user_host\": \"a\\ud83dz\", ", "\"user_host\": \"a\xFFz\", "};

    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        read_member(members[i]);
        assert_int_equal(message.samples.count, 1);
        assert_true(text_equal(message.samples.items[0].user_host, TEXT("a\xEF\xBF\xBDz")));
        assert_int_equal(message.errors.count, 0);
        assert_int_equal(message.warnings.count, 1);
        assert_int_equal(message.warnings.items[0].index, 0);
        assert_string_equal(message.warnings.items[0].field, "user_host");
    }
}

static void a_plan_that_cannot_be_taken_is_left_out_of_its_item(void **state)
{
    struct {
        const char *plan, *part;
    } cases[] = {
        {"\"{}\"", "object"},
        {"5", "object"},
        {"[]", "array of one object"},
        {"[5]", "array of one object"},
        {"[{\"a\": 1}, {\"a\": 2}]", "array of one object"},
        {"{\"a\": \"\\u0000\"}", "NUL"},
        {"{\"a\": \"\\ud83d\"}", "no character"},
        {"[{\"\xFF\": 1}]", "no character"},
        {"{\"a\": NaN}", "NaN"},
        {"{\"a\": 1e999}", "out of range"},
        {"{\"a\": [ 1.5E-20000 ]}", "out of range"},
        {arena_printf(arena, "{\"a\": 1%0*d}", JSON_READ_NUMBER_BYTES_MAX, 0), "too long"},
        {arena_printf(arena, "{\"a\": \"%0*d\"}", INGEST_PLAN_BYTES_MAX, 0), "at most 262144"},
        {nested_plan(JSON_READ_DEPTH_MAX), "too deep"},
        {nested_plan(50000), "too deep"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_member(arena_printf(arena, "\"plan\": %s, ", cases[i].plan));
        if (message.samples.count != 1 || message.warnings.count != 1)
            fail_msg("%.99s", cases[i].plan);
        assert_null(message.samples.items[0].plan.data);
        assert_true(message.samples.items[0].duration_ms == 5);
        assert_string_equal(message.warnings.items[0].field, "plan");
        if (strstr(message.warnings.items[0].message, cases[i].part) == NULL)
            fail_msg("%.99s: %s", cases[i].plan, message.warnings.items[0].message);
    }
}

static void a_plan_of_any_depth_that_is_read_is_taken_and_its_array_opened(void **state)
{
    const char *deep = nested_plan(648);

    (void)state;
    read_member(arena_printf(arena, "\"plan\": %s, ", deep));
    assert_true(text_equal(message.samples.items[0].plan, text_of(deep)));
    read_member("\"plan\": [ {\"Plan\": {\"Total Cost\": 1}}\n], ");
    assert_true(text_equal(message.samples.items[0].plan, TEXT("{\"Plan\": {\"Total Cost\": 1}}")));
    read_member("\"plan\": [{}], ");
    assert_null(message.samples.items[0].plan.data);
    assert_int_equal(message.warnings.count, 0);
}

static void a_wrong_duration_is_named(void **state)
{
    static const struct {
        const char *json, *part;
    } cases[] = {
        {"-1", "negative"},  {"-0.0001", "negative"}, {"1e13", "at most"}, {"1e400", "at most"},
        {"\"5\"", "number"}, {"true", "number"},      {"null", "number"},  {"{}", "number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            read_body(with_items(arena_printf(arena,
                                              "{\"full_sql\": \"SELECT 1\", \"duration_ms\": %s, \"captured_at\": "
                                              "\"2025-11-02T10:30:00Z\"}",
                                              cases[i].json))),
            STATUS_OK);
        assert_int_equal(message.rejected, 1);
        assert_string_equal(message.errors.items[0].field, "duration_ms");
        assert_non_null(strstr(message.errors.items[0].message, cases[i].part));
    }
}

static void an_absurd_date_is_named(void **state)
{
    static const struct {
        const char *json;
        bool is_good;
    } cases[] = {
        {"\"2025-11-02T10:30:00Z\"", true},
        {"\"2000-01-01T00:00:00Z\"", true},
        {"\"2025-11-02T11:59:00Z\"", true},
        {"\"2025-11-02T13:00:00+02:00\"", true},
        {"\"1999-12-31T23:59:59Z\"", false},
        {"\"2025-11-02T12:00:01Z\"", false},
        {"\"9999-01-01T00:00:00Z\"", false},
        {"\"0000-00-00T00:00:00Z\"", false},
        {"\"2025-02-30T00:00:00Z\"", false},
        {"\"2025-11-02T10:30:00\"", true},
        {"\"yesterday\"", false},
        {"\"\"", false},
        {"1762079400", false},
        {"null", false},
        {"\"2025-11-02T10:30:00Z\\u0000\"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            read_body(with_items(arena_printf(
                arena, "{\"full_sql\": \"SELECT 1\", \"duration_ms\": 1, \"captured_at\": %s}", cases[i].json))),
            STATUS_OK);
        if ((message.samples.count == 1) != cases[i].is_good)
            fail_msg("%s", cases[i].json);
        if (!cases[i].is_good)
            assert_string_equal(message.errors.items[0].field, "captured_at");
    }
}

static void a_missing_field_is_named(void **state)
{
    static const struct {
        const char *item, *field;
    } cases[] = {
        {"{\"full_sql\": \"SELECT 1\", \"captured_at\": \"2025-11-02T10:30:00Z\"}", "duration_ms"},
        {"{\"full_sql\": \"SELECT 1\", \"duration_ms\": 1}", "captured_at"},
        {"{\"duration_ms\": 1, \"captured_at\": \"2025-11-02T10:30:00Z\"}", "full_sql"},
        {"{\"full_sql\": \"\", \"duration_ms\": 1, \"captured_at\": \"2025-11-02T10:30:00Z\"}", "full_sql"},
        {"{}", "duration_ms"},
        {"7", ""},
        {"null", ""},
        {"[]", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_body(with_items(cases[i].item)), STATUS_OK);
        assert_int_equal(message.rejected, 1);
        assert_string_equal(message.errors.items[0].field, cases[i].field);
    }
}

static void a_wrong_item_does_not_stop_the_others(void **state)
{
    (void)state;
    assert_int_equal(
        read_body(with_items("{\"full_sql\": \"SELECT 1\", \"duration_ms\": 1, \"captured_at\": "
                             "\"2025-11-02T10:30:00Z\"}, {\"full_sql\": \"SELECT 2\", \"duration_ms\": -1, "
                             "\"captured_at\": \"2025-11-02T10:30:00Z\"}, 5, {\"fingerprint\": \"SELECT ?\", "
                             "\"duration_ms\": 3, \"captured_at\": \"2025-11-02T10:30:00Z\"}")),
        STATUS_OK);
    assert_int_equal(message.samples.count, 2);
    assert_int_equal(message.rejected, 2);
    assert_int_equal(message.errors.count, 2);
    assert_int_equal(message.errors.items[0].index, 1);
    assert_int_equal(message.errors.items[1].index, 2);
    assert_true(text_equal(message.samples.items[1].statement.text, TEXT("SELECT ?")));
}

static void errors_told_have_a_bound(void **state)
{
    struct buffer items;

    (void)state;
    buffer_init(&items, 1 << 20);
    for (int i = 0; i < 500; i++)
        buffer_append_string(&items, i == 0 ? "0" : ",0");
    buffer_append_byte(&items, '\0');
    assert_int_equal(read_body(with_items(items.data)), STATUS_OK);
    assert_int_equal(message.rejected, 500);
    assert_int_equal(message.errors.count, WIRE_ERRORS_MAX);
    buffer_free(&items);
}

static void reading_stops_past_the_bound_of_a_batch(void **state)
{
    struct buffer items;
    struct error *told = &error;

    (void)state;
    buffer_init(&items, 1 << 24);
    for (int i = 0; i < BATCH_MAX; i++)
        buffer_append_string(&items, i == 0 ? "0" : ",0");
    buffer_append_byte(&items, '\0');
    assert_int_equal(read_body(with_items(items.data)), STATUS_OK);
    items.size_bytes--;
    /* After the first item too many, nothing is read. */
    buffer_append_string(&items, ",0,broken");
    buffer_append_byte(&items, '\0');
    assert_int_equal(read_body(with_items(items.data)), STATUS_TOO_LARGE);
    assert_non_null(strstr(told->message, "1000"));
    buffer_free(&items);
}

static void a_text_of_a_mebibyte_is_the_longest(void **state)
{
    char *text = malloc(INGEST_SQL_BYTES_MAX + 2);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', INGEST_SQL_BYTES_MAX + 1);
    text[INGEST_SQL_BYTES_MAX + 1] = '\0';
    assert_int_equal(
        read_body(with_items(arena_printf(
            arena, "{\"full_sql\": \"%s\", \"duration_ms\": 1, \"captured_at\": \"2025-11-02T10:30:00Z\"}", text))),
        STATUS_OK);
    assert_int_equal(message.rejected, 1);
    assert_string_equal(message.errors.items[0].field, "full_sql");
    assert_int_equal(
        read_body(with_items(arena_printf(
            arena, "{\"full_sql\": \"%s\", \"duration_ms\": 1, \"captured_at\": \"2025-11-02T10:30:00Z\"}", text + 1))),
        STATUS_OK);
    assert_int_equal(message.samples.count, 1);
    free(text);
}

static void a_wrong_envelope_is_refused_as_a_whole(void **state)
{
    static const struct {
        struct text body;
        enum status status;
        const char *field; /* NULL: none named */
    } cases[] = {
        {TEXT(""), STATUS_MALFORMED, NULL},
        {TEXT("null"), STATUS_MALFORMED, NULL},
        {TEXT("[]"), STATUS_MALFORMED, NULL},
        {TEXT("{\"queries\": [{]}"), STATUS_MALFORMED, NULL},
        {TEXT("{\"queries\": [5]} x"), STATUS_MALFORMED, NULL},
        {TEXT("{\"queries\": 5, broken"), STATUS_INVALID, "queries"},
        {TEXT("{}"), STATUS_INVALID, "queries"},
        {TEXT("{\"queries\": []}"), STATUS_INVALID, "queries"},
        {TEXT("{\"queries\": null}"), STATUS_INVALID, "queries"},
        {TEXT("{\"queries\": {}}"), STATUS_INVALID, "queries"},
        {TEXT("{\"queries\": [5], \"queries\": [6]}"), STATUS_INVALID, "queries"},
        {TEXT("{\"queries\": [5], \"colour\": 1}"), STATUS_INVALID, "colour"},
        {TEXT("{\"queries\": [5], \"batch_id\": 7}"), STATUS_INVALID, "batch_id"},
        {TEXT("{\"queries\": [5], \"batch_id\": \"\"}"), STATUS_INVALID, "batch_id"},
        {TEXT("{\"queries\": [5], \"batch_id\": \"a b\"}"), STATUS_INVALID, "batch_id"},
        {TEXT("{\"queries\": [5], \"batch_id\": \"a\\u0000\"}"), STATUS_INVALID, "batch_id"},
        {TEXT("{\"queries\": [5], \"agent_token\": 7}"), STATUS_INVALID, "agent_token"},
        {TEXT("{\"queries\": [5], \"agent_token\": \"agt\n\"}"), STATUS_INVALID, "agent_token"},
        {TEXT("{\"queries\": [5], \"batch_id\": \"a\\ud83d\"}"), STATUS_INVALID, "batch_id"},
        {TEXT("{\"queries\": [5], \"\xFF\": 7}"), STATUS_INVALID, "\xEF\xBF\xBD"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (read_body(cases[i].body) != cases[i].status)
            fail_msg("%.*s: %s", (int)cases[i].body.size, cases[i].body.data, error.message);
        assert_int_equal(error.status, cases[i].status);
        if (cases[i].field != NULL)
            assert_string_equal(error.fields[0].field, cases[i].field);
    }
}

/* ---- collectors ---- */

static void a_registration_is_read(void **state)
{
    struct collector_message said;

    (void)state;
    assert_int_equal(collector_registration_read(TEXT("{\"agent_token\": \"agt_x\", \"hostname\": "
                                                      "\"test-collector-01\", \"version\": \"1.0.0\"}"),
                                                 arena, &said, &error),
                     STATUS_OK);
    assert_true(text_equal(said.hostname, TEXT("test-collector-01")));
    assert_true(text_equal(said.version, TEXT("1.0.0")));
}

static void a_wrong_registration_is_refused(void **state)
{
    static const struct {
        struct text body;
        enum status status;
    } cases[] = {
        {TEXT("{"), STATUS_MALFORMED},
        {TEXT("{}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"\"}"), STATUS_INVALID},
        {TEXT("{\"hostname\": 5}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"a\\nb\"}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"a\\u0000\"}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"a\", \"hostname\": \"b\"}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"a\", \"colour\": \"b\"}"), STATUS_INVALID},
        {TEXT("{\"hostname\": \"a\", \"version\": []}"), STATUS_INVALID},
    };
    struct collector_message said;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        error = (struct error){0};
        assert_int_equal(collector_registration_read(cases[i].body, arena, &said, &error), cases[i].status);
    }
}

static void a_heartbeat_keeps_all_but_the_token(void **state)
{
    struct collector_message said;

    (void)state;
    assert_int_equal(collector_heartbeat_read(TEXT("{\"status\": \"ok\", \"agent_token\": \"agt_x\", \"spool\": "
                                                   "{\"bytes\": 5}, \"version\": \"2\"}"),
                                              arena, &said, &error),
                     STATUS_OK);
    assert_true(text_equal(said.detail, TEXT("{\"status\":\"ok\",\"spool\":{\"bytes\": 5}}")));
    assert_true(text_equal(said.version, TEXT("2")));
    assert_int_equal(collector_heartbeat_read(TEXT(""), arena, &said, &error), STATUS_OK);
    assert_true(text_equal(said.detail, TEXT("{}")));
    assert_int_equal(collector_heartbeat_read(TEXT("{\"a\": \"\\u0000\"}"), arena, &said, &error), STATUS_INVALID);
    assert_int_equal(collector_heartbeat_read(TEXT("{\"a\": 1e999}"), arena, &said, &error), STATUS_INVALID);
    assert_int_equal(collector_heartbeat_read(TEXT("{\"a\\\"b\": 1}"), arena, &said, &error), STATUS_INVALID);
}

static void a_heartbeat_has_a_bound(void **state)
{
    struct collector_message said;
    char *body = arena_printf(arena, "{\"a\": \"%0*d\"}", COLLECTOR_DETAIL_BYTES_MAX, 0);

    (void)state;
    assert_int_equal(collector_heartbeat_read(text_of(body), arena, &said, &error), STATUS_INVALID);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_field_is_read),
        TEST(what_is_not_sent_is_unknown),
        TEST(a_wrong_item_is_named),
        TEST(a_text_with_what_is_no_character_is_taken_with_a_warning),
        TEST(a_plan_that_cannot_be_taken_is_left_out_of_its_item),
        TEST(a_plan_of_any_depth_that_is_read_is_taken_and_its_array_opened),
        TEST(a_wrong_duration_is_named),
        TEST(an_absurd_date_is_named),
        TEST(a_missing_field_is_named),
        TEST(a_wrong_item_does_not_stop_the_others),
        TEST(errors_told_have_a_bound),
        TEST(reading_stops_past_the_bound_of_a_batch),
        TEST(a_text_of_a_mebibyte_is_the_longest),
        TEST(a_wrong_envelope_is_refused_as_a_whole),
        TEST(a_registration_is_read),
        TEST(a_wrong_registration_is_refused),
        TEST(a_heartbeat_keeps_all_but_the_token),
        TEST(a_heartbeat_has_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
