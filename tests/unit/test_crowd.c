/* fcgi/request/crowd.h. One process plays all workers, but where they die. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fcgi/request/crowd.h"

static const struct crowd_bounds usual = {0};

static struct crowd_answer ask(size_t slot, const struct crowd_caller *caller, bool can_hurry)
{
    crowd_use_slot(slot);
    return crowd_enter(caller, &usual, can_hurry);
}

static enum crowd_verdict enter(size_t slot, int64_t user_id, int64_t organization_id)
{
    return ask(slot, &(struct crowd_caller){CROWD_USER, user_id, organization_id}, true).verdict;
}

static void leave(size_t slot)
{
    crowd_use_slot(slot);
    crowd_leave();
}

/* CROWD_HURRY, or CROWD_REFUSE where this test was stopped for long. */
static bool is_over(enum crowd_verdict verdict)
{
    return verdict == CROWD_HURRY || verdict == CROWD_REFUSE;
}

static void a_caller_has_half_of_the_workers(void **state)
{
    static const size_t maxima[][2] = {{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {8, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        size_t workers = maxima[i][0], max = maxima[i][1];

        crowd_create(workers);
        for (size_t slot = 0; slot < workers; slot++)
            assert_true(slot < max ? enter(slot, 7, 1) == CROWD_RUN : is_over(enter(slot, 7, 1)));
        leave(0);
        assert_int_equal(enter(0, 7, 1), CROWD_RUN);
    }
}

static void an_organization_has_three_quarters_while_there_are_others(void **state)
{
    (void)state;
    crowd_create(4);
    for (size_t slot = 0; slot < 4; slot++)
        assert_int_equal(enter(slot, (int64_t)slot + 1, 1), CROWD_RUN); /* alone */
    leave(3);
    assert_int_equal(enter(3, 9, 2), CROWD_RUN);
    leave(3);
    assert_true(is_over(enter(3, 4, 1)));
    leave(3);
    assert_int_equal(enter(3, 9, 2), CROWD_RUN);
}

static void what_is_over_a_bound_may_hurry_until_the_others_are_slow(void **state)
{
    enum crowd_verdict verdict;
    int64_t young_us;

    (void)state;
    do {
        crowd_create(3);
        young_us = clock_monotonic_us() + CROWD_QUICK_US;
        enter(0, 7, 1);
        enter(1, 7, 1);
        verdict = enter(2, 7, 1);
    } while (clock_monotonic_us() >= young_us);
    assert_int_equal(verdict, CROWD_HURRY);
    while (enter(2, 7, 1) == CROWD_HURRY)
        usleep(1000);
    assert_true(clock_monotonic_us() >= young_us);
    assert_int_equal(enter(2, 7, 1), CROWD_REFUSE);
    assert_int_equal(enter(2, 8, 1), CROWD_RUN);
    leave(0);
    assert_int_equal(enter(0, 7, 1), CROWD_RUN);
}

static void what_is_over_a_bound_may_hurry_while_another_worker_is_free(void **state)
{
    (void)state;
    crowd_create(4);
    enter(0, 7, 1);
    enter(1, 7, 1);
    usleep(CROWD_QUICK_US + 1000);
    assert_int_equal(enter(2, 7, 1), CROWD_HURRY);
    assert_int_equal(enter(3, 7, 1), CROWD_REFUSE);
    assert_int_equal(enter(3, 8, 1), CROWD_RUN);
    assert_int_equal(enter(2, 7, 1), CROWD_REFUSE);
}

static void users_agents_and_networks_with_one_number_are_different_callers(void **state)
{
    (void)state;
    crowd_create(4);
    for (int kind = CROWD_USER; kind <= CROWD_NETWORK; kind++)
        assert_int_equal(ask((size_t)kind, &(struct crowd_caller){kind, 7, 0}, false).verdict, CROWD_RUN);
    assert_int_equal(ask(0, &(struct crowd_caller){CROWD_USER, 7, 0}, false).verdict, CROWD_RUN);
}

static void the_answer_says_how_many_run(void **state)
{
    struct crowd_answer answer;

    (void)state;
    crowd_create(4);
    enter(0, 7, 1);
    enter(1, 7, 1);
    answer = ask(2, &(struct crowd_caller){CROWD_USER, 7, 1}, true);
    assert_int_equal(answer.running, 2);
    assert_false(answer.is_organization);
    enter(2, 8, 1);
    enter(3, 1, 2);
    answer = ask(3, &(struct crowd_caller){CROWD_USER, 9, 1}, true);
    assert_int_equal(answer.running, 3);
    assert_true(answer.is_organization);
}

static void a_write_over_a_bound_waits_only_while_another_worker_is_free(void **state)
{
    const struct crowd_caller agent = {CROWD_AGENT, 7, 1};
    int64_t from_us;

    (void)state;
    crowd_create(4);
    for (size_t slot = 0; slot < 2; slot++)
        assert_int_equal(ask(slot, &agent, false).verdict, CROWD_RUN);
    assert_int_equal(ask(2, &agent, false).verdict, CROWD_REFUSE); /* after the wait */
    assert_int_equal(enter(2, 1, 2), CROWD_RUN);                   /* its place is free */
    for (size_t slot = 0; slot < 2; slot++)
        leave(slot);
    for (size_t slot = 0; slot < 2; slot++)
        assert_int_equal(ask(slot, &agent, false).verdict, CROWD_RUN);
    from_us = clock_monotonic_us();
    assert_int_equal(ask(3, &agent, false).verdict, CROWD_REFUSE);
    assert_true(clock_monotonic_us() - from_us < 10 * CLOCK_SECOND_US);
}

static void chosen_bounds_win(void **state)
{
    const struct crowd_bounds bounds = {.caller_max = 3, .organization_max = 3};
    const struct crowd_caller caller = {CROWD_USER, 7, 1};

    (void)state;
    crowd_create(4);
    for (size_t slot = 0; slot < 4; slot++) {
        crowd_use_slot(slot);
        assert_int_equal(crowd_enter(&caller, &bounds, true).verdict == CROWD_RUN, slot < 3);
    }
}

static void the_worker_for_health_has_no_place(void **state)
{
    (void)state;
    crowd_create(2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(enter(2, 7, 1), CROWD_RUN);
    crowd_clear(2);
    assert_int_equal(enter(0, 7, 1), CROWD_RUN);
}

static pid_t start_worker(size_t slot)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    for (;;) {
        enter(slot, 7, 1);
        crowd_leave();
    }
}

static void killed_workers_hold_nothing(void **state)
{
    (void)state;
    crowd_create(4);
    for (int round = 0; round < 40; round++) {
        pid_t pids[3];

        for (size_t slot = 0; slot < 3; slot++)
            pids[slot] = start_worker(slot);
        usleep(1000);
        for (size_t slot = 0; slot < 3; slot++) {
            kill(pids[slot], SIGKILL);
            assert_int_equal(waitpid(pids[slot], NULL, 0), pids[slot]);
            crowd_clear(slot);
        }
        assert_int_equal(enter(3, 7, 1), CROWD_RUN);
        leave(3);
    }
    assert_int_equal(enter(0, 7, 1), CROWD_RUN);
    assert_int_equal(enter(1, 7, 1), CROWD_RUN);
    assert_true(is_over(enter(2, 7, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caller_has_half_of_the_workers),
        cmocka_unit_test(an_organization_has_three_quarters_while_there_are_others),
        cmocka_unit_test(what_is_over_a_bound_may_hurry_until_the_others_are_slow),
        cmocka_unit_test(what_is_over_a_bound_may_hurry_while_another_worker_is_free),
        cmocka_unit_test(users_agents_and_networks_with_one_number_are_different_callers),
        cmocka_unit_test(the_answer_says_how_many_run),
        cmocka_unit_test(a_write_over_a_bound_waits_only_while_another_worker_is_free),
        cmocka_unit_test(chosen_bounds_win),
        cmocka_unit_test(the_worker_for_health_has_no_place),
        cmocka_unit_test(killed_workers_hold_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
