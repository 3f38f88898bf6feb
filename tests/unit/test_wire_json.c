/* The JSON reader: what RFC 8259 accepts and refuses, decoding, numbers, positions of errors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json_read.h"
#include "wire/agent_token.h"

/* A copy of exactly this size, so that the sanitizer sees a read past its end. */
static struct text exact_copy(struct text text, struct arena *arena)
{
    char *copy = malloc(text.size == 0 ? 1 : text.size);

    assert_non_null(copy);
    memcpy(copy, text.data, text.size);
    arena_defer(arena, free, copy);
    return (struct text){copy, text.size};
}

static bool is_taken(struct text json)
{
    struct arena *arena = arena_new(0);
    struct json_reader reader;
    bool is_good;

    json_reader_init(&reader, exact_copy(json, arena), arena);
    is_good = json_skip(&reader, NULL) && json_finish(&reader);
    arena_destroy(arena);
    return is_good;
}

static const struct text good[] = {
    TEXT("[[]   ]"),
    TEXT("[\"\"]"),
    TEXT("[]"),
    TEXT("[\"a\"]"),
    TEXT("[false]"),
    TEXT("[null, 1, \"1\", {}]"),
    TEXT("[1\n]"),
    TEXT(" [1]"),
    TEXT("[2] "),
    TEXT("[123e65]"),
    TEXT("[0e+1]"),
    TEXT("[0e1]"),
    TEXT("[ 4]"),
    TEXT("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    TEXT("[20e1]"),
    TEXT("[-0]"),
    TEXT("[-123]"),
    TEXT("[1E22]"),
    TEXT("[1E-2]"),
    TEXT("[1E+2]"),
    TEXT("[123.456e78]"),
    TEXT("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
    TEXT("{\"a\":\"b\",\"a\":\"c\"}"),
    TEXT("{}"),
    TEXT("{\"\":0}"),
    TEXT("{\"foo\\u0000bar\": 42}"),
    TEXT("{\"a\":[]}"),
    TEXT("{\n\"a\": \"b\"\n}"),
    TEXT("[\"\\u0060\\u012a\\u12AB\"]"),
    TEXT("[\"\\uD801\\udc37\"]"),
    TEXT("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    TEXT("[\"\\\\u0000\"]"),
    TEXT("[\"\\uFFFF\"]"),
    TEXT("[\"\xF4\x8F\xBF\xBF\"]"),
    TEXT("[\"\xEF\xBF\xBF\"]"),
    TEXT("[\"\x7F\"]"),
    TEXT("\"\""),
    TEXT("-0.1"),
    TEXT("true"),
    TEXT("\t\r\n null \t"),
    TEXT("[\"a string that is longer than one step of sixteen bytes \xC3\xA4\xE2\x82\xAC, and on it goes\"]"),
};

static const struct text bad[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("[1 true]"),
    TEXT("[a\xE5]"),
    TEXT("[\"\": 1]"),
    TEXT("[\"\"],"),
    TEXT("[,1]"),
    TEXT("[1,,2]"),
    TEXT("[\"x\",,]"),
    TEXT("[\"x\"]]"),
    TEXT("[\"\",]"),
    TEXT("[\"x\""),
    TEXT("[x"),
    TEXT("[3[4]]"),
    TEXT("[1:2]"),
    TEXT("[,]"),
    TEXT("[-]"),
    TEXT("[   , \"\"]"),
    TEXT("[\"a\",\n4\n,1,"),
    TEXT("[*]"),
    TEXT("[1,{}"),
    TEXT("[fals]"),
    TEXT("[nul]"),
    TEXT("[tru]"),
    TEXT("[TRUE]"),
    TEXT("[++1234]"),
    TEXT("[+1]"),
    TEXT("[-01]"),
    TEXT("[-1.0.]"),
    TEXT("[-2.]"),
    TEXT("[-NaN]"),
    TEXT("[.-1]"),
    TEXT("[.2e-3]"),
    TEXT("[0.1.2]"),
    TEXT("[0.3e+]"),
    TEXT("[0.3e]"),
    TEXT("[0.e1]"),
    TEXT("[0E+]"),
    TEXT("[0E]"),
    TEXT("[1.0e-]"),
    TEXT("[1 000.0]"),
    TEXT("[1eE2]"),
    TEXT("[2.e+3]"),
    TEXT("[9.e+]"),
    TEXT("[Inf]"),
    TEXT("[Infinity]"),
    TEXT("[0x1]"),
    TEXT("[1+2]"),
    TEXT("[NaN]"),
    TEXT("[- 1]"),
    TEXT("[-012]"),
    TEXT("[012]"),
    TEXT("[1ea]"),
    TEXT("{\"x\", null}"),
    TEXT("{\"x\"::\"b\"}"),
    TEXT("{key: 'value'}"),
    TEXT("{\"a\":\"a\" 123}"),
    TEXT("{\"a\" b}"),
    TEXT("{:\"b\"}"),
    TEXT("{\"a\""),
    TEXT("{\"a\":"),
    TEXT("{1:1}"),
    TEXT("{\"id\":0,}"),
    TEXT("{\"id\":0,,}"),
    TEXT("{\"a\":\"b\"}/**/"),
    TEXT("{'a':0}"),
    TEXT("{\"a\":\"b\"}#"),
    TEXT("{null:null}"),
    TEXT("[\"\\uD800\\\"]"),
    TEXT("[\"\\uD800\\u\"]"),
    TEXT("[\"\\uD800\\u1\"]"),
    TEXT("[\"\\uD800\"]"),
    TEXT("[\"\\uDC00\"]"),
    TEXT("[\"\\uDd1e\\uD834\"]"),
    TEXT("[\"\\uD834\\u0061\"]"),
    TEXT("[\"\\a\"]"),
    TEXT("[\"\\\t\"]"),
    TEXT("[\"\\\xE5\"]"),
    TEXT("[\"\\u\xE5\"]"),
    TEXT("[\"\\x00\"]"),
    TEXT("[\"\\\\\\\"]"),
    TEXT("[\"\\\"]"),
    TEXT("[\"\\u00A\"]"),
    TEXT("[\"\\u00G0\"]"),
    TEXT("[\"\\"),
    TEXT("[\"\\u"),
    TEXT("[\"new\nline\"]"),
    TEXT("[\"a\0a\"]"),
    TEXT("[\"\t\"]"),
    TEXT("[\"\x1F\"]"),
    TEXT("[\"\xC0\x80\"]"),
    TEXT("[\"\xED\xA0\x80\"]"),
    TEXT("[\"\xF4\x90\x80\x80\"]"),
    TEXT("[\"\xE9\"]"),
    TEXT("[\"\xFF\"]"),
    TEXT("[\"\xE2\x82\"]"),
    TEXT("[\"a string that is longer than one step of sixteen bytes \xC3, and on it goes\"]"),
    TEXT("\xEF\xBB\xBF{}"),
    TEXT("['single']"),
    TEXT("[\"a"),
    TEXT("[\"a]"),
    TEXT("<.>"),
    TEXT("[\xE2\x81\xA0]"),
    TEXT("\x0C[]"),
    TEXT("]"),
    TEXT("}"),
    TEXT("{]"),
    TEXT("[}"),
    TEXT("{\"a\":1]"),
    TEXT("1 2"),
    TEXT("{}{}"),
};

static void valid_json_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!is_taken(good[i]))
            fail_msg("refused: %.*s", (int)good[i].size, good[i].data);
}

static void broken_json_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_taken(bad[i]))
            fail_msg("taken: %.*s", (int)bad[i].size, bad[i].data);
}

static void every_cut_of_a_document_is_refused(void **state)
{
    struct text whole =
        TEXT("{\"a\": [1, -2.5e3, true, null, \"x\\n\\u00e4\xC3\xA4 and more than sixteen\"], \"b\": {}}");

    (void)state;
    assert_true(is_taken(whole));
    for (size_t size = 0; size < whole.size; size++)
        assert_false(is_taken((struct text){whole.data, size}));
}

static void nesting_has_a_bound(void **state)
{
    char deep[2 * (JSON_READ_DEPTH_MAX + 1)];

    (void)state;
    memset(deep, '[', JSON_READ_DEPTH_MAX + 1);
    memset(deep + JSON_READ_DEPTH_MAX + 1, ']', JSON_READ_DEPTH_MAX + 1);
    assert_false(is_taken((struct text){deep, sizeof deep}));
    assert_true(is_taken((struct text){deep + 1, sizeof deep - 2}));
}

/* What a lenient reader makes of a value: the flaw, "" for what is no character, NULL for none. */
static const char *flaw_of(struct text json, struct arena *arena)
{
    struct json_reader reader;

    json_reader_init_lenient(&reader, exact_copy(json, arena), arena);
    if (!json_skip(&reader, NULL) || !json_finish(&reader))
        fail_msg("refused: %.*s", (int)json.size, json.data);
    return reader.flaw != NULL ? reader.flaw : reader.has_no_character ? "" : NULL;
}

static void a_lenient_reader_goes_on_after_what_is_wrong_within_a_value(void **state)
{
    static const struct {
        struct text json;
        const char *flaw;
    } cases[] = {
        {TEXT("[\"\\ud83d\", 1]"), ""},
        {TEXT("[\"\\ude39\\ud83dx\\ud83d\\u0041\", 1]"), ""},
        {TEXT("[\"\xFF\", 1]"), ""},
        {TEXT("{\"\xED\xA0\x80\": 1}"), ""},
        {TEXT("[\"a\0b\", 1]"), "a NUL byte in a string"},
        {TEXT("[\"a\nb\", 1]"), "a control character in a string"},
        {TEXT("[\"\\x41\", 1]"), "an unknown escape"},
        {TEXT("[\"\\u12\", 1]"), "four hexadecimal digits must follow \\u"},
        {TEXT("[NaN, 1]"), "NaN or Infinity"},
        {TEXT("{\"a\": -Infinity, \"b\": Infinity}"), "NaN or Infinity"},
        {TEXT("[1, \"good\", \"\\ud83d\\ude39\", \"\xC3\xA4\"]"), NULL},
    };
    static const struct text broken[] = {
        TEXT("[Nope]"), TEXT("[-Inf]"),      TEXT("[nan]"), TEXT("[\"\\ud83d]"),
        TEXT("[1,]"),   TEXT("[\"a\" NaN]"), TEXT("[01]"),
    };
    struct arena *arena = arena_new(0);
    char number[JSON_READ_NUMBER_BYTES_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *flaw = flaw_of(cases[i].json, arena);

        if ((flaw == NULL) != (cases[i].flaw == NULL) || (flaw != NULL && strcmp(flaw, cases[i].flaw) != 0))
            fail_msg("%.*s: %s", (int)cases[i].json.size, cases[i].json.data, flaw == NULL ? "nothing" : flaw);
    }
    memset(number, '1', sizeof number);
    assert_string_equal(flaw_of((struct text){number, sizeof number}, arena), "a number that is too long");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct json_reader reader;

        json_reader_init_lenient(&reader, exact_copy(broken[i], arena), arena);
        if (json_skip(&reader, NULL) && json_finish(&reader))
            fail_msg("taken: %.*s", (int)broken[i].size, broken[i].data);
    }
    arena_destroy(arena);
}

static void what_is_no_character_is_read_as_its_replacement(void **state)
{
    struct arena *arena = arena_new(0);
    struct json_reader reader;
    struct text text = {0};

    (void)state;
    json_reader_init_lenient(&reader, TEXT("[\"a\\ud83d\xFFz\", {\"\xFF\": 1}]"), arena);
    json_enter_array(&reader);
    assert_true(json_next_item(&reader) && json_read_text(&reader, &text));
    assert_true(text_equal(text, TEXT("a\xEF\xBF\xBD\xEF\xBF\xBDz")));
    assert_true(json_next_item(&reader) && json_enter_object(&reader) && json_next_member(&reader, &text));
    assert_true(text_equal(text, TEXT("\xEF\xBF\xBD")));
    arena_destroy(arena);
}

static void a_lenient_reader_passes_over_what_is_nested_too_deep(void **state)
{
    enum { DEEP = 100000 };
    struct arena *arena = arena_new(0);
    char *deep = arena_alloc(arena, 2 * DEEP);
    struct json_reader reader;
    struct text raw;

    (void)state;
    memset(deep, '[', DEEP);
    memset(deep + DEEP, ']', DEEP);
    assert_string_equal(flaw_of((struct text){deep, 2 * DEEP}, arena), "what is nested too deep");
    json_reader_init_lenient(&reader, text_of(arena_printf(arena, "[%.*s, \"]\", 5]", 2 * DEEP, deep)), arena);
    json_enter_array(&reader);
    assert_true(json_next_item(&reader) && json_skip(&reader, &raw) && raw.size == 2 * DEEP);
    assert_true(json_next_item(&reader) && json_skip(&reader, &raw) && text_equal(raw, TEXT("\"]\"")));
    assert_true(json_next_item(&reader) && json_skip(&reader, &raw) && text_equal(raw, TEXT("5")));
    assert_false(json_next_item(&reader));
    assert_true(json_finish(&reader));
    json_reader_init_lenient(&reader, (struct text){deep, 2 * DEEP - 1}, arena);
    assert_false(json_skip(&reader, NULL));
    arena_destroy(arena);
}

static struct text decoded(struct text json, struct arena *arena)
{
    struct json_reader reader;
    struct text text = {0};

    json_reader_init(&reader, exact_copy(json, arena), arena);
    assert_true(json_read_text(&reader, &text));
    assert_true(json_finish(&reader));
    return text;
}

static void escapes_become_what_they_mean(void **state)
{
    struct arena *arena = arena_new(0);

    (void)state;
    assert_true(text_equal(decoded(TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), arena), TEXT("\"\\/\b\f\n\r\t")));
    assert_true(text_equal(decoded(TEXT("\"a\\u00e4\\u20AC\\ud83d\\ude39z\""), arena),
                           TEXT("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\xB9z")));
    assert_true(text_equal(decoded(TEXT("\"\\u0041\""), arena), TEXT("A")));
    assert_true(text_equal(decoded(TEXT("\"plain\""), arena), TEXT("plain")));
    arena_destroy(arena);
}

static void plain_text_is_not_copied(void **state)
{
    struct arena *arena = arena_new(0);
    struct text json = TEXT("\"no escapes in here\"");
    struct json_reader reader;
    struct text text;

    (void)state;
    json_reader_init(&reader, json, arena);
    assert_true(json_read_text(&reader, &text));
    assert_ptr_equal(text.data, json.data + 1);
    assert_int_equal(arena_used(arena), 0);
    arena_destroy(arena);
}

static void a_nul_is_reported(void **state)
{
    struct arena *arena = arena_new(0);
    struct json_reader reader;
    struct text text;

    (void)state;
    json_reader_init(&reader, TEXT("\"a\\u0000b\""), arena);
    assert_true(json_read_text(&reader, &text));
    assert_true(reader.has_nul);
    json_reader_init(&reader, TEXT("{\"x\": [\"\\u0000\"]}"), arena);
    assert_true(json_skip(&reader, NULL));
    assert_true(reader.has_nul);
    json_reader_init(&reader, TEXT("\"\\\\u0000\""), arena);
    assert_true(json_read_text(&reader, &text));
    assert_false(reader.has_nul);
    arena_destroy(arena);
}

static void numbers_are_read_exactly(void **state)
{
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "1",
                                          "1250.5",
                                          "0.1",
                                          "1e22",
                                          "1e23",
                                          "9007199254740993",
                                          "123456789012345678901234567890",
                                          "2.2250738585072014e-308",
                                          "4.9e-324",
                                          "1.7976931348623157e308",
                                          "0.000000000000000000000000000001",
                                          "8.5e-22",
                                          "1e-400",
                                          "17976931348623157.25",
                                          "0.3000000000000000166533453693773481063544750213623046875"};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct json_reader reader;
        struct json_number number;
        double wanted = strtod(numbers[i], NULL);

        json_reader_init(&reader, text_of(numbers[i]), NULL);
        assert_true(json_read_number(&reader, &number));
        assert_true(json_finish(&reader));
        assert_memory_equal(&number.value, &wanted, sizeof wanted);
    }
}

static void integers_are_told_from_fractions(void **state)
{
    static const struct {
        const char *json;
        bool is_integer;
        int64_t integer;
    } cases[] = {
        {"10", true, 10},
        {"10.0", true, 10},
        {"1e1", true, 10},
        {"-7", true, -7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"99999999999999999999", false, 0},
        {"1.5", false, 0},
        {"1e30", false, 0},
        {"1e400", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_reader reader;
        struct json_number number;

        json_reader_init(&reader, text_of(cases[i].json), NULL);
        assert_true(json_read_number(&reader, &number));
        assert_int_equal(number.is_integer, cases[i].is_integer);
        assert_true(number.integer == cases[i].integer);
    }
}

static void a_number_of_any_length_is_refused(void **state)
{
    char digits[JSON_READ_NUMBER_BYTES_MAX + 1];

    (void)state;
    memset(digits, '7', sizeof digits);
    assert_false(is_taken((struct text){digits, sizeof digits}));
    assert_true(is_taken((struct text){digits, sizeof digits - 1}));
}

static void an_error_says_where_it_is(void **state)
{
    struct json_reader reader;
    struct error error = {0};

    (void)state;
    json_reader_init(&reader, TEXT("{\"a\": 1, \"b\": tru}"), NULL);
    assert_false(json_skip(&reader, NULL));
    assert_int_equal(json_read_error(&reader, &error), STATUS_MALFORMED);
    assert_string_equal(error.message, "The JSON is broken at byte 15: an unknown word.");
}

static void members_come_one_by_one(void **state)
{
    struct arena *arena = arena_new(0);
    struct json_reader reader;
    struct text name, value = {0};
    int64_t sum = 0;
    size_t items = 0;

    (void)state;
    json_reader_init(&reader, TEXT("{\"\\u0061\": [1, 2, {\"x\": []}], \"b\": {}, \"c\": \"d\"}"), arena);
    assert_true(json_enter_object(&reader));
    assert_true(json_next_member(&reader, &name));
    assert_true(text_equal(name, TEXT("a")));
    for (json_enter_array(&reader); json_next_item(&reader); items++) {
        struct json_number number;

        if (json_peek(&reader) == JSON_KIND_NUMBER && json_read_number(&reader, &number))
            sum += number.integer;
        else
            assert_true(json_skip(&reader, &value));
    }
    assert_int_equal(items, 3);
    assert_int_equal(sum, 3);
    assert_true(text_equal(value, TEXT("{\"x\": []}")));
    assert_true(json_next_member(&reader, &name));
    assert_true(json_skip(&reader, NULL));
    assert_true(json_next_member(&reader, &name));
    assert_true(text_equal(name, TEXT("c")));
    assert_true(json_read_text(&reader, &value));
    assert_true(text_equal(value, TEXT("d")));
    assert_false(json_next_member(&reader, &name));
    assert_true(json_finish(&reader));
    arena_destroy(arena);
}

/* ---- agent token ---- */

static void the_token_is_found_wherever_it_stands(void **state)
{
    static const struct text bodies[] = {
        TEXT("{\"agent_token\": \"agt_x\", \"queries\": []}"),
        TEXT("{\"queries\": [{\"agent_token\": \"agt_inner\"}], \"agent_token\": \"agt_x\"}"),
        TEXT("{\"queries\": {\"a\": \"\\\"agent_token\\\": \\\"agt_no\\\"\"}, \"agent\\u005Ftoken\": \"agt_x\"}"),
        /* The text after the token is not read. */
        TEXT("{\"agent_token\":\"agt_x\" broken"),
    };
    struct text token;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(wire_agent_token_find(bodies[i], &token, NULL), STATUS_OK);
        assert_true(text_equal(token, TEXT("agt_x")));
    }
}

static void a_body_without_a_token_is_told_from_a_broken_one(void **state)
{
    struct error error = {0};
    struct text token;

    (void)state;
    assert_int_equal(wire_agent_token_find(TEXT("{\"queries\": []}"), &token, &error), STATUS_UNAUTHENTICATED);
    assert_int_equal(wire_agent_token_find(TEXT("{\"agent_token\": 5}"), &token, &error), STATUS_UNAUTHENTICATED);
    assert_int_equal(wire_agent_token_find(TEXT("{\"agent_token\": null}"), &token, &error), STATUS_UNAUTHENTICATED);
    assert_int_equal(wire_agent_token_find(TEXT("{\"queries\": [}"), &token, &error), STATUS_MALFORMED);
    assert_int_equal(wire_agent_token_find(TEXT(""), &token, &error), STATUS_UNAUTHENTICATED);
    assert_int_equal(wire_agent_token_find(TEXT("[\"agent_token\"]"), &token, &error), STATUS_MALFORMED);
}

static void a_million_escaped_names_take_no_memory(void **state)
{
    static const char member[] = "\"\\n\":0,";
    size_t count = 1000000, size = 1 + count * (sizeof member - 1);
    char *body = malloc(size);
    struct text token;

    (void)state;
    assert_non_null(body);
    body[0] = '{';
    for (size_t i = 0; i < count; i++)
        memcpy(body + 1 + i * (sizeof member - 1), member, sizeof member - 1);
    assert_int_equal(wire_agent_token_find((struct text){body, size}, &token, NULL), STATUS_MALFORMED);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_json_is_taken),
        cmocka_unit_test(broken_json_is_refused),
        cmocka_unit_test(every_cut_of_a_document_is_refused),
        cmocka_unit_test(nesting_has_a_bound),
        cmocka_unit_test(a_lenient_reader_goes_on_after_what_is_wrong_within_a_value),
        cmocka_unit_test(what_is_no_character_is_read_as_its_replacement),
        cmocka_unit_test(a_lenient_reader_passes_over_what_is_nested_too_deep),
        cmocka_unit_test(escapes_become_what_they_mean),
        cmocka_unit_test(plain_text_is_not_copied),
        cmocka_unit_test(a_nul_is_reported),
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(integers_are_told_from_fractions),
        cmocka_unit_test(a_number_of_any_length_is_refused),
        cmocka_unit_test(an_error_says_where_it_is),
        cmocka_unit_test(members_come_one_by_one),
        cmocka_unit_test(the_token_is_found_wherever_it_stands),
        cmocka_unit_test(a_body_without_a_token_is_told_from_a_broken_one),
        cmocka_unit_test(a_million_escaped_names_take_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
