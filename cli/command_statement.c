/* potto statement: what is wrong with statements, by their text and a schema; no store is needed. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "advise/statement.h"
#include "base/engine.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "sql/statement.h"
#include "syntax/split.h"

enum { EXIT_FOUND = 1, EXIT_NOT_EXAMINED = 2, OUTPUT_BYTES_MAX = 16 * 1024 * 1024 };

static const char usage[] =
    "statement analyze [--engine postgresql|mysql] [--schema FILE] [--json] FILE|-   or: statement rules\n"
    "  analyze: says what is wrong with each statement of a file, by its text and, with --schema, by the tables that "
    "a\n"
    "    dump of a schema (CREATE TABLE, CREATE INDEX, ALTER TABLE) has. --engine: by default postgresql. Exit "
    "status:\n"
    "    0 nothing was found, 1 something was found, 2 something could not be examined.\n"
    "  rules: prints the table of rules as Markdown";

struct analysis {
    enum sql_dialect dialect;
    const struct schema *schema; /* NULL: none */
    struct json_writer *json;    /* NULL: text is asked for */
    bool has_found, has_refused;
};

static void print_text(struct text sql, size_t number, const struct statement_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct statement_finding *finding = &findings->items[i];

        printf("statement %zu, byte %zu: %s: %s [%s]\n  %.*s\n  %s\n", number, finding->from,
               statement_severity_name(finding->severity), finding->title, finding->rule, (int)finding->evidence.size,
               finding->evidence.data, finding->remedy);
    }
    if (findings->left_out > 0)
        printf("statement %zu: %zu further findings are left out.\n", number, findings->left_out);
    if (findings->unread.message != NULL)
        printf("statement %zu, byte %zu of %zu: not examined: %s.\n", number, findings->unread.at, sql.size,
               findings->unread.message);
    else if (findings->not_examined != NULL)
        printf("statement %zu: %s\n", number, findings->not_examined);
}

static void statement_analyze(struct analysis *analysis, struct text sql, size_t number)
{
    struct arena *arena = arena_new(0);
    struct statement_findings findings;
    bool is_read = statement_find(analysis->dialect, sql, analysis->schema, arena, &findings) == STATUS_OK;

    analysis->has_found |= findings.count > 0;
    analysis->has_refused |= !is_read || findings.is_cut;
    if (is_read)
        findings.unread.message = NULL;
    if (analysis->json == NULL) {
        print_text(sql, number, &findings);
    } else {
        json_object_begin(analysis->json);
        json_member_int64(analysis->json, "statement", (int64_t)number);
        json_member_bool(analysis->json, "is_examined", is_read);
        json_member_string(analysis->json, "refused", findings.unread.message);
        json_member_int64(analysis->json, "refused_at", is_read ? -1 : (int64_t)findings.unread.at);
        statement_findings_write(&findings, analysis->json);
        json_object_end(analysis->json);
    }
    arena_destroy(arena);
}

static void analyze_all(struct analysis *analysis, struct text statements)
{
    struct json_writer json;
    struct text sql;
    struct buffer out;
    size_t number = 0;

    buffer_init(&out, OUTPUT_BYTES_MAX);
    json_writer_init(&json, &out);
    if (analysis->json != NULL)
        analysis->json = &json;
    json_object_begin(&json);
    json_key(&json, "statements");
    json_array_begin(&json);
    while (syntax_split(analysis->dialect, &statements, &sql))
        statement_analyze(analysis, sql, ++number);
    json_array_end(&json);
    json_object_end(&json);
    buffer_append_byte(&out, '\n');
    if (analysis->json != NULL)
        fwrite(out.data, 1, out.size_bytes, stdout);
    analysis->has_refused |= number == 0 || out.has_failed;
    if (number == 0)
        fprintf(stderr, "potto statement: there is no statement\n");
    buffer_free(&out);
}

static bool schema_from(enum sql_dialect dialect, const char *path, struct buffer *text, struct arena *arena,
                        struct schema *out_schema)
{
    struct error error = {0};

    if (!input_read("potto statement", path, text))
        return false;
    if (schema_read(dialect, buffer_text(text), arena, out_schema, &error) != STATUS_OK) {
        fprintf(stderr, "potto statement: %s: %s\n", path, error.message);
        return false;
    }
    if (out_schema->refused_count > 0)
        fprintf(stderr, "potto statement: %s: %zu of %zu statements were not read, the first at byte %zu: %s\n", path,
                out_schema->refused_count, out_schema->statement_count, out_schema->first.at,
                out_schema->first.message);
    return true;
}

static int analyze(enum sql_dialect dialect, bool is_json, const char *schema_path, const char *path)
{
    struct arena *arena = arena_new(0);
    struct json_writer json;
    struct analysis analysis = {.dialect = dialect, .json = is_json ? &json : NULL};
    struct buffer statements, ddl;
    struct schema schema;
    bool is_read;

    buffer_init(&statements, SCHEMA_BYTES_MAX);
    buffer_init(&ddl, SCHEMA_BYTES_MAX);
    is_read = schema_path == NULL || schema_from(dialect, schema_path, &ddl, arena, &schema);
    if (is_read && schema_path != NULL)
        analysis.schema = &schema;
    is_read = is_read && input_read("potto statement", path, &statements);
    if (is_read)
        analyze_all(&analysis, buffer_text(&statements));
    buffer_free(&statements);
    buffer_free(&ddl);
    arena_destroy(arena);
    if (!is_read || fflush(stdout) != 0 || ferror(stdout))
        return EXIT_NOT_EXAMINED;
    return analysis.has_refused ? EXIT_NOT_EXAMINED : analysis.has_found ? EXIT_FOUND : EXIT_DONE;
}

int command_statement(int argc, char **argv)
{
    static const struct option known[] = {{"engine", required_argument, NULL, 'e'},
                                          {"schema", required_argument, NULL, 's'},
                                          {"json", no_argument, NULL, 'j'},
                                          {NULL, 0, NULL, 0}};
    enum sql_dialect dialect = SQL_DIALECT_POSTGRESQL;
    const char *schema_path = NULL;
    bool is_json = false;
    int option;

    if (argc == 2 && strcmp(argv[1], "rules") == 0)
        return output_print(statement_rules_write) ? EXIT_DONE : EXIT_NOT_EXAMINED;
    if (argc < 2 || strcmp(argv[1], "analyze") != 0)
        return cli_usage(usage);
    while ((option = getopt_long(argc - 1, argv + 1, "", known, NULL)) != -1) {
        if (option == 'e')
            dialect = sql_dialect_of(text_of(optarg));
        if (option == 's')
            schema_path = optarg;
        if (option == '?' || dialect == SQL_DIALECT_UNSET)
            return cli_usage(usage);
        is_json |= option == 'j';
    }
    return optind + 1 == argc - 1 ? analyze(dialect, is_json, schema_path, argv[optind + 1]) : cli_usage(usage);
}
