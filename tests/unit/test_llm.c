/* lib/llm against servers that answer as Ollama does and as Anthropic documents for Claude, or as nobody should. None
 * of them is the real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "llm/kinds.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/http_server.h"

#define SCHEMA                                                                                                         \
    "{\"type\":\"object\",\"properties\":{\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},"           \
    "\"required\":[\"tables\"],\"additionalProperties\":false}"
#define OLLAMA_ANSWER(content)                                                                                         \
    "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"" content                                      \
    "\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":20,\"eval_count\":9}"
#define CLAUDE_ANSWER(content, reason)                                                                                 \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[" content              \
    "],\"stop_reason\":\"" reason "\",\"usage\":{\"input_tokens\":30,\"output_tokens\":12}}"

static struct error error;
static struct llm_answer answer;
static struct http_server server;

static struct llm llm_at(enum llm_kind kind, const char *url)
{
    const struct llm_settings settings = {
        .ollama_url = kind == LLM_KIND_OLLAMA ? url : NULL,
        .ollama_model = "m",
        .claude_url = url,
        .claude_model = "m",
        .claude_key = "sk-s3cret",
        .timeout_s = 20,
        .addresses = "loopback",
    };

    return llm_of(&settings);
}

static void ask(const struct llm *llm)
{
    const struct llm_question question = {
        .system = TEXT("be short"), .user = TEXT("SELECT ?"), .schema = TEXT(SCHEMA), .tokens_max = 100};

    memset(&error, 0, sizeof error);
    assert_int_equal(llm_ask(llm, &question, arena, &answer, &error), STATUS_OK);
}

/* What the server says to each request. */
static const char *body;
static int code;

static void say_body(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    answer_json(client, code, "", body);
}

static void ask_server(enum llm_kind kind, int with_code, const char *with_body)
{
    struct llm llm;

    code = with_code;
    body = with_body;
    server_start(&server, say_body);
    llm = llm_at(kind, server.url);
    ask(&llm);
    server_stop(&server);
}

static void without_settings_no_socket_is_made(void **state)
{
    static const struct llm_settings none = {
        .claude_url = "https://api.anthropic.com", .timeout_s = 20, .addresses = "public,private,loopback,link-local"};
    struct llm_settings key_alone = none, incomplete = none;
    struct llm_state health;
    struct llm llm = llm_of(&none);
    int made = atomic_load(&sockets_made);

    (void)state;
    ask(&llm);
    assert_int_equal(answer.outcome, LLM_OFF);
    llm_check(&llm, NULL, arena, &health);
    assert_int_equal(health.health, LLM_HEALTH_OFF);
    key_alone.claude_key = "sk-s3cret";
    llm = llm_of(&key_alone);
    ask(&llm);
    assert_int_equal(answer.outcome, LLM_OFF);
    incomplete.ollama_url = "http://127.0.0.1:1";
    llm = llm_of(&incomplete);
    ask(&llm);
    assert_int_equal(answer.outcome, LLM_MISCONFIGURED);
    assert_string_equal(answer.problem, "OLLAMA_BASE_URL is set, and OLLAMA_MODEL is not.");
    llm_check(&llm, NULL, arena, &health);
    assert_int_equal(health.health, LLM_HEALTH_MISCONFIGURED);
    assert_int_equal(atomic_load(&sockets_made), made);
}

static void ollama_gets_the_schema_and_answers(void **state)
{
    (void)state;
    ask_server(LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("{\\\"tables\\\": [\\\"t\\\"]}"));
    assert_int_equal(answer.outcome, LLM_ANSWERED);
    assert_true(text_equal(answer.json, TEXT("{\"tables\": [\"t\"]}")));
    assert_int_equal(answer.input_tokens, 20);
    assert_int_equal(answer.output_tokens, 9);
    assert_non_null(strstr(server.request, "POST /api/chat HTTP/1.1\r\n"));
    assert_non_null(strstr(server.request, "\"model\":\"m\",\"stream\":false"));
    assert_non_null(strstr(server.request, "\"format\":" SCHEMA));
    assert_non_null(strstr(server.request, "{\"role\":\"user\",\"content\":\"SELECT ?\"}"));
    assert_null(strstr(server.request, "s3cret"));
}

static void claude_gets_the_schema_as_a_tool_and_answers(void **state)
{
    (void)state;
    ask_server(LLM_KIND_CLAUDE, 200,
               CLAUDE_ANSWER("{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"answer\",\"input\":{\"tables\":[]}}",
                             "tool_use"));
    assert_int_equal(answer.outcome, LLM_ANSWERED);
    assert_true(text_equal(answer.json, TEXT("{\"tables\":[]}")));
    assert_int_equal(answer.input_tokens, 30);
    assert_int_equal(answer.output_tokens, 12);
    assert_non_null(strstr(server.request, "POST /v1/messages HTTP/1.1\r\n"));
    assert_non_null(strstr(server.request, "\r\nx-api-key: sk-s3cret\r\n"));
    assert_non_null(strstr(server.request, "\r\nanthropic-version: 2023-06-01\r\n"));
    assert_non_null(strstr(server.request, "\"input_schema\":" SCHEMA));
    assert_non_null(strstr(server.request, "\"tool_choice\":{\"type\":\"tool\",\"name\":\"answer\"}"));
}

static void what_is_no_answer_says_why(void **state)
{
    static const struct {
        enum llm_kind kind;
        int code;
        const char *body;
        enum llm_outcome outcome;
        const char *problem; /* a part of it */
    } cases[] = {
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("Sure! The table is t."), LLM_PROSE, "prose"},
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER(""), LLM_PROSE, "prose"},
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("```json\\n{\\\"tables\\\": []}\\n```"), LLM_ANSWERED, ""},
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("{\\\"tables\\\": [1]}"), LLM_NOT_VALID,
         "$.tables[0]: is of another type"},
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("{\\\"tables\\\": []} ok"), LLM_NOT_VALID, "broken"},
        {LLM_KIND_OLLAMA, 200, OLLAMA_ANSWER("{\\\"x\\\": []}"), LLM_NOT_VALID, "does not know"},
        {LLM_KIND_OLLAMA, 200, "{\"message\": {\"content\": \"{\"}, \"done_reason\": \"length\"}", LLM_CUT, "longer"},
        {LLM_KIND_OLLAMA, 200, "{\"message\"", LLM_AWAY, "should not"},
        {LLM_KIND_OLLAMA, 200, "[]", LLM_AWAY, "should not"},
        {LLM_KIND_OLLAMA, 404, "{\"error\": \"model 'm' not found\"}", LLM_MISCONFIGURED, "OLLAMA_MODEL"},
        {LLM_KIND_OLLAMA, 500, "{\"error\": \"out of memory\"}", LLM_AWAY, "failed"},
        {LLM_KIND_CLAUDE, 200, CLAUDE_ANSWER("{\"type\":\"text\",\"text\":\"No.\"}", "end_turn"), LLM_PROSE, "prose"},
        {LLM_KIND_CLAUDE, 200, CLAUDE_ANSWER("", "refusal"), LLM_REFUSED, "does not want"},
        {LLM_KIND_CLAUDE, 200, CLAUDE_ANSWER("{\"type\":\"tool_use\",\"name\":\"answer\",\"input\":{}}", "max_tokens"),
         LLM_CUT, "longer"},
        {LLM_KIND_CLAUDE, 401,
         "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"bad sk-s3cret\"}}",
         LLM_MISCONFIGURED, "key"},
        {LLM_KIND_CLAUDE, 400, "{\"type\":\"error\",\"error\":{\"message\":\"no credit\"}}", LLM_AWAY, "does not take"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask_server(cases[i].kind, cases[i].code, cases[i].body);
        if (answer.outcome != cases[i].outcome || strstr(answer.problem, cases[i].problem) == NULL)
            fail_msg("case %zu: %s, %s", i, llm_outcome_name(answer.outcome), answer.problem);
        assert_null(strstr(answer.detail, "s3cret"));
        assert_int_equal(server.connections, 1);
    }
}

static void overload_twice(int client, int number, const char *request)
{
    (void)request;
    if (number < 3)
        answer_json(client, 529, "", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}");
    else
        answer_json(client, 200, "", OLLAMA_ANSWER("{\\\"tables\\\": []}"));
}

static void say_nothing(int client, int number, const char *request)
{
    char byte;

    (void)number;
    (void)request;
    (void)!recv(client, &byte, 1, 0);
}

static void an_overloaded_server_is_asked_again_and_a_silent_one_is_left(void **state)
{
    struct llm llm;

    (void)state;
    server_start(&server, overload_twice);
    llm = llm_at(LLM_KIND_OLLAMA, server.url);
    ask(&llm);
    server_stop(&server);
    assert_int_equal(answer.outcome, LLM_ANSWERED);
    assert_int_equal(answer.attempts, 3);
    server_start(&server, say_nothing);
    llm = llm_at(LLM_KIND_OLLAMA, server.url);
    llm.timeout_s = 1;
    ask(&llm);
    server_stop(&server);
    assert_int_equal(answer.outcome, LLM_SLOW);
    llm = llm_at(LLM_KIND_OLLAMA, "http://127.0.0.1:1");
    llm.timeout_s = 1;
    ask(&llm);
    assert_int_equal(answer.outcome, LLM_AWAY);
    assert_null(strstr(answer.problem, "127.0.0.1"));
}

static void health_is_what_the_server_says(void **state)
{
    static const struct {
        enum llm_kind kind;
        int code;
        const char *body;
        enum llm_health health;
    } cases[] = {
        {LLM_KIND_OLLAMA, 200, "{\"models\":[{\"name\":\"x:1b\"},{\"name\":\"m:latest\"}]}", LLM_HEALTH_REACHABLE},
        {LLM_KIND_OLLAMA, 200, "{\"models\":[{\"name\":\"mm:latest\"}]}", LLM_HEALTH_MISCONFIGURED},
        {LLM_KIND_OLLAMA, 200, "{\"models\":[]}", LLM_HEALTH_MISCONFIGURED},
        {LLM_KIND_OLLAMA, 500, "", LLM_HEALTH_AWAY},
        {LLM_KIND_CLAUDE, 200, "{\"id\":\"m-2\",\"type\":\"model\"}", LLM_HEALTH_REACHABLE},
        {LLM_KIND_CLAUDE, 404, "{}", LLM_HEALTH_MISCONFIGURED},
        {LLM_KIND_CLAUDE, 401, "{}", LLM_HEALTH_MISCONFIGURED},
        {LLM_KIND_CLAUDE, 529, "{}", LLM_HEALTH_AWAY},
    };
    struct llm_state health;
    struct llm llm;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        code = cases[i].code;
        body = cases[i].body;
        server_start(&server, say_body);
        llm = llm_at(cases[i].kind, server.url);
        llm_check(&llm, NULL, arena, &health);
        server_stop(&server);
        if (health.health != cases[i].health)
            fail_msg("case %zu: %s, %s", i, llm_health_name(health.health), health.problem);
        assert_int_equal(health.has_model, health.health == LLM_HEALTH_REACHABLE);
        assert_non_null(
            strstr(server.request, cases[i].kind == LLM_KIND_OLLAMA ? "GET /api/tags " : "GET /v1/models/m "));
    }
    llm = llm_at(LLM_KIND_OLLAMA, "http://127.0.0.1:1");
    llm_check(&llm, NULL, arena, &health);
    assert_int_equal(health.health, LLM_HEALTH_AWAY);
    llm = llm_at(LLM_KIND_OLLAMA, "http://169.254.169.254");
    llm_check(&llm, NULL, arena, &health);
    assert_int_equal(health.health, LLM_HEALTH_MISCONFIGURED);
}

static void schemas_hold_and_say_where_they_do_not(void **state)
{
#define ROOT "{\"type\":\"object\",\"properties\":{\"a\":"
    static const struct {
        const char *schema, *json, *problem; /* NULL: it holds */
    } cases[] = {
        {ROOT "{\"type\":\"integer\",\"minimum\":1,\"maximum\":9}}}", "{\"a\":1e0}", NULL},
        {ROOT "{\"type\":\"integer\"}}}", "{\"a\":1.5}", "$.a: must be a whole number"},
        {ROOT "{\"type\":\"number\",\"maximum\":9}}}", "{\"a\":9.5}", "$.a: is out of range"},
        {ROOT "{\"type\":\"number\"}}}", "{\"a\":1e999}", "$.a: is out of range"},
        {ROOT "{\"type\":\"string\",\"maxLength\":2}}}", "{\"a\":\"\\u00e4\\u00e4\"}", NULL},
        {ROOT "{\"type\":\"string\",\"maxLength\":2}}}", "{\"a\":\"abc\"}", "$.a: is too long"},
        {ROOT "{\"enum\":[\"x\",\"y\"]}}}", "{\"a\":\"y\"}", NULL},
        {ROOT "{\"enum\":[\"x\",\"y\"]}}}", "{\"a\":\"z\"}", "$.a: must be one of the schema's words"},
        {ROOT "{\"enum\":[\"x\",\"y\"]}}}", "{\"a\":1}", "$.a: is of another type"},
        {ROOT "{\"type\":[\"string\",\"null\"]}}}", "{\"a\":null}", NULL},
        {ROOT "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":1}}}", "{\"a\":[]}",
         "$.a: has too few items"},
        {ROOT "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"}}}}", "{\"a\":[true,0]}",
         "$.a[1]: is of another type"},
        {ROOT "{\"type\":\"array\",\"maxItems\":1}}}", "{\"a\":[1,2]}", "$.a: has too many items"},
        {ROOT "{}},\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "$.b: is missing"},
        {ROOT "{}},\"additionalProperties\":false}", "{\"b\":1}", "$: has a member that the schema does not know"},
        {ROOT "{}}}", "{\"a\":1,\"a\":2}", "$: has a member twice"},
        {ROOT "{}}}", "{\"a\":1", "The JSON is broken at byte 7: "},
        {ROOT "{}}}", "[]", "$: is of another type"},
    };
    static const char *const none[] = {"",
                                       "[]",
                                       "{\"$ref\":\"#\"}",
                                       "{\"type\":\"thing\"}",
                                       "{\"type\":\"object\"",
                                       "{\"enum\":[1]}",
                                       "{\"maxItems\":-1}",
                                       "{\"additionalProperties\":{}}"};
    const struct llm_schema *schema;
    char problem[LLM_SCHEMA_PROBLEM_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool holds;

        assert_int_equal(llm_schema_read(text_of(cases[i].schema), arena, &schema, &error), STATUS_OK);
        holds = llm_schema_holds(schema, text_of(cases[i].json), arena, problem);
        if (holds != (cases[i].problem == NULL) || (!holds && strstr(problem, cases[i].problem) != problem))
            fail_msg("case %zu: %s", i, problem);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (llm_schema_read(text_of(none[i]), arena, &schema, &error) != STATUS_INVALID)
            fail_msg("%s is taken as a schema", none[i]);
}

static void a_statement_leaves_without_its_literals(void **state)
{
    const struct text sql = TEXT("SELECT * FROM t WHERE mail = 'x@example.com' AND n IN (1, 2)");
    struct text other;

    (void)state;
    assert_true(text_equal(llm_statement(TEXT("postgresql"), sql, false, arena),
                           TEXT("SELECT * FROM t WHERE mail = ? AND n IN (?)")));
    assert_true(text_equal(llm_statement(TEXT("postgresql"), sql, true, arena), sql));
    other = llm_statement(TEXT("oracle"), TEXT("SELECT q'[s3cret]' FROM dual"), false, arena);
    assert_null(memmem(other.data, other.size, "s3cret", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_settings_no_socket_is_made),
        cmocka_unit_test(ollama_gets_the_schema_and_answers),
        cmocka_unit_test(claude_gets_the_schema_as_a_tool_and_answers),
        cmocka_unit_test(what_is_no_answer_says_why),
        cmocka_unit_test(an_overloaded_server_is_asked_again_and_a_silent_one_is_left),
        cmocka_unit_test(health_is_what_the_server_says),
        cmocka_unit_test(schemas_hold_and_say_where_they_do_not),
        cmocka_unit_test(a_statement_leaves_without_its_literals),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
