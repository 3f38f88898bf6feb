/* Budgets of questions to language models; see llm_spending.h. */
#include "store/llm/llm_spending.h"

#include "store/scope/statement.h"

enum { MICRO_USD_A_CENT = 10000 };

static void params_id(struct db_params *params, int64_t id) /* 0: NULL */
{
    if (id == 0)
        params_null(params);
    else
        params_int64(params, id);
}

static struct text kept(struct text text, size_t bytes_max, struct arena *arena)
{
    return text.data == NULL ? text : text_cut_utf8(text_to_utf8(text, arena), bytes_max);
}

static const char *sentence_of(struct text refusal)
{
    static const struct {
        struct text refusal;
        const char *sentence;
    } sentences[] = {
        {TEXT("tokens"), "The organization has used its tokens for language models of today."},
        {TEXT("time"), "The organization has used its time for language models of today."},
        {TEXT("money"), "The organization has used its money for language models of today."},
        {TEXT("price"), "The price of the language model is not known: llm_prices has no row for it."},
    };

    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (text_equal(sentences[i].refusal, refusal))
            return sentences[i].sentence;
    return "The budget for language models does not hold the question.";
}

enum status store_llm_reserve(struct store *store, const struct llm_reserving *reserving,
                              const struct llm_budget *budget, struct arena *arena, int64_t *out_id,
                              const char **out_refusal, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, reserving->organization_id);
    params_id(&params, reserving->user_id);
    params_id(&params, reserving->connection_id);
    params_string(&params, reserving->purpose);
    params_string(&params, reserving->kind);
    params_text(&params, reserving->model);
    params_int64(&params, reserving->input_tokens_max);
    params_int64(&params, reserving->output_tokens_max);
    params_int64(&params, reserving->ms_max);
    params_int64(&params, budget->tokens);
    params_int64(&params, budget->seconds * 1000);
    params_int64(&params, budget->cents * MICRO_USD_A_CENT);
    params_text(&params, kept(reserving->question, LLM_QUESTION_KEPT_BYTES, arena));
    status = store_run(store, SQL(llm_reserve), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_id = row_int64(result, 0, LLM_RESERVE_QUESTION_ID);
    *out_refusal = *out_id == 0 ? sentence_of(row_text(result, 0, LLM_RESERVE_REFUSAL)) : NULL;
    return STATUS_OK;
}

static void params_known(struct db_params *params, int64_t count) /* -1: NULL */
{
    if (count < 0)
        params_null(params);
    else
        params_int64(params, count);
}

enum status store_llm_settle(struct store *store, const struct llm_ending *ending, struct arena *arena,
                             struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, ending->organization_id);
    params_int64(&params, ending->id);
    params_string(&params, ending->outcome);
    params_string(&params, ending->problem[0] == '\0' ? NULL : ending->problem);
    params_known(&params, ending->input_tokens);
    params_known(&params, ending->output_tokens);
    params_int64(&params, ending->ms);
    params_text(&params, kept(ending->answer, LLM_ANSWER_KEPT_BYTES, arena));
    params_bool(&params, ending->may_have_cost);
    return store_run(store, SQL(llm_settle), &params, arena, NULL, error);
}
