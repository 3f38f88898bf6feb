/* A child's one request; see jail.h. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "child/exit.h"
#include "child/message.h"
#include "jail/jail.h"
#include "target/guard.h"

enum {
    YIELDING_NICE = 10,
    READ_BYTES = 64 * 1024,
    ALARM_AFTER_MS = 5000 /* the collector should have ended us long before */
};

static atomic_bool should_stop;

static void note_stop(int number)
{
    (void)number;
    atomic_store(&should_stop, true);
}

/* Once a second of the processor. No library has a limit for what a server may ask of it to sign in, and none can be
 * interrupted there. */
static void note_processor_second(int number)
{
    static int seconds;

    (void)number;
    seconds = target_guard_is_signing_in() ? seconds + 1 : 0;
    if (seconds >= CHILD_SIGN_IN_CPU_S)
        _exit(CHILD_EXIT_SIGN_IN);
}

static struct text read_all(int fd)
{
    static struct buffer buffer;

    buffer_init(&buffer, MESSAGE_BYTES_MAX + READ_BYTES);
    for (;;) {
        ssize_t got;

        if (!buffer_reserve(&buffer, READ_BYTES))
            _exit(CHILD_EXIT_REQUEST);
        got = read(fd, buffer.data + buffer.size_bytes, READ_BYTES);
        if (got == 0)
            return buffer_text(&buffer);
        if (got < 0 && errno != EINTR)
            _exit(CHILD_EXIT_REQUEST);
        if (got > 0)
            buffer.size_bytes += (size_t)got;
    }
}

static void write_all(int fd, struct text bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = write(fd, bytes.data, bytes.size);

        if (sent < 0 && errno != EINTR)
            _exit(CHILD_EXIT_REQUEST);
        if (sent > 0)
            bytes = (struct text){bytes.data + sent, bytes.size - (size_t)sent};
    }
}

static void set_signals(int64_t max_ms)
{
    const struct sigaction stop = {.sa_handler = note_stop}; /* without SA_RESTART: it ends waits */
    const struct sigaction second = {.sa_handler = note_processor_second, .sa_flags = SA_RESTART};
    const struct itimerval seconds = {.it_value = {.tv_sec = 1}, .it_interval = {.tv_sec = 1}};
    int64_t after_ms = max_ms + ALARM_AFTER_MS;
    const struct itimerval timer = {.it_value = {.tv_sec = after_ms / 1000, .tv_usec = after_ms % 1000 * 1000}};

    sigaction(SIGTERM, &stop, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    sigaction(SIGPROF, &second, NULL);
    setitimer(ITIMER_PROF, &seconds, NULL);
}

static struct sandbox_needs needs_of(const struct message_request *request)
{
    const struct target_options *options = &request->options;

    if (request->kind == MESSAGE_LOG)
        return (struct sandbox_needs){.memory_mb = CHILD_MEMORY_MB, .is_offline = true};
    return (struct sandbox_needs){.memory_mb = request->kind == MESSAGE_WAITS ? CHILD_WAITS_MEMORY_MB : CHILD_MEMORY_MB,
                                  .port = target_port(options),
                                  .allows_sockets = options->allows_sockets && target_is_socket(options),
                                  .ca_file = options->ca_file};
}

static void answer(struct message_request *request, struct arena *arena, struct buffer *buffer)
{
    static struct collect_result collected;
    static struct waits_result waited;
    struct probe_result probed;
    struct log_result log;

    if (request->kind == MESSAGE_LOG) {
        collect_log(&request->log, arena, &log);
        message_pack_log(&log, buffer);
    } else if (request->kind == MESSAGE_COLLECT) {
        request->input.target = &request->options;
        collect_cycle(&request->input, arena, &collected);
        message_pack_collected(&collected, arena, buffer);
    } else if (request->kind == MESSAGE_WAITS) {
        request->waits.target = &request->options;
        collect_waits(&request->waits, arena, &waited);
        message_pack_waits(&waited, arena, buffer);
    } else {
        collect_probe(&request->options, request->min_duration_ms, arena, &probed);
        message_pack_probed(&probed, arena, buffer);
    }
}

void serve(int fd)
{
    static struct message_request request;
    static const char confined[] = {CHILD_CONFINED};
    struct arena *arena = arena_new(0);
    struct sandbox_needs needs;
    struct buffer buffer;

    if (!message_unpack_request(read_all(fd), arena, &request))
        _exit(CHILD_EXIT_REQUEST);
    set_signals(request.max_ms);
    if (request.is_yielding)
        setpriority(PRIO_PROCESS, 0, YIELDING_NICE);
    needs = needs_of(&request);
    if (!sandbox_enter(&needs))
        _exit(CHILD_EXIT_SANDBOX);
    write_all(fd, (struct text){confined, sizeof confined});
    request.options.should_stop = &should_stop;
    request.options.deadline_us = clock_monotonic_us() + request.max_ms * INT64_C(1000);
    buffer_init(&buffer, MESSAGE_BYTES_MAX);
    answer(&request, arena, &buffer);
    if (buffer.has_failed)
        _exit(CHILD_EXIT_TOO_LARGE);
    write_all(fd, buffer_text(&buffer));
    _exit(CHILD_EXIT_ANSWERED);
}
