/* A whole cycle against a PostgreSQL that answers anything: cycle_fuzz.h says how.
 *
 * Lines beyond those of cycle_script.h: !N N notices before the end of a command; !P N parameters; !A N notifications;
 * !O COPY to the client; !I COPY from it; !R BYTES these bytes alone; !S a row that is shorter than it says; !X nothing
 * and the end. */
#include "tests/fuzz/cycle_fuzz.h"

static void put_number(struct buffer *out, uint32_t number, int bytes)
{
    while (bytes-- > 0)
        buffer_append_byte(out, (char)(number >> 8 * bytes));
}

/* A message: its type, its length, its body. */
static void put_message(struct buffer *out, char type, const void *body, size_t size)
{
    buffer_append_byte(out, type);
    put_number(out, (uint32_t)size + 4, 4);
    buffer_append(out, body, size);
}

static void put_ready(struct buffer *out)
{
    put_message(out, 'Z', "I", 1);
}

static bool greet(int fd)
{
    static const char *const settings[][2] = {
        {"server_version", "16.4 (Debian)"}, {"client_encoding", "UTF8"}, {"standard_conforming_strings", "on"}};
    unsigned char head[4];
    char body[1024], type;
    struct buffer out;
    uint32_t size;
    bool is_sent;

    if (!script_read(fd, head, sizeof head))
        return false;
    size = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (size < 4 || size - 4 > sizeof body || !script_read(fd, body, size - 4))
        return false;
    if (!script_write(fd, "R\0\0\0\x0c\0\0\0\5salt", 13) || !script_read(fd, &type, 1) ||
        !script_read(fd, head, sizeof head) || head[3] < 4 || !script_read(fd, body, (size_t)head[3] - 4))
        return false;
    buffer_init(&out, 4096);
    put_message(&out, 'R', "\0\0\0\0", 4);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        size_t used = (size_t)snprintf(body, sizeof body, "%s%c%s", settings[i][0], 0, settings[i][1]);

        put_message(&out, 'S', body, used + 1);
    }
    put_ready(&out);
    is_sent = script_write(fd, out.data, out.size_bytes);
    buffer_free(&out);
    return is_sent;
}

/* Parse has the text; Sync ends what belongs to the statement. */
static bool read_statement(int fd, char *out, size_t size)
{
    unsigned char head[5];

    out[0] = '\0';
    while (script_read(fd, head, sizeof head) && head[0] != 'X') {
        size_t length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        char *body = malloc(length + 1);
        bool is_read = body != NULL && length >= 4 && script_read(fd, body, length - 4);

        if (is_read) {
            body[length - 4] = '\0';
            if (head[0] == 'P')
                snprintf(out, size, "%s", body + 1); /* behind the name, which is empty */
        }
        free(body);
        if (!is_read)
            return false;
        if (head[0] == 'S')
            return true;
    }
    return false;
}

static void put_begin(struct buffer *out)
{
    put_message(out, '1', "", 0);
    put_message(out, '2', "", 0);
}

static void put_command(struct buffer *out)
{
    put_begin(out);
    put_message(out, 'n', "", 0);
    put_message(out, 'C', "SET", 4);
    put_ready(out);
}

static void put_columns(struct buffer *out, int count)
{
    struct buffer body;

    buffer_init(&body, 4 << 20);
    put_number(&body, (uint32_t)count, 2);
    for (int i = 0; i < count; i++) {
        buffer_append(&body, "c", 2);
        put_number(&body, 0, 4);
        put_number(&body, 0, 2);
        put_number(&body, 25, 4);
        put_number(&body, 0xffff, 2);
        put_number(&body, 0xffffffff, 4);
        put_number(&body, 0, 2);
    }
    put_begin(out);
    put_message(out, 'T', body.data, body.size_bytes);
    buffer_free(&body);
}

static void put_row(struct buffer *out, const struct text *cells, int count)
{
    struct buffer body;

    buffer_init(&body, SCRIPT_ANSWER_BYTES_MAX);
    put_number(&body, (uint32_t)count, 2);
    for (int i = 0; i < count; i++) {
        put_number(&body, cells[i].data == NULL ? 0xffffffff : (uint32_t)cells[i].size, 4);
        if (cells[i].data != NULL)
            buffer_append(&body, cells[i].data, cells[i].size);
    }
    put_message(out, 'D', body.data, body.size_bytes);
    buffer_free(&body);
}

static void put_end(struct buffer *out, int rows)
{
    (void)rows;
    put_message(out, 'C', "SELECT 1", 9);
    put_ready(out);
}

static void put_words(struct buffer *out, char type, struct text code, struct text words)
{
    struct buffer body;

    buffer_init(&body, 64 * 1024);
    buffer_append_string(&body, "SERROR");
    buffer_append_byte(&body, '\0');
    buffer_append_byte(&body, 'C');
    buffer_append(&body, code.data, code.size);
    buffer_append_byte(&body, '\0');
    buffer_append_byte(&body, 'M');
    buffer_append(&body, words.data, words.size);
    buffer_append(&body, "\0", 2);
    put_message(out, type, body.data, body.size_bytes);
    buffer_free(&body);
}

static void put_error(struct buffer *out, struct text code, struct text words)
{
    put_words(out, 'E', code, words);
    put_ready(out);
}

static void put_many(struct buffer *out, char letter, int64_t count)
{
    char body[64];

    for (int64_t i = 0; i < count; i++) {
        size_t used = (size_t)snprintf(body, sizeof body, "%c%c%c%cname%lld%c", 0, 0, 0, 1, (long long)i, 0);

        if (letter == 'N')
            put_words(out, 'N', TEXT("00000"), TEXT("listen"));
        else if (letter == 'A')
            put_message(out, 'A', body, used + 1);
        else
            put_message(out, 'S', body + 4, used - 4 + 1);
    }
}

static void put_oddity(struct buffer *out, char letter, struct text words)
{
    switch (letter) {
    case 'N':
    case 'A':
    case 'P':
        put_many(out, letter, script_number(&words, 20000));
        put_command(out);
        break;
    case 'O':
    case 'I':
        put_begin(out);
        put_message(out, letter == 'O' ? 'H' : 'G', "\0\0\1\0\0", 5);
        if (letter == 'O')
            put_message(out, 'd', words.data, words.size);
        put_message(out, 'c', "", 0);
        put_end(out, 0);
        break;
    case 'S':
        put_columns(out, 1);
        put_message(out, 'D', "\0\2\0\0\0\5x", 7);
        put_end(out, 1);
        break;
    case 'R':
        script_value(out, words, 0);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct script_protocol protocol = SCRIPT_PROTOCOL;

    return cycle_fuzz("postgresql", &protocol, data, size);
}
