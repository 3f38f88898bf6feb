/* Runs a whole cycle, or a connection test, against a server that answers as the input says (cycle_script.h), and holds
 * what comes out to what the store expects of it.
 *
 * Letters of the input's first line: p runs the connection test instead of a cycle, w two looks at sessions; l keeps
 * literals; b gives what an earlier cycle left: a cursor and baselines; x answers commands by the script too. */
#ifndef POTTO_FUZZ_CYCLE_FUZZ_H
#define POTTO_FUZZ_CYCLE_FUZZ_H

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "collect/collect.h"
#include "collect/engine.h"
#include "collect/probe.h"
#include "collect/waits_look.h"
#include "tests/fuzz/cycle_script.h"

enum {
    CYCLE_DEADLINE_MS = 500,
    CYCLE_SLACK_MS = 7000,
    CYCLE_MEMORY_MAX = 256 << 20,
};

/* A client library allocates what a message says to be long; the child that runs it may not (jail/sandbox.c). */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=256:allocator_may_return_null=1";
}

static struct {
    pthread_mutex_t mutex;
    struct script script;
    const struct script_protocol *protocol;
    _Atomic pid_t thread;
    int listening;
    char directory[64], path[96];
} cycle_server = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void *cycle_server_run(void *unused)
{
    atomic_store(&cycle_server.thread, gettid());
    for (;;) {
        int fd = accept(cycle_server.listening, NULL, NULL);

        if (fd < 0)
            continue;
        pthread_mutex_lock(&cycle_server.mutex);
        script_serve(cycle_server.protocol, fd, &cycle_server.script);
        pthread_mutex_unlock(&cycle_server.mutex);
        close(fd);
    }
    return unused;
}

static void cycle_server_remove(void)
{
    unlink(cycle_server.path);
    rmdir(cycle_server.directory);
}

/* Once, at the first input. */
static void cycle_server_start(const struct script_protocol *protocol)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    pthread_t thread;

    if (cycle_server.protocol != NULL)
        return;
    snprintf(cycle_server.directory, sizeof cycle_server.directory, "/tmp/potto-fuzz-XXXXXX");
    if (mkdtemp(cycle_server.directory) == NULL)
        abort();
    snprintf(cycle_server.path, sizeof cycle_server.path, "%s/.s.PGSQL.5432", cycle_server.directory);
    memcpy(address.sun_path, cycle_server.path, strlen(cycle_server.path) + 1);
    cycle_server.protocol = protocol;
    cycle_server.listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(cycle_server.listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(cycle_server.listening, 16) != 0 || pthread_create(&thread, NULL, cycle_server_run, NULL) != 0)
        abort();
    atexit(cycle_server_remove);
}

static struct target_options cycle_options(const char *engine)
{
    return (struct target_options){.engine = engine,
                                   .host = strcmp(engine, "mysql") == 0 ? cycle_server.path : cycle_server.directory,
                                   .allows_sockets = true,
                                   .database = "shop",
                                   .username = "fuzz_monitor",
                                   .password = "fuzz-password",
                                   .tls_mode = "disable",
                                   .connect_timeout_ms = CYCLE_DEADLINE_MS,
                                   .statement_timeout_ms = CYCLE_DEADLINE_MS,
                                   .lock_timeout_ms = 100,
                                   .deadline_us = clock_monotonic_us() + CYCLE_DEADLINE_MS * INT64_C(1000)};
}

/* ---- what must be true ---- */

static bool is_time(int64_t time_us)
{
    return time_us >= INT64_C(-62135596800000000) && time_us <= INT64_C(253402300799999999);
}

static void check_words(const char *words, const char *sentence)
{
    fuzz_check(words != NULL && fuzz_is_utf8(text_of(words)), sentence);
}

static void check_sums(const struct sums *sums)
{
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        fuzz_check(sums_counter(sums, counter) >= 0, "a counter is 0 or more");
    fuzz_check(isfinite(sums->total_ms) && sums->total_ms >= 0, "a time is finite, and 0 or more");
}

static void check_samples(const struct sample_facts *samples)
{
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample_fact *sample = &samples->items[i];

        fuzz_check(is_time(sample->captured_at_us), "a sample is of a year from 1 to 9999");
        fuzz_check(isfinite(sample->duration_ms) && sample->duration_ms >= 0, "a duration is finite, and 0 or more");
        fuzz_check(sample->rows_examined >= -1 && sample->rows_returned >= -1, "rows are counted or unknown");
        fuzz_check(sample->lock_us >= -1, "the time of waiting for locks is counted or unknown");
        fuzz_check(fuzz_is_utf8(sample->full_sql) && fuzz_is_utf8(sample->statement.text) &&
                       fuzz_is_utf8(sample->user_host) && fuzz_is_utf8(sample->database_name),
                   "texts of a sample are UTF-8");
    }
}

static void check_facts(const struct facts *facts)
{
    const struct baseline_list *written = &facts->baselines.written;

    check_samples(&facts->samples);
    for (size_t i = 0; i < facts->statements.count; i++)
        fuzz_check(fuzz_is_utf8(facts->statements.items[i].text), "a statement is UTF-8");
    for (size_t i = 0; i < facts->growth.count; i++) {
        check_sums(&facts->growth.items[i].sums);
        fuzz_check(is_time(facts->growth.items[i].at_us), "growth is of a year from 1 to 9999");
    }
    for (size_t i = 0; i < written->count; i++) {
        check_sums(&written->items[i].totals);
        fuzz_check(written->items[i].key.size > 0 && written->items[i].key.size <= 64, "a key has 1 to 64 bytes");
        fuzz_check(i == 0 || strcmp(written->items[i - 1].key.data, written->items[i].key.data) < 0,
                   "keys ascend, and none comes twice");
    }
    fuzz_check(facts->plans.count <= COLLECT_PLANS_MAX, "plans have their bound");
    for (size_t i = 0; i < facts->plans.count; i++)
        fuzz_check(fuzz_is_utf8(facts->plans.items[i].json), "a plan is UTF-8");
}

static void check_result(const struct collect_result *result)
{
    fuzz_check(result->state != COLLECT_STATE_UNSET, "a cycle ends in some state");
    fuzz_check(result->state == COLLECT_STATE_OK || result->problem[0] != '\0', "a warning and a failure have words");
    check_words(result->problem, "a problem is UTF-8");
    check_words(result->remedy, "a remedy is UTF-8");
    check_words(result->detail, "a detail is UTF-8");
    fuzz_check(fuzz_is_utf8(result->server_version), "a version is UTF-8");
    fuzz_check(fuzz_is_utf8(result->cursor) && result->cursor.size <= 256 * 1024, "a cursor is UTF-8 and small");
    check_facts(&result->facts);
}

static void check_probe(const struct probe_result *result)
{
    check_words(result->problem, "a problem is UTF-8");
    check_words(result->remedy, "a remedy is UTF-8");
    fuzz_check(result->is_reachable || result->problem[0] != '\0', "what cannot be reached has words");
    fuzz_check(result->check_count <= PROBE_CHECKS_MAX, "checks have their bound");
    fuzz_check(fuzz_is_utf8(result->server_version) && fuzz_is_utf8(result->user) && fuzz_is_utf8(result->database),
               "names are UTF-8");
    for (int i = 0; i < result->check_count; i++) {
        check_words(result->checks[i].problem, "a check's problem is UTF-8");
        check_words(result->checks[i].remedy, "a check's remedy is UTF-8");
    }
}

/* ---- running ---- */

#define CYCLE_NOW_US INT64_C(1790000000000000)

static void run_cycle(const char *engine, struct text letters, struct arena *arena)
{
    static struct counter_baseline baselines[] = {
        {.key = {"10/5/1", 6}, .totals = {.calls = 3, .total_ms = 30}},
        {.key = {"10/5/2", 6}, .totals = {.calls = INT64_MAX, .total_ms = 1e15}},
        {.key = {"10/5/9", 6}, .totals = {.calls = 1, .total_ms = 1}},
    };
    struct target_options options = cycle_options(engine);
    struct collect_input input = {
        .target = &options, .min_duration_ms = 100, .makes_plans = true, .now_us = CYCLE_NOW_US};
    struct collect_result result;

    input.keeps_literals = memchr(letters.data, 'l', letters.size) != NULL;
    if (memchr(letters.data, 'b', letters.size) != NULL) {
        input.baselines = (struct baseline_list){.items = baselines, .count = 3};
        input.cursor = TEXT("{\"snapshot_at\": 1789999940000000, \"counted_since\": 1789999940000000, "
                            "\"statistics_since\": 1780000000000000, "
                            "\"server_since\": 1780000000000000, \"log_first\": 2637181610, \"log_row\": 1, "
                            "\"log_read_at\": 1789999940000000}");
    }
    collect_cycle(&input, arena, &result);
    check_result(&result);
}

static void check_look(const struct waits_look *look)
{
    fuzz_check(look->sessions.count <= WAITS_SESSIONS_MAX, "sessions have their bound");
    fuzz_check(look->edges.count <= WAITS_EDGES_MAX, "edges have their bound");
    fuzz_check(look->holders.count <= WAITS_SESSIONS_MAX, "sessions that others wait for have their bound");
    check_words(look->unseen_problem, "what is not seen is UTF-8");
    check_words(look->unseen_remedy, "what helps is UTF-8");
    for (size_t i = 0; i < look->sessions.count; i++) {
        const struct wait_session *session = &look->sessions.items[i];

        fuzz_check(session->id >= 0, "a session has a number");
        fuzz_check(session->wait_class <= WAIT_CLASS_OTHER && session->state <= BLOCK_STATE_UNKNOWN,
                   "a wait and a state are of a kind");
        fuzz_check(session->sql.size <= 16384 && session->event.size <= 512 && session->user.size <= 512 &&
                       session->host.size <= 512 && session->application.size <= 512,
                   "texts of a session have their bound");
    }
}

static void run_looks(const char *engine, struct arena *arena)
{
    struct target_options options = cycle_options(engine);
    struct waits_look look = {.arena = arena, .session_arena = arena, .is_first = true};
    enum status status = target_open(&options, &look.target, &look.failure);

    if (status != STATUS_OK)
        return;
    for (int i = 0; i < 2 && status == STATUS_OK; i++) {
        look.sessions.count = look.sessions.capacity = 0;
        look.holders.count = look.holders.capacity = 0;
        look.edges.count = look.edges.capacity = 0;
        status = collect_engine_of(engine)->look(&look);
        look.is_first = false;
        check_look(&look);
    }
    fuzz_check(status == STATUS_OK || look.failure.problem[0] != '\0', "a look that failed has words");
    check_words(look.failure.problem, "a problem is UTF-8");
    check_words(look.failure.remedy, "a remedy is UTF-8");
    target_close(look.target);
}

static int64_t own_work_us(void)
{
    struct timespec work;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &work);
    return work.tv_sec * CLOCK_SECOND_US + work.tv_nsec / 1000;
}

/* How long thread `id` of this process was ready to run while the machine ran others (proc(5), schedstat). */
static int64_t starved_us(pid_t id)
{
    char path[64], line[128] = "";
    struct text rest, number = TEXT("");
    int64_t starved_ns = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", (int)id);
    file = fopen(path, "r");
    if (file != NULL && fgets(line, sizeof line, file) != NULL) {
        rest = text_of(line); /* how long it ran, how long it waited, how often */
        text_split(&rest, ' ', &number);
        text_split(&rest, ' ', &number);
    }
    if (file != NULL)
        fclose(file);
    if (!text_to_int64(number, &starved_ns))
        return 0;
    return starved_ns / 1000;
}

/* What the client and the server did or could not do, which is no waiting. */
static int64_t not_waited_us(void)
{
    return own_work_us() + starved_us(gettid()) + starved_us(atomic_load(&cycle_server.thread));
}

static int cycle_fuzz(const char *engine, const struct script_protocol *protocol, const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size}, letters = TEXT("");
    struct arena *arena = arena_new(0);
    int64_t started_us, busy_us;

    cycle_server_start(protocol);
    if (size > 0)
        text_split(&input, '\n', &letters);
    pthread_mutex_lock(&cycle_server.mutex);
    cycle_server.script = (struct script){input, memchr(letters.data, 'x', letters.size) != NULL};
    pthread_mutex_unlock(&cycle_server.mutex);
    started_us = clock_monotonic_us();
    busy_us = not_waited_us();
    if (memchr(letters.data, 'p', letters.size) != NULL) {
        struct target_options options = cycle_options(engine);
        struct probe_result result;

        collect_probe(&options, 100, arena, &result);
        check_probe(&result);
    } else if (memchr(letters.data, 'w', letters.size) != NULL) {
        run_looks(engine, arena);
    } else {
        run_cycle(engine, letters, arena);
    }
    /* Without the time for what was read, which a sanitizer makes many times longer. */
    fuzz_check(clock_monotonic_us() - started_us - (not_waited_us() - busy_us) <
                   (CYCLE_DEADLINE_MS + CYCLE_SLACK_MS) * INT64_C(1000),
               "it ends at its deadline");
    fuzz_check(arena_used(arena) <= CYCLE_MEMORY_MAX, "memory has its bound");
    /* The server is through with the client before the input goes away. */
    pthread_mutex_lock(&cycle_server.mutex);
    cycle_server.script = (struct script){.rest = {NULL, 0}};
    pthread_mutex_unlock(&cycle_server.mutex);
    arena_destroy(arena);
    return 0;
}

#endif
