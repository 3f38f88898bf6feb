/* potto llm: what is known of the language model that the settings name. `check` asks it one question, about a
 * statement whose literals are replaced as they are wherever Potto asks; only --budget needs a store. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ask/ask.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/input.h"

enum { STATEMENT_BYTES_MAX = 65536, OUTPUT_BYTES_MAX = 4 * 1024 * 1024, ANSWER_TOKENS = 300 };

static const char usage[] =
    "llm check [--json] [--statement FILE|-] [--budget]\n"
    "  Says which language model is configured, whether its server has it, and asks it one question about a statement\n"
    "  (one of Potto's own, or that in FILE), whose literals are replaced before it leaves. Prints what was asked, "
    "the\n"
    "  answer, tokens and time. --budget: within what the first organization may spend in a day, which keeps question\n"
    "  and answer. Exit status: 0 it answered as asked for, or none is configured; 1 not.";

/* Its tables and what it does: small enough for a small model, and long enough to show that the shape holds. */
static const char system_text[] =
    "You are given one SQL statement. Answer with JSON alone: \"tables\" are the names of the tables that it reads, "
    "\"kind\" is what it does.";
static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":"
    "200},\"maxItems\":20},\"kind\":{\"type\":\"string\",\"enum\":[\"select\",\"insert\",\"update\",\"delete\","
    "\"other\"]}},\"required\":[\"tables\",\"kind\"],\"additionalProperties\":false}";
static const char own_statement[] =
    "SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = 'x@example.com'";

struct check {
    struct cli cli; /* with a store only if has_budget */
    bool has_budget;
    struct llm llm;
    struct llm_state state;
    struct llm_answer answer;
    struct text user; /* what is asked */
};

static bool read_statement(struct check *check, const char *path, struct text *out_sql)
{
    struct buffer bytes;
    bool is_read;

    buffer_init(&bytes, STATEMENT_BYTES_MAX + INPUT_READ_BYTES);
    is_read = input_read("potto llm", path, &bytes);
    if (is_read)
        *out_sql = (struct text){arena_string(check->cli.arena, bytes.data, bytes.size_bytes), bytes.size_bytes};
    buffer_free(&bytes);
    return is_read;
}

static enum status ask_first_organization(struct check *check, const struct llm_question *question)
{
    const struct llm_budget budget = LLM_BUDGET_OF(check->cli.config);
    struct ask_for ask = {.purpose = "check"};
    struct cli *cli = &check->cli;
    enum status status;

    if (cli->config.store_owner_url == NULL)
        return error_field(&cli->error, "POTTO_OWNER_DATABASE_URL", "must be set: the budget is in the store");
    cli->store = store_new(cli->config.store_owner_url, "potto");
    status = cli_organization(cli, NULL, &ask.organization_id);
    if (status == STATUS_OK)
        status = ask_within_budget(cli->store, &check->llm, &budget, &ask, question, cli->arena, &check->answer,
                                   &cli->error);
    store_destroy(cli->store);
    return status;
}

static enum status ask(struct check *check, struct text sql)
{
    struct llm_question question = {
        .system = text_of(system_text), .schema = text_of(schema_text), .tokens_max = ANSWER_TOKENS};

    check->user = llm_statement(TEXT("postgresql"), sql, false, check->cli.arena);
    question.user = check->user;
    llm_check(&check->llm, NULL, check->cli.arena, &check->state);
    if (!check->state.has_model)
        return STATUS_OK;
    return check->has_budget ? ask_first_organization(check, &question)
                             : llm_ask(&check->llm, &question, check->cli.arena, &check->answer, &check->cli.error);
}

static void print_json(struct check *check)
{
    const struct llm_answer *answer = &check->answer;
    struct json_writer *json = &check->cli.json;
    bool was_asked = answer->outcome != LLM_OUTCOME_UNSET;

    json_object_begin(json);
    json_member_string(json, "kind", llm_kind_name(check->llm.kind));
    json_member_text_or_null(json, "model", check->llm.model);
    json_member_string(json, "status", llm_health_name(check->state.health));
    json_member_string(json, "problem", check->state.problem[0] != '\0' ? check->state.problem : NULL);
    json_key(json, "question");
    if (was_asked) {
        json_object_begin(json);
        json_member_text(json, "asked", check->user);
        json_member_string(json, "outcome", llm_outcome_name(answer->outcome));
        json_member_string(json, "problem", answer->problem[0] != '\0' ? answer->problem : NULL);
        json_member_text_or_null(json, "said", answer->said);
        json_key(json, "answer");
        if (answer->json.data != NULL)
            json_raw(json, answer->json);
        else
            json_null(json);
        json_member_known(json, "input_tokens", (double)answer->input_tokens);
        json_member_known(json, "output_tokens", (double)answer->output_tokens);
        json_member_double(json, "seconds", round((double)answer->took_us / 1e3) / 1e3);
        json_member_int64(json, "attempts", answer->attempts);
        json_object_end(json);
    } else {
        json_null(json);
    }
    json_object_end(json);
}

static void print_count(const char *what, int64_t count)
{
    if (count >= 0)
        printf("%lld %s tokens, ", (long long)count, what);
    else
        printf("%s tokens unknown, ", what);
}

static void print_text(const struct check *check)
{
    const struct llm_answer *answer = &check->answer;

    if (check->llm.model.data == NULL)
        printf("model: none\n");
    else
        printf("model: %.*s (%s)\n", (int)check->llm.model.size, check->llm.model.data, llm_kind_name(check->llm.kind));
    printf("status: %s\n", llm_health_name(check->state.health));
    if (check->state.problem[0] != '\0')
        printf("problem: %s\n", check->state.problem);
    if (answer->outcome == LLM_OUTCOME_UNSET)
        return;
    printf("asked: %.*s\nanswer: %s%s%s\n", (int)check->user.size, check->user.data, llm_outcome_name(answer->outcome),
           answer->problem[0] != '\0' ? ": " : "", answer->problem);
    if (answer->said.data != NULL)
        printf("said: %.*s\n", (int)answer->said.size, answer->said.data);
    print_count("input", answer->input_tokens);
    print_count("output", answer->output_tokens);
    printf("%.3f s\n", (double)answer->took_us / 1e6);
}

static int check_model(struct check *check, const char *statement_path, bool is_json)
{
    struct text sql = text_of(own_statement);
    enum status status = config_read(CONFIG_CLI, &check->cli.config, &check->cli.error);
    const struct llm_settings settings = LLM_SETTINGS_OF(check->cli.config);
    const char *detail;

    if (status == STATUS_OK && statement_path != NULL && !read_statement(check, statement_path, &sql))
        return EXIT_FAILED;
    check->llm = llm_of(&settings);
    if (status == STATUS_OK)
        status = ask(check, sql);
    if (status != STATUS_OK)
        return cli_fail(&check->cli, "llm");
    detail = check->state.detail[0] != '\0' ? check->state.detail : check->answer.detail;
    if (detail[0] != '\0')
        fprintf(stderr, "potto llm: %s\n", detail);
    if (is_json) {
        print_json(check);
        buffer_append_byte(&check->cli.answer, '\n');
        fwrite(check->cli.answer.data, 1, check->cli.answer.size_bytes, stdout);
    } else {
        print_text(check);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return EXIT_FAILED;
    return check->state.health == LLM_HEALTH_OFF || check->answer.outcome == LLM_ANSWERED ? EXIT_DONE : EXIT_FAILED;
}

int command_llm(int argc, char **argv)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"statement", required_argument, NULL, 's'},
                                          {"budget", no_argument, NULL, 'b'},
                                          {NULL, 0, NULL, 0}};
    static struct check check;
    const char *statement_path = NULL;
    bool is_json = false;
    int option, exit_status;

    if (argc < 2 || strcmp(argv[1], "check") != 0)
        return cli_usage(usage);
    while ((option = getopt_long(argc - 1, argv + 1, "", known, NULL)) != -1) {
        if (option == '?')
            return cli_usage(usage);
        is_json |= option == 'j';
        check.has_budget |= option == 'b';
        if (option == 's')
            statement_path = optarg;
    }
    if (optind != argc - 1)
        return cli_usage(usage);
    check.cli.arena = arena_new(0);
    buffer_init(&check.cli.answer, OUTPUT_BYTES_MAX);
    json_writer_init(&check.cli.json, &check.cli.answer);
    exit_status = check_model(&check, statement_path, is_json);
    buffer_free(&check.cli.answer);
    arena_destroy(check.cli.arena);
    return exit_status;
}
