/* lib/facts: provenances have one table each, and a connection's statements one way to a fingerprint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "facts/facts.h"

static void a_sample_says_who_saw_it(void **state)
{
    (void)state;
    assert_string_equal(sample_provenance_name(SAMPLE_PROVENANCE_AGENT), "agent");
    assert_string_equal(sample_provenance_name(SAMPLE_PROVENANCE_SLOW_LOG), "slow_log");
    assert_string_equal(sample_provenance_name(SAMPLE_PROVENANCE_ACTIVE_SESSION), "active_session");
    assert_string_equal(sample_provenance_name(SAMPLE_PROVENANCE_LEGACY), "legacy");
    assert_string_equal(sample_provenance_label(SAMPLE_PROVENANCE_ACTIVE_SESSION), "seen running");
}

static void a_number_that_is_no_provenance_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(sample_provenance_name(SAMPLE_PROVENANCE_UNSET), "unknown");
    assert_string_equal(sample_provenance_name((enum sample_provenance)5), "unknown");
    assert_string_equal(sample_provenance_name((enum sample_provenance) - 1), "unknown");
}

static void a_plans_provenance_is_read_as_it_is_written(void **state)
{
    (void)state;
    for (int i = PLAN_PROVENANCE_EXPLAIN; i <= PLAN_PROVENANCE_LOG; i++)
        assert_int_equal(plan_provenance_of(text_of(plan_provenance_name((enum plan_provenance)i))), i);
    assert_int_equal(plan_provenance_of(TEXT("unknown")), PLAN_PROVENANCE_UNSET);
    assert_int_equal(plan_provenance_of((struct text){NULL, 0}), PLAN_PROVENANCE_UNSET);
}

static void a_reason_for_no_plan_is_read_as_it_is_written(void **state)
{
    (void)state;
    for (int i = PLAN_REFUSAL_UNSET + 1; i < PLAN_REFUSAL_COUNT; i++) {
        assert_int_equal(plan_refusal_of(text_of(plan_refusal_name((enum plan_refusal)i))), i);
        assert_true(strlen(plan_refusal_sentence((enum plan_refusal)i)) > 0);
    }
    assert_int_equal(plan_refusal_of(TEXT("")), PLAN_REFUSAL_UNSET);
    assert_int_equal(plan_refusal_of(TEXT("because")), PLAN_REFUSAL_UNSET);
}

static void a_code_is_five_capitals_and_digits_at_most(void **state)
{
    (void)state;
    assert_true(plan_refusal_is_code(TEXT("42P18")) && plan_refusal_is_code(TEXT("1146")));
    assert_true(plan_refusal_is_code((struct text){NULL, 0}));
    assert_false(plan_refusal_is_code(TEXT("42p18")));
    assert_false(plan_refusal_is_code(TEXT("42P180")));
    assert_false(plan_refusal_is_code(TEXT("'a'")));
}

static void a_fingerprint_says_less_where_literals_are_not_kept(void **state)
{
    struct arena *arena = arena_new(0);
    struct statement_rules rules = {.engine = TEXT("oracle"), .keeps_literals = true};
    struct text sql = TEXT("SELECT q'[it's secret]' FROM dual");

    (void)state;
    assert_non_null(memmem(statement_fingerprint(&rules, sql, arena).text.data,
                           statement_fingerprint(&rules, sql, arena).text.size, "secret", 6));
    rules.keeps_literals = false;
    assert_null(memmem(statement_fingerprint(&rules, sql, arena).text.data,
                       statement_fingerprint(&rules, sql, arena).text.size, "secret", 6));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_says_who_saw_it),
        cmocka_unit_test(a_number_that_is_no_provenance_is_unknown),
        cmocka_unit_test(a_plans_provenance_is_read_as_it_is_written),
        cmocka_unit_test(a_reason_for_no_plan_is_read_as_it_is_written),
        cmocka_unit_test(a_code_is_five_capitals_and_digits_at_most),
        cmocka_unit_test(a_fingerprint_says_less_where_literals_are_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
