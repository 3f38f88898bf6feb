/* A monitored server for the fuzzers of a whole cycle: it listens on a unix socket, signs everybody in, and answers
 * statements as a script says. The script is the fuzzer's input, in words that mutations keep readable:
 *
 *   the first line    letters that choose what is run, see cycle_fuzz.h
 *   each further line the answer to the next statement:
 *     a|b;c|~           two rows of two columns; ~ is NULL, \xHH a byte, #N a value of N bytes
 *     @N@10/5/%|1       N such rows, with the row's number for each %
 *     empty             a command without rows
 *     !…                what honest servers do not send: !E CODE TEXT is an error; the protocols have others
 *
 * SET, BEGIN and other commands that have no rows are answered as a server would, unless the first line has an x. The
 * server closes the connection after the last line, and after raw bytes (capital letters from R on), since a client
 * that waits for the rest of a message would take all the time there is. Where both wait for each other, it lets the
 * client wait until its deadline in one case of eight, and else closes the connection. */
#ifndef POTTO_FUZZ_CYCLE_SCRIPT_H
#define POTTO_FUZZ_CYCLE_SCRIPT_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "tests/fuzz/fuzz.h"

enum { SCRIPT_ROWS_MAX = 4000, SCRIPT_VALUE_BYTES_MAX = 1 << 20, SCRIPT_ANSWER_BYTES_MAX = 24 << 20 };

struct script {
    struct text rest; /* lines that are not answered yet */
    bool scripts_commands;
};

/* One protocol. */
struct script_protocol {
    /* Sign the client in. False: it went away. */
    bool (*greet)(int fd);
    /* Wait for a statement, and give its text, cut. False: the client went away, or said so. */
    bool (*read_statement)(int fd, char *out, size_t size);
    void (*put_command)(struct buffer *out);
    void (*put_columns)(struct buffer *out, int count);
    void (*put_row)(struct buffer *out, const struct text *cells, int count);
    void (*put_end)(struct buffer *out, int rows);
    void (*put_error)(struct buffer *out, struct text code, struct text words);
    /* A line that begins with "!" and a letter, not E. */
    void (*put_oddity)(struct buffer *out, char letter, struct text words);
};

/* Of the functions of a file that are called like the members. */
#define SCRIPT_PROTOCOL                                                                                                \
    {                                                                                                                  \
        greet, read_statement, put_command, put_columns, put_row, put_end, put_error, put_oddity                       \
    }

/* The client is the process's first thread. */
static bool script_client_sleeps(void)
{
    char path[64], line[256] = "", *name_end;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    name_end = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
    fclose(file);
    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

/* Whether neither would ever say anything again: it sleeps though everything was sent that it could wait for. */
static bool script_is_stuck(int fd)
{
    enum { LOOK_MS = 10, LET_EACH = 8 };
    static unsigned stuck_count;
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    while (poll(&readable, 1, LOOK_MS) == 0)
        if (script_client_sleeps())
            return ++stuck_count % LET_EACH != 0;
    return false;
}

static bool script_read(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got;

        if (script_is_stuck(fd))
            return false;
        got = recv(fd, (char *)data + done, size - done, 0);

        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static bool script_write(int fd, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t sent = send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        done += (size_t)sent;
    }
    return true;
}

static int64_t script_number(struct text *words, int64_t most)
{
    int64_t number = 0;

    for (; words->size > 0 && words->data[0] >= '0' && words->data[0] <= '9'; words->data++, words->size--)
        number = number * 10 + (words->data[0] - '0') > most ? most : number * 10 + (words->data[0] - '0');
    return number;
}

/* Write the bytes that a value stands for. */
static void script_value(struct buffer *out, struct text value, int index)
{
    static const char many[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    char number[12];

    if (value.size > 1 && value.data[0] == '#') {
        value.data++;
        value.size--;
        for (int64_t left = script_number(&value, SCRIPT_VALUE_BYTES_MAX); left > 0; left -= (int64_t)sizeof many - 1)
            buffer_append(out, many, left < (int64_t)sizeof many - 1 ? (size_t)left : sizeof many - 1);
        return;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '%') {
            snprintf(number, sizeof number, "%d", index);
            buffer_append_string(out, number);
        } else if (value.data[i] == '\\' && i + 3 < value.size && value.data[i + 1] == 'x' &&
                   text_hex_digit(value.data[i + 2]) >= 0 && text_hex_digit(value.data[i + 3]) >= 0) {
            buffer_append_byte(out, (char)(text_hex_digit(value.data[i + 2]) * 16 + text_hex_digit(value.data[i + 3])));
            i += 3;
        } else {
            buffer_append_byte(out, value.data[i]);
        }
    }
}

enum { SCRIPT_CELLS_MAX = 64 };

static int script_row(const struct script_protocol *protocol, struct buffer *out, struct text row, int index)
{
    struct buffer bytes;
    size_t starts[SCRIPT_CELLS_MAX + 1];
    bool is_null[SCRIPT_CELLS_MAX];
    struct text cells[SCRIPT_CELLS_MAX], cell;
    int count = 0;

    buffer_init(&bytes, SCRIPT_ANSWER_BYTES_MAX);
    for (; count < SCRIPT_CELLS_MAX && text_split(&row, '|', &cell); count++) {
        starts[count] = bytes.size_bytes;
        is_null[count] = text_equal(cell, TEXT("~"));
        if (!is_null[count])
            script_value(&bytes, cell, index);
    }
    starts[count] = bytes.size_bytes;
    for (int i = 0; i < count; i++)
        cells[i] = is_null[i]
                       ? (struct text){NULL, 0}
                       : (struct text){bytes.data == NULL ? "" : bytes.data + starts[i], starts[i + 1] - starts[i]};
    protocol->put_row(out, cells, count);
    buffer_free(&bytes);
    return count;
}

static int script_columns(struct text row)
{
    struct text cell;
    int count = 0;

    while (text_split(&row, '|', &cell))
        count++;
    return count;
}

static void script_rows(const struct script_protocol *protocol, struct buffer *out, struct text line)
{
    struct text row;
    int rows = 0;
    bool is_first = true;

    while (rows < SCRIPT_ROWS_MAX && text_split(&line, ';', &row)) {
        int64_t times = 1;

        if (row.size > 0 && row.data[0] == '@') {
            row.data++;
            row.size--;
            times = script_number(&row, SCRIPT_ROWS_MAX);
            if (row.size > 0) { /* the second @ */
                row.data++;
                row.size--;
            }
        }
        if (is_first)
            protocol->put_columns(out, script_columns(row));
        is_first = false;
        for (; times > 0 && rows < SCRIPT_ROWS_MAX && out->size_bytes < SCRIPT_ANSWER_BYTES_MAX / 4; times--, rows++)
            script_row(protocol, out, row, rows);
    }
    protocol->put_end(out, rows);
}

static void script_answer(const struct script_protocol *protocol, struct buffer *out, struct text line)
{
    struct text code;
    char letter;

    if (line.size == 0) {
        protocol->put_command(out);
        return;
    }
    if (line.data[0] != '!' || line.size < 2) {
        script_rows(protocol, out, line);
        return;
    }
    letter = line.data[1];
    line = text_trim((struct text){line.data + 2, line.size - 2});
    if (letter != 'E') {
        protocol->put_oddity(out, letter, line);
        return;
    }
    if (!text_split(&line, ' ', &code))
        code = TEXT("");
    protocol->put_error(out, code, line);
}

static bool script_is_command(const char *statement)
{
    static const char *const commands[] = {"SET", "BEGIN", "ROLLBACK", "DEALLOCATE", "RESET", "PREPARE", "USE"};

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strncmp(statement, commands[i], strlen(commands[i])) == 0)
            return true;
    return false;
}

/* Talk with one client until it, or the script, is through. */
static void script_serve(const struct script_protocol *protocol, int fd, struct script *script)
{
    char statement[256];
    struct text line = {NULL, 0};
    bool is_over = false;

    if (!protocol->greet(fd))
        return;
    while (protocol->read_statement(fd, statement, sizeof statement)) {
        struct buffer out;

        buffer_init(&out, SCRIPT_ANSWER_BYTES_MAX);
        if (!script->scripts_commands && script_is_command(statement))
            protocol->put_command(&out);
        else if (text_split(&script->rest, '\n', &line))
            script_answer(protocol, &out, line);
        else {
            buffer_free(&out);
            return;
        }
        is_over = !script_write(fd, out.data, out.size_bytes) ||
                  (line.size > 1 && line.data[0] == '!' && line.data[1] >= 'R');
        buffer_free(&out);
        if (is_over)
            return;
    }
}

#endif
