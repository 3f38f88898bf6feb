/* Claude's /v1/messages and /v1/models, as Anthropic documents them. The schema is that of a tool, which the model has
 * to use: its input is the answer. */
#include <string.h>

#include "base/json_read.h"
#include "llm/kinds.h"

#define TOOL "answer"

static void write_question(const struct llm *llm, const struct llm_question *question, struct json_writer *json)
{
    json_object_begin(json);
    json_member_text(json, "model", llm->model);
    json_member_int64(json, "max_tokens", question->tokens_max);
    json_member_text(json, "system", question->system);
    json_key(json, "messages");
    json_array_begin(json);
    json_object_begin(json);
    json_member_string(json, "role", "user");
    json_member_text(json, "content", question->user);
    json_object_end(json);
    json_array_end(json);
    json_key(json, "tools");
    json_array_begin(json);
    json_object_begin(json);
    json_member_string(json, "name", TOOL);
    json_member_string(json, "description", "Takes the answer to the question.");
    json_key(json, "input_schema");
    json_raw(json, question->schema);
    json_object_end(json);
    json_array_end(json);
    json_key(json, "tool_choice");
    json_object_begin(json);
    json_member_string(json, "type", "tool");
    json_member_string(json, "name", TOOL);
    json_object_end(json);
    json_object_end(json);
}

/* One block of the answer's content. A use of the tool counts more than text. */
static void read_block(struct json_reader *json, struct llm_said *said)
{
    struct text name, type = {0}, tool = {0}, text = {0}, input = {0};

    for (json_enter_object(json); json_next_member(json, &name);) {
        if (text_equal(name, TEXT("type")))
            json_read_text(json, &type);
        else if (text_equal(name, TEXT("name")))
            json_read_text(json, &tool);
        else if (text_equal(name, TEXT("text")))
            json_read_text(json, &text);
        else if (text_equal(name, TEXT("input")))
            json_skip(json, &input);
        else
            json_skip(json, NULL);
    }
    if (text_equal(type, TEXT("tool_use")) && text_equal(tool, TEXT(TOOL)) && input.data != NULL &&
        !said->is_structured) {
        said->text = input;
        said->is_structured = true;
    } else if (text_equal(type, TEXT("text")) && said->text.data == NULL) {
        said->text = text;
    }
}

static int64_t read_count(struct json_reader *json)
{
    struct json_number number;

    if (json_peek(json) != JSON_KIND_NUMBER) {
        json_skip(json, NULL);
        return 0;
    }
    return json_read_number(json, &number) && number.is_integer && number.integer > 0 && number.integer < INT32_MAX
               ? number.integer
               : 0;
}

/* Tokens of the prompt that were cached count as the others: they are part of the question. */
static void read_usage(struct json_reader *json, struct llm_said *said)
{
    struct text name;

    said->input_tokens = said->output_tokens = 0;
    for (json_enter_object(json); json_next_member(json, &name);) {
        if (text_equal(name, TEXT("input_tokens")) || text_equal(name, TEXT("cache_creation_input_tokens")) ||
            text_equal(name, TEXT("cache_read_input_tokens")))
            said->input_tokens += read_count(json);
        else if (text_equal(name, TEXT("output_tokens")))
            said->output_tokens = read_count(json);
        else
            json_skip(json, NULL);
    }
}

static void read_complaint(struct json_reader *json, struct llm_said *said)
{
    struct text name;

    for (json_enter_object(json); json_next_member(json, &name);) {
        if (text_equal(name, TEXT("message")))
            json_read_text(json, &said->complaint);
        else
            json_skip(json, NULL);
    }
}

static void read_answer(struct text text, struct arena *arena, struct llm_said *said)
{
    struct json_reader json;
    struct text name, reason;

    json_reader_init(&json, text, arena);
    for (json_enter_object(&json); json_next_member(&json, &name);) {
        enum json_kind kind = json_peek(&json);

        if (text_equal(name, TEXT("content")) && kind == JSON_KIND_ARRAY) {
            for (json_enter_array(&json); json_next_item(&json);)
                read_block(&json, said);
        } else if (text_equal(name, TEXT("usage")) && kind == JSON_KIND_OBJECT) {
            read_usage(&json, said);
        } else if (text_equal(name, TEXT("stop_reason")) && kind == JSON_KIND_STRING) {
            if (json_read_text(&json, &reason)) {
                said->is_cut =
                    text_equal(reason, TEXT("max_tokens")) || text_equal(reason, TEXT("model_context_window_exceeded"));
                said->is_refusal = text_equal(reason, TEXT("refusal"));
            }
        } else if (text_equal(name, TEXT("error")) && kind == JSON_KIND_OBJECT) {
            read_complaint(&json, said);
        } else {
            json_skip(&json, NULL);
        }
    }
    said->is_understood = json_finish(&json) && (said->text.data != NULL || said->is_refusal);
}

static const char *check_path(const struct llm *llm, struct arena *arena)
{
    return arena_printf(arena, "/v1/models/%.*s", (int)llm->model.size, llm->model.data);
}

/* A name may be an alias, so the answer's id may be another one. */
static bool has_model(const struct llm *llm, struct text text, struct arena *arena)
{
    struct json_reader json;
    struct text name, type = {0};

    (void)llm;
    json_reader_init(&json, text, arena);
    for (json_enter_object(&json); json_next_member(&json, &name);) {
        if (text_equal(name, TEXT("type")))
            json_read_text(&json, &type);
        else
            json_skip(&json, NULL);
    }
    return json_finish(&json) && text_equal(type, TEXT("model"));
}

const struct llm_server llm_claude = {
    .name = "claude",
    .ask_path = "/v1/messages",
    .write_question = write_question,
    .read_answer = read_answer,
    .check_path = check_path,
    .has_model = has_model,
    .no_model = "Anthropic knows no model of the name in POTTO_LLM_MODEL.",
};
