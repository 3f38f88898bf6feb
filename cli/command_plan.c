/* potto plan: what is wrong with a plan, as EXPLAIN gave it; no store is needed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/engine.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "plan/findings.h"

enum {
    EXIT_FOUND = 1,
    EXIT_NOT_EXAMINED = 2,
    OUTPUT_BYTES_MAX = 16 * 1024 * 1024,
};

static const char usage[] =
    "plan analyze [--engine postgresql|mysql] [--json] FILE|-   or: plan rules\n"
    "  analyze: says what is wrong with a plan of PostgreSQL, MySQL or MariaDB: EXPLAIN or EXPLAIN ANALYZE, as text "
    "or\n"
    "    JSON, as a client or a log shows it. --engine: by default the plan tells. Exit status: 0 nothing was found,\n"
    "    1 something was found, 2 the plan could not be examined.\n"
    "  rules: prints the table of rules as Markdown";

static int refuse(const char *what, const char *why)
{
    fprintf(stderr, "potto plan: %s%s%s\n", what, why[0] == '\0' ? "" : ": ", why);
    return EXIT_NOT_EXAMINED;
}

static void print_json(const struct plan *plan, const struct plan_findings *findings)
{
    struct json_writer json;
    struct buffer out;

    buffer_init(&out, OUTPUT_BYTES_MAX);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_member_string(&json, "dialect", plan->dialect == PLAN_DIALECT_MYSQL ? "mysql" : "postgresql");
    json_member_int64(&json, "nodes", (int64_t)plan->node_count);
    json_member_bool(&json, "was_run", plan->has_actuals);
    json_member_known(&json, "total_ms", plan->total_ms);
    plan_findings_write(plan, findings, &json);
    json_object_end(&json);
    buffer_append_byte(&out, '\n');
    fwrite(out.data, 1, out.size_bytes, stdout);
    buffer_free(&out);
}

static void print_text(const struct plan_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct plan_finding *finding = &findings->items[i];
        const struct plan_node *node = finding->node;

        printf("%s: %s [%s]\n  at %s%s%s", finding_severity_name(finding->severity), finding->title, finding->rule,
               node->label.data, node->relation.size > 0 ? " on " : "",
               node->relation.size > 0 ? node->relation.data : "");
        if (finding->saves_share >= 0)
            printf(", up to %.0f %% of the statement", finding->saves_share * 100);
        printf("\n  %.*s\n  %.*s\n", (int)finding->evidence.size, finding->evidence.data, (int)finding->remedy.size,
               finding->remedy.data);
    }
    if (findings->left_out > 0)
        printf("%zu further findings are left out.\n", findings->left_out);
    for (size_t i = 0; i < findings->not_examined_count; i++)
        printf("%s\n", findings->not_examined[i]);
}

static int analyze(enum plan_dialect dialect, bool is_json, const char *path)
{
    struct arena *arena = arena_new(0);
    struct error error = {0};
    struct plan_findings findings = {0};
    struct plan plan = {0};
    struct buffer pasted;
    bool is_read;

    buffer_init(&pasted, PLAN_JSON_BYTES_MAX + 2 * INPUT_READ_BYTES);
    is_read = input_read("potto plan", path, &pasted);
    if (is_read && plan_read_pasted(dialect, buffer_text(&pasted), arena, &plan, &error) != STATUS_OK) {
        refuse(path, error.message);
        is_read = false;
    }
    if (is_read) {
        plan_find(&plan, arena, &findings);
        if (is_json)
            print_json(&plan, &findings);
        else
            print_text(&findings);
    }
    buffer_free(&pasted);
    arena_destroy(arena);
    if (is_read && (fflush(stdout) != 0 || ferror(stdout)))
        return refuse("writing", strerror(errno));
    return !is_read ? EXIT_NOT_EXAMINED : findings.count > 0 ? EXIT_FOUND : EXIT_DONE;
}

int command_plan(int argc, char **argv)
{
    static const struct option known[] = {
        {"engine", required_argument, NULL, 'e'}, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    enum plan_dialect dialect = PLAN_DIALECT_UNSET;
    bool is_json = false;
    int option;

    if (argc == 2 && strcmp(argv[1], "rules") == 0)
        return output_print(plan_rules_write) ? EXIT_DONE : refuse("writing", strerror(errno));
    if (argc < 2 || strcmp(argv[1], "analyze") != 0)
        return cli_usage(usage);
    while ((option = getopt_long(argc - 1, argv + 1, "", known, NULL)) != -1) {
        const struct engine *engine = option == 'e' ? engine_find(text_of(optarg)) : NULL;

        if (engine != NULL)
            dialect = plan_dialect_of(text_of(engine->name));
        if (option == '?' || (option == 'e' && dialect == PLAN_DIALECT_UNSET))
            return cli_usage(usage);
        is_json |= option == 'j';
    }
    return optind + 1 == argc - 1 ? analyze(dialect, is_json, argv[optind + 1]) : cli_usage(usage);
}
