/* potto fingerprint: reads statements from stdin and prints a line `hash<TAB>fingerprint` for each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "sql/statement.h"

enum { READ_BYTES = 256 * 1024, STATEMENT_BYTES_MAX = 256 * 1024 * 1024 };

static const char usage[] =
    "fingerprint --dialect postgresql|mysql|mariadb [--null]\n"
    "  reads statements from stdin, one in each line, or with --null each ended by a NUL byte;\n"
    "  prints a line of hash, tab and fingerprint for each";

static int refuse(const char *why)
{
    fprintf(stderr, "potto fingerprint: %s\n", why);
    return cli_usage(usage);
}

static void print_fingerprint(enum sql_dialect dialect, struct text sql, struct arena *arena)
{
    struct sql_fingerprint fingerprint = sql_fingerprint(dialect, sql, arena);
    char hash[SQL_HASH_HEX_BYTES];

    sql_hash_format(fingerprint.hash, hash);
    hash[SQL_HASH_HEX_BYTES - 1] = '\t';
    fwrite(hash, 1, sizeof hash, stdout);
    fwrite(fingerprint.text.data, 1, fingerprint.text.size, stdout);
    putchar('\n');
    arena_reset(arena);
}

/* Print the fingerprints of complete statements in `input`, and keep the rest. The first `seen` bytes have no
 * separator. */
static void print_complete(enum sql_dialect dialect, char separator, struct buffer *input, size_t seen,
                           struct arena *arena)
{
    char *start = input->data;
    size_t left = input->size_bytes;
    char *found;

    while ((found = memchr(start + seen, separator, left - seen)) != NULL) {
        print_fingerprint(dialect, (struct text){start, (size_t)(found - start)}, arena);
        left -= (size_t)(found + 1 - start);
        start = found + 1;
        seen = 0;
    }
    memmove(input->data, start, left);
    input->size_bytes = left;
}

static int fingerprint_stream(enum sql_dialect dialect, char separator, struct buffer *input, struct arena *arena)
{
    for (;;) {
        size_t seen = input->size_bytes; /* these were searched already and have no separator */
        ssize_t count;

        if (!buffer_reserve(input, READ_BYTES)) {
            fprintf(stderr, "potto fingerprint: a statement is longer than %d MB\n", STATEMENT_BYTES_MAX >> 20);
            return 1;
        }
        count = read(STDIN_FILENO, input->data + seen, READ_BYTES);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            fprintf(stderr, "potto fingerprint: reading: %s\n", strerror(errno));
            return 1;
        }
        if (count == 0)
            break;
        input->size_bytes += (size_t)count;
        print_complete(dialect, separator, input, seen, arena);
        if (ferror(stdout))
            break;
    }
    if (input->size_bytes > 0) /* the last statement needs no separator */
        print_fingerprint(dialect, buffer_text(input), arena);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "potto fingerprint: writing: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}

int command_fingerprint(int argc, char **argv)
{
    enum sql_dialect dialect = SQL_DIALECT_UNSET;
    char separator = '\n';
    struct buffer input;
    struct arena *arena;
    int exit_status;

    for (int i = 1; i < argc; i++) {
        const char *value = NULL;

        if (strcmp(argv[i], "--null") == 0) {
            separator = '\0';
            continue;
        }
        if (strncmp(argv[i], "--dialect=", 10) == 0)
            value = argv[i] + 10;
        else if (strcmp(argv[i], "--dialect") == 0 && i + 1 < argc)
            value = argv[++i];
        else
            return strcmp(argv[i], "--help") == 0 ? cli_usage(usage) : refuse("wrong argument");
        dialect = sql_dialect_of(text_of(value));
        if (dialect == SQL_DIALECT_UNSET)
            return refuse("unknown dialect");
    }
    if (dialect == SQL_DIALECT_UNSET)
        return refuse("--dialect is missing");
    buffer_init(&input, STATEMENT_BYTES_MAX);
    arena = arena_new(0);
    exit_status = fingerprint_stream(dialect, separator, &input, arena);
    arena_destroy(arena);
    buffer_free(&input);
    return exit_status;
}
