/* Cycles and probes in children; see child.h. */
#include "child/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "child/exit.h"
#include "child/message.h"
#include "child/process.h"

enum { TAIL_MS = 1500 /* the child's own deadline comes so much before it is killed: it may say what took so long */ };

/* What a page says of a look without an answer. %d is the end's number: the most seconds, a signal, the most MB. */
static const struct {
    const char *problem, *remedy;
} words[] = {
    [CHILD_DEADLINE] = {"The look took longer than %d s and was ended.",
                        "Check that the server is not overloaded, and that what answers at this address is a database. "
                        "Potto tries again, after a longer pause each time."},
    [CHILD_DIED] = {"The process that talks with this server died (signal %d).",
                    "No database server's answers should do that: check that what answers at this address is one. "
                    "Potto tries again, after a longer pause each time. The collector's log has the moment."},
    [CHILD_QUIT] = {"The process that talks with this server ended without an answer.",
                    "No database server's answers should do that: check that what answers at this address is one. "
                    "Potto tries again, after a longer pause each time. The collector's log has the moment."},
    [CHILD_MEMORY] = {"The server's answers needed more than %d MB, which is more than Potto gives to one look.",
                      "Check that what answers at this address is a database. Potto tries again, after a longer pause "
                      "each time."},
    [CHILD_TOO_LARGE] = {"The look found more than %d MB, which is more than Potto takes from one look.",
                         "Collect less at once: a higher least duration, or fewer statements in the server's "
                         "statistics. Potto tries again, after a longer pause each time."},
    [CHILD_SIGN_IN] =
        {"The server's way of signing in costs too much: more than %d s of Potto's processor.",
         "Set scram_iterations of PostgreSQL to less and the user's password again, or look for "
         "oversized keys in the server's certificate. Potto tries again, after a longer pause each time."},
    [CHILD_GARBLED] = {"The process that talks with this server sent something that breaks Potto's rules.",
                       "Nothing of it was stored. Check that what answers at this address is a database. Potto tries "
                       "again, after a longer pause each time."},
    [CHILD_REFUSED] =
        {"The process that talks with this server did not understand what it was asked.",
         "This is a fault of Potto's, not of the server: after an upgrade, restart potto-collector, so that "
         "it and potto-target are of the same version."},
    [CHILD_STOPPED] = {"The collection was stopped.", ""},
    [CHILD_ABSENT] = {"Potto could not start the process that talks with this server.",
                      "This is a fault of Potto's machine; its collector's log has the cause."},
};

static int number_of(enum child_end end, int max_ms, int signal_number)
{
    return end == CHILD_DEADLINE    ? max_ms / 1000
           : end == CHILD_DIED      ? signal_number
           : end == CHILD_MEMORY    ? CHILD_MEMORY_MB
           : end == CHILD_SIGN_IN   ? CHILD_SIGN_IN_CPU_S
           : end == CHILD_TOO_LARGE ? MESSAGE_BYTES_MAX / (1024 * 1024)
                                    : 0;
}

/* The request for a child that ends at the deadline. It holds the server's password: wipe() the bytes when they are
 * sent. "": it is too large. */
static struct text pack(struct message_request *request, int64_t deadline_us, struct buffer *buffer)
{
    request->max_ms = (deadline_us - clock_monotonic_us()) / 1000 - TAIL_MS;
    if (request->max_ms < 0)
        request->max_ms = 0;
    buffer_init(buffer, MESSAGE_BYTES_MAX);
    message_pack_request(request, buffer);
    return buffer->has_failed ? TEXT("") : buffer_text(buffer);
}

static void wipe(struct buffer *buffer)
{
    if (buffer->data != NULL)
        explicit_bzero(buffer->data, buffer->size_bytes);
    buffer_free(buffer);
}

/* Send the request and get the answer. */
static enum child_end ask(struct child_spawner *spawner, struct message_request *request, int max_ms,
                          struct arena *arena, struct text *out_answer, struct child *out_child)
{
    int64_t deadline_us = clock_monotonic_us() + max_ms * INT64_C(1000);
    struct buffer buffer;
    enum child_end end = child_start(spawner, deadline_us, request->options.should_stop, out_child);

    if (end != CHILD_END_UNSET)
        return end;
    end = child_talk(spawner, out_child, pack(request, deadline_us, &buffer), arena, out_answer);
    wipe(&buffer);
    return end;
}

enum child_end child_collect(struct child_spawner *spawner, const struct collect_input *input, int max_ms,
                             bool is_yielding, struct arena *arena, struct collect_result *out_result)
{
    struct message_request request = {
        .kind = MESSAGE_COLLECT, .is_yielding = is_yielding, .options = *input->target, .input = *input};
    struct text answer = {NULL, 0};
    struct child child;
    enum child_end end = ask(spawner, &request, max_ms, arena, &answer, &child);

    if (end == CHILD_ANSWERED && message_unpack_collected(answer, input, arena, out_result))
        return end;
    if (end == CHILD_ANSWERED)
        end = CHILD_GARBLED;
    *out_result = (struct collect_result){.state = COLLECT_STATE_FAILED};
    snprintf(out_result->problem, sizeof out_result->problem, words[end].problem,
             number_of(end, max_ms, child.signal_number));
    snprintf(out_result->remedy, sizeof out_result->remedy, "%s", words[end].remedy);
    snprintf(out_result->detail, sizeof out_result->detail, "%s", child.cause);
    return end;
}

enum child_end child_probe(struct child_spawner *spawner, const struct target_options *options, double min_duration_ms,
                           int max_ms, struct arena *arena, struct probe_result *out_result)
{
    struct message_request request = {.kind = MESSAGE_PROBE, .options = *options, .min_duration_ms = min_duration_ms};
    struct text answer = {NULL, 0};
    struct child child;
    enum child_end end = ask(spawner, &request, max_ms, arena, &answer, &child);

    if (end == CHILD_ANSWERED && message_unpack_probed(answer, arena, out_result))
        return end;
    if (end == CHILD_ANSWERED)
        end = CHILD_GARBLED;
    *out_result = (struct probe_result){
        .problem = arena_printf(arena, words[end].problem, number_of(end, max_ms, child.signal_number)),
        .remedy = words[end].remedy};
    return end;
}

enum child_end child_log(struct child_spawner *spawner, const struct log_input *input, int max_ms,
                         const atomic_bool *should_stop, struct arena *arena, struct log_result *out_result)
{
    struct message_request request = {
        .kind = MESSAGE_LOG, .is_yielding = true, .options = {.should_stop = should_stop}, .log = *input};
    struct text answer = {NULL, 0};
    struct child child;
    enum child_end end = ask(spawner, &request, max_ms, arena, &answer, &child);

    if (end == CHILD_ANSWERED && message_unpack_log(answer, input, arena, out_result))
        return end;
    if (end == CHILD_ANSWERED)
        end = CHILD_GARBLED;
    *out_result = (struct log_result){.place = input->place, .last_event_us = LOGS_TIME_UNKNOWN};
    snprintf(out_result->problem, sizeof out_result->problem, "The process that reads a part of the log %s.",
             end == CHILD_DEADLINE ? "took too long"
             : end == CHILD_MEMORY ? "needed too much memory"
             : end == CHILD_ABSENT ? "could not be started"
                                   : "ended without a valid answer");
    return end;
}

/* ---- looks at sessions ---- */

struct child_waits {
    struct child_spawner *spawner;
    struct child child;
    struct buffer answer;
    int max_ms;
    bool is_over;
    enum child_end end; /* when it is over */
};

static void tell_waits(enum child_end end, int max_ms, const struct child *child, struct waits_result *out_result)
{
    *out_result = (struct waits_result){.state = COLLECT_STATE_FAILED};
    snprintf(out_result->problem, sizeof out_result->problem, words[end].problem,
             end == CHILD_MEMORY      ? CHILD_WAITS_MEMORY_MB
             : end == CHILD_TOO_LARGE ? MESSAGE_WAITS_BYTES_MAX / (1024 * 1024)
                                      : number_of(end, max_ms, child->signal_number));
    snprintf(out_result->remedy, sizeof out_result->remedy, "%s", words[end].remedy);
    snprintf(out_result->detail, sizeof out_result->detail, "%s", child->cause);
}

static enum child_end send_waits(struct child_waits *waits, struct message_request *request)
{
    struct buffer buffer;
    enum child_end end = child_send(&waits->child, pack(request, waits->child.deadline_us, &buffer));

    wipe(&buffer);
    return end;
}

struct child_waits *child_waits_begin(struct child_spawner *spawner, const struct waits_input *input, int max_ms,
                                      struct waits_result *out_result)
{
    struct message_request request = {
        .kind = MESSAGE_WAITS, .is_yielding = true, .options = *input->target, .waits = *input};
    struct child_waits *waits = calloc(1, sizeof *waits);
    enum child_end end;

    if (waits == NULL)
        abort();
    waits->spawner = spawner;
    waits->max_ms = max_ms;
    end =
        child_start(spawner, clock_monotonic_us() + max_ms * INT64_C(1000), input->target->should_stop, &waits->child);
    if (end != CHILD_END_UNSET) {
        tell_waits(end, max_ms, &waits->child, out_result);
        free(waits);
        return NULL;
    }
    child_buffer_init(&waits->answer, MESSAGE_WAITS_BYTES_MAX);
    waits->end = send_waits(waits, &request);
    waits->is_over = waits->end != CHILD_END_UNSET;
    return waits;
}

int child_waits_socket(const struct child_waits *waits)
{
    return waits->child.fd;
}

bool child_waits_is_over(struct child_waits *waits)
{
    if (!waits->is_over)
        waits->is_over = child_receive(&waits->child, &waits->answer, &waits->end);
    return waits->is_over;
}

void child_waits_stop(struct child_waits *waits)
{
    kill(waits->child.pid, SIGTERM);
}

enum child_end child_waits_end(struct child_waits *waits, struct arena *arena, struct waits_result *out_result)
{
    struct text answer = {NULL, 0};
    enum child_end end = child_finish(waits->spawner, &waits->child, waits->is_over ? waits->end : CHILD_STOPPED,
                                      &waits->answer, arena, &answer);

    if (end == CHILD_ANSWERED && !message_unpack_waits(answer, arena, out_result))
        end = CHILD_GARBLED;
    if (end != CHILD_ANSWERED)
        tell_waits(end, waits->max_ms, &waits->child, out_result);
    free(waits);
    return end;
}
