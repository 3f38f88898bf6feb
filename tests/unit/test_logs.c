/* Log files of real servers (tests/unit/golden/logs), and logs that no server would write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json_write.h"
#include "base/vector.h"
#include "logs/list.h"
#include "logs/logs.h"
#include "plan/plan.h"
#include "tests/unit/golden_logs.h"
#include "tests/unit/random.h"

#define PREFIX "%m [%p] %q%u@%d %a "
#define HEAD   "2026-11-28 09:56:37.854 UTC [5] u@d a "

struct seen {
    VECTOR(struct logs_event) events;
    struct logs_counts counts;
};

static struct text copy(struct text text)
{
    return text.data == NULL ? text : (struct text){arena_copy(arena, text.data, text.size), text.size};
}

static void keep(void *context, const struct logs_event *event)
{
    struct seen *seen = context;
    struct logs_event *kept = vector_push(&seen->events, arena);
    struct logs_deadlock_process *deadlock;

    *kept = *event;
    kept->statement = copy(event->statement);
    kept->parameters = copy(event->parameters);
    kept->user = copy(event->user);
    kept->database = copy(event->database);
    kept->host = copy(event->host);
    kept->plan = copy(event->plan);
    kept->wait = copy(event->wait);
    kept->blockers = copy(event->blockers);
    kept->message = copy(event->message);
    deadlock = arena_alloc_array(arena, event->deadlock_count + 1, sizeof *deadlock);
    for (size_t i = 0; i < event->deadlock_count; i++) {
        deadlock[i] = event->deadlock[i];
        deadlock[i].statement = copy(deadlock[i].statement);
        deadlock[i].waits_for = copy(deadlock[i].waits_for);
    }
    kept->deadlock = deadlock;
}

static struct seen read_log(enum logs_format format, const char *prefix, struct text log)
{
    struct logs_options options = {.format = format, .prefix = text_of(prefix)};
    struct seen seen = {0};
    struct logs_reader *reader;
    struct error error = {0};

    assert_int_equal(logs_reader_new(&options, keep, &seen, &reader, &error), STATUS_OK);
    logs_reader_feed(reader, log);
    logs_reader_end(reader, true);
    seen.counts = *logs_reader_counts(reader);
    logs_reader_destroy(reader);
    return seen;
}

static void assert_text(struct text text, const char *expected)
{
    assert_string_equal(arena_string(arena, text.data == NULL ? "" : text.data, text.size), expected);
}

static const struct logs_event *find(const struct seen *seen, enum logs_kind kind, const char *part)
{
    for (size_t i = 0; i < seen->events.count; i++)
        if (seen->events.items[i].kind == kind &&
            strstr(arena_string(arena, seen->events.items[i].statement.data, seen->events.items[i].statement.size),
                   part) != NULL)
            return &seen->events.items[i];
    fail_msg("there is no %s of %s", logs_kind_name(kind), part);
    return NULL;
}

/* Those of one process keep their order; on stderr an event comes when the next entry of its process does. */
static int by_process(const void *left, const void *right)
{
    const struct logs_event *a = left, *b = right;

    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->ended_at_us < b->ended_at_us   ? -1
           : a->ended_at_us > b->ended_at_us ? 1
                                             : text_compare(a->statement, b->statement);
}

static void the_three_formats_of_postgresql_tell_the_same(void **state)
{
    struct seen logs[] = {read_log(LOGS_FORMAT_STDERR, PREFIX, golden("postgresql.log")),
                          read_log(LOGS_FORMAT_CSV, NULL, golden("postgresql.csv")),
                          read_log(LOGS_FORMAT_JSON, NULL, golden("postgresql.json"))};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(logs[i].events.count, logs[0].events.count);
        qsort(logs[i].events.items, logs[i].events.count, sizeof(struct logs_event), by_process);
        assert_int_equal(logs[i].counts.entries, logs[0].counts.entries);
        assert_int_equal(logs[i].counts.unreadable + logs[i].counts.foreign + logs[i].counts.timeless, 0);
        assert_int_equal(logs[i].counts.plans, 5);     /* four as text, one as JSON */
        assert_true(logs[i].counts.plans_unread == 2); /* XML and YAML */
        for (size_t k = 0; k < logs[0].events.count; k++) {
            const struct logs_event *event = &logs[i].events.items[k], *other = &logs[0].events.items[k];

            assert_int_equal(event->kind, other->kind);
            assert_int_equal(event->ended_at_us, other->ended_at_us);
            assert_int_equal(event->process, other->process);
            assert_true(event->duration_ms == other->duration_ms && event->rows_returned == other->rows_returned);
            assert_true(text_equal(event->statement, other->statement));
            assert_true(text_equal(event->parameters, other->parameters));
            assert_true(text_equal(event->plan, other->plan));
            assert_true(text_equal(event->user, other->user) && text_equal(event->database, other->database));
        }
    }
}

static void an_execution_has_parameters_that_stand_in_its_sample(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_JSON, NULL, golden("postgresql.json"));
    const struct logs_event *event = find(&seen, LOGS_KIND_EXECUTION, "id = $1 and name <> ");
    struct sample_fact sample;

    (void)state;
    assert_text(event->parameters, "$1 = '1910'");
    assert_true(logs_sample(event, INT64_MAX, arena, &sample));
    assert_text(sample.full_sql, "select name, price from item where id = '1910' and name <> 'Zürich; \"x\"';");
    assert_text(sample.user_host, "postgres@[local]");
    assert_int_equal(sample.captured_at_us, event->ended_at_us - 53);
    assert_true(seen.counts.phases > 0);
    event = find(&seen, LOGS_KIND_EXECUTION, "logged before its duration");
    assert_true(event->duration_ms == 0.247);
}

static void a_plan_as_text_has_the_shape_of_the_same_plan_as_json(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_CSV, NULL, golden("postgresql.csv"));
    struct plan plans[2];
    struct error error = {0};
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < seen.events.count; i++) {
        struct logs_event *event = &seen.events.items[i];

        if (event->plan.data == NULL || !text_equal(event->statement, TEXT("select * from item where id = 42;")))
            continue;
        assert_true(count < 2);
        assert_int_equal(event->rows_returned, 1);
        assert_int_equal(plan_read(PLAN_DIALECT_POSTGRESQL, event->plan, arena, &plans[count], &error), STATUS_OK);
        assert_text(plans[count].nodes[0]->index, "item_pkey");
        count++;
    }
    assert_int_equal(count, 2);
    assert_memory_equal(plans[0].hash.bytes, plans[1].hash.bytes, sizeof plans[0].hash.bytes);
}

static void a_plan_and_its_duration_are_one_execution(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_STDERR, PREFIX, golden("postgresql.log"));
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < seen.events.count; i++)
        count += text_equal(seen.events.items[i].statement, TEXT("select i.name, count(*) from orders o join item i on "
                                                                 "i.id = o.item_id where i.price < 50 and o.note <> "
                                                                 "'it''s' group by i.name order by 2 desc limit 3;"));
    assert_int_equal(count, 1);
}

static void a_deadlock_names_its_processes(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_STDERR, PREFIX, golden("postgresql.log"));
    const struct logs_event *event = find(&seen, LOGS_KIND_DEADLOCK, "update item");

    (void)state;
    assert_int_equal(event->deadlock_count, 2);
    assert_int_equal(event->deadlock[0].blocked_by, event->deadlock[1].process);
    assert_int_equal(event->deadlock[1].blocked_by, event->deadlock[0].process);
    assert_text(event->deadlock[0].statement, "update item set price = 2\n where id = 2;");
    assert_text(event->deadlock[1].statement, "update item set price = 1 where id = 1;");
    assert_true(text_starts(event->deadlock[0].waits_for, TEXT("ShareLock on transaction ")));
    find(&seen, LOGS_KIND_CANCEL, "pg_sleep(5)");
    assert_int_equal(find(&seen, LOGS_KIND_TEMPORARY_FILE, "order by note")->bytes, 1597440);
}

static void lines_of_several_processes_may_be_interleaved(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_STDERR, PREFIX,
                                TEXT("2026-11-28 09:56:37.1 UTC [5] u@d a LOG:  duration: 1 ms  execute x: select $1\n"
                                     "2026-11-28 09:56:37.2 UTC [6] u@d a LOG:  process 6 still waiting for L after 2 "
                                     "ms\n"
                                     "2026-11-28 09:56:37.1 UTC [5] u@d a DETAIL:  parameters: $1 = 'x'\n"
                                     "\ty'\n"
                                     "2026-11-28 09:56:37.2 UTC [6] u@d a DETAIL:  Process holding the lock: 9. Wait "
                                     "queue: 6.\n"));

    (void)state;
    assert_int_equal(seen.events.count, 2);
    assert_text(find(&seen, LOGS_KIND_EXECUTION, "select")->parameters, "$1 = 'x'\ny'");
    assert_text(seen.events.items[1].blockers, "9");
    assert_text(seen.events.items[1].wait, "L");
}

static void prefixes_are_read_whatever_names_have_in_them(void **state)
{
    static const struct {
        const char *prefix, *line, *user, *database;
    } cases[] = {
        {"%t:%r:%u@%d:[%p]:",
         "2026-11-28 09:56:37 UTC:10.0.0.1(5432):me@shop:[12]:LOG:  duration: 2 ms  statement: x\n", "me", "shop"},
        {"%m %a|%u [%p] ", "2026-11-28 09:56:37.1 CET a [7] LOG:  |me [12] LOG:  duration: 2 ms  statement: x\n", "me",
         ""},
        {"%n %-10u|%d|%p ", "1795859797.854 me        |shop|12 LOG:  duration: 2 ms  statement: x\n", "me", "shop"},
        {"%m [%c] %e %v %x %l %u@%d ",
         "2026-11-28 09:56:37.1 +05:30 [6b0aa555.c] 00000 3/0 0 1 me@[unknown] LOG:  duration: 2 ms  statement: x\n",
         "me", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = read_log(LOGS_FORMAT_STDERR, cases[i].prefix, text_of(cases[i].line));

        if (seen.events.count != 1)
            fail_msg("not read: %s", cases[i].line);
        assert_text(seen.events.items[0].user, cases[i].user);
        assert_text(seen.events.items[0].database, cases[i].database);
        assert_int_equal(seen.events.items[0].process, 12);
        assert_true(seen.events.items[0].ended_at_us != LOGS_TIME_UNKNOWN);
    }
}

static void a_zone_that_may_be_two_has_no_time(void **state)
{
    struct seen seen = read_log(LOGS_FORMAT_STDERR, "%m ",
                                TEXT("2026-11-28 09:56:37.1 CST LOG:  duration: 2 ms  "
                                     "statement: x\n"));

    (void)state;
    assert_int_equal(seen.counts.timeless, 1);
    assert_int_equal(seen.events.items[0].ended_at_us, LOGS_TIME_UNKNOWN);
}

static void what_is_too_long_or_torn_is_passed_over_and_counted(void **state)
{
    static const char after[] = HEAD "LOG:  duration: 1 ms  statement: after\n";
    size_t size = 5 * 1024 * 1024;
    char *log = arena_alloc(arena, size + sizeof after);
    struct seen seen;

    (void)state;
    memset(log, 'x', size);
    memcpy(log, HEAD "LOG:  duration: 1 ms  statement: ", sizeof HEAD + 32);
    log[size - 1] = '\n';
    memcpy(log + size, after, sizeof after);
    seen = read_log(LOGS_FORMAT_STDERR, PREFIX, (struct text){log, size + sizeof after - 1});
    assert_int_equal(seen.events.count, 2);
    assert_true(seen.events.items[0].statement.size <= LOGS_LINE_BYTES_MAX && seen.counts.cut == 1);
    assert_text(seen.events.items[1].statement, "after");

    seen = read_log(LOGS_FORMAT_CSV, NULL,
                    TEXT("2026-11-28 09:56:37.854 UTC,\"u\",\"d\",5,\"torn\n"
                         "2026-11-28 09:56:38.854 UTC,\"u\",\"d\",5,\"[local]\",6b.5,1,\"SELECT\",2026-11-28 09:56:37 "
                         "UTC,3/2,0,LOG,00000,\"duration: 1.5 ms  statement: select \"\"a\"\"\",,,,,,,,,\"psql\"\n"));
    assert_int_equal(seen.counts.unreadable, 1);
    assert_int_equal(seen.events.count, 1);
    assert_text(seen.events.items[0].statement, "select \"a\"");

    seen = read_log(LOGS_FORMAT_JSON, NULL,
                    TEXT("{\"message\":\"dur\n\0\n{\"pid\":5,\"error_severity\":\"LOG\","
                         "\"message\":\"duration: 1 ms  statement: x\"}\n"));
    assert_int_equal(seen.events.count, 1);
    assert_int_equal(seen.counts.unreadable, 2);
}

static void slow_logs_tell_executions_and_no_protocol_commands(void **state)
{
    struct seen maria = read_log(LOGS_FORMAT_SLOW, NULL, golden("mariadb_slow.log"));
    struct seen mysql = read_log(LOGS_FORMAT_SLOW, NULL, golden("mysql8_slow.log"));
    const struct logs_event *event = find(&mysql, LOGS_KIND_EXECUTION, "count(*) from item");
    struct sample_fact sample;

    (void)state;
    assert_true(event->duration_ms == 0.462 && event->rows_examined == 4 && event->rows_returned == 1);
    assert_int_equal(event->ended_at_us, INT64_C(1795859869315611));
    assert_text(event->user, "root");
    assert_text(event->host, "localhost");
    assert_true(mysql.counts.commands > 0);
    event = find(&maria, LOGS_KIND_EXECUTION, "count(*) from item");
    assert_text(event->statement, "select count(*) from item\n where name like '%a%' \n   and price > 0");
    assert_text(event->database, "shop");
    assert_true(event->lock_ms == 0.158 && event->rows_examined == 4);
    assert_true(logs_sample(event, INT64_MAX, arena, &sample));
    assert_int_equal(sample.captured_at_us, INT64_C(1795859837) * 1000000);
    assert_text(sample.user_host, "root@localhost");
    find(&maria, LOGS_KIND_EXECUTION, "# User@Host: not[not] @ a [header]\n# Time: 2020");
    find(&mysql, LOGS_KIND_EXECUTION, "# User@Host: not[not] @ a [header]\n# Time: 2020");
    assert_true(maria.counts.plans_unread > 0 && maria.counts.unreadable == 0 && mysql.counts.unreadable == 0);
}

/* ---- error logs of MariaDB and MySQL ---- */

static const struct logs_deadlock_process *process_of(const struct logs_event *event, int64_t process)
{
    for (size_t i = 0; i < event->deadlock_count; i++)
        if (event->deadlock[i].process == process)
            return &event->deadlock[i];
    fail_msg("there is no process %lld", (long long)process);
    return NULL;
}

/* Each waits for another one, and the last one for the first one. */
static void assert_ring(const struct logs_event *event, size_t count)
{
    const struct logs_deadlock_process *at = &event->deadlock[0];

    assert_int_equal(event->kind, LOGS_KIND_DEADLOCK);
    assert_int_equal(event->deadlock_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || at != &event->deadlock[0]);
        at = process_of(event, at->blocked_by);
    }
    assert_ptr_equal(at, &event->deadlock[0]);
    assert_true(text_equal(process_of(event, event->process)->statement, event->statement));
}

static void error_logs_tell_deadlocks_and_no_rows(void **state)
{
    static const struct {
        const char *name;
        size_t of_three; /* MySQL before 8.0.18 tells two transactions of three */
    } logs[] = {{"mariadb_error.log", 3}, {"mysql8_error.log", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct seen seen = read_log(LOGS_FORMAT_ERROR, NULL, golden(logs[i].name));
        const struct logs_event *event = seen.events.items;

        assert_int_equal(seen.events.count, 2);
        assert_int_equal(seen.counts.unreadable + seen.counts.timeless, 0);
        assert_true(seen.counts.entries > 4);
        assert_ring(&event[0], 2);
        assert_ring(&event[1], logs[i].of_three);
        assert_text(event[0].user, "root");
        assert_true(event[0].ended_at_us > INT64_C(1795800000) * 1000000);
        for (size_t k = 0; k < 2; k++) {
            struct text statement = event[0].deadlock[k].statement;

            assert_text(event[0].deadlock[k].waits_for,
                        "lock_mode X locks rec but not gap on index PRIMARY of table `shop`.`item`");
            if (text_starts(statement, TEXT("UPDATE")))
                assert_text(statement,
                            "UPDATE item\n   SET price = 8,\n       name = '*** (2) TRANSACTION:'\n WHERE id = 2");
            else
                assert_text(statement, "DELETE FROM item WHERE id = 1");
        }
    }
}

#define MYSQL_ENTRY "2026-11-28T18:40:01.123456+02:00 5 [Note] [MY-012469] [InnoDB] "
#define MYSQL_LOCK  "\nRECORD LOCKS space id 2 page no 4 n bits 72 index by trx id 9 of table `a`.`b` trx id "
#define TRANSACTION(n)                                                                                                 \
    MYSQL_ENTRY "*** (" n ") TRANSACTION:\n\nTRANSACTION 77" n ", ACTIVE 1 sec\nMySQL thread id 1" n                   \
                ", OS thread handle 9, query id 8 host 10.0.0." n " u" n " end of update loop\nUPDATE b" n             \
                "\n" MYSQL_ENTRY "*** (" n ") HOLDS THE LOCK(S):\n" MYSQL_LOCK                                         \
                "9 lock_mode X\nRecord lock, heap no 2 PHYSICAL RECORD: n_fields 1\n 0: len 6; hex 73; asc secret;;"   \
                "\n\n" MYSQL_ENTRY "*** (" n ") WAITING FOR THIS LOCK TO BE GRANTED:\n" MYSQL_LOCK "77" n              \
                " lock_mode X waiting\n"

/* As MySQL 8.0.18 and later write it. */
static void transactions_of_mysql_wait_for_the_next_one(void **state)
{
    struct seen seen =
        read_log(LOGS_FORMAT_ERROR, NULL,
                 TEXT(MYSQL_ENTRY "Transactions deadlock detected, dumping detailed information.\n" TRANSACTION("1")
                          TRANSACTION("2") MYSQL_ENTRY "Aborted connection 3\n" TRANSACTION("3") MYSQL_ENTRY
                      "*** WE ROLL BACK TRANSACTION (2)\n"));
    const struct logs_event *event = seen.events.items;

    (void)state;
    assert_int_equal(seen.events.count, 1);
    assert_ring(event, 3);
    assert_int_equal(process_of(event, 11)->blocked_by, 12);
    assert_int_equal(process_of(event, 13)->blocked_by, 11);
    assert_int_equal(event->process, 12);
    assert_text(event->user, "u2");
    assert_text(event->host, "host");
    assert_text(event->statement, "UPDATE b2");
    assert_text(event->deadlock[0].waits_for, "lock_mode X on index by trx id 9 of table `a`.`b`");
    assert_int_equal(event->ended_at_us, INT64_C(1795884001123456));
    assert_int_equal(seen.counts.unreadable + seen.counts.foreign, 0);
}

static void a_deadlock_without_its_end_is_none(void **state)
{
    static const char log[] =
        MYSQL_ENTRY "Transactions deadlock detected, dumping detailed information.\n" TRANSACTION("1");
    struct seen seen = read_log(LOGS_FORMAT_ERROR, NULL, text_of(arena_printf(arena, "%s%s", log, log)));

    (void)state;
    assert_int_equal(seen.events.count, 0);
    assert_int_equal(seen.counts.unreadable, 2);
}

static void formats_are_recognized(void **state)
{
    static const struct {
        const char *name;
        enum logs_format format;
    } files[] = {{"postgresql.log", LOGS_FORMAT_STDERR}, {"postgresql.csv", LOGS_FORMAT_CSV},
                 {"postgresql.json", LOGS_FORMAT_JSON},  {"mariadb_slow.log", LOGS_FORMAT_SLOW},
                 {"mysql8_slow.log", LOGS_FORMAT_SLOW},  {"mariadb_error.log", LOGS_FORMAT_ERROR},
                 {"mysql8_error.log", LOGS_FORMAT_ERROR}};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_int_equal(logs_format_guess(golden(files[i].name)), files[i].format);
}

/* ---- going on ---- */

/* Read a log in parts of up to `part_max` bytes, each by a reader of its own. */
static struct seen read_on(enum logs_format format, const char *prefix, struct text log, size_t part_max)
{
    struct logs_options options = {.format = format, .prefix = text_of(prefix)};
    struct logs_place place = {.offset = 0};
    struct seen seen = {0};
    int64_t *sum = (int64_t *)&seen.counts;
    size_t end = 0;

    while (end < log.size) {
        struct logs_reader *reader;
        struct error error = {0};
        const int64_t *counts;

        end += 1 + random_below(part_max);
        end = end < log.size ? end : log.size;
        assert_int_equal(logs_reader_new(&options, keep, &seen, &reader, &error), STATUS_OK);
        logs_reader_begin_at(reader, &place);
        logs_reader_feed(reader, (struct text){log.data + place.offset, end - (size_t)place.offset});
        logs_reader_leave(reader, end == log.size ? INT64_MAX : INT64_MIN, &place);
        counts = (const int64_t *)logs_reader_counts(reader);
        for (size_t i = 0; i < sizeof seen.counts / sizeof *sum; i++)
            sum[i] += counts[i];
        logs_reader_destroy(reader);
    }
    assert_int_equal(place.told, log.size);
    return seen;
}

static void a_reader_goes_on_where_another_one_left(void **state)
{
    static const struct {
        enum logs_format format;
        const char *prefix, *name;
    } logs[] = {{LOGS_FORMAT_STDERR, PREFIX, "postgresql.log"}, {LOGS_FORMAT_CSV, NULL, "postgresql.csv"},
                {LOGS_FORMAT_JSON, NULL, "postgresql.json"},    {LOGS_FORMAT_SLOW, NULL, "mariadb_slow.log"},
                {LOGS_FORMAT_SLOW, NULL, "mysql8_slow.log"},    {LOGS_FORMAT_ERROR, NULL, "mariadb_error.log"},
                {LOGS_FORMAT_ERROR, NULL, "mysql8_error.log"}};

    (void)state;
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct text log = golden(logs[i].name);
        struct seen whole = read_log(logs[i].format, logs[i].prefix, log);

        for (unsigned seed = 1; seed <= 5; seed++) {
            struct seen parts;

            random_seed(seed);
            parts = read_on(logs[i].format, logs[i].prefix, log, seed < 3 ? 1000 : 5000);
            assert_int_equal(parts.events.count, whole.events.count);
            assert_int_equal(parts.counts.entries, whole.counts.entries);
            assert_int_equal(parts.counts.foreign, whole.counts.foreign);
            assert_int_equal(parts.counts.unreadable, whole.counts.unreadable);
            for (size_t k = 0; k < whole.events.count; k++) {
                const struct logs_event *event = &parts.events.items[k], *other = &whole.events.items[k];

                assert_int_equal(event->kind, other->kind);
                assert_int_equal(event->ended_at_us, other->ended_at_us);
                assert_true(event->duration_ms == other->duration_ms);
                assert_true(text_equal(event->statement, other->statement) && text_equal(event->plan, other->plan));
            }
        }
    }
}

/* A line of 3 MiB that holds what would be an entry if the rest of it were read as lines. */
static void the_middle_of_a_long_line_is_never_taken_for_an_entry(void **state)
{
    size_t size = 3 * 1024 * 1024;
    char *bytes = arena_alloc(arena, size);
    struct seen seen;
    struct text log;

    (void)state;
    memset(bytes, 'x', size);
    memcpy(bytes, HEAD "LOG:  statement: ", sizeof HEAD + 16);
    for (size_t at = 2000000; at + 200 < size; at += 100000)
        memcpy(bytes + at, HEAD "LOG:  duration: 5.000 ms  statement: SELECT fake", sizeof HEAD + 47);
    log = text_of(
        arena_printf(arena, "%.*s\n" HEAD "LOG:  duration: 7.000 ms  statement: SELECT real\n", (int)size, bytes));
    random_seed(5);
    seen = read_on(LOGS_FORMAT_STDERR, PREFIX, log, 900000);
    assert_int_equal(seen.events.count, 1);
    assert_text(seen.events.items[0].statement, "SELECT real");
    assert_int_equal(seen.counts.cut, 1);
    assert_int_equal(seen.counts.foreign, 0);
}

static void what_waits_for_its_end_is_told_when_the_server_has_had_time(void **state)
{
    static const char entry[] = HEAD "LOG:  duration: 5.000 ms  statement: SELECT 1\n";
    struct logs_options options = {.format = LOGS_FORMAT_STDERR, .prefix = text_of(PREFIX)};
    struct logs_place place = {.offset = 0};

    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        struct seen seen = {0};
        struct logs_reader *reader;
        struct error error = {0};

        assert_int_equal(logs_reader_new(&options, keep, &seen, &reader, &error), STATUS_OK);
        logs_reader_begin_at(reader, &place);
        logs_reader_feed(reader, (struct text){entry + place.offset, sizeof entry - 1 - (size_t)place.offset});
        logs_reader_leave(reader, turn == 0 ? 0 : INT64_MAX, &place);
        logs_reader_destroy(reader);
        assert_int_equal(seen.events.count, turn == 1);
        assert_int_equal(place.offset, turn == 0 ? 0 : sizeof entry - 1);
        assert_int_equal(place.told, sizeof entry - 1);
    }
}

/* What is settled ends between a plan and the duration of the same execution. */
static void a_plan_waits_for_a_duration_that_is_coming(void **state)
{
    static const char log[] =
        HEAD "LOG:  duration: 5.000 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n";
    static const char after[] = HEAD "LOG:  duration: 6.000 ms  statement: SELECT 1\n";
    struct text both = text_of(arena_printf(arena, "%s%s", log, after));
    struct logs_options options = {.format = LOGS_FORMAT_STDERR, .prefix = text_of(PREFIX)};
    struct logs_place place = {.offset = 0};

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct seen seen = {0};
        struct logs_reader *reader;
        struct error error = {0};

        assert_int_equal(logs_reader_new(&options, keep, &seen, &reader, &error), STATUS_OK);
        logs_reader_begin_at(reader, &place);
        logs_reader_feed(reader, (struct text){both.data + place.offset, both.size - (size_t)place.offset});
        logs_reader_leave(reader, turn == 0 ? (int64_t)sizeof log - 1 : INT64_MAX, &place);
        logs_reader_destroy(reader);
        assert_int_equal(seen.events.count, turn);
        if (turn == 1) {
            assert_true(seen.events.items[0].duration_ms == 6);
            assert_true(seen.events.items[0].plan.size > 0);
        }
    }
    assert_int_equal(place.offset, both.size);
}

/* ---- the list ---- */

static void a_list_names_files_by_connection(void **state)
{
    struct logs_list_line *lines;
    struct error error = {0};
    size_t count;

    (void)state;
    assert_int_equal(logs_list_read(TEXT("# comment\n\n 12 /var/log/pg/postgresql-*.log prefix='%m [%p] ''x'' ' \n"
                                         "7\t'/var/log/my sql/slow.log' format=slow utc_offset=-3600 from=start"),
                                    arena, &lines, &count, &error),
                     STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(lines[0].number, 3);
    assert_int_equal(lines[0].connection_id, 12);
    assert_string_equal(lines[0].path, "/var/log/pg/postgresql-*.log");
    assert_int_equal(lines[0].format, LOGS_FORMAT_UNSET);
    assert_text(lines[0].prefix, "%m [%p] 'x' ");
    assert_false(lines[0].from_start);
    assert_string_equal(lines[1].path, "/var/log/my sql/slow.log");
    assert_int_equal(lines[1].format, LOGS_FORMAT_SLOW);
    assert_true(lines[1].has_utc_offset && lines[1].utc_offset_s == -3600 && lines[1].from_start);
    assert_null(lines[1].prefix.data);
}

static void a_wrong_list_is_refused_with_the_line(void **state)
{
    static const char *const lists[] = {"x /a",
                                        "12",
                                        "12 a/b",
                                        "12 /a/",
                                        "0 /a",
                                        "12 /a format=xml",
                                        "12 /a prefix='x",
                                        "12 /a utc_offset=99999",
                                        "12 /a nonsense",
                                        "12 /a\n12 /a"};
    struct logs_list_line *lines;
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct error error = {0};

        assert_int_equal(logs_list_read(text_of(lists[i]), arena, &lines, &count, &error), STATUS_INVALID);
        assert_non_null(strstr(error.message, i + 1 < sizeof lists / sizeof lists[0] ? "Line 1: " : "Line 2: "));
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_three_formats_of_postgresql_tell_the_same),
        TEST(an_execution_has_parameters_that_stand_in_its_sample),
        TEST(a_plan_as_text_has_the_shape_of_the_same_plan_as_json),
        TEST(a_plan_and_its_duration_are_one_execution),
        TEST(a_deadlock_names_its_processes),
        TEST(lines_of_several_processes_may_be_interleaved),
        TEST(prefixes_are_read_whatever_names_have_in_them),
        TEST(a_zone_that_may_be_two_has_no_time),
        TEST(what_is_too_long_or_torn_is_passed_over_and_counted),
        TEST(slow_logs_tell_executions_and_no_protocol_commands),
        TEST(error_logs_tell_deadlocks_and_no_rows),
        TEST(transactions_of_mysql_wait_for_the_next_one),
        TEST(a_deadlock_without_its_end_is_none),
        TEST(formats_are_recognized),
        TEST(a_reader_goes_on_where_another_one_left),
        TEST(the_middle_of_a_long_line_is_never_taken_for_an_entry),
        TEST(what_waits_for_its_end_is_told_when_the_server_has_had_time),
        TEST(a_plan_waits_for_a_duration_that_is_coming),
        TEST(a_list_names_files_by_connection),
        TEST(a_wrong_list_is_refused_with_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
