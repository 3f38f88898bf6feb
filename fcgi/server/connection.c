/* Reading FastCGI requests; see connection.h. The layout of records follows sections 3.3 to 3.5 and 5.1 to 5.3 of the
 * FastCGI 1.0 specification. */
#include "fcgi/server/connection.h"

#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

struct record {
    int type, request_id;
    size_t content_bytes, padding_bytes;
};

bool connection_accept(struct connection *connection, int listen_fd)
{
    connection->fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    connection->from = connection->to = 0;
    connection->content_left = connection->padding_left = 0;
    connection->is_at_end = false;
    return connection->fd >= 0;
}

void connection_close(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
}

/* ---- bytes ---- */

static void start_reading(struct connection *connection)
{
    connection->read_until_us = clock_monotonic_us() + connection->read_left_us;
}

static void stop_reading(struct connection *connection)
{
    connection->read_left_us = connection->read_until_us - clock_monotonic_us();
}

/* Receive what is there, or wait for it. Returns 0 if the peer has closed, failed, or was too slow. */
static size_t receive(struct connection *connection, void *out, size_t size_bytes)
{
    struct pollfd peer = {.fd = connection->fd, .events = POLLIN};
    int64_t left_us;

    while ((left_us = connection->read_until_us - clock_monotonic_us()) > 0) {
        ssize_t count = recv(connection->fd, out, size_bytes, MSG_DONTWAIT);

        if (count >= 0)
            return (size_t)count;
        if (errno == EAGAIN)
            poll(&peer, 1, (int)(left_us / 1000 + 1));
        else if (errno != EINTR)
            return 0;
    }
    return 0;
}

/* Read exactly size_bytes, which the buffer holds; NULL if they don't come. */
static const unsigned char *read_exactly(struct connection *connection, size_t size_bytes)
{
    unsigned char *buffer = connection->buffer;

    if (connection->to - connection->from < size_bytes && connection->from > 0) {
        memmove(buffer, buffer + connection->from, connection->to - connection->from);
        connection->to -= connection->from;
        connection->from = 0;
    }
    while (connection->to - connection->from < size_bytes) {
        size_t count = receive(connection, buffer + connection->to, sizeof connection->buffer - connection->to);

        if (count == 0)
            return NULL;
        connection->to += count;
    }
    connection->from += size_bytes;
    return buffer + connection->from - size_bytes;
}

/* Read the next `size_bytes`, however many, into `out`, or drop them if it is NULL. */
static bool read_into(struct connection *connection, unsigned char *out, size_t size_bytes)
{
    while (size_bytes > 0) {
        size_t held = connection->to - connection->from;
        size_t part = size_bytes < held ? size_bytes : held;

        if (part > 0 && out != NULL)
            memcpy(out, connection->buffer + connection->from, part);
        connection->from += part;
        if (part == 0 && out != NULL && size_bytes >= sizeof connection->buffer) {
            part = receive(connection, out, size_bytes); /* much: without the detour */
        } else if (part == 0) {
            connection->from = 0;
            connection->to = receive(connection, connection->buffer, sizeof connection->buffer);
            if (connection->to > 0)
                continue;
        }
        if (part == 0)
            return false;
        out = out == NULL ? NULL : out + part;
        size_bytes -= part;
    }
    return true;
}

static bool read_record(struct connection *connection, struct record *out_record)
{
    const unsigned char *header = read_exactly(connection, FCGI_HEADER_LEN);

    if (header == NULL || header[0] != FCGI_VERSION_1)
        return false;
    *out_record = (struct record){.type = header[1],
                                  .request_id = header[2] << 8 | header[3],
                                  .content_bytes = (size_t)header[4] << 8 | header[5],
                                  .padding_bytes = header[6]};
    return true;
}

/* ---- parameters ---- */

/* The length at `*at`: one byte, or four if the first has its highest bit set. SIZE_MAX: it is cut off. */
static size_t read_length(const unsigned char *data, size_t size_bytes, size_t *at)
{
    size_t first;

    if (*at >= size_bytes)
        return SIZE_MAX;
    first = data[*at];
    if (first < 0x80) {
        *at += 1;
        return first;
    }
    if (size_bytes - *at < 4)
        return SIZE_MAX;
    *at += 4;
    return (first & 0x7f) << 24 | (size_t)data[*at - 3] << 16 | (size_t)data[*at - 2] << 8 | data[*at - 1];
}

/* Split the pairs of name and value. If `out` is not NULL, write them there as "NAME=value" in `arena`. Returns their
 * number, SIZE_MAX if a length is wrong. */
static size_t split_pairs(const unsigned char *data, size_t size_bytes, struct arena *arena, char **out)
{
    size_t count = 0, at = 0;

    for (; at < size_bytes; count++) {
        size_t name_bytes = read_length(data, size_bytes, &at);
        size_t value_bytes = read_length(data, size_bytes, &at);
        char *pair;

        if (name_bytes == SIZE_MAX || value_bytes == SIZE_MAX || name_bytes > size_bytes - at ||
            value_bytes > size_bytes - at - name_bytes)
            return SIZE_MAX;
        if (out != NULL) {
            pair = arena_alloc(arena, name_bytes + value_bytes + 2);
            memcpy(pair, data + at, name_bytes);
            pair[name_bytes] = '=';
            memcpy(pair + name_bytes + 1, data + at + name_bytes, value_bytes);
            pair[name_bytes + value_bytes + 1] = '\0';
            out[count] = pair;
        }
        at += name_bytes + value_bytes;
    }
    return count;
}

static bool read_begin(struct connection *connection)
{
    const unsigned char *body;
    struct record record;

    if (!read_record(connection, &record) || record.type != FCGI_BEGIN_REQUEST || record.request_id == 0 ||
        record.content_bytes != sizeof(FCGI_BeginRequestBody))
        return false;
    connection->request_id = record.request_id;
    body = read_exactly(connection, sizeof(FCGI_BeginRequestBody));
    if (body == NULL || (body[0] << 8 | body[1]) != FCGI_RESPONDER)
        return false;
    return read_into(connection, NULL, record.padding_bytes);
}

/* Read the records of parameters into `pairs`, of CONNECTION_HEAD_BYTES_MAX bytes. The pairs may be cut anywhere into
 * records; an empty record ends them. */
static bool read_pairs(struct connection *connection, unsigned char *pairs, size_t *out_size_bytes)
{
    size_t size_bytes = 0;
    struct record record;

    do {
        if (!read_record(connection, &record) || record.type != FCGI_PARAMS ||
            record.request_id != connection->request_id ||
            record.content_bytes > CONNECTION_HEAD_BYTES_MAX - size_bytes ||
            !read_into(connection, pairs + size_bytes, record.content_bytes) ||
            !read_into(connection, NULL, record.padding_bytes))
            return false;
        size_bytes += record.content_bytes;
    } while (record.content_bytes > 0);
    *out_size_bytes = size_bytes;
    return true;
}

bool connection_read_head(struct connection *connection, int max_ms, struct arena *arena)
{
    static unsigned char pairs[CONNECTION_HEAD_BYTES_MAX];
    size_t size_bytes = 0, count;
    bool is_read;

    connection->read_left_us = max_ms * INT64_C(1000);
    start_reading(connection);
    is_read = read_begin(connection) && read_pairs(connection, pairs, &size_bytes);
    stop_reading(connection);
    count = is_read ? split_pairs(pairs, size_bytes, arena, NULL) : SIZE_MAX;
    if (count == SIZE_MAX)
        return false;
    connection->params = arena_alloc_array(arena, count + 1, sizeof *connection->params);
    split_pairs(pairs, size_bytes, arena, connection->params);
    connection->params[count] = NULL;
    return true;
}

/* ---- the body ---- */

/* Go to the next record of the body. False: there is none. */
static bool next_content(struct connection *connection)
{
    struct record record;

    if (connection->is_at_end || !read_into(connection, NULL, connection->padding_left) ||
        !read_record(connection, &record) || record.type != FCGI_STDIN || record.request_id != connection->request_id ||
        record.content_bytes == 0) {
        connection->is_at_end = true;
        return false;
    }
    connection->content_left = record.content_bytes;
    connection->padding_left = record.padding_bytes;
    return true;
}

size_t connection_read_body(void *context, char *out_data, size_t size_bytes)
{
    struct connection *connection = context;
    size_t size = 0;

    start_reading(connection);
    while (size < size_bytes && (connection->content_left > 0 || next_content(connection))) {
        size_t part = size_bytes - size < connection->content_left ? size_bytes - size : connection->content_left;

        if (!read_into(connection, (unsigned char *)out_data + size, part)) {
            connection->is_at_end = true;
            connection->content_left = 0;
            break;
        }
        connection->content_left -= part;
        size += part;
    }
    stop_reading(connection);
    return size;
}
