/* Any bytes on the workers' socket, where the peer ends after them. A second, simpler reading of the records says which
 * parameters and how much body there are.
 * The first byte chooses how much of the body is asked for at once. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/server/connection.h"
#include "tests/fuzz/fuzz.h"

enum {
    HEADER_BYTES = 8,
    BODY_BYTES_MAX = 1024 * 1024,
    ARENA_BYTES_MAX = 2 * 1024 * 1024, /* a pair of two bytes costs 16 and a pointer */
    HEAD_MS = 1000,                    /* nobody waits: the peer has closed */
};

static const size_t portions[] = {1, 7, 4096, BODY_BYTES_MAX};

struct expected {
    bool has_head, is_cut; /* is_cut: the input ends within a record of the body */
    unsigned char pairs[CONNECTION_HEAD_BYTES_MAX], body[BODY_BYTES_MAX];
    size_t pair_bytes, body_bytes;
};

/* Take one record's content and padding off the input; content that is cut off is shortened. False: the header is not
 * there, or it is of another version. */
static bool take_record(struct text *input, int *type, int *id, struct text *content, bool *is_cut)
{
    const unsigned char *header = (const unsigned char *)input->data;
    size_t content_bytes, all_bytes;

    if (input->size < HEADER_BYTES || header[0] != 1)
        return false;
    *type = header[1];
    *id = header[2] * 256 + header[3];
    content_bytes = header[4] * 256u + header[5];
    all_bytes = HEADER_BYTES + content_bytes + header[6];
    *is_cut = input->size < all_bytes;
    *content = (struct text){input->data + HEADER_BYTES, input->size - HEADER_BYTES};
    if (content->size > content_bytes)
        content->size = content_bytes;
    if (*is_cut)
        all_bytes = input->size;
    input->data += all_bytes;
    input->size -= all_bytes;
    return true;
}

static bool expect_head(struct text *input, struct expected *expected, int *out_id)
{
    struct text content;
    int type, id;
    bool is_cut;

    if (!take_record(input, &type, out_id, &content, &is_cut) || is_cut || type != 1 || *out_id == 0 ||
        content.size != 8 || content.data[0] != 0 || content.data[1] != 1)
        return false;
    do {
        if (!take_record(input, &type, &id, &content, &is_cut) || is_cut || type != 4 || id != *out_id ||
            content.size > sizeof expected->pairs - expected->pair_bytes)
            return false;
        memcpy(expected->pairs + expected->pair_bytes, content.data, content.size);
        expected->pair_bytes += content.size;
    } while (content.size > 0);
    return true;
}

static void expect(struct text input, struct expected *expected)
{
    struct text content;
    int type, id, head_id;
    bool is_cut = false;

    expected->body_bytes = expected->pair_bytes = 0;
    expected->is_cut = false;
    expected->has_head = expect_head(&input, expected, &head_id);
    while (expected->has_head && !is_cut && take_record(&input, &type, &id, &content, &is_cut) && type == 5 &&
           id == head_id && content.size > 0) {
        fuzz_check(content.size <= sizeof expected->body - expected->body_bytes, "a body is within the input");
        memcpy(expected->body + expected->body_bytes, content.data, content.size);
        expected->body_bytes += content.size;
        expected->is_cut = is_cut;
    }
}

/* ---- what was read ---- */

static size_t length_at(const struct expected *expected, size_t *at)
{
    const unsigned char *data = expected->pairs;
    size_t length = 0, count;

    fuzz_check(*at < expected->pair_bytes, "a parameter has lengths");
    count = data[*at] < 128 ? 1 : 4;
    fuzz_check(count <= expected->pair_bytes - *at, "a length is whole");
    for (size_t i = 0; i < count; i++)
        length = length * 256 + (i == 0 ? data[*at] % 128 : data[*at + i]);
    *at += count;
    return length;
}

/* Each parameter is a pair as it was sent, with = between and NUL behind. */
static void check_params(char *const *params, const struct expected *expected)
{
    size_t at = 0;

    for (; *params != NULL; params++) {
        size_t name_bytes = length_at(expected, &at);
        size_t value_bytes = length_at(expected, &at);

        fuzz_check(name_bytes + value_bytes <= expected->pair_bytes - at, "a parameter is within its records");
        fuzz_check(memcmp(*params, expected->pairs + at, name_bytes) == 0, "a name is that of the records");
        fuzz_check((*params)[name_bytes] == '=', "name and value have = between");
        fuzz_check(memcmp(*params + name_bytes + 1, expected->pairs + at + name_bytes, value_bytes) == 0,
                   "a value is that of the records");
        fuzz_check((*params)[name_bytes + 1 + value_bytes] == '\0', "a parameter ends with NUL");
        at += name_bytes + value_bytes;
    }
    fuzz_check(at == expected->pair_bytes, "no parameter is left out");
}

static void check_body(struct connection *connection, size_t portion, const struct expected *expected)
{
    static char body[BODY_BYTES_MAX + 1];
    size_t size = 0, count;

    do {
        size_t asked = portion < sizeof body - size ? portion : sizeof body - size;

        connection->read_left_us = HEAD_MS * INT64_C(1000);
        count = connection_read_body(connection, body + size, asked);
        fuzz_check(count <= asked, "no more is read than was asked for");
        size += count;
    } while (count > 0);
    fuzz_check(size <= expected->body_bytes, "a body is no longer than its records");
    fuzz_check(memcmp(body, expected->body, size) == 0, "a body is that of its records");
    fuzz_check(size == expected->body_bytes || expected->is_cut, "a body that came is read to its end");
    fuzz_check(connection_read_body(connection, body, 1) == 0, "a body has one end");
}

/* The reader's end of a socket on which `input` lies, as much of it as the socket holds. */
static int peer_of(struct text *input)
{
    int ends[2], room_bytes = 4 * BODY_BYTES_MAX;
    size_t sent = 0;

    fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "there is a socket");
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room_bytes, sizeof room_bytes);
    while (sent < input->size) {
        ssize_t count = send(ends[1], input->data + sent, input->size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (count <= 0)
            break;
        sent += (size_t)count;
    }
    input->size = sent;
    close(ends[1]);
    return ends[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct connection connection;
    static struct expected expected;
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    size_t portion = portions[fuzz_take_byte(&input) % (sizeof portions / sizeof portions[0])];

    if (input.size > BODY_BYTES_MAX)
        input.size = BODY_BYTES_MAX;
    memset(&connection, 0, sizeof connection);
    connection.fd = peer_of(&input);
    expect(input, &expected);
    if (connection_read_head(&connection, HEAD_MS, arena)) {
        fuzz_check(expected.has_head, "only a request has a head");
        check_params(connection.params, &expected);
        check_body(&connection, portion, &expected);
    }
    fuzz_check(connection.from <= connection.to && connection.to <= sizeof connection.buffer, "a buffer has its bound");
    connection_close(&connection);
    fuzz_check(connection.fd == -1, "a connection is closed");
    arena_destroy(arena);
    return 0;
}
