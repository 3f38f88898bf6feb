/* Reads statements that end with NUL each, and prints a line for each: what PostgreSQL's own parser says (libpg_query;
 * "-" for MySQL's dialect), what Potto's says, and where and why it refused. Potto says:
 *   read       and writes it again as the same tree with the same fingerprint
 *   spelling   as the same tree, but its fingerprint differs
 *   changed    not as the same tree: a bug
 *   refused
 * usage: syntax_verdict postgresql|mysql */
#include <stdio.h>
#include <stdlib.h>

#include <pg_query.h>

#include "sql/statement.h"
#include "syntax/syntax.h"

enum { INPUT_BYTES_MAX = 512 * 1024 * 1024 };

static const char *verdict_of(enum sql_dialect dialect, struct text sql, struct arena *arena,
                              struct syntax_problem *problem)
{
    struct syntax_tree tree, again;
    struct buffer written;
    struct sql_hash first, second;

    if (syntax_parse(dialect, sql, arena, &tree, problem) != STATUS_OK)
        return "refused";
    buffer_init(&written, SYNTAX_BYTES_MAX);
    syntax_write(dialect, tree.root, &written);
    struct text text = {arena_copy(arena, written.data, written.size_bytes), written.size_bytes};
    buffer_free(&written);
    if (syntax_parse(dialect, text, arena, &again, problem) != STATUS_OK || !syntax_equal(tree.root, again.root)) {
        *problem = (struct syntax_problem){arena_string(arena, text.data, text.size), problem->at};
        return "changed";
    }
    first = sql_fingerprint(dialect, sql, arena).hash;
    second = sql_fingerprint(dialect, text, arena).hash;
    *problem = (struct syntax_problem){arena_string(arena, text.data, text.size), 0};
    return memcmp(&first, &second, sizeof first) == 0 ? "read" : "spelling";
}

static const char *server_verdict(enum sql_dialect dialect, const char *sql)
{
    PgQueryParseResult result;
    const char *verdict;

    if (dialect == SQL_DIALECT_MYSQL)
        return "-";
    result = pg_query_parse(sql);
    verdict = result.error != NULL ? "refused" : "read";
    pg_query_free_parse_result(result);
    return verdict;
}

int main(int argc, char **argv)
{
    enum sql_dialect dialect = argc == 2 ? sql_dialect_of(text_of(argv[1])) : SQL_DIALECT_UNSET;
    char *input = malloc(INPUT_BYTES_MAX);
    size_t size = input == NULL || dialect == SQL_DIALECT_UNSET ? 0 : fread(input, 1, INPUT_BYTES_MAX, stdin);
    struct arena *arena = arena_new(0);

    for (size_t at = 0; at < size;) {
        struct text sql = {input + at, strnlen(input + at, size - at)};
        struct syntax_problem problem = {"", 0};
        const char *ours = verdict_of(dialect, sql, arena, &problem);

        for (char *byte = (char *)problem.message; *byte != '\0' && strcmp(ours, "refused") != 0; byte++)
            if (*byte == '\n' || *byte == '\t' || *byte == '\r')
                *byte = ' ';
        printf("%s\t%s\t%zu\t%s\n", server_verdict(dialect, sql.data), ours, problem.at, problem.message);
        at += sql.size + 1;
        arena_reset(arena);
    }
    arena_destroy(arena);
    free(input);
    return 0;
}
