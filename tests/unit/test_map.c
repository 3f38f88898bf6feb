/* The small hash map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"

struct look_up {
    const int64_t *keys;
    int64_t key;
};

static bool is_key(const void *context, uint32_t index)
{
    const struct look_up *look_up = context;

    return look_up->keys[index] == look_up->key;
}

/* Add each key twice, in two orders; hash_of decides how well the keys are spread. */
static void check(size_t max_count, uint64_t (*hash_of)(int64_t key))
{
    struct arena *arena = arena_new(0);
    struct map map = map_new(max_count, arena);
    int64_t *keys = arena_alloc_array(arena, max_count + 1, sizeof *keys);
    uint32_t count = 0;

    for (size_t i = 0; i < max_count * 2; i++) {
        int64_t key = (int64_t)((i * 7919) % max_count) * 1000;
        uint32_t index = map_add(&map, hash_of(key), is_key, &(struct look_up){keys, key}, count);

        assert_true(index <= count);
        if (index == count)
            keys[count++] = key;
        assert_int_equal(keys[index], key);
    }
    assert_int_equal(count, max_count);
    assert_int_equal(map.count, max_count);
    assert_true(max_count * 2 <= map.mask + 1);
    arena_destroy(arena);
}

static uint64_t spread(int64_t key)
{
    return (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t all_the_same(int64_t key)
{
    (void)key;
    return UINT64_MAX;
}

static void a_key_keeps_its_index(void **state)
{
    static const size_t counts[] = {1, 2, 7, 8, 9, 100, 1000, 4096};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        check(counts[i], spread);
}

static void keys_of_one_hash_are_told_apart(void **state)
{
    (void)state;
    check(300, all_the_same);
}

static void a_map_of_nothing_can_be_made(void **state)
{
    struct arena *arena = arena_new(0);
    struct map map = map_new(0, arena);

    (void)state;
    assert_int_equal(map.count, 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_keeps_its_index),
        cmocka_unit_test(keys_of_one_hash_are_told_apart),
        cmocka_unit_test(a_map_of_nothing_can_be_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
