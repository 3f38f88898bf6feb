/* What a server answered: read, judged, and held to the schema. Bytes alone, no server. See kinds.h. */
#include <stdio.h>
#include <string.h>

#include "llm/kinds.h"

enum { COMPLAINT_BYTES_MAX = 200 };

const struct llm_server *llm_server_of(enum llm_kind kind)
{
    return kind == LLM_KIND_OLLAMA ? &llm_ollama : kind == LLM_KIND_CLAUDE ? &llm_claude : NULL;
}

void llm_set_outcome(struct llm_answer *answer, enum llm_outcome outcome, const char *problem)
{
    answer->outcome = outcome;
    snprintf(answer->problem, sizeof answer->problem, "%s", problem);
}

/* What another code than 200 means. */
static const struct {
    int code;
    enum llm_outcome outcome;
    const char *problem;
} codes[] = {
    {400, LLM_AWAY, "The server of the language model does not take the request."},
    {401, LLM_MISCONFIGURED, "The server of the language model does not accept the key."},
    {403, LLM_MISCONFIGURED, "The server of the language model does not allow the key to ask this."},
    {413, LLM_AWAY, "The question is larger than the server of the language model takes."},
    {429, LLM_BUSY, "The server of the language model takes no more requests for now."},
    {503, LLM_BUSY, "The server of the language model is overloaded."},
    {529, LLM_BUSY, "The server of the language model is overloaded."},
};

enum llm_outcome llm_judge_code(const struct llm_server *server, int code, const char **out_problem)
{
    if (code == 404) {
        *out_problem = server->no_model;
        return LLM_MISCONFIGURED;
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code) {
            *out_problem = codes[i].problem;
            return codes[i].outcome;
        }
    *out_problem = "The server of the language model failed.";
    return LLM_AWAY;
}

/* For the log: the code, and what the server says about it. */
void llm_describe(const struct llm *llm, int code, struct text complaint, char *detail, size_t detail_bytes)
{
    struct text words = text_cut_utf8(complaint, COMPLAINT_BYTES_MAX);

    snprintf(detail, detail_bytes, "code %d%s%.*s", code, words.size > 0 ? ": " : "", (int)words.size, words.data);
    http_hide(detail, llm->key);
}

/* The text within a fence of three backticks, as models like to put JSON into; other texts stay. */
static struct text without_fence(struct text said)
{
    struct text rest = text_trim(said), first;

    if (!text_starts(rest, TEXT("```")) || !text_ends(rest, TEXT("```")) || rest.size < 6)
        return rest;
    rest.size -= 3;
    text_split(&rest, '\n', &first);
    return rest.data == NULL ? (struct text){"", 0} : text_trim(rest);
}

static void judge(const struct llm_said *said, const struct llm_schema *schema, struct arena *arena,
                  struct llm_answer *answer)
{
    char problem[LLM_SCHEMA_PROBLEM_BYTES];
    struct text json;

    if (said->is_refusal)
        return llm_set_outcome(answer, LLM_REFUSED, "The language model does not want to answer this.");
    json = said->is_structured ? said->text : without_fence(answer->said);
    if (json.data == NULL)
        json = (struct text){"", 0};
    if (json.size > 0 && json.data[0] == '{' && llm_schema_holds(schema, json, arena, problem)) {
        answer->json = json;
        answer->outcome = LLM_ANSWERED;
    } else if (said->is_cut) {
        llm_set_outcome(answer, LLM_CUT, "The language model's answer was longer than it may be.");
    } else if (json.size == 0 || json.data[0] != '{') {
        llm_set_outcome(answer, LLM_PROSE, "The language model answered prose where JSON was asked for.");
    } else {
        llm_set_outcome(answer, LLM_NOT_VALID,
                        arena_printf(arena, "The language model's answer is not as asked for: %s", problem));
    }
}

void llm_take_answer(const struct llm *llm, const struct http_response *response, const struct llm_schema *schema,
                     struct arena *arena, struct llm_answer *answer)
{
    const struct llm_server *server = llm_server_of(llm->kind);
    struct llm_said said = {.input_tokens = -1, .output_tokens = -1};
    const char *problem;

    server->read_answer(response->body, arena, &said);
    answer->attempts = response->attempts;
    if (response->code != 200) {
        enum llm_outcome outcome = llm_judge_code(server, response->code, &problem);

        llm_describe(llm, response->code, said.complaint, answer->detail, sizeof answer->detail);
        return llm_set_outcome(answer, outcome, problem);
    }
    answer->input_tokens = said.input_tokens;
    answer->output_tokens = said.output_tokens;
    if (!said.is_understood)
        return llm_set_outcome(answer, LLM_AWAY,
                               "The server of the language model answered something that it should not.");
    if (said.text.data != NULL)
        answer->said = text_to_utf8(said.text, arena);
    judge(&said, schema, arena, answer);
}
