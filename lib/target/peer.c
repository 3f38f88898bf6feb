/* Servers of other kinds; see peer.h. */
#include "target/peer.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/guard.h"

struct words {
    const char *bytes;
    size_t size;
};
#define WORDS(literal)                                                                                                 \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

/* What servers say first, by themselves or asked. */
static const struct {
    struct words first;
    const char *what;
} known[] = {
    {WORDS("HTTP/"), "An HTTP server"},
    {WORDS("SSH-"), "An SSH server"},
    {WORDS("\x15\x03"), "A server that speaks TLS alone"}, /* an alert */
    {WORDS("\x16\x03"), "A server that speaks TLS alone"},
    {WORDS("220 "), "A server for mail or files (SMTP or FTP)"},
    {WORDS("220-"), "A server for mail or files (SMTP or FTP)"},
    {WORDS("+OK "), "A mail server (POP3)"},
    {WORDS("* OK"), "A mail server (IMAP)"},
    {WORDS("-ERR "), "A Redis server"},
    {WORDS("-DENIED "), "A Redis server"},
    {WORDS("RFB "), "A VNC server"},
};

/* Length (three bytes), number 0; then version 10 of the protocol, or an error. */
static bool is_mysql(const unsigned char *first, size_t size)
{
    return size > 4 && first[2] == 0 && first[3] == 0 && (first[4] == 10 || first[4] == 255);
}

const char *peer_of(enum engine_kind engine, const unsigned char *first, size_t size)
{
    if (is_mysql(first, size))
        return engine == ENGINE_MYSQL ? NULL : "A MariaDB or MySQL server";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (size >= known[i].first.size && memcmp(first, known[i].first.bytes, known[i].first.size) == 0)
            return known[i].what;
    return NULL;
}

/* ---- asking ---- */

/* In this order. PostgreSQL answers the first with one byte; its own client has asked that already. OPTIONS has no
 * effect on an HTTP server. The last is the beginning of TLS with four ciphers and nothing else. */
enum { QUESTION_POSTGRESQL, QUESTION_HTTP, QUESTION_TLS, QUESTIONS };
static const struct words questions[QUESTIONS] = {
    [QUESTION_POSTGRESQL] = WORDS("\0\0\0\x08\x04\xd2\x16\x2f"),
    [QUESTION_HTTP] = WORDS("OPTIONS * HTTP/1.0\r\n\r\n"),
    [QUESTION_TLS] = WORDS("\x16\x03\x01\0\x33\x01\0\0\x2f\x03\x03"
                           "a name of what answers here, pls"
                           "\0\0\x08\xc0\x2f\xc0\x30\0\x9c\0\x2f\x01\0"),
};

static bool finish_connecting(int fd, const struct addrinfo *address)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return true;
    return errno == EINPROGRESS && target_guard_wait(fd, POLLOUT) &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

/* The first bytes of the answer; 0: none came. */
static size_t ask(const struct addrinfo *address, const struct words *question, unsigned char first[PEER_FIRST_BYTES])
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
    ssize_t got = 0;

    if (fd < 0)
        return 0;
    if (finish_connecting(fd, address) &&
        send(fd, question->bytes, question->size, MSG_NOSIGNAL) == (ssize_t)question->size &&
        target_guard_wait(fd, POLLIN))
        got = recv(fd, first, PEER_FIRST_BYTES, 0);
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

static const char *ask_guarded(const struct target_options *options, enum engine_kind engine,
                               const struct addrinfo *address, int question)
{
    struct target_guard guard = {.deadline_us = clock_monotonic_us() + PEER_WAIT_MS * INT64_C(1000),
                                 .should_stop = options->should_stop,
                                 .receive_max = PEER_FIRST_BYTES};
    unsigned char first[PEER_FIRST_BYTES];
    size_t size;

    if (options->deadline_us != 0 && options->deadline_us < guard.deadline_us)
        guard.deadline_us = options->deadline_us;
    target_guard_begin(&guard);
    size = ask(address, &questions[question], first);
    target_guard_end();
    if (question == QUESTION_POSTGRESQL && size == 1 && (first[0] == 'S' || first[0] == 'N'))
        return "A PostgreSQL server";
    return peer_of(engine, first, size);
}

const char *peer_ask(const struct target_options *options, enum engine_kind engine)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const char *what = NULL;
    char port[12];

    if (target_is_socket(options))
        return NULL;
    snprintf(port, sizeof port, "%d", target_port(options));
    if (getaddrinfo(options->host, port, &hints, &found) != 0)
        return NULL;
    for (int i = engine == ENGINE_POSTGRESQL ? QUESTION_HTTP : QUESTION_POSTGRESQL; what == NULL && i < QUESTIONS; i++)
        what = ask_guarded(options, engine, found, i);
    freeaddrinfo(found);
    return what;
}
