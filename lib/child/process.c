/* Starting, watching and ending processes; see process.h. */
#include "child/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "child/exit.h"
#include "child/message.h"

enum {
    SLICE_MS = 100,      /* should_stop is checked this often */
    START_MAX_MS = 5000, /* the first child waits until potto-target has loaded its libraries */
    START_ATTEMPTS = 2,
    STOP_MAX_MS = 300, /* a child may take leave of its server in this time */
    READ_BYTES = 64 * 1024
};

struct child_spawner {
    const char *program;
    pthread_mutex_t mutex; /* protects the members below */
    pid_t pid;             /* of potto-target; 0: none runs */
    int control;           /* our end of its socket */
    int64_t start_count;
    int start_error; /* of the last start; 0: it went well */
    int child_count; /* children that are being started or run */
};

/* ---- potto-target ---- */

static bool spawn(struct child_spawner *spawner, int control)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *arguments[] = {(char *)spawner->program, NULL};
    char *environment[] = {NULL};
    sigset_t none;

    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, control, CHILD_CONTROL_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, CHILD_CONTROL_FD + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    spawner->start_error = posix_spawn(&spawner->pid, spawner->program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return spawner->start_error == 0;
}

/* The caller holds the mutex, here and below. */
static bool start_program(struct child_spawner *spawner)
{
    int ends[2];

    if (spawner->pid != 0)
        return true;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    if (!spawn(spawner, ends[1])) {
        spawner->pid = 0;
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    close(ends[1]);
    spawner->control = ends[0];
    spawner->start_count++;
    return true;
}

static void end_program(struct child_spawner *spawner)
{
    if (spawner->pid == 0)
        return;
    close(spawner->control);
    kill(spawner->pid, SIGKILL);
    while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    spawner->pid = 0;
}

/* If potto-target was killed right after it cloned a child, nobody told us the child's id, and nobody waits for it. */
static void reap_strays(struct child_spawner *spawner)
{
    pid_t pid;

    while (spawner->child_count == 0 && (pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (pid == spawner->pid) {
            close(spawner->control);
            spawner->pid = 0;
        }
}

struct child_spawner *child_spawner_new(const char *program)
{
    struct child_spawner *spawner = calloc(1, sizeof *spawner);

    if (spawner == NULL)
        abort();
    spawner->program = program;
    pthread_mutex_init(&spawner->mutex, NULL);
    start_program(spawner); /* if it fails, the first look tries again, and says so */
    return spawner;
}

void child_spawner_keep(struct child_spawner *spawner)
{
    pthread_mutex_lock(&spawner->mutex);
    if (spawner->pid != 0 && waitpid(spawner->pid, NULL, WNOHANG) == spawner->pid) {
        close(spawner->control);
        spawner->pid = 0;
    }
    start_program(spawner);
    pthread_mutex_unlock(&spawner->mutex);
}

void child_spawner_destroy(struct child_spawner *spawner)
{
    if (spawner == NULL)
        return;
    end_program(spawner);
    reap_strays(spawner);
    pthread_mutex_destroy(&spawner->mutex);
    free(spawner);
}

/* ---- starting a child ---- */

static bool send_socket(int control, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fd)];
    } rights = {.header = {.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    char byte = 0;
    struct iovec payload = {&byte, sizeof byte};
    struct msghdr message = {
        .msg_iov = &payload, .msg_iovlen = 1, .msg_control = rights.bytes, .msg_controllen = sizeof rights.bytes};

    memcpy(CMSG_DATA(&rights.header), &fd, sizeof fd);
    return sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof byte;
}

/* Hand one end of a new socket to potto-target. *out_start: the start of the program that got it. */
static bool ask_for_child(struct child_spawner *spawner, struct child *child, int64_t *out_start)
{
    int ends[2];
    bool is_sent;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pthread_mutex_lock(&spawner->mutex);
    is_sent = start_program(spawner) && send_socket(spawner->control, ends[1]);
    *out_start = spawner->start_count;
    pthread_mutex_unlock(&spawner->mutex);
    close(ends[1]);
    child->fd = ends[0];
    return is_sent;
}

static void count_children(struct child_spawner *spawner, int change)
{
    pthread_mutex_lock(&spawner->mutex);
    spawner->child_count += change;
    reap_strays(spawner);
    pthread_mutex_unlock(&spawner->mutex);
}

/* Another thread may have started the program anew meanwhile. */
static void give_program_up(struct child_spawner *spawner, int64_t start)
{
    pthread_mutex_lock(&spawner->mutex);
    if (spawner->start_count == start)
        end_program(spawner);
    pthread_mutex_unlock(&spawner->mutex);
}

/* Wait until the socket is ready. Returns CHILD_END_UNSET if it is. */
static enum child_end wait_ready(const struct child *child, short events, int64_t deadline_us)
{
    for (;;) {
        struct pollfd waiting = {.fd = child->fd, .events = events};
        int64_t left_ms = (deadline_us - clock_monotonic_us() + 999) / 1000;

        if (child->should_stop != NULL && atomic_load(child->should_stop))
            return CHILD_STOPPED;
        if (left_ms <= 0)
            return CHILD_DEADLINE;
        if (poll(&waiting, 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS) > 0)
            return CHILD_END_UNSET;
    }
}

/* potto-target writes the id of the child that it cloned, before the child gets anything. */
static enum child_end read_pid(struct child *child)
{
    enum child_end end = wait_ready(child, POLLIN, clock_monotonic_us() + START_MAX_MS * INT64_C(1000));

    if (end != CHILD_END_UNSET)
        return end;
    return recv(child->fd, &child->pid, sizeof child->pid, MSG_DONTWAIT) == (ssize_t)sizeof child->pid && child->pid > 0
               ? CHILD_END_UNSET
               : CHILD_ABSENT;
}

static void tell_absence(struct child_spawner *spawner, struct child *child)
{
    pthread_mutex_lock(&spawner->mutex);
    if (spawner->start_error != 0)
        snprintf(child->cause, sizeof child->cause, "%s cannot be started: %s", spawner->program,
                 strerror(spawner->start_error));
    else
        snprintf(child->cause, sizeof child->cause, "%s made no child", spawner->program);
    pthread_mutex_unlock(&spawner->mutex);
}

enum child_end child_start(struct child_spawner *spawner, int64_t deadline_us, const atomic_bool *should_stop,
                           struct child *out_child)
{
    enum child_end end = CHILD_ABSENT;

    count_children(spawner, 1);
    for (int attempt = 0; attempt < START_ATTEMPTS && end != CHILD_END_UNSET && end != CHILD_STOPPED; attempt++) {
        int64_t start = 0;

        *out_child = (struct child){.fd = -1, .deadline_us = deadline_us, .should_stop = should_stop};
        if (ask_for_child(spawner, out_child, &start))
            end = read_pid(out_child);
        if (end == CHILD_END_UNSET)
            return end;
        if (out_child->fd >= 0)
            close(out_child->fd);
        if (end != CHILD_STOPPED)
            give_program_up(spawner, start);
    }
    count_children(spawner, -1);
    if (end == CHILD_STOPPED)
        return end;
    tell_absence(spawner, out_child);
    return CHILD_ABSENT;
}

/* ---- talking ---- */

static enum child_end send_all(const struct child *child, struct text bytes)
{
    while (bytes.size > 0) {
        enum child_end end = wait_ready(child, POLLOUT, child->deadline_us);
        ssize_t sent;

        if (end != CHILD_END_UNSET)
            return end;
        sent = send(child->fd, bytes.data, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return CHILD_DIED;
        if (sent > 0)
            bytes = (struct text){bytes.data + sent, bytes.size - (size_t)sent};
    }
    shutdown(child->fd, SHUT_WR);
    return CHILD_END_UNSET;
}

/* Read once, without waiting. True: the child has closed its end, or sends too much. */
static bool receive_some(const struct child *child, struct buffer *buffer, enum child_end *out_end)
{
    ssize_t got;

    *out_end = CHILD_END_UNSET;
    if (!buffer_reserve(buffer, READ_BYTES)) {
        *out_end = CHILD_TOO_LARGE;
        return true;
    }
    got = recv(child->fd, buffer->data + buffer->size_bytes, READ_BYTES, MSG_DONTWAIT);
    if (got > 0)
        buffer->size_bytes += (size_t)got;
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

/* Until the child closes its end. */
static enum child_end receive_all(const struct child *child, int64_t deadline_us, struct buffer *buffer)
{
    enum child_end end;

    do {
        end = wait_ready(child, POLLIN, deadline_us);
        if (end != CHILD_END_UNSET)
            return end;
    } while (!receive_some(child, buffer, &end));
    return end;
}

/* The child's handler of SIGTERM ends its waits, and it closes its session with the server. */
static void say_goodbye(const struct child *child, struct buffer *buffer)
{
    struct child leaving = {.pid = child->pid, .fd = child->fd};

    kill(child->pid, SIGTERM);
    receive_all(&leaving, clock_monotonic_us() + STOP_MAX_MS * INT64_C(1000), buffer);
}

static enum child_end end_of(enum child_exit code, bool is_confined)
{
    switch (code) {
    case CHILD_EXIT_ANSWERED:
        return CHILD_ANSWERED;
    case CHILD_EXIT_MEMORY:
        return CHILD_MEMORY;
    case CHILD_EXIT_TOO_LARGE:
        return CHILD_TOO_LARGE;
    case CHILD_EXIT_REQUEST:
        return is_confined ? CHILD_QUIT : CHILD_REFUSED;
    case CHILD_EXIT_SANDBOX:
        return is_confined ? CHILD_QUIT : CHILD_ABSENT;
    case CHILD_EXIT_SIGN_IN:
        return CHILD_SIGN_IN;
    }
    return CHILD_QUIT;
}

/* An exiting child keeps its exit code, whatever signal still comes. */
static enum child_end end_child(struct child *child, bool is_confined)
{
    enum child_end end;
    int state = 0;

    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &state, 0) < 0)
        if (errno != EINTR)
            return CHILD_DIED;
    if (WIFSIGNALED(state)) {
        child->signal_number = WTERMSIG(state);
        return child->signal_number == SIGALRM || child->signal_number == SIGXCPU ? CHILD_DEADLINE : CHILD_DIED;
    }
    end = end_of((enum child_exit)WEXITSTATUS(state), is_confined);
    if (end == CHILD_ABSENT)
        snprintf(child->cause, sizeof child->cause, "the child could not confine itself");
    return end;
}

enum child_end child_finish(struct child_spawner *spawner, struct child *child, enum child_end end,
                            struct buffer *buffer, struct arena *arena, struct text *out_answer)
{
    bool is_confined = buffer->size_bytes > 0;
    enum child_end death = end_child(child, is_confined);

    close(child->fd);
    count_children(spawner, -1);
    *out_answer = is_confined ? (struct text){buffer->data + 1, buffer->size_bytes - 1} : TEXT(""); /* CHILD_CONFINED */
    if (buffer->data != NULL)
        arena_defer(arena, free, buffer->data);
    return end == CHILD_END_UNSET || end == CHILD_DIED ? death : end;
}

void child_buffer_init(struct buffer *buffer, size_t max_bytes)
{
    buffer_init(buffer, max_bytes + READ_BYTES);
}

enum child_end child_talk(struct child_spawner *spawner, struct child *child, struct text request, struct arena *arena,
                          struct text *out_answer)
{
    struct buffer buffer;
    enum child_end end;

    child_buffer_init(&buffer, MESSAGE_BYTES_MAX);
    end = send_all(child, request);
    if (end == CHILD_END_UNSET)
        end = receive_all(child, child->deadline_us, &buffer);
    if (end == CHILD_STOPPED)
        say_goodbye(child, &buffer);
    return child_finish(spawner, child, end, &buffer, arena, out_answer);
}

/* ---- many at once ---- */

enum child_end child_send(const struct child *child, struct text request)
{
    return send_all(child, request);
}

bool child_receive(const struct child *child, struct buffer *buffer, enum child_end *out_end)
{
    if (receive_some(child, buffer, out_end))
        return true;
    if (clock_monotonic_us() < child->deadline_us)
        return false;
    *out_end = CHILD_DEADLINE;
    return true;
}
