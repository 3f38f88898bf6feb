/* GET /api/v1/llm/questions: what the caller asked language models, and what they answered. */
#include "store/llm/llm_question.h"

#include "fcgi/api/query_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"

enum { LIMIT_DEFAULT = 20 };

static const char LIST[] = "llm-questions";
static const char *const list_params[] = {"limit", "cursor", NULL};

static void write_kept(struct json_writer *json, const struct llm_kept *kept)
{
    json_object_begin(json);
    json_member_int64(json, "id", kept->id);
    json_member_time(json, "asked_at", kept->asked_at_us);
    json_member_text(json, "purpose", kept->purpose);
    json_member_bool(json, "is_own", kept->is_own);
    json_member_id_or_null(json, "database_connection_id", kept->connection_id);
    json_member_text(json, "kind", kept->kind);
    json_member_text(json, "model", kept->model);
    json_member_text(json, "outcome", kept->outcome);
    json_member_text_or_null(json, "problem", kept->problem);
    json_member_known(json, "input_tokens", (double)kept->input_tokens);
    json_member_known(json, "output_tokens", (double)kept->output_tokens);
    json_member_known(json, "ms", (double)kept->ms);
    json_member_known(json, "cost_usd", kept->micro_usd < 0 ? -1 : (double)kept->micro_usd / 1e6);
    json_member_text(json, "question", kept->question);
    json_member_text_or_null(json, "answer", kept->answer);
    json_object_end(json);
}

enum status llm_question_list(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct cursor cursor = {0}, next = {.number_count = 1};
    int64_t limit = LIMIT_DEFAULT;
    struct llm_kept_list list;
    struct json_writer *json;
    bool has_cursor;
    enum status status;

    request_query_only(request, list_params, error);
    request_query_int64(request, "limit", 1, LLM_QUESTIONS_MAX, &limit, error);
    if (error->field_count > 0)
        return error->status;
    status = cursor_read(request, LIST, 1, &cursor, &has_cursor, error);
    if (status == STATUS_OK)
        status = store_llm_question_list(request->store, scope, has_cursor ? cursor.numbers[0] : INT64_MAX, (int)limit,
                                         request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    if (list.has_more)
        next.numbers[0] = list.items[list.count - 1].id;
    json = response_items(response);
    for (size_t i = 0; i < list.count; i++)
        write_kept(json, &list.items[i]);
    json_array_end(json);
    json_member_next_cursor(json, list.has_more ? cursor_write(LIST, &next, request->arena) : (struct text){NULL, 0});
    json_object_end(json);
    return STATUS_OK;
}
