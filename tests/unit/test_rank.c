/* lib/store/read/rank.h: the first items by rank, compared with a complete sort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "store/read/rank.h"
#include "tests/unit/random.h"

enum { ITEMS_MAX = 300 };

static int by_rank(const void *one, const void *other)
{
    const struct ranked *a = one, *b = other;

    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->fingerprint_id != b->fingerprint_id)
        return a->fingerprint_id < b->fingerprint_id ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* Items with few different keys and ids, so that equal ones are frequent; `at` is different in each. */
static size_t make_items(struct ranked items[ITEMS_MAX])
{
    size_t count = random_below(ITEMS_MAX + 1);
    uint64_t keys = 1 + random_below(50), ids = 1 + random_below(50);

    for (size_t i = 0; i < count; i++)
        items[i] = (struct ranked){
            .key = (double)random_below(keys) / 4, .fingerprint_id = (uint32_t)(1 + random_below(ids)), .at = i};
    if (random_below(4) == 0) /* sorted already: the worst case of many quickselects */
        qsort(items, count, sizeof *items, by_rank);
    return count;
}

static void assert_first(const struct ranked *items, const struct ranked *sorted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(by_rank(&items[i], &sorted[i]), 0);
}

static void the_first_are_those_of_a_whole_sort(void **state)
{
    struct ranked items[ITEMS_MAX], sorted[ITEMS_MAX];

    (void)state;
    random_seed(4);
    for (int i = 0; i < 5000; i++) {
        size_t count = make_items(items), keep = random_below(ITEMS_MAX + 20), kept = keep < count ? keep : count;

        memcpy(sorted, items, count * sizeof *items);
        qsort(sorted, count, sizeof *sorted, by_rank);
        rank_first(items, count, keep);
        assert_first(items, sorted, kept);
        /* The other items are still there. */
        qsort(items, count, sizeof *items, by_rank);
        assert_first(items, sorted, count);
    }
}

static void pages_one_after_another_are_the_whole_in_order(void **state)
{
    struct ranked items[ITEMS_MAX], sorted[ITEMS_MAX], page[ITEMS_MAX];

    (void)state;
    random_seed(5);
    for (int i = 0; i < 1000; i++) {
        size_t count = make_items(items), seen = 0, rows;
        int limit = 1 + (int)random_below(40);
        bool has_more = true;

        memcpy(sorted, items, count * sizeof *items);
        qsort(sorted, count, sizeof *sorted, by_rank);
        while (has_more) {
            memcpy(page, items, count * sizeof *items);
            rows = rank_cut(page, count, seen == 0 ? NULL : &sorted[seen], limit, &has_more);
            assert_true(rows <= (size_t)limit && seen + rows <= count);
            assert_first(page, sorted + seen, rows);
            seen += rows;
            assert_int_equal(has_more, seen < count);
        }
        assert_int_equal(seen, count);
    }
}

static void a_page_begins_after_a_row_that_has_gone(void **state)
{
    struct ranked items[] = {{5, 1, 0}, {3, 2, 1}, {3, 7, 2}, {1, 4, 3}};
    const struct ranked gone = {3, 5, 0};
    bool has_more = true;

    (void)state;
    assert_int_equal(rank_cut(items, 4, &gone, 10, &has_more), 2);
    assert_false(has_more);
    assert_int_equal(items[0].fingerprint_id, 7);
    assert_int_equal(items[1].fingerprint_id, 4);
}

static void equal_and_sorted_keys_take_no_longer(void **state)
{
    enum { MANY = 1000 * 1000 };
    struct ranked *items = calloc(MANY, sizeof *items);

    (void)state;
    assert_non_null(items);
    for (int shape = 0; shape < 3; shape++) {
        for (size_t i = 0; i < MANY; i++)
            items[i] = (struct ranked){.key = shape == 0 ? 1 : shape == 1 ? (double)i : (double)(MANY - i), .at = i};
        rank_first(items, MANY, 50);
        for (size_t i = 1; i < 50; i++)
            assert_true(by_rank(&items[i - 1], &items[i]) < 0);
    }
    free(items);
}

static void the_order_of_adding_up_does_not_change_a_key(void **state)
{
    (void)state;
    random_seed(6);
    for (int i = 0; i < 2000; i++) {
        double values_ms[64], forward_ms = 0, backward_ms = 0;

        for (int k = 0; k < 64; k++) /* whole microseconds, as samples have them */
            values_ms[k] = (double)random_below(100000000) / 1000;
        for (int k = 0; k < 64; k++) {
            forward_ms += values_ms[k];
            backward_ms += values_ms[63 - k];
        }
        assert_true(rank_us(forward_ms) == rank_us(backward_ms));
        assert_true(fabs(rank_us(forward_ms) - forward_ms * 1000) <= 0.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_are_those_of_a_whole_sort),
        cmocka_unit_test(pages_one_after_another_are_the_whole_in_order),
        cmocka_unit_test(a_page_begins_after_a_row_that_has_gone),
        cmocka_unit_test(equal_and_sorted_keys_take_no_longer),
        cmocka_unit_test(the_order_of_adding_up_does_not_change_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
