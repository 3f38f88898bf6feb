/* fcgi/request/cursor.h: positions that a list gives out and takes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/encode.h"
#include "fcgi/request/cursor.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/random.h"

static enum status take(struct text value, const char *list, int number_count, struct cursor *out)
{
    struct request request = {.arena = arena, .query = {{TEXT("cursor"), value}}, .query_count = 1};
    bool is_given = false;

    return cursor_read(&request, list, number_count, out, &is_given, NULL);
}

static void an_absent_cursor_is_not_given(void **state)
{
    struct request request = {.arena = arena};
    struct cursor cursor = {.number_count = 7};
    bool is_given = true;

    (void)state;
    assert_int_equal(cursor_read(&request, "audit", 1, &cursor, &is_given, NULL), STATUS_OK);
    assert_false(is_given);
    assert_int_equal(cursor.number_count, 7);
}

static struct cursor random_cursor(void)
{
    struct cursor cursor = {.number_count = (int)random_below(CURSOR_NUMBERS_MAX + 1)};
    char *text = arena_alloc(arena, CURSOR_TEXT_BYTES_MAX);

    for (int i = 0; i < cursor.number_count; i++)
        cursor.numbers[i] = (int64_t)(random_below(1u << 31) << 33 ^ random_below(UINT64_MAX));
    cursor.text = (struct text){text, random_below(4) == 0 ? CURSOR_TEXT_BYTES_MAX : random_below(30)};
    for (size_t i = 0; i < cursor.text.size; i++)
        text[i] = (char)(1 + random_below(127));
    return cursor;
}

static void a_written_cursor_is_read(void **state)
{
    (void)state;
    random_seed(10);
    for (int i = 0; i < 3000; i++) {
        struct cursor cursor = random_cursor(), read = {0};
        struct text value = cursor_write("users", &cursor, arena);

        assert_int_equal(take(value, "users", cursor.number_count, &read), STATUS_OK);
        assert_int_equal(read.number_count, cursor.number_count);
        assert_memory_equal(read.numbers, cursor.numbers, sizeof read.numbers);
        assert_true(text_equal(read.text, cursor.text));
        /* The same position is the same cursor. */
        assert_true(text_equal(cursor_write("users", &read, arena), value));
        arena_reset(arena);
    }
}

static void a_cursor_belongs_to_one_list_and_one_count_of_numbers(void **state)
{
    struct cursor cursor = {.number_count = 2, .numbers = {1, 2}}, read = {0};
    struct text value = cursor_write("users", &cursor, arena);

    (void)state;
    assert_int_equal(take(value, "user", 2, &read), STATUS_MALFORMED);
    assert_int_equal(take(value, "users:-name", 2, &read), STATUS_MALFORMED);
    for (int count = 0; count <= CURSOR_NUMBERS_MAX; count++)
        assert_int_equal(take(value, "users", count, &read), count == 2 ? STATUS_OK : STATUS_MALFORMED);
}

static void a_cursor_changed_in_any_byte_is_refused(void **state)
{
    static const char others[] = "Aa0-_=+/ %";
    struct cursor cursor = {.number_count = 1, .numbers = {INT64_C(1767225600000000)}, .text = TEXT("shop")},
                  read = {0};
    struct text value = cursor_write("users", &cursor, arena);

    (void)state;
    for (size_t at = 0; at < value.size; at++) {
        char *changed = arena_string(arena, value.data, value.size);

        for (size_t k = 0; k < sizeof others - 1; k++) {
            changed[at] = others[k];
            assert_int_equal(take(text_of(changed), "users", 1, &read),
                             others[k] == value.data[at] ? STATUS_OK : STATUS_MALFORMED);
        }
        assert_int_equal(take((struct text){value.data, at}, "users", 1, &read), STATUS_MALFORMED);
    }
    assert_int_equal(take(text_of(arena_printf(arena, "%sAAAA", value.data)), "users", 1, &read), STATUS_MALFORMED);
}

/* A forged cursor: the check has no secret, so it finds mistakes but stops no attacker. */
static struct text forged(const char *list, const char *bytes, size_t size)
{
    char *both = arena_printf(arena, "%s%*s", list, (int)size + 1, ""), *whole = arena_alloc(arena, 4 + size);
    unsigned char digest[CRYPTO_SHA256_BYTES];

    both[strlen(list)] = '\0';
    memcpy(both + strlen(list) + 1, bytes, size);
    assert_int_equal(crypto_sha256((struct text){both, strlen(list) + 1 + size}, digest, NULL), STATUS_OK);
    memcpy(whole, digest, 4);
    memcpy(whole + 4, bytes, size);
    return crypto_base64url((struct text){whole, 4 + size}, arena);
}

static void a_forged_cursor_keeps_the_bounds_of_a_written_one(void **state)
{
    char bytes[2 + CURSOR_TEXT_BYTES_MAX + 1] = {1, 0};
    struct cursor read = {0};

    (void)state;
    memset(bytes + 2, 'x', sizeof bytes - 2);
    assert_int_equal(take(forged("users", bytes, sizeof bytes - 1), "users", 0, &read), STATUS_OK);
    assert_int_equal(read.text.size, CURSOR_TEXT_BYTES_MAX);
    assert_int_equal(take(forged("users", bytes, sizeof bytes), "users", 0, &read), STATUS_MALFORMED);
    assert_int_equal(take(forged("users", "\1\0\xff", 3), "users", 0, &read), STATUS_MALFORMED);
    assert_int_equal(take(forged("users", "\1\0a\0b", 5), "users", 0, &read), STATUS_MALFORMED);
    assert_int_equal(take(forged("users", "\2\0", 2), "users", 0, &read), STATUS_MALFORMED);
    assert_int_equal(take(forged("users", "\1\1\0\0\0\0\0\0\0", 9), "users", 1, &read), STATUS_MALFORMED);
}

static void numbers_with_a_fraction_come_back_as_they_were(void **state)
{
    static const double values[] = {0, -0.0, 1.5, -1e300, 5e-324, DBL_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct cursor cursor = {.number_count = 1, .numbers = {cursor_from_double(values[i])}}, read = {0};

        assert_int_equal(take(cursor_write("users", &cursor, arena), "users", 1, &read), STATUS_OK);
        assert_true(cursor_to_double(read.numbers[0]) == values[i]);
    }
}

static void times_of_rows_lie_in_the_years_1_to_9999(void **state)
{
    int64_t time_us;

    (void)state;
    assert_true(cursor_is_time(0));
    assert_true(clock_parse(TEXT("9999-12-31T23:59:59.999999Z"), false, &time_us) && cursor_is_time(time_us));
    assert_false(cursor_is_time(time_us + 1));
    assert_true(clock_parse(TEXT("0001-01-01T00:00:00Z"), false, &time_us) && !cursor_is_time(time_us - 1));
    assert_false(cursor_is_time(INT64_MIN));
    assert_false(cursor_is_time(INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_cursor_is_not_given),
        cmocka_unit_test(a_written_cursor_is_read),
        cmocka_unit_test(a_cursor_belongs_to_one_list_and_one_count_of_numbers),
        cmocka_unit_test(a_cursor_changed_in_any_byte_is_refused),
        cmocka_unit_test(a_forged_cursor_keeps_the_bounds_of_a_written_one),
        cmocka_unit_test(numbers_with_a_fraction_come_back_as_they_were),
        cmocka_unit_test(times_of_rows_lie_in_the_years_1_to_9999),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
