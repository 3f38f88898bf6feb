/* A whole cycle against a MySQL that answers anything: cycle_fuzz.h says how.
 *
 * Lines beyond those of cycle_script.h: !I a request for a file; !M one result that says that more follow; !R BYTES a
 * packet of these bytes; !S BYTES these bytes alone; !Y rows of one YEAR column that says to be very long; !T a packet
 * that says to be longer than it is; !P N reports of progress; !X nothing and the end. */
#include "tests/fuzz/cycle_fuzz.h"

static unsigned char next_sequence;

static void put_packet(struct buffer *out, const void *body, size_t size)
{
    unsigned char head[4] = {(unsigned char)size, (unsigned char)(size >> 8), (unsigned char)(size >> 16),
                             next_sequence++};

    if (size >= 0xffffff)
        return; /* a longer one would be several */
    buffer_append(out, (const char *)head, sizeof head);
    buffer_append(out, body, size);
}

static bool read_packet(int fd, char *out, size_t size)
{
    unsigned char head[4];
    size_t length, kept;
    char rest[4096];

    if (!script_read(fd, head, sizeof head))
        return false;
    length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
    next_sequence = (unsigned char)(head[3] + 1);
    kept = length < size - 1 ? length : size - 1;
    out[kept] = '\0';
    if (!script_read(fd, out, kept))
        return false;
    for (length -= kept; length > 0;) {
        size_t piece = length < sizeof rest ? length : sizeof rest;

        if (!script_read(fd, rest, piece))
            return false;
        length -= piece;
    }
    return true;
}

static bool send_all(int fd, struct buffer *out)
{
    bool is_sent = script_write(fd, out->data, out->size_bytes);

    buffer_free(out);
    return is_sent;
}

static bool greet(int fd)
{
    /* version 10, its name, thread, 8 bytes of salt, 0, capabilities, charset, status, capabilities, length of salt,
     * 10 zeros, 12 bytes of salt and 0, the method */
    static const char hello[] = "\x0a"
                                "10.11.6-MariaDB\0"
                                "\1\0\0\0"
                                "saltsalt\0"
                                "\xff\xf7\x2d\2\0\xbf\x81\x15"
                                "\0\0\0\0\0\0\0\0\0\0"
                                "saltsaltsalt\0"
                                "mysql_native_password";
    char answer[1024];
    struct buffer out;

    next_sequence = 0;
    buffer_init(&out, 1024);
    put_packet(&out, hello, sizeof hello);
    if (!send_all(fd, &out) || !read_packet(fd, answer, sizeof answer))
        return false;
    buffer_init(&out, 1024);
    put_packet(&out, "\0\0\0\2\0\0\0", 7);
    return send_all(fd, &out);
}

static bool read_statement(int fd, char *out, size_t size)
{
    char packet[512];

    if (!read_packet(fd, packet, sizeof packet) || packet[0] != 3)
        return false;
    snprintf(out, size, "%s", packet + 1);
    return true;
}

static void put_length(struct buffer *out, size_t length)
{
    if (length < 251) {
        buffer_append_byte(out, (char)length);
        return;
    }
    buffer_append_byte(out, (char)253);
    for (int i = 0; i < 3; i++)
        buffer_append_byte(out, (char)(length >> 8 * i));
}

static void put_command(struct buffer *out)
{
    put_packet(out, "\0\0\0\2\0\0\0", 7);
}

static void put_eof(struct buffer *out, char status)
{
    char packet[5] = {(char)254, 0, 0, status, 0};

    put_packet(out, packet, sizeof packet);
}

static void put_described(struct buffer *out, int count, const char *type)
{
    static const char begin[] = "\3def\0\0\0\1c\0\x0c\x2d\0";
    char packet[sizeof begin - 1 + 10], head[3];
    size_t head_bytes = 1;

    head[0] = (char)count;
    if (count >= 251) {
        head[0] = (char)252;
        head[1] = (char)count;
        head[2] = (char)(count >> 8);
        head_bytes = 3;
    }
    put_packet(out, head, head_bytes);
    memcpy(packet, begin, sizeof begin - 1);
    memcpy(packet + sizeof begin - 1, type, 10);
    for (int i = 0; i < count; i++)
        put_packet(out, packet, sizeof packet);
    put_eof(out, 2);
}

static void put_columns(struct buffer *out, int count)
{
    put_described(out, count, "\0\4\0\0\xfd\0\0\x1f\0\0");
}

static void put_row(struct buffer *out, const struct text *cells, int count)
{
    struct buffer body;

    buffer_init(&body, SCRIPT_ANSWER_BYTES_MAX);
    for (int i = 0; i < count; i++) {
        if (cells[i].data == NULL) {
            buffer_append_byte(&body, (char)251);
            continue;
        }
        put_length(&body, cells[i].size);
        buffer_append(&body, cells[i].data, cells[i].size);
    }
    put_packet(out, body.data, body.size_bytes);
    buffer_free(&body);
}

static void put_end(struct buffer *out, int rows)
{
    (void)rows;
    put_eof(out, 2);
}

static void put_error(struct buffer *out, struct text code, struct text words)
{
    struct buffer body;
    int64_t number = script_number(&code, 65535);

    buffer_init(&body, 64 * 1024);
    buffer_append_byte(&body, (char)255);
    buffer_append_byte(&body, (char)number);
    buffer_append_byte(&body, (char)(number >> 8));
    buffer_append(&body, words.data, words.size); /* "#HY000" may be the beginning */
    put_packet(out, body.data, body.size_bytes);
    buffer_free(&body);
}

static void put_oddity(struct buffer *out, char letter, struct text words)
{
    static const struct text cell = {"1", 1};
    struct buffer body;

    buffer_init(&body, SCRIPT_ANSWER_BYTES_MAX);
    script_value(&body, words, 0);
    switch (letter) {
    case 'I':
        put_packet(out, "\xfb/etc/passwd", 12);
        break;
    case 'M':
        put_columns(out, 1);
        put_row(out, &cell, 1);
        put_eof(out, 2 | 8);
        break;
    case 'R':
        put_packet(out, body.data, body.size_bytes);
        break;
    case 'S':
        buffer_append(out, body.data, body.size_bytes);
        break;
    case 'Y':
        put_described(out, 1, "\xff\xff\xff\xff\x0d\x40\0\0\0\0");
        put_row(out, &cell, 1);
        put_end(out, 1);
        break;
    case 'T':
        buffer_append(out, "\xff\xff\xff\1x", 5);
        break;
    case 'P':
        for (int64_t left = script_number(&words, 20000); left > 0; left--)
            put_packet(out, "\xff\xff\xff\1\1\2\0\0\0\1x", 11);
        put_command(out);
        break;
    default:
        break;
    }
    buffer_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct script_protocol protocol = SCRIPT_PROTOCOL;

    return cycle_fuzz("mysql", &protocol, data, size);
}
