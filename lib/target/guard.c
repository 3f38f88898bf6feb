/* The four calls that the libraries find here instead of in the C library; see guard.h. */
#undef _FORTIFY_SOURCE /* it defines some of these calls itself */
#include "target/guard.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    SLICE_MS = 100,              /* should_stop is looked at this often */
    MYSQL_HEADER_BYTES = 4,      /* three of length, one of sequence */
    MYSQL_TLS_REQUEST_BYTES = 36 /* with its header */
};

static _Thread_local const struct target_guard *guarding;
static _Thread_local size_t received_bytes;
static _Thread_local enum target_failure reason;
static _Thread_local struct opening opening;

void target_guard_begin(const struct target_guard *guard)
{
    assert(guarding == NULL);
    guarding = guard;
    received_bytes = 0;
    reason = TARGET_FAILURE_UNSET;
    if (guard->is_signing_in)
        opening = (struct opening){.state = OPENING_UNSET};
}

const struct opening *target_guard_opening(void)
{
    return &opening;
}

bool target_guard_is_signing_in(void)
{
    return guarding != NULL && guarding->is_signing_in;
}

enum target_failure target_guard_reason(void)
{
    return reason;
}

enum target_failure target_guard_end(void)
{
    guarding = NULL;
    return reason;
}

/* The first reason counts: what follows from it is no news. */
static bool refuse(enum target_failure why)
{
    if (reason == TARGET_FAILURE_UNSET)
        reason = why;
    return false;
}

static bool may_go_on(void)
{
    if (reason != TARGET_FAILURE_UNSET)
        return false;
    if (guarding->should_stop != NULL && atomic_load(guarding->should_stop))
        return refuse(TARGET_FAILURE_STOPPED);
    if (clock_monotonic_us() >= guarding->deadline_us)
        return refuse(TARGET_FAILURE_TIMEOUT);
    return true;
}

static int poll_slice(struct pollfd *fds, nfds_t count, int64_t left_ms)
{
    int64_t slice_ms = left_ms < SLICE_MS ? left_ms : SLICE_MS;
    struct timespec slice = {.tv_nsec = (slice_ms < 0 ? 0 : slice_ms) * 1000000};

    return ppoll(fds, count, &slice, NULL);
}

/* `timeout_ms` < 0: until the guard refuses. Like poll(): 0 when time is over. */
static int poll_guarded(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int64_t started_us = clock_monotonic_us();

    for (;;) {
        int64_t now_us = clock_monotonic_us();
        int64_t left_ms = timeout_ms < 0 ? SLICE_MS : timeout_ms - (now_us - started_us) / 1000;
        int ready;

        if (!may_go_on())
            return 0;
        if (guarding->deadline_us - now_us < left_ms * 1000)
            left_ms = (guarding->deadline_us - now_us + 999) / 1000;
        ready = poll_slice(fds, count, left_ms);
        if (ready != 0)
            return ready;
        if (timeout_ms >= 0 && (clock_monotonic_us() - started_us) / 1000 >= timeout_ms)
            return 0;
    }
}

bool target_guard_wait(int fd, short events)
{
    struct pollfd waiting = {.fd = fd, .events = events};

    while (may_go_on())
        if (poll_guarded(&waiting, 1, -1) > 0)
            return true;
    return false;
}

/* ---- the password ---- */

/* PostgreSQL: 'p', the length with itself as four bytes, the password, NUL. */
static bool has_postgres_password(const unsigned char *sent, size_t size)
{
    size_t password_size = strlen(guarding->password) + 1, length = password_size + 4;
    unsigned char head[5] = {'p', (unsigned char)(length >> 24), (unsigned char)(length >> 16),
                             (unsigned char)(length >> 8), (unsigned char)length};
    const unsigned char *at = sent;

    while ((at = memmem(at, size - (size_t)(at - sent), head, sizeof head)) != NULL) {
        at += sizeof head;
        if (size - (size_t)(at - sent) >= password_size && memcmp(at, guarding->password, password_size) == 0)
            return true;
    }
    return false;
}

/* MySQL: a packet that is the password with its NUL; or one byte, 1 or 2, which asks for a key to encrypt it with.
 * Anybody may have sent that key, so it is as good as clear. */
static bool has_mysql_password(const unsigned char *sent, size_t size)
{
    size_t password_size = strlen(guarding->password) + 1;
    size_t length = size < MYSQL_HEADER_BYTES ? 0 : sent[0] | (size_t)sent[1] << 8 | (size_t)sent[2] << 16;

    if (length == 0 || length != size - MYSQL_HEADER_BYTES)
        return false;
    sent += MYSQL_HEADER_BYTES;
    if (length == 1 && (sent[0] == 1 || sent[0] == 2))
        return true;
    return length == password_size && memcmp(sent, guarding->password, password_size) == 0;
}

static bool may_send(const unsigned char *data, size_t size)
{
    if (!may_go_on())
        return false;
    /* What OpenSSL has encrypted does not come by here: it writes by write(), or as other bytes. */
    if (guarding->must_encrypt && size != MYSQL_TLS_REQUEST_BYTES)
        return refuse(TARGET_FAILURE_TLS);
    if (guarding->password == NULL || guarding->password[0] == '\0')
        return true;
    if (guarding->engine == ENGINE_POSTGRESQL ? has_postgres_password(data, size) : has_mysql_password(data, size))
        return refuse(TARGET_FAILURE_CLEAR_PASSWORD);
    return true;
}

/* ---- the calls ---- */

#define FOUND_BY_LIBRARIES __attribute__((visibility("default")))

static ssize_t refused(int error)
{
    errno = error;
    return -1;
}

static bool may_receive(void)
{
    return may_go_on() && (received_bytes < guarding->receive_max || refuse(TARGET_FAILURE_SHAPE));
}

/* The call received so many bytes, or failed. */
static ssize_t note_received(ssize_t size)
{
    if (size > 0)
        received_bytes += (size_t)size;
    return size;
}

/* The same by recv(), by which the libraries read what a server says first. */
static ssize_t note_heard(const void *data, ssize_t size)
{
    if (guarding->is_signing_in) {
        opening.is_closed = size == 0 || (size < 0 && errno == ECONNRESET);
        opening.is_connected = opening.is_connected || size > 0 || opening.is_closed || errno == EAGAIN;
    }
    if (note_received(size) > 0 && guarding->is_signing_in && !opening_note_received(&opening, data, (size_t)size)) {
        refuse(TARGET_FAILURE_COST);
        return refused(ECONNRESET);
    }
    return size;
}

static void note_sent(const void *data, size_t size)
{
    opening.is_connected = true;
    if (guarding->engine == ENGINE_POSTGRESQL)
        opening_note_sent(&opening, data, size);
}

FOUND_BY_LIBRARIES ssize_t send(int fd, const void *data, size_t size, int flags)
{
    ssize_t sent;

    if (guarding != NULL && !may_send(data, size))
        return refused(EACCES);
    sent = sendto(fd, data, size, flags, NULL, 0);
    if (guarding != NULL && guarding->is_signing_in && sent >= 0)
        note_sent(data, size);
    return sent;
}

FOUND_BY_LIBRARIES ssize_t recv(int fd, void *data, size_t size, int flags)
{
    if (guarding == NULL)
        return recvfrom(fd, data, size, flags, NULL, NULL);
    if (!may_receive())
        return refused(ECONNRESET);
    return note_heard(data, recvfrom(fd, data, size, flags, NULL, NULL));
}

/* OpenSSL reads by it where Connector/C uses TLS. */
FOUND_BY_LIBRARIES ssize_t read(int fd, void *data, size_t size)
{
    if (guarding == NULL)
        return syscall(SYS_read, fd, data, size);
    if (!may_receive())
        return refused(ECONNRESET);
    return note_received(syscall(SYS_read, fd, data, size));
}

FOUND_BY_LIBRARIES int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec limit = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};

    if (guarding != NULL)
        return poll_guarded(fds, count, timeout_ms);
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &limit, NULL);
}
