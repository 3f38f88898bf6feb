/* /settings/tokens: the caller's own password, and API tokens. */
#include <stdio.h>

#include "base/clock.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/settings.h"
#include "fcgi/request/account_fields.h"
#include "fcgi/request/session.h"
#include "store/admin/api_token.h"
#include "store/scope/role.h"

enum { NAME_BYTES_MAX = 200, PASSWORD_BYTES_MAX = 1024 };

static const char PATH[] = "/settings/tokens";
static const struct page_about about = {
    .title = "Your account", .template_file = "settings_tokens.tpl", .section = PAGE_SECTION_SETTINGS};

static const int life_days[] = {7, 30, 90, 365};

static void fill_row(const struct page *page, struct page_data *row, const struct api_token *token)
{
    bool is_revoked = token->revoked_at_us != INT64_MIN;
    bool is_alive = !is_revoked && token->expires_at_us > page->now_us;

    page_set_int64(row, "ID", token->id);
    page_set(row, "NAME", token->name);
    page_set(row, "HINT", token->hint);
    page_set(row, "SCOPE", token->scope);
    page_set_time(page, row, "EXPIRES", token->expires_at_us);
    page_show(row, "IS_USED", token->last_used_at_us != INT64_MIN);
    page_show(row, "IS_UNUSED", token->last_used_at_us == INT64_MIN);
    if (token->last_used_at_us != INT64_MIN)
        page_set_ago(page, row, "LAST_USED", token->last_used_at_us);
    page_set_string(row, "STATE", is_revoked ? "revoked" : is_alive ? "active" : "expired");
    page_set_string(row, "STATE_CLASS", is_alive ? "good" : "bad");
    page_show(row, "IS_ALIVE", is_alive);
}

/* `token` is the token just made, which is shown only once; data NULL: none. */
static enum status show(const struct request *request, const struct scope *scope, const struct error *problem,
                        struct text token, struct response *response, struct error *error)
{
    struct api_token_list list = {0};
    struct page page;
    enum status status = settings_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = store_api_token_list(request->store, scope, 0, SETTINGS_ROWS_MAX, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    page.path = PATH;
    settings_show_problem(&page, problem, response);
    page_show_text(page.body, "NEW_TOKEN", "TOKEN", token);
    page_set_string(page.body, "PUBLIC_URL", request->config->public_url);
    for (size_t i = 0; i < list.count; i++)
        fill_row(&page, page_section(page.body, "ROW"), &list.items[i]);
    page_show(page.body, "HAS_ROWS", list.count > 0);
    page_show(page.body, "NO_ROWS", list.count == 0);
    page_show(page.body, "MAY_WRITE", scope_role(scope) >= ROLE_MEMBER);
    page_show(page.body, "MAY_ADMINISTER", scope_role(scope) >= ROLE_ADMIN);
    for (size_t i = 0; i < sizeof life_days / sizeof life_days[0]; i++) {
        struct page_data *option = page_section(page.body, "LIFE");

        page_set_int64(option, "DAYS", life_days[i]);
        page_show(option, "IS_CURRENT", life_days[i] == 30);
    }
    return page_close(&page, response, error);
}

enum status page_settings_tokens(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    const struct error none = {0};

    return show(request, scope, &none, (struct text){NULL, 0}, response, error);
}

static enum status read_token(const struct request *request, const struct scope *scope, struct api_token_new *out_fresh,
                              struct error *problem, struct error *error)
{
    struct settings_form form;
    const struct api_token_kind *kind;
    int64_t days;
    enum status status = settings_form_read(request, &form, error);

    if (status != STATUS_OK)
        return status;
    out_fresh->name = settings_value(&form, "name");
    out_fresh->scope = settings_value(&form, "scope");
    days = settings_number(&form, "days");
    kind = api_token_kind(out_fresh->scope);
    if (out_fresh->name.size == 0 || out_fresh->name.size > NAME_BYTES_MAX)
        error_field(problem, "Name", "must have 1 to %d bytes", NAME_BYTES_MAX);
    if (kind == NULL || (!kind->is_read_only && kind->role_max > scope_role(scope)))
        error_field(problem, "Scope", "is not one of the choices");
    if (days == 0 || days > API_TOKEN_LIFE_DAYS_MAX)
        error_field(problem, "Life", "must be 1 to %d days", API_TOKEN_LIFE_DAYS_MAX);
    out_fresh->expires_at_us = request->received_at_us + days * 86400 * CLOCK_SECOND_US;
    return STATUS_OK;
}

enum status page_settings_token_create(const struct request *request, const struct scope *scope,
                                       struct response *response, struct error *error)
{
    struct auth_agent_token secret = {.token = {NULL, 0}};
    struct api_token_new fresh = {.expires_at_us = 0};
    struct error problem = {0};
    struct api_token token;
    enum status status = read_token(request, scope, &fresh, &problem, error);

    if (status != STATUS_OK)
        return status;
    if (problem.status == STATUS_OK) {
        status = auth_token_new("pot", request->arena, &secret, error);
        if (status != STATUS_OK)
            return status;
        fresh.hash = secret.hash;
        fresh.hint = secret.hint;
        status = store_api_token_create(request->store, scope, &fresh, request->remote_address, request->arena, &token,
                                        &problem);
    }
    if (status != STATUS_OK && !settings_is_problem(status)) {
        *error = problem;
        return status;
    }
    return show(request, scope, &problem, status == STATUS_OK ? secret.token : (struct text){NULL, 0}, response, error);
}

enum status page_settings_token_revoke(const struct request *request, const struct scope *scope,
                                       struct response *response, struct error *error)
{
    int64_t token_id;
    enum status status = request_path_id(request, "id", &token_id, error);

    if (status == STATUS_OK)
        status =
            store_api_token_revoke(request->store, scope, token_id, request->remote_address, request->arena, error);
    return status == STATUS_OK ? settings_done(request, response, PATH, "revoked") : status;
}

enum status page_settings_password(const struct request *request, const struct scope *scope, struct response *response,
                                   struct error *error)
{
    struct settings_form form;
    struct auth_session session;
    struct error problem = {0};
    struct auth_attempt attempt = {.remote_address = request->remote_address,
                                   .access_token_s = request->config->access_token_s,
                                   .account_failures_max = request->config->sign_in_failures,
                                   .network_failures_max = request->config->network_failures};
    struct text fresh;
    int64_t count;
    enum status status = settings_form_read(request, &form, error);

    if (status != STATUS_OK)
        return status;
    /* Not trimmed, because a password may begin or end with a blank. */
    attempt.password = form_value(form.params, form.count, "current_password");
    fresh = form_value(form.params, form.count, "new_password");
    if (fresh.size < NEW_PASSWORD_BYTES_MIN || fresh.size > PASSWORD_BYTES_MAX)
        status = error_field(&problem, "New password", "must have %d to %d bytes", NEW_PASSWORD_BYTES_MIN,
                             PASSWORD_BYTES_MAX);
    else if (attempt.password.size > PASSWORD_BYTES_MAX)
        status = error_field(&problem, "Current password", "is wrong");
    else
        status = auth_change_password(request->keys, request->store, scope, &attempt, fresh, request->arena, &session,
                                      &problem);
    if (status == STATUS_OK && settings_value(&form, "revoke_api_tokens").size > 0)
        status = store_api_token_revoke_all(request->store, scope, request->remote_address, request->arena, &count,
                                            &problem);
    if (settings_is_problem(status))
        return show(request, scope, &problem, (struct text){NULL, 0}, response, error);
    if (status != STATUS_OK) {
        *error = problem;
        return status;
    }
    session_cookies_set(request, response, &session);
    return settings_done(request, response, PATH, "password");
}
