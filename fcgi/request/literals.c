/* Opening the literals of an answer; see literals.h. */
#include "fcgi/request/literals.h"

#include "store/admin/literal_audit.h"

enum status literals_open(const struct request *request, const struct scope *scope,
                          const struct literal_text *const *literals, size_t count, const struct text **out_texts,
                          struct error *error)
{
    struct text *texts = arena_alloc_array(request->arena, count, sizeof *texts);
    enum status status = store_literals_open(request->store, scope, literals, count, request->remote_address,
                                             request->arena, texts, error);

    if (status == STATUS_OK)
        *out_texts = texts;
    return status;
}

enum status literals_open_samples(const struct request *request, const struct scope *scope,
                                  const struct sample_list *list, const struct text **out_texts, struct error *error)
{
    const struct literal_text **literals = arena_alloc_array(request->arena, list->count, sizeof *literals);

    for (size_t i = 0; i < list->count; i++)
        literals[i] = list->items[i].full_sql;
    return literals_open(request, scope, literals, list->count, out_texts, error);
}

enum status literals_open_plans(const struct request *request, const struct scope *scope,
                                const struct query_plan_list *list, const struct text **out_texts, struct error *error)
{
    const struct literal_text **literals = arena_alloc_array(request->arena, list->count, sizeof *literals);

    for (size_t i = 0; i < list->count; i++)
        literals[i] = list->items[i].plan;
    return literals_open(request, scope, literals, list->count, out_texts, error);
}

enum status literals_open_history(const struct request *request, const struct scope *scope,
                                  const struct plan_history *history, const struct text **out_texts,
                                  struct error *error)
{
    const struct literal_text **literals = arena_alloc_array(request->arena, history->count, sizeof *literals);

    for (size_t i = 0; i < history->count; i++)
        literals[i] = history->steps[i].plan.plan;
    return literals_open(request, scope, literals, history->count, out_texts, error);
}
