/* Ollama's /api/chat and /api/tags. */
#include <string.h>

#include "base/json_read.h"
#include "llm/kinds.h"

/* Ollama cuts a prompt that is longer than num_ctx tokens and does not say so, so it is told how many are needed.
 * Three bytes a token are few for SQL and plans. */
enum {
    CONTEXT_TOKENS_MIN = 4096,
    CONTEXT_TOKENS_MAX = 131072,
    CONTEXT_STEP = 1024,
    TEMPLATE_TOKENS = 512,
    TOKEN_BYTES = 3
};

static int64_t context_tokens(const struct llm_question *question)
{
    int64_t bytes = (int64_t)(question->system.size + question->user.size + question->schema.size);
    int64_t tokens = bytes / TOKEN_BYTES + TEMPLATE_TOKENS + question->tokens_max;

    tokens = (tokens + CONTEXT_STEP - 1) / CONTEXT_STEP * CONTEXT_STEP;
    return tokens < CONTEXT_TOKENS_MIN ? CONTEXT_TOKENS_MIN : tokens > CONTEXT_TOKENS_MAX ? CONTEXT_TOKENS_MAX : tokens;
}

static void write_message(struct json_writer *json, const char *role, struct text content)
{
    json_object_begin(json);
    json_member_string(json, "role", role);
    json_member_text(json, "content", content);
    json_object_end(json);
}

static void write_question(const struct llm *llm, const struct llm_question *question, struct json_writer *json)
{
    json_object_begin(json);
    json_member_text(json, "model", llm->model);
    json_member_bool(json, "stream", false);
    json_key(json, "messages");
    json_array_begin(json);
    write_message(json, "system", question->system);
    write_message(json, "user", question->user);
    json_array_end(json);
    json_key(json, "format");
    json_raw(json, question->schema);
    json_key(json, "options");
    json_object_begin(json);
    json_member_int64(json, "temperature", 0);
    json_member_int64(json, "num_predict", question->tokens_max);
    json_member_int64(json, "num_ctx", context_tokens(question));
    json_object_end(json);
    json_object_end(json);
}

static void read_message(struct json_reader *json, struct llm_said *said)
{
    struct text name;

    for (json_enter_object(json); json_next_member(json, &name);) {
        if (text_equal(name, TEXT("content")))
            json_read_text(json, &said->text);
        else
            json_skip(json, NULL);
    }
}

static void read_answer(struct text text, struct arena *arena, struct llm_said *said)
{
    struct json_reader json;
    struct json_number number;
    struct text name, reason;

    json_reader_init(&json, text, arena);
    for (json_enter_object(&json); json_next_member(&json, &name);) {
        if (text_equal(name, TEXT("message"))) {
            read_message(&json, said);
        } else if (text_equal(name, TEXT("prompt_eval_count"))) {
            if (json_read_number(&json, &number) && number.is_integer && number.integer >= 0)
                said->input_tokens = number.integer;
        } else if (text_equal(name, TEXT("eval_count"))) {
            if (json_read_number(&json, &number) && number.is_integer && number.integer >= 0)
                said->output_tokens = number.integer;
        } else if (text_equal(name, TEXT("done_reason"))) {
            said->is_cut = json_read_text(&json, &reason) && text_equal(reason, TEXT("length"));
        } else if (text_equal(name, TEXT("error")) && json_peek(&json) == JSON_KIND_STRING) {
            json_read_text(&json, &said->complaint);
        } else {
            json_skip(&json, NULL);
        }
    }
    said->is_understood = json_finish(&json) && said->text.data != NULL;
}

static const char *check_path(const struct llm *llm, struct arena *arena)
{
    (void)llm;
    (void)arena;
    return "/api/tags";
}

/* A model that is named without a tag is the one tagged latest. */
static bool is_named(const struct llm *llm, struct text name)
{
    struct text rest = name;

    return text_equal(name, llm->model) || (text_take_off(&rest, llm->model) && text_equal(rest, TEXT(":latest")));
}

static bool has_model(const struct llm *llm, struct text text, struct arena *arena)
{
    struct json_reader json;
    struct text name, model;
    bool is_there = false;

    json_reader_init(&json, text, arena);
    for (json_enter_object(&json); json_next_member(&json, &name);) {
        if (!text_equal(name, TEXT("models")) || json_peek(&json) != JSON_KIND_ARRAY) {
            json_skip(&json, NULL);
            continue;
        }
        for (json_enter_array(&json); json_next_item(&json);)
            for (json_enter_object(&json); json_next_member(&json, &name);) {
                if (text_equal(name, TEXT("name")))
                    is_there |= json_read_text(&json, &model) && is_named(llm, model);
                else
                    json_skip(&json, NULL);
            }
    }
    return is_there && json_finish(&json);
}

const struct llm_server llm_ollama = {
    .name = "ollama",
    .ask_path = "/api/chat",
    .write_question = write_question,
    .read_answer = read_answer,
    .check_path = check_path,
    .has_model = has_model,
    .no_model = "The Ollama server does not have the model of OLLAMA_MODEL; `ollama pull` gets it.",
};
