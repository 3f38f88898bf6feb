/* /settings/audit: the audit log, for admins. */
#include "fcgi/handlers.h"
#include "fcgi/pages/settings.h"
#include "store/admin/audit.h"

enum { LINES_SHOWN = 100, ACTION_BYTES_MAX = 100 };

static const struct page_about about = {
    .title = "Audit log", .template_file = "settings_audit.tpl", .section = PAGE_SECTION_SETTINGS};

/* An empty object has nothing to show. */
static struct text detail_of(struct text json)
{
    return text_equal(json, TEXT("{}")) ? TEXT("") : json;
}

static void fill_row(const struct page *page, struct page_data *row, const struct audit_line *line)
{
    page_set_time(page, row, "AT", line->at_us);
    page_set(row, "WHO", line->email.data == NULL ? TEXT("\xe2\x80\x93") : line->email);
    page_set(row, "ACTION", line->action);
    if (line->repeats > 0)
        page_set_int64(page_section(row, "HAS_REPEATS"), "REPEATS", line->repeats);
    page_set(row, "KIND", line->subject_kind);
    if (line->subject_id != 0)
        page_set_int64(page_section(row, "HAS_SUBJECT"), "SUBJECT", line->subject_id);
    page_set(row, "ADDRESS", line->remote_address);
    page_show_text(row, "HAS_DETAIL", "DETAIL", detail_of(line->detail_json));
}

enum status page_settings_audit(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    struct audit_filter filter = {.from_us = INT64_MIN, .to_us = INT64_MIN, .limit = LINES_SHOWN};
    struct text action = request_query(request, "action");
    struct audit_list list = {0};
    struct page page;
    enum status status = settings_open(request, scope, &about, &page, error);

    if (status == STATUS_OK && !request_query_int64(request, "before", 1, INT64_MAX, &filter.before_id, error))
        status = STATUS_INVALID;
    if (action.size > 0)
        filter.action = text_cut_utf8(action, ACTION_BYTES_MAX);
    if (status == STATUS_OK)
        status = store_audit_list(request->store, scope, &filter, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    link_state_set(&page.state, "action", filter.action);
    page_set(page.body, "ACTION_VALUE", filter.action);
    for (size_t i = 0; i < list.count; i++)
        fill_row(&page, page_section(page.body, "ROW"), &list.items[i]);
    page_show(page.body, "HAS_ROWS", list.count > 0);
    page_show(page.body, "NO_ROWS", list.count == 0);
    if (list.has_more)
        page_show_text(
            page.body, "HAS_MORE", "MORE_LINK",
            page_link_change(&page, "before",
                             text_of(arena_printf(page.arena, "%lld", (long long)list.items[list.count - 1].id))));
    return page_close(&page, response, error);
}
