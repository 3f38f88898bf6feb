/* Reads questions that were kept; see llm_question.h. */
#include "store/llm/llm_question.h"

#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

static void read_row(const PGresult *result, int row, struct llm_kept *kept)
{
    *kept = (struct llm_kept){
        .id = row_int64(result, row, LLM_QUESTION_LIST_ID),
        .asked_at_us = row_time(result, row, LLM_QUESTION_LIST_ASKED_AT),
        .purpose = row_text(result, row, LLM_QUESTION_LIST_PURPOSE),
        .kind = row_text(result, row, LLM_QUESTION_LIST_KIND),
        .model = row_text(result, row, LLM_QUESTION_LIST_MODEL),
        .connection_id = row_int64(result, row, LLM_QUESTION_LIST_DATABASE_CONNECTION_ID),
        .is_own = row_bool(result, row, LLM_QUESTION_LIST_IS_OWN),
        .outcome = row_text(result, row, LLM_QUESTION_LIST_OUTCOME),
        .problem = row_text(result, row, LLM_QUESTION_LIST_PROBLEM),
        .input_tokens = row_known(result, row, LLM_QUESTION_LIST_INPUT_TOKENS),
        .output_tokens = row_known(result, row, LLM_QUESTION_LIST_OUTPUT_TOKENS),
        .ms = row_known(result, row, LLM_QUESTION_LIST_MS),
        .micro_usd = row_known(result, row, LLM_QUESTION_LIST_MICRO_USD),
        .question = row_text(result, row, LLM_QUESTION_LIST_QUESTION),
        .answer = row_text(result, row, LLM_QUESTION_LIST_ANSWER),
    };
}

enum status store_llm_question_list(struct store *store, const struct scope *scope, int64_t before_id, int limit,
                                    struct arena *arena, struct llm_kept_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->user_id);
    params_bool(&params, scope->role == ROLE_ADMIN);
    params_int64(&params, before_id);
    params_int32(&params, limit + 1);
    status = store_read(store, scope, SQL(llm_question_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    out_list->count = row_page_count(result, limit, &out_list->has_more);
    out_list->items = arena_alloc_array(arena, out_list->count, sizeof *out_list->items);
    for (size_t i = 0; i < out_list->count; i++)
        read_row(result, (int)i, &out_list->items[i]);
    return STATUS_OK;
}
