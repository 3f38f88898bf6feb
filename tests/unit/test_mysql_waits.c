/* What MariaDB's and MySQL's words say of a wait, and who waits for whose metadata lock (collect/mysql/waits.h). States
 * and locks are those of MariaDB 10.11.19 and MySQL 8.0.15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "collect/mysql/waits.h"

static void a_wait_is_known_by_lock_then_step_then_event(void **state)
{
    static const struct {
        const char *step, *event;
        bool waits_for_row;
        enum wait_class wait_class;
        const char *name;
    } cases[] = {
        {"Updating", NULL, true, WAIT_CLASS_LOCK, "row"},
        {"Updating", NULL, false, WAIT_CLASS_CPU, ""},
        {"Sending data", "wait/io/table/sql/handler", false, WAIT_CLASS_CPU, ""},
        {"Sending data", "wait/io/file/innodb/innodb_data_file", false, WAIT_CLASS_IO,
         "io/file/innodb/innodb_data_file"},
        {"", "wait/synch/mutex/innodb/trx_mutex", false, WAIT_CLASS_LWLOCK, "synch/mutex/innodb/trx_mutex"},
        {"", "wait/io/socket/sql/client_connection", false, WAIT_CLASS_CLIENT, "io/socket/sql/client_connection"},
        {"", "a/thing/of/tomorrow", false, WAIT_CLASS_OTHER, "a/thing/of/tomorrow"},
        {"Waiting for table metadata lock", NULL, false, WAIT_CLASS_LOCK, "metadata"},
        {"Waiting for schema metadata lock", NULL, false, WAIT_CLASS_LOCK, "metadata"},
        {"Waiting for backup lock", NULL, false, WAIT_CLASS_LOCK, "metadata"},
        {"Waiting for table level lock", NULL, false, WAIT_CLASS_LOCK, "table"},
        {"Waiting for table flush", NULL, false, WAIT_CLASS_LOCK, "flush"},
        {"User lock", "wait/synch/cond/sql/MDL_context::COND_wait_status", false, WAIT_CLASS_LOCK, "user"},
        {"User sleep", NULL, false, WAIT_CLASS_TIMEOUT, "sleep"},
        {"Commit", NULL, false, WAIT_CLASS_IO, "commit"},
        {"waiting for handler commit", NULL, false, WAIT_CLASS_IO, "commit"},
        {"Writing to net", NULL, false, WAIT_CLASS_CLIENT, "write"},
        {"Waiting for the moon", NULL, false, WAIT_CLASS_OTHER, "Waiting for the moon"},
        {NULL, NULL, false, WAIT_CLASS_CPU, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mysql_wait wait = mysql_wait_of(text_of(cases[i].step), text_of(cases[i].event), cases[i].waits_for_row);

        assert_int_equal(wait.wait_class, cases[i].wait_class);
        assert_true(text_equal(wait.event, text_of(cases[i].name)));
    }
}

#define LOCK(id, lock_mode, pending)                                                                                   \
    {                                                                                                                  \
        .session_id = (id), .type = TEXT("TABLE"), .schema = TEXT("shop"), .name = TEXT("t"), .mode = TEXT(lock_mode), \
        .is_pending = (pending)                                                                                        \
    }

/* "13>10 16>13 ": who waits for whom. */
static const char *edges_of(const struct mysql_metadata_lock *locks, size_t count)
{
    static char words[4096];
    struct arena *arena = arena_new(0);
    struct waits_look look = {.arena = arena};
    size_t size = 0;

    words[0] = '\0';
    mysql_metadata_edges(&look, locks, count);
    for (size_t i = 0; i < look.edges.count; i++)
        size += (size_t)snprintf(words + size, sizeof words - size, "%lld>%lld ", (long long)look.edges.items[i].waiter,
                                 (long long)look.edges.items[i].blocker);
    arena_destroy(arena);
    return words;
}

static void a_change_of_a_table_waits_for_those_who_use_it_and_others_wait_for_the_change(void **state)
{
    const struct mysql_metadata_lock locks[] = {
        LOCK(10, "SHARED_READ", false), LOCK(11, "SHARED_WRITE", false), LOCK(13, "SHARED_UPGRADABLE", false),
        LOCK(13, "EXCLUSIVE", true),    LOCK(16, "SHARED_READ", true),   LOCK(17, "SHARED_HIGH_PRIO", false),
    };

    (void)state;
    assert_string_equal(edges_of(locks, 6), "13>10 13>11 13>17 16>13 ");
}

static void a_copying_change_waits_for_writers_alone(void **state)
{
    const struct mysql_metadata_lock locks[] = {LOCK(10, "SHARED_READ", false), LOCK(11, "SHARED_WRITE", false),
                                                LOCK(13, "SHARED_NO_WRITE", true)};

    (void)state;
    assert_string_equal(edges_of(locks, 3), "13>11 ");
}

static void of_two_who_ask_for_a_user_lock_none_waits_for_the_other(void **state)
{
    struct mysql_metadata_lock locks[] = {LOCK(12, "EXCLUSIVE", false), LOCK(13, "EXCLUSIVE", true),
                                          LOCK(14, "EXCLUSIVE", true), LOCK(15, "EXCLUSIVE", true)};

    (void)state;
    for (int i = 0; i < 4; i++)
        locks[i].type = TEXT("USER LEVEL LOCK");
    locks[3].name = TEXT("another");
    assert_string_equal(edges_of(locks, 4), "13>12 14>12 ");
}

static void a_backup_waits_for_changes_and_changes_for_a_backup(void **state)
{
    const struct mysql_metadata_lock locks[] = {LOCK(10, "BACKUP_TRANS_DML", false), LOCK(11, "BACKUP_DDL", false),
                                                LOCK(12, "BACKUP_FTWRL1", true), LOCK(13, "BACKUP_TRANS_DML", true)};

    (void)state;
    assert_string_equal(edges_of(locks, 4), "12>10 12>11 13>12 ");
}

static void edges_have_a_bound(void **state)
{
    struct arena *arena = arena_new(0);
    struct waits_look look = {.arena = arena};
    static struct mysql_metadata_lock locks[200];

    (void)state;
    for (int i = 0; i < 200; i++)
        locks[i] = (struct mysql_metadata_lock){.session_id = i + 1, .mode = TEXT("x"), .is_pending = i % 2 == 0};
    mysql_metadata_edges(&look, locks, 200);
    assert_int_equal(look.edges.count, WAITS_EDGES_MAX);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_is_known_by_lock_then_step_then_event),
        cmocka_unit_test(a_change_of_a_table_waits_for_those_who_use_it_and_others_wait_for_the_change),
        cmocka_unit_test(a_copying_change_waits_for_writers_alone),
        cmocka_unit_test(of_two_who_ask_for_a_user_lock_none_waits_for_the_other),
        cmocka_unit_test(a_backup_waits_for_changes_and_changes_for_a_backup),
        cmocka_unit_test(edges_have_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
