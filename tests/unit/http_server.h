/* For tests of what asks others: a server on loopback that answers each connection by a function of the test, names
 * that resolve to what the test says, and a count of the sockets that were made. */
#ifndef POTTO_TESTS_UNIT_HTTP_SERVER_H
#define POTTO_TESTS_UNIT_HTTP_SERVER_H

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

enum { REQUEST_BYTES = 65536 };

struct http_server {
    int fd, port;
    pthread_t thread;
    /* Answer a connection; `number` counts them from 1. */
    void (*answer)(int client, int number, const char *request);
    atomic_int connections;
    char request[REQUEST_BYTES]; /* the last one */
    char url[64];
};

/* ---- what the programs under test call instead of the system ---- */

static atomic_int sockets_made;

__attribute__((visibility("default"))) int socket(int family, int type, int protocol)
{
    int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

    atomic_fetch_add(&sockets_made, 1);
    return real(family, type, protocol);
}

/* "turns.test" resolves to one of these after the other, and to the last for ever; "both.test" to all at once. */
static const char *const *names_resolve_to;
static size_t names_count;
static atomic_int names_asked;

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **out)
{
    resolver *real = (resolver *)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo **end = out;
    size_t number = (size_t)atomic_load(&names_asked);

    if (name != NULL && strcmp(name, "slow.test") == 0) {
        sleep(3);
        return EAI_AGAIN;
    }
    if (name != NULL && strcmp(name, "turns.test") == 0) {
        atomic_fetch_add(&names_asked, 1);
        return real(names_resolve_to[number < names_count ? number : names_count - 1], service, hints, out);
    }
    if (name == NULL || strcmp(name, "both.test") != 0)
        return real(name, service, hints, out);
    for (size_t i = 0; i < names_count; i++) {
        if (real(names_resolve_to[i], service, hints, end) != 0)
            return EAI_NONAME;
        while (*end != NULL)
            end = &(*end)->ai_next;
    }
    return 0;
}

/* ---- the server ---- */

static inline int send_bytes(int client, const void *bytes, size_t size)
{
    return send(client, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static inline int say(int client, const char *format, ...)
{
    char text[8192];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return send_bytes(client, text, (size_t)size);
}

static inline void answer_json(int client, int code, const char *headers, const char *body)
{
    say(client, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
        code, headers, strlen(body));
    send_bytes(client, body, strlen(body));
}

/* Read a request with its body. */
static inline void read_request(int client, char *request)
{
    size_t used = 0, wanted = 0;

    request[0] = '\0';
    while (used < REQUEST_BYTES - 1) {
        ssize_t size = recv(client, request + used, REQUEST_BYTES - 1 - used, 0);
        const char *end, *length;
        int64_t body = 0;

        if (size <= 0)
            return;
        used += (size_t)size;
        request[used] = '\0';
        end = strstr(request, "\r\n\r\n");
        length = strcasestr(request, "content-length: ");
        if (end == NULL)
            continue;
        if (length != NULL && length < end)
            text_to_int64((struct text){length + 16, strcspn(length + 16, "\r")}, &body);
        wanted = (size_t)(end - request) + 4 + (size_t)body;
        if (used >= wanted)
            return;
    }
}

static inline void *serve(void *context)
{
    struct http_server *server = context;

    for (;;) {
        int client = accept(server->fd, NULL, NULL);
        int number;

        if (client < 0)
            return NULL;
        number = atomic_fetch_add(&server->connections, 1) + 1;
        read_request(client, server->request);
        server->answer(client, number, server->request);
        shutdown(client, SHUT_WR);
        close(client);
    }
}

static inline void server_start(struct http_server *server, void (*answer)(int, int, const char *))
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    memset(server, 0, sizeof *server);
    server->answer = answer;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->fd < 0 || bind(server->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->fd, 8) != 0 || getsockname(server->fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
    if (pthread_create(&server->thread, NULL, serve, server) != 0)
        abort();
}

static inline void server_stop(struct http_server *server)
{
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
}

#endif
