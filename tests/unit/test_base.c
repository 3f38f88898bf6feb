/* lib/base: texts, clocks, arenas, buffers, JSON output, settings, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/json_write.h"
#include "base/origin.h"
#include "base/text.h"

static void utf8_is_checked_by_the_letter_of_rfc_3629(void **state)
{
    static const struct {
        struct text text;
        size_t valid;
    } cases[] = {
        {TEXT(""), 0},
        {TEXT("plain ASCII that is longer than eight bytes"), 43},
        {TEXT("na\xC3\xAFve"), 6},
        {TEXT("\xE2\x82\xAC\xF0\x9F\x90\x92"), 7},
        {TEXT("abc\0def"), 3},
        {TEXT("12345678\0"), 8},
        {TEXT("1234567\x80"), 7},
        {TEXT("\xC0\xAF"), 0},         /* overlong */
        {TEXT("\xC1\xBF"), 0},         /* overlong */
        {TEXT("\xE0\x9F\xBF"), 0},     /* overlong */
        {TEXT("\xF0\x8F\xBF\xBF"), 0}, /* overlong */
        {TEXT("\xED\xA0\x80"), 0},     /* surrogate */
        {TEXT("\xED\x9F\xBF"), 3},
        {TEXT("\xF4\x8F\xBF\xBF"), 4}, /* U+10FFFF */
        {TEXT("\xF4\x90\x80\x80"), 0}, /* past it */
        {TEXT("\xF5\x80\x80\x80"), 0},
        {TEXT("ok\xE2\x82"), 2}, /* cut short */
        {TEXT("\xFF"), 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (text_valid_utf8(cases[i].text) != cases[i].valid)
            fail_msg("case %zu: %zu bytes valid, %zu expected", i, text_valid_utf8(cases[i].text), cases[i].valid);
}

static void bad_bytes_become_replacement_characters(void **state)
{
    struct arena *arena = arena_new(0);
    struct text good = TEXT("fine");
    struct text repaired = text_to_utf8(TEXT("a\xFF"
                                             "b\0c\xE2\x82"),
                                        arena);

    (void)state;
    assert_ptr_equal(text_to_utf8(good, arena).data, good.data);
    assert_true(text_equal(repaired, TEXT("a\xEF\xBF\xBD"
                                          "b\xEF\xBF\xBD"
                                          "c\xEF\xBF\xBD\xEF\xBF\xBD")));
    assert_int_equal(text_valid_utf8(repaired), repaired.size);
    arena_destroy(arena);
}

static void cutting_never_splits_a_character(void **state)
{
    struct text text = TEXT("a\xE2\x82\xACz");

    (void)state;
    assert_int_equal(text_cut_utf8(text, 0).size, 0);
    assert_int_equal(text_cut_utf8(text, 1).size, 1);
    assert_int_equal(text_cut_utf8(text, 2).size, 1);
    assert_int_equal(text_cut_utf8(text, 3).size, 1);
    assert_int_equal(text_cut_utf8(text, 4).size, 4);
    assert_int_equal(text_cut_utf8(text, 99).size, 5);
}

static void texts_end_and_compare_by_bytes(void **state)
{
    const struct text none = {NULL, 0};

    (void)state;
    assert_true(text_ends(TEXT("new_password"), TEXT("password")) && text_ends(TEXT("a"), none));
    assert_false(text_ends(TEXT("password"), TEXT("new_password")) || text_ends(none, TEXT("a")));
    assert_false(text_ends(TEXT("passwords"), TEXT("password")));
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0 && text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(none, none) == 0 && text_compare(none, TEXT("a")) < 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    int64_t whole = 7;
    double real = 7;

    (void)state;
    assert_true(text_to_int64(TEXT("-9223372036854775808"), &whole));
    assert_true(whole == INT64_MIN);
    assert_false(text_to_int64(TEXT("9223372036854775808"), &whole));
    assert_false(text_to_int64(TEXT(" 1"), &whole));
    assert_false(text_to_int64(TEXT("1 "), &whole));
    assert_false(text_to_int64(TEXT("+1"), &whole));
    assert_false(text_to_int64(TEXT("-"), &whole));
    assert_false(text_to_int64(TEXT("1\0"), &whole));
    assert_false(text_to_int64(TEXT(""), &whole));
    assert_true(text_to_double(TEXT("1250.5"), &real));
    assert_true(real == 1250.5);
    assert_true(text_to_double(TEXT("1e3"), &real));
    assert_false(text_to_double(TEXT("1e999"), &real));
    assert_false(text_to_double(TEXT("nan"), &real));
    assert_false(text_to_double(TEXT("inf"), &real));
    assert_false(text_to_double(TEXT("0x10"), &real));
    assert_false(text_to_double(TEXT("1,5"), &real));
}

static void splitting_returns_empty_pieces_too(void **state)
{
    struct text rest = TEXT("a,,b,");
    struct text piece;

    (void)state;
    assert_true(text_split(&rest, ',', &piece) && text_equal(piece, TEXT("a")));
    assert_true(text_split(&rest, ',', &piece) && text_equal(piece, TEXT("")));
    assert_true(text_split(&rest, ',', &piece) && text_equal(piece, TEXT("b")));
    assert_true(text_split(&rest, ',', &piece) && text_equal(piece, TEXT("")));
    assert_false(text_split(&rest, ',', &piece));
}

static void times_are_read_as_rfc_3339_says(void **state)
{
    static const struct {
        struct text text;
        bool is_offset_optional;
        int64_t time_us; /* INT64_MIN: refused */
    } cases[] = {
        {TEXT("1970-01-01T00:00:00Z"), false, 0},
        {TEXT("2025-11-02T10:30:00Z"), false, 1762079400000000},
        {TEXT("2025-11-02t10:30:00.5z"), false, 1762079400500000},
        {TEXT("2025-11-02T10:30:00.1234567Z"), false, 1762079400123456},
        {TEXT("2025-11-02T12:30:00+02:00"), false, 1762079400000000},
        {TEXT("2025-11-02 05:00:00-05:30"), false, 1762079400000000},
        {TEXT("2025-11-02T10:30:00"), true, 1762079400000000},
        {TEXT("2024-02-29T00:00:00Z"), false, 1709164800000000},
        {TEXT("2016-12-31T23:59:60Z"), false, 1483228800000000},
        {TEXT("1969-12-31T23:59:59.999999Z"), false, -1},
        {TEXT("0001-01-01T00:00:00Z"), false, -62135596800000000},
        {TEXT("9999-12-31T23:59:59Z"), false, 253402300799000000},
        {TEXT("2025-11-02T10:30:00"), false, INT64_MIN},
        {TEXT("2025-02-29T00:00:00Z"), false, INT64_MIN},
        {TEXT("1900-02-29T00:00:00Z"), false, INT64_MIN},
        {TEXT("2025-13-01T00:00:00Z"), false, INT64_MIN},
        {TEXT("2025-00-01T00:00:00Z"), false, INT64_MIN},
        {TEXT("0000-01-01T00:00:00Z"), false, INT64_MIN},
        {TEXT("2025-11-02T24:00:00Z"), false, INT64_MIN},
        {TEXT("2025-11-02T10:60:00Z"), false, INT64_MIN},
        {TEXT("2025-11-02T10:30:61Z"), false, INT64_MIN},
        {TEXT("2025-11-02T10:30:00+24:00"), false, INT64_MIN},
        {TEXT("2025-11-02T10:30:00.Z"), false, INT64_MIN},
        {TEXT("2025-11-02T10:30:00Zx"), false, INT64_MIN},
        {TEXT("2025-11-02"), true, INT64_MIN},
        {TEXT("0001-01-01T02:00:00+02:00"), false, -62135596800000000},
        {TEXT("0001-01-01T01:59:59+02:00"), false, INT64_MIN},
        {TEXT("9999-12-31T23:59:59-00:01"), false, INT64_MIN},
        {TEXT("9999-12-31T23:59:60Z"), false, INT64_MIN},
        {TEXT(""), true, INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time_us = INT64_MIN;
        bool is_read = clock_parse(cases[i].text, cases[i].is_offset_optional, &time_us);

        if (is_read != (cases[i].time_us != INT64_MIN) || time_us != cases[i].time_us)
            fail_msg("case %zu: %lld", i, (long long)time_us);
    }
}

static void times_are_written_as_they_are_read(void **state)
{
    char text[CLOCK_RFC3339_BYTES];
    uint64_t seed = 42;

    (void)state;
    assert_string_equal(clock_format(1762079400000000, text), "2025-11-02T10:30:00Z");
    assert_string_equal(clock_format(1762079400000001, text), "2025-11-02T10:30:00.000001Z");
    assert_string_equal(clock_format(-1, text), "1969-12-31T23:59:59.999999Z");
    for (int i = 0; i < 20000; i++) {
        int64_t time_us, again_us;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        time_us = (int64_t)(seed >> 8) % 315537897599000000 - 62135596800000000;
        assert_true(clock_parse(text_of(clock_format(time_us, text)), false, &again_us));
        assert_true(time_us == again_us);
    }
}

static void note_cleanup(void *thing)
{
    int **order = thing;

    *(*order)++ = 1;
}

static void an_arena_runs_its_cleanups_and_is_usable_again(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    int ran[2] = {0};
    int *next = ran;

    (void)state;
    for (int round = 0; round < 3; round++) {
        char *large = arena_alloc(arena, 200000);

        memset(large, 'x', 200000);
        assert_int_equal((uintptr_t)arena_alloc(arena, 1) % 16, 0);
        assert_string_equal(arena_printf(arena, "%d-%s", 5, "five"), "5-five");
        assert_true(arena_used(arena) >= 200000);
        if (round == 0)
            arena_defer(arena, note_cleanup, &next);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    assert_int_equal(ran[0], 1);
    assert_int_equal(ran[1], 0);
    arena_destroy(arena);
    arena_destroy(NULL);
}

static void a_buffer_stops_at_its_maximum_and_says_so(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 300);
    for (int i = 0; i < 300; i++)
        buffer_append_byte(&buffer, 'x');
    assert_false(buffer.has_failed);
    assert_int_equal(buffer.size_bytes, 300);
    buffer_append_byte(&buffer, 'y');
    assert_true(buffer.has_failed);
    buffer_append_string(&buffer, "z");
    assert_int_equal(buffer.size_bytes, 300);
    buffer_clear(&buffer);
    buffer_printf(&buffer, "%s %d", "again", 1);
    assert_true(text_equal(buffer_text(&buffer), TEXT("again 1")));
    buffer_free(&buffer);
}

static void written_json_is_what_was_meant(void **state)
{
    struct buffer buffer;
    struct json_writer json;

    (void)state;
    buffer_init(&buffer, 4096);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "list");
    json_array_begin(&json);
    json_int64(&json, INT64_MIN);
    json_int64(&json, 0);
    json_double(&json, 1250.5);
    json_double(&json, -0.007);
    json_double(&json, 1e300);
    json_double(&json, 0.1 + 0.2);
    json_double(&json, NAN);
    json_bool(&json, true);
    json_time(&json, 0);
    json_array_begin(&json);
    json_array_end(&json);
    json_array_end(&json);
    json_member_text(&json, "text", TEXT("\"</script>\\\n\x01\x7F\0\xFF\xC3\xA9\xE2\x80\xA8&"));
    json_member_string(&json, "none", NULL);
    json_object_end(&json);
    assert_false(buffer.has_failed);
    buffer_append_byte(&buffer, '\0');
    assert_string_equal(
        buffer.data,
        "{\"list\":[-9223372036854775808,0,1250.5,-0.007,1e+300,0.30000000000000004,null,true,"
        "\"1970-01-01T00:00:00Z\",[]],"
        "\"text\":\"\\\"\\u003c/script\\u003e\\\\\\n\\u0001\\u007f\\u0000\xEF\xBF\xBD\xC3\xA9\\u2028\\u0026\","
        "\"none\":null}");
    buffer_free(&buffer);
}

static void doubles_read_back_as_they_were(void **state)
{
    uint64_t seed = 7;
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 4096);
    for (int i = 0; i < 50000; i++) {
        struct json_writer json;
        double value;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &seed, sizeof value);
        if (i % 2 == 0)
            value = (double)(int64_t)(seed >> 20) / (i % 4 == 0 ? 1000 : 1000000);
        if (!isfinite(value))
            continue;
        buffer_clear(&buffer);
        json_writer_init(&json, &buffer);
        json_double(&json, value);
        buffer_append_byte(&buffer, '\0');
        if (strtod(buffer.data, NULL) != value)
            fail_msg("%.17g became %s", value, buffer.data);
    }
    buffer_free(&buffer);
}

static void a_bad_setting_is_named_and_nothing_is_read(void **state)
{
    struct config config = {.workers = -1};
    struct error error = {0};

    (void)state;
    setenv("POTTO_WORKERS", "many", 1);
    setenv("POTTO_COLLECTOR_THREADS", "0", 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, &error), STATUS_INVALID);
    assert_int_equal(error.field_count, 2);
    assert_string_equal(error.fields[0].field, "POTTO_WORKERS");
    assert_int_equal(config.workers, -1);
    setenv("POTTO_WORKERS", "3", 1);
    unsetenv("POTTO_COLLECTOR_THREADS");
    error = (struct error){0};
    assert_int_equal(config_read(CONFIG_FCGI, &config, &error), STATUS_OK);
    assert_int_equal(config.workers, 3);
    assert_int_equal(config.collector_threads, 4);
    unsetenv("POTTO_WORKERS");
}

static void secrets_of_other_programs_are_not_read_but_named(void **state)
{
    struct config config;

    (void)state;
    setenv("DATABASE_URL", "api", 1);
    setenv("POTTO_OWNER_DATABASE_URL", "owner", 1);
    setenv("JWT_SECRET", "jwt", 1);
    setenv("ENCRYPTION_KEY", "key", 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, NULL), STATUS_OK);
    assert_null(config.store_owner_url);
    assert_string_equal(config.store_url, "api");
    assert_string_equal(config.foreign_secrets, "POTTO_OWNER_DATABASE_URL");
    assert_int_equal(config_read(CONFIG_COLLECTOR, &config, NULL), STATUS_OK);
    assert_null(config.jwt_secret);
    assert_string_equal(config.encryption_key, "key");
    assert_string_equal(config.foreign_secrets, "DATABASE_URL, JWT_SECRET");
    unsetenv("DATABASE_URL");
    unsetenv("POTTO_OWNER_DATABASE_URL");
    unsetenv("JWT_SECRET");
    assert_int_equal(config_read(CONFIG_CLI, &config, NULL), STATUS_OK);
    assert_string_equal(config.foreign_secrets, "");
    unsetenv("ENCRYPTION_KEY");
}

static void settings_of_predecessors_are_understood_or_refused_in_words(void **state)
{
    static const struct {
        const char *name, *value;
        enum config_program program;
        const char *problem; /* a part of it; NULL: it is taken */
    } cases[] = {
        {"SECRET_KEY", "0123", CONFIG_FCGI, NULL},
        {"MONITORING_ENABLED", "False", CONFIG_COLLECTOR, NULL},
        {"MONITORING_ENABLED", "maybe", CONFIG_COLLECTOR, "must be true or false"},
        {"MONITORING_INTERVAL_MINUTES", "60", CONFIG_FCGI, NULL},
        {"MONITORING_INTERVAL_MINUTES", "0", CONFIG_FCGI, "from 1 to 1440 (minutes)"},
        {"MAX_QUERIES_PER_POLL", "100", CONFIG_COLLECTOR, "has nothing that it could limit"},
        {"MAX_QUERIES_PER_POLL", "100", CONFIG_CLI, NULL},
        {"OLLAMA_BASE_URL", "http://192.168.1.81:11434", CONFIG_FCGI, NULL},
        {"OLLAMA_BASE_URL", "192.168.1.81:11434", CONFIG_FCGI, "http://127.0.0.1:11434"},
        {"OLLAMA_BASE_URL", "http://a b", CONFIG_FCGI, "without blanks"},
        {"OLLAMA_MODEL", "sqlcoder:latest", CONFIG_FCGI, NULL},
        {"OLLAMA_TIMEOUT", "300", CONFIG_FCGI, NULL},
        {"OLLAMA_TIMEOUT", "5m", CONFIG_FCGI, "from 1 to 3600 (s)"},
        {"DATABASE_URL", "sqlite:///./app/db/observability.db", CONFIG_FCGI, "nothing in SQLite"},
        {"DATABASE_URL", "mysql://root@localhost/db", CONFIG_FCGI, "must be an address of PostgreSQL"},
        {"DATABASE_URL", "postgresql+asyncpg://a@b/c", CONFIG_FCGI, "must be an address of PostgreSQL"},
        {"DATABASE_URL", "postgres://a@b/c", CONFIG_FCGI, NULL},
        {"DATABASE_URL", "host=/run port=5440 dbname=potto", CONFIG_FCGI, NULL},
        {"DATABASE_URL", "sqlite:///a.db", CONFIG_COLLECTOR, NULL}, /* not read there, but named as ignored */
        {"POTTO_OWNER_DATABASE_URL", "sqlite:///a.db", CONFIG_COLLECTOR, "nothing in SQLite"},
        {"POTTO_CORS_ORIGINS", "*", CONFIG_FCGI, NULL},
        {"POTTO_CORS_ORIGINS", "*, https://app.example.com", CONFIG_FCGI, "must be * alone"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config;
        struct error error = {0};
        enum status status;

        setenv(cases[i].name, cases[i].value, 1);
        status = config_read(cases[i].program, &config, &error);
        unsetenv(cases[i].name);
        if (cases[i].problem == NULL) {
            assert_int_equal(status, STATUS_OK);
            continue;
        }
        assert_int_equal(status, STATUS_INVALID);
        assert_int_equal(error.field_count, 1);
        assert_string_equal(error.fields[0].field, cases[i].name);
        assert_non_null(strstr(error.fields[0].message, cases[i].problem));
    }
}

static void a_setting_and_its_alias_may_not_differ(void **state)
{
    struct config config;
    struct error error = {0};

    (void)state;
    setenv("SECRET_KEY", "one", 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, NULL), STATUS_OK);
    assert_string_equal(config.jwt_secret, "one");
    assert_int_equal(config_read(CONFIG_COLLECTOR, &config, NULL), STATUS_OK);
    assert_string_equal(config.foreign_secrets, "SECRET_KEY");
    setenv("JWT_SECRET", "one", 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, NULL), STATUS_OK);
    setenv("JWT_SECRET", "two", 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, &error), STATUS_INVALID);
    assert_string_equal(error.fields[0].field, "JWT_SECRET");
    assert_non_null(strstr(error.fields[0].message, "SECRET_KEY are both set, and differ"));
    unsetenv("SECRET_KEY");
    unsetenv("JWT_SECRET");
}

static void origins_are_found_as_browsers_write_them(void **state)
{
    static const char *const bad[] = {"",
                                      "app.example.com",
                                      "https://",
                                      "https://App.example.com",
                                      "https://app.example.com/",
                                      "https://app.example.com:443",
                                      "http://localhost:80",
                                      "https://a.example,",
                                      "ftp://a.example",
                                      "null",
                                      "https://a.example https://b.example",
                                      "https://a.example\r\nX: y"};
    static const char list[] = "https://app.example.com, http://localhost:3000";

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(origins_check(bad[i]));
    assert_null(origins_check(list));
    assert_null(origins_check(" * "));
    assert_true(text_equal(origins_find(list, TEXT("http://localhost:3000")), TEXT("http://localhost:3000")));
    assert_null(origins_find(list, TEXT("http://localhost")).data);
    assert_null(origins_find(list, TEXT("https://app.example.com.evil.example")).data);
    assert_null(origins_find(list, TEXT("")).data);
    assert_null(origins_find("*", TEXT("")).data);
    assert_true(text_equal(origins_find(" *", TEXT("null")), TEXT("*")));
}

static void lines_of_a_settings_file_end_with_lf_or_crlf(void **state)
{
    static const char text[] = "POTTO_WORKERS=2\r\nPOTTO_SOCKET=/run/a\rPOTTO_WORKERS=3\nPOTTO_LOG_LEVEL=warn\r";
    char path[] = "/tmp/potto-test-XXXXXX";
    struct config config = {.workers = -1};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
    setenv("POTTO_ENV_FILE", path, 1);
    assert_int_equal(config_read(CONFIG_FCGI, &config, NULL), STATUS_OK);
    assert_int_equal(config.workers, 2);
    assert_string_equal(config.socket_path, "/run/a\rPOTTO_WORKERS=3");
    assert_string_equal(config.log_level, "warn");
    unsetenv("POTTO_ENV_FILE");
    close(fd);
    unlink(path);
}

static void errors_cut_long_texts_and_count_fields(void **state)
{
    struct error error = {0};
    char long_text[5000];

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(error_set(&error, STATUS_ABSENT, "%s", long_text), STATUS_ABSENT);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(error_field(&error, long_text, "%s", long_text), STATUS_INVALID);
    assert_int_equal(error.field_count, ERROR_FIELD_MAX);
    assert_int_equal(error_set(NULL, STATUS_CONFLICT, "nobody reads this"), STATUS_CONFLICT);
    assert_int_equal(status_http_code(STATUS_THROTTLED), 429);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_checked_by_the_letter_of_rfc_3629),
        cmocka_unit_test(bad_bytes_become_replacement_characters),
        cmocka_unit_test(cutting_never_splits_a_character),
        cmocka_unit_test(texts_end_and_compare_by_bytes),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(splitting_returns_empty_pieces_too),
        cmocka_unit_test(times_are_read_as_rfc_3339_says),
        cmocka_unit_test(times_are_written_as_they_are_read),
        cmocka_unit_test(an_arena_runs_its_cleanups_and_is_usable_again),
        cmocka_unit_test(a_buffer_stops_at_its_maximum_and_says_so),
        cmocka_unit_test(written_json_is_what_was_meant),
        cmocka_unit_test(doubles_read_back_as_they_were),
        cmocka_unit_test(a_bad_setting_is_named_and_nothing_is_read),
        cmocka_unit_test(secrets_of_other_programs_are_not_read_but_named),
        cmocka_unit_test(settings_of_predecessors_are_understood_or_refused_in_words),
        cmocka_unit_test(a_setting_and_its_alias_may_not_differ),
        cmocka_unit_test(origins_are_found_as_browsers_write_them),
        cmocka_unit_test(lines_of_a_settings_file_end_with_lf_or_crlf),
        cmocka_unit_test(errors_cut_long_texts_and_count_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
