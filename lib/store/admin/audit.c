/* The audit log; see audit.h. */
#include "store/admin/audit.h"

#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

enum { REMOTE_ADDRESS_BYTES_MAX = 64 };

enum status store_audit_add(struct store *store, const struct audit_entry *entry, struct arena *arena,
                            struct error *error)
{
    struct db_params params = {.arena = arena};

    params_int64(&params, entry->organization_id);
    params_int64(&params, entry->user_id);
    params_string(&params, entry->action);
    params_string(&params, entry->subject_kind == NULL ? "" : entry->subject_kind);
    params_int64(&params, entry->subject_id);
    params_text(&params, audit_address(entry->remote_address, arena));
    params_json(&params, entry->detail_json.data == NULL ? TEXT("{}") : entry->detail_json);
    return store_run(store, SQL(audit_add), &params, arena, NULL, error);
}

enum status store_audit_list(struct store *store, const struct scope *scope, const struct audit_filter *filter,
                             struct arena *arena, struct audit_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct audit_list list = {0};
    PGresult *result;
    enum status status;

    params_int64(&params, scope->organization_id);
    params_int64(&params, filter->before_id == 0 ? INT64_MAX : filter->before_id);
    params_text(&params, filter->action);
    params_int64(&params, filter->user_id);
    params_text(&params, filter->subject_kind);
    params_int64(&params, filter->subject_id);
    params_time(&params, filter->from_us);
    params_time(&params, filter->to_us);
    params_int32(&params, filter->limit + 1);
    status = store_run(store, SQL(audit_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, filter->limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (int row = 0; row < (int)list.count; row++)
        list.items[row] = (struct audit_line){.id = row_int64(result, row, AUDIT_LIST_ID),
                                              .at_us = row_time(result, row, AUDIT_LIST_AT),
                                              .user_id = row_int64(result, row, AUDIT_LIST_USER_ID),
                                              .email = row_text(result, row, AUDIT_LIST_EMAIL),
                                              .action = row_text(result, row, AUDIT_LIST_ACTION),
                                              .subject_kind = row_text(result, row, AUDIT_LIST_SUBJECT_KIND),
                                              .subject_id = row_int64(result, row, AUDIT_LIST_SUBJECT_ID),
                                              .remote_address = row_text(result, row, AUDIT_LIST_REMOTE_ADDRESS),
                                              .detail_json = row_json(result, row, AUDIT_LIST_DETAIL),
                                              .repeats = row_int64(result, row, AUDIT_LIST_REPEATS),
                                              .last_at_us = row_time(result, row, AUDIT_LIST_LAST_AT)};
    *out_list = list;
    return STATUS_OK;
}

struct text audit_address(struct text remote_address, struct arena *arena)
{
    struct text address = text_cut_utf8(text_to_utf8(remote_address, arena), REMOTE_ADDRESS_BYTES_MAX);

    return address.data == NULL ? TEXT("") : address;
}

void audit_params(struct db_params *params, const struct scope *scope, struct text remote_address)
{
    params_int64(params, scope->user_id);
    params_text(params, audit_address(remote_address, params->arena));
}
