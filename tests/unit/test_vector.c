/* Arrays that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/vector.h"

static void a_vector_keeps_its_elements_as_it_grows(void **state)
{
    struct arena *arena = arena_new(0);
    VECTOR(struct { int64_t value; }) vector = {0};

    (void)state;
    for (int64_t i = 0; i < 1000; i++)
        vector_push(&vector, arena)->value = i;
    assert_int_equal(vector.count, 1000);
    assert_true(vector.capacity >= vector.count);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(vector.items[i].value, i);
    arena_destroy(arena);
}

static void a_vector_holds_its_maximum_and_no_more(void **state)
{
    static const size_t maxima[] = {0, 1, 7, 8, 9, 15, 16, 17, 100};
    struct arena *arena = arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        VECTOR(char) vector = {0};
        size_t added = 0;

        for (int tries = 0; tries < 200; tries++)
            if (vector_add(&vector, maxima[i], arena) != NULL)
                added++;
        assert_int_equal(added, maxima[i]);
        assert_int_equal(vector.count, maxima[i]);
        assert_true(vector.capacity <= maxima[i]);
    }
    arena_destroy(arena);
}

static void outgrown_arrays_take_less_than_the_last_one(void **state)
{
    struct arena *arena = arena_new(0);
    VECTOR(int64_t) vector = {0};

    (void)state;
    while (vector.count < 4096)
        *vector_add(&vector, 4096, arena) = 1;
    assert_true(arena_used(arena) < 2 * 4096 * sizeof(int64_t));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_keeps_its_elements_as_it_grows),
        cmocka_unit_test(a_vector_holds_its_maximum_and_no_more),
        cmocka_unit_test(outgrown_arrays_take_less_than_the_last_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
