/* The common part of the settings pages; see settings.h. */
#include "fcgi/pages/settings.h"

#include <string.h>

static const struct {
    const char *path, *label;
    bool is_for_admins;
} tabs[] = {
    {"/settings/tokens", "Your account", false}, {"/settings/users", "Users", true},
    {"/settings/teams", "Teams", true},          {"/settings/audit", "Audit log", true},
    {"/settings/storage", "Storage", true},
};

static const struct {
    const char *done, *message;
} messages[] = {
    {"password", "Your password is changed. Other sessions have ended."},
    {"revoked", "The token has ended."},
    {"saved", "Saved."},
    {"added", "Added."},
    {"removed", "Removed."},
    {"deactivated", "The user is deactivated, and out of every session."},
    {"activated", "The user may sign in again."},
};

enum status settings_form_read(const struct request *request, struct settings_form *out_form, struct error *error)
{
    enum status status;

    out_form->count = 0;
    status = request_form(request, out_form->params, &out_form->count, error);
    if (status == STATUS_OK)
        status = form_check_lines(out_form->params, out_form->count, request->arena, error);
    return status;
}

struct text settings_value(const struct settings_form *form, const char *name)
{
    return text_trim(form_value(form->params, form->count, name));
}

int64_t settings_number(const struct settings_form *form, const char *name)
{
    int64_t number;

    return text_to_int64(settings_value(form, name), &number) && number > 0 ? number : 0;
}

enum status settings_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                          struct page *out_page, struct error *error)
{
    struct text done = request_query(request, "done");
    enum status status = page_open(request, scope, about, out_page, error);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof tabs / sizeof tabs[0]; i++) {
        struct page_data *tab;

        if (tabs[i].is_for_admins && scope_role(scope) != ROLE_ADMIN)
            continue;
        tab = page_section(out_page->body, "TAB");
        page_set_string(tab, "LINK", tabs[i].path);
        page_set_string(tab, "LABEL", tabs[i].label);
        /* The page "Team" belongs to the tab "Teams". */
        page_show(tab, "IS_CURRENT", text_starts(text_of(tabs[i].label), text_of(about->title)));
    }
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (text_equal(done, text_of(messages[i].done)))
            page_show_text(out_page->body, "HAS_DONE", "DONE", text_of(messages[i].message));
    return STATUS_OK;
}

bool settings_is_problem(enum status status)
{
    return status == STATUS_INVALID || status == STATUS_CONFLICT || status == STATUS_THROTTLED;
}

void settings_show_problem(struct page *page, const struct error *problem, struct response *response)
{
    struct page_data *section;

    if (problem->status == STATUS_OK)
        return;
    response->code = status_http_code(problem->status);
    section = page_section(page->body, "HAS_PROBLEM");
    if (problem->field_count == 0)
        page_set_string(section, "PROBLEM", problem->message);
    for (size_t i = 0; i < problem->field_count; i++) {
        struct page_data *field = page_section(section, "FIELD");

        page_set_string(field, "NAME", problem->fields[i].field);
        page_set_string(field, "MESSAGE", problem->fields[i].message);
    }
}

enum status settings_done(const struct request *request, struct response *response, const char *path, const char *done)
{
    response_redirect(response, arena_printf(request->arena, "%s?done=%s", path, done));
    return STATUS_OK;
}
