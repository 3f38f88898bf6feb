/* Questions to language models; see llm.h. */
#include "llm/llm.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/reach.h"
#include "llm/kinds.h"
#include "sql/redacted.h"

enum {
    CONNECT_MS = 5000,
    ATTEMPTS = 3,
    CHECK_BYTES_MAX = 4 * 1024 * 1024,              /* an Ollama server may have hundreds of models */
    REQUEST_BYTES_MAX = 8 * LLM_QUESTION_BYTES_MAX, /* escaped */
    TOKENS_MAX = 1000000,
    MODEL_BYTES_MAX = 200,
};

const char *llm_kind_name(enum llm_kind kind)
{
    return kind == LLM_KIND_UNSET ? NULL : llm_server_of(kind)->name;
}

const char *llm_outcome_name(enum llm_outcome outcome)
{
    static const char *const names[LLM_OUTCOME_COUNT] = {
        [LLM_OUTCOME_UNSET] = "unset",
        [LLM_ANSWERED] = "answered",
        [LLM_OFF] = "off",
        [LLM_MISCONFIGURED] = "misconfigured",
        [LLM_AWAY] = "away",
        [LLM_SLOW] = "slow",
        [LLM_BUSY] = "busy",
        [LLM_REFUSED] = "refused",
        [LLM_PROSE] = "prose",
        [LLM_NOT_VALID] = "not valid",
        [LLM_CUT] = "cut",
        [LLM_STOPPED] = "stopped",
        [LLM_OVER_BUDGET] = "over budget",
    };

    return names[outcome];
}

const char *llm_health_name(enum llm_health health)
{
    static const char *const names[] = {
        [LLM_HEALTH_UNSET] = "unknown",
        [LLM_HEALTH_OFF] = "off",
        [LLM_HEALTH_REACHABLE] = "reachable",
        [LLM_HEALTH_AWAY] = "not reachable",
        [LLM_HEALTH_MISCONFIGURED] = "misconfigured",
    };

    return names[health];
}

/* ---- settings ---- */

/* Names of models go into addresses and pages. */
static bool is_model_name(struct text model)
{
    static const char others[] = "._:/@-+";

    for (size_t i = 0; i < model.size; i++) {
        char byte = model.data[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
              (byte != '\0' && strchr(others, byte) != NULL)))
            return false;
    }
    return model.size > 0 && model.size <= MODEL_BYTES_MAX;
}

static struct text without_slash(struct text url)
{
    while (url.size > 0 && url.data[url.size - 1] == '/')
        url.size--;
    return url;
}

struct llm llm_of(const struct llm_settings *settings)
{
    struct llm llm = {.timeout_s = settings->timeout_s,
                      .network = {.reach = reach_parse(settings->addresses), .ca_file = settings->ca_file}};

    if (settings->ollama_url != NULL) {
        llm.kind = LLM_KIND_OLLAMA;
        llm.url = without_slash(text_of(settings->ollama_url));
        llm.model = text_of(settings->ollama_model);
        if (settings->ollama_model == NULL)
            llm.problem = "OLLAMA_BASE_URL is set, and OLLAMA_MODEL is not.";
    } else if (settings->claude_model != NULL) {
        llm.kind = LLM_KIND_CLAUDE;
        llm.url = without_slash(text_of(settings->claude_url));
        llm.model = text_of(settings->claude_model);
        llm.key = text_of(settings->claude_key);
        llm.network.proxy = settings->proxy;
        if (settings->claude_key == NULL)
            llm.problem = "POTTO_LLM_MODEL is set, and ANTHROPIC_API_KEY is not.";
    }
    if (llm.kind != LLM_KIND_UNSET && llm.problem == NULL && !is_model_name(llm.model))
        llm.problem = "The name of the language model is not one that a model has.";
    if (llm.problem != NULL)
        llm.model = (struct text){NULL, 0};
    return llm;
}

/* ---- requests ---- */

/* Perform a request to a path of the server. */
static enum status request_to(const struct llm *llm, const char *path, const struct http_request *asked,
                              struct arena *arena, struct http_response *out_response, struct error *error)
{
    const struct http_header headers[] = {
        {"content-type", TEXT("application/json"), false},
        {"anthropic-version", TEXT("2023-06-01"), false},
        {"x-api-key", llm->key, true},
    };
    struct http_request request = *asked;

    request.url = text_of(arena_printf(arena, "%.*s%s", (int)llm->url.size, llm->url.data, path));
    request.headers = headers;
    request.header_count = llm->kind == LLM_KIND_CLAUDE ? 3 : 1;
    request.connect_max_ms = CONNECT_MS;
    return http_perform(&llm->network, &request, arena, out_response, error);
}

static enum llm_outcome outcome_of(enum status status)
{
    switch (status) {
    case STATUS_TIMEOUT:
        return LLM_SLOW;
    case STATUS_CONFLICT:
        return LLM_STOPPED;
    case STATUS_INVALID:
    case STATUS_FORBIDDEN:
        return LLM_MISCONFIGURED;
    default:
        return LLM_AWAY;
    }
}

static enum status check_question(const struct llm_question *question, struct error *error)
{
    const struct text texts[] = {question->system, question->user};

    if (question->system.size + question->user.size > LLM_QUESTION_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "The question is too large.");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (text_valid_utf8(texts[i]) != texts[i].size)
            return error_set(error, STATUS_INVALID, "The question is not UTF-8.");
    if (question->tokens_max < 1 || question->tokens_max > TOKENS_MAX)
        return error_set(error, STATUS_INVALID, "An answer has 1 to %d tokens.", TOKENS_MAX);
    return STATUS_OK;
}

static void send_question(const struct llm *llm, const struct llm_question *question, const struct llm_schema *schema,
                          struct arena *arena, struct llm_answer *answer)
{
    const struct llm_server *server = llm_server_of(llm->kind);
    int64_t start_us = clock_monotonic_us();
    struct http_request request = {.method = HTTP_METHOD_POST,
                                   .deadline_us = start_us + llm->timeout_s * CLOCK_SECOND_US,
                                   .body_bytes_max = LLM_ANSWER_BYTES_MAX,
                                   .attempts_max = ATTEMPTS,
                                   .should_stop = question->should_stop};
    struct http_response response = {0};
    struct error failure = {0};
    struct json_writer json;
    struct buffer body;
    enum status status;

    buffer_init(&body, REQUEST_BYTES_MAX);
    json_writer_init(&json, &body);
    server->write_question(llm, question, &json);
    request.body = buffer_text(&body);
    status = body.has_failed ? error_set(&failure, STATUS_TOO_LARGE, "The question is too large.")
                             : request_to(llm, server->ask_path, &request, arena, &response, &failure);
    answer->took_us = clock_monotonic_us() - start_us;
    if (status == STATUS_OK) {
        llm_take_answer(llm, &response, schema, arena, answer);
    } else {
        llm_set_outcome(answer, outcome_of(status), failure.message);
        snprintf(answer->detail, sizeof answer->detail, "%.500s", failure.detail);
    }
    buffer_free(&body);
}

enum status llm_ask(const struct llm *llm, const struct llm_question *question, struct arena *arena,
                    struct llm_answer *out_answer, struct error *error)
{
    const struct llm_schema *schema = NULL;
    struct llm_answer answer = {.input_tokens = -1, .output_tokens = -1};
    enum status status = check_question(question, error);

    if (status == STATUS_OK)
        status = llm_schema_read(question->schema, arena, &schema, error);
    if (status != STATUS_OK)
        return status;
    if (llm->problem != NULL)
        llm_set_outcome(&answer, LLM_MISCONFIGURED, llm->problem);
    else if (llm->kind == LLM_KIND_UNSET)
        llm_set_outcome(&answer, LLM_OFF, "No language model is configured.");
    else
        send_question(llm, question, schema, arena, &answer);
    *out_answer = answer;
    return STATUS_OK;
}

/* ---- the check ---- */

static void set_health(struct llm_state *state, enum llm_health health, const char *problem)
{
    state->health = health;
    snprintf(state->problem, sizeof state->problem, "%s", problem);
}

static enum llm_health health_of(enum llm_outcome outcome)
{
    return outcome == LLM_MISCONFIGURED ? LLM_HEALTH_MISCONFIGURED : LLM_HEALTH_AWAY;
}

static void look(const struct llm *llm, const atomic_bool *should_stop, struct arena *arena, struct llm_state *state)
{
    const struct llm_server *server = llm_server_of(llm->kind);
    struct http_request request = {.method = HTTP_METHOD_GET,
                                   .deadline_us = clock_monotonic_us() + LLM_CHECK_S * CLOCK_SECOND_US,
                                   .body_bytes_max = CHECK_BYTES_MAX,
                                   .attempts_max = 2,
                                   .should_stop = should_stop};
    struct http_response response = {0};
    struct error failure = {0};
    struct llm_said said = {0};
    const char *problem;
    enum status status = request_to(llm, server->check_path(llm, arena), &request, arena, &response, &failure);

    if (status != STATUS_OK) {
        set_health(state, health_of(outcome_of(status)), failure.message);
        snprintf(state->detail, sizeof state->detail, "%.500s", failure.detail);
    } else if (response.code != 200) {
        enum llm_outcome outcome = llm_judge_code(server, response.code, &problem);

        set_health(state, health_of(outcome), problem);
        server->read_answer(response.body, arena, &said);
        llm_describe(llm, response.code, said.complaint, state->detail, sizeof state->detail);
    } else if (!server->has_model(llm, response.body, arena)) {
        set_health(state, LLM_HEALTH_MISCONFIGURED, server->no_model);
    } else {
        state->health = LLM_HEALTH_REACHABLE;
        state->has_model = true;
    }
}

void llm_check(const struct llm *llm, const atomic_bool *should_stop, struct arena *arena, struct llm_state *out_state)
{
    *out_state = (struct llm_state){0};
    if (llm->problem != NULL)
        set_health(out_state, LLM_HEALTH_MISCONFIGURED, llm->problem);
    else if (llm->kind != LLM_KIND_UNSET)
        look(llm, should_stop, arena, out_state);
    else
        out_state->health = LLM_HEALTH_OFF;
}

struct text llm_statement(struct text engine, struct text sql, bool keeps_literals, struct arena *arena)
{
    return keeps_literals ? text_to_utf8(sql, arena) : sql_fingerprint_redacted(engine, sql, arena).text;
}
