/* Reserving, asking, settling; see ask.h. */
#include "ask/ask.h"

#include <stdio.h>

enum { SERVER_TOKENS = 1024 /* what a server may put around a question */ };

/* A token is a byte at least. */
static int64_t input_tokens_max(const struct llm_question *question)
{
    return (int64_t)(question->system.size + question->user.size + question->schema.size) + SERVER_TOKENS;
}

static bool may_have_cost(enum llm_outcome outcome)
{
    switch (outcome) {
    case LLM_OFF:
    case LLM_MISCONFIGURED:
    case LLM_AWAY:
    case LLM_BUSY:
        return false;
    default:
        return true;
    }
}

static enum status settle(struct store *store, const struct ask_for *ask, int64_t id, const struct llm_answer *answer,
                          struct arena *arena, struct error *error)
{
    const struct llm_ending ending = {
        .organization_id = ask->organization_id,
        .id = id,
        .outcome = llm_outcome_name(answer->outcome),
        .problem = answer->problem,
        .input_tokens = answer->input_tokens,
        .output_tokens = answer->output_tokens,
        .may_have_cost = may_have_cost(answer->outcome),
        .ms = answer->took_us / 1000,
        .answer = answer->said,
    };

    return store_llm_settle(store, &ending, arena, error);
}

enum status ask_within_budget(struct store *store, const struct llm *llm, const struct llm_budget *budget,
                              const struct ask_for *ask, const struct llm_question *question, struct arena *arena,
                              struct llm_answer *out_answer, struct error *error)
{
    const struct llm_reserving reserving = {
        .organization_id = ask->organization_id,
        .user_id = ask->user_id,
        .connection_id = ask->connection_id,
        .purpose = ask->purpose,
        .kind = llm_kind_name(llm->kind),
        .model = llm->model,
        .question = text_of(arena_printf(arena, "%.*s\n\n%.*s", (int)question->system.size, question->system.data,
                                         (int)question->user.size, question->user.data)),
        .input_tokens_max = input_tokens_max(question),
        .output_tokens_max = question->tokens_max,
        .ms_max = llm->timeout_s * 1000,
    };
    const char *refusal = NULL;
    int64_t id = 0;
    enum status status;

    if (llm->kind == LLM_KIND_UNSET || llm->problem != NULL)
        return llm_ask(llm, question, arena, out_answer, error);
    status = store_llm_reserve(store, &reserving, budget, arena, &id, &refusal, error);
    if (status == STATUS_OK && refusal != NULL) {
        *out_answer = (struct llm_answer){.outcome = LLM_OVER_BUDGET, .input_tokens = -1, .output_tokens = -1};
        snprintf(out_answer->problem, sizeof out_answer->problem, "%s", refusal);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = llm_ask(llm, question, arena, out_answer, error);
    return status == STATUS_OK ? settle(store, ask, id, out_answer, arena, error) : status;
}
