/* A FastCGI connection, which carries one request and its answer (FastCGI 1.0, role of a responder). Nothing waits
 * longer than it is told, and nothing grows with a length that the peer claims: libfcgi waits without end for a peer
 * that is silent, sends a byte now and then or does not read, and allocates what a parameter's length says. */
#ifndef POTTO_FCGI_SERVER_CONNECTION_H
#define POTTO_FCGI_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    CONNECTION_HEAD_BYTES_MAX = 128 * 1024, /* all parameters; nginx sends 32 KiB of headers and a few of its own */
    CONNECTION_BUFFER_BYTES = 32 * 1024,
};

/* Of the worker; used for one connection after the other. */
struct connection {
    int fd; /* -1: none */
    int request_id;
    char **params;                     /* "NAME=value", ended by NULL; in the arena of connection_read_head */
    int64_t read_left_us;              /* for all that is still to be read; the caller sets it for the body */
    int64_t read_until_us;             /* the same while reading, on the monotonic clock */
    size_t content_left, padding_left; /* of the record at hand */
    bool is_at_end;                    /* the body was read, or the peer failed */
    size_t from, to;                   /* what `buffer` holds */
    unsigned char buffer[CONNECTION_BUFFER_BYTES];
};

/* Wait for a connection. False: accept(2) failed; errno says why. */
bool connection_accept(struct connection *connection, int listen_fd);

/* Read the parameters, in at most `max_ms`. False: the peer has closed, was too slow, or sent something else than a
 * request. */
bool connection_read_head(struct connection *connection, int max_ms, struct arena *arena);

/* Read up to size_bytes bytes of the body; fewer only at its end, or if the peer failed. `connection` is a struct
 * connection. */
size_t connection_read_body(void *connection, char *out_data, size_t size_bytes);

void connection_close(struct connection *connection);

#endif
