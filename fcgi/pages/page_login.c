/* Signing in and out. */
#include "fcgi/handlers.h"
#include "fcgi/pages/page.h"
#include "fcgi/request/session.h"

#include <stdio.h>

enum { EMAIL_BYTES_MAX = 254, PASSWORD_BYTES_MAX = 1024 };

/* The page to go to after signing in: `wanted` if it is a path of our own, else the overview. */
static const char *next_of(const struct request *request, struct text wanted)
{
    return link_is_own_path(wanted) ? arena_string(request->arena, wanted.data, wanted.size) : "/";
}

static enum status show(const struct request *request, struct text email, const char *next, const char *problem,
                        struct response *response, struct error *error)
{
    struct page_data *body = page_data_new(request->arena);

    page_set(body, "EMAIL", email);
    page_set_string(body, "NEXT", next);
    page_show_text(body, "HAS_PROBLEM", "PROBLEM", text_of(problem));
    page_show(body, "IS_FIRST_TRY", email.size == 0);
    page_show(body, "IS_RETRY", email.size > 0);
    return page_bare(request, "Sign in", "login.tpl", body, response, error);
}

enum status page_login(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    const char *next = next_of(request, request_query(request, "next"));
    const struct scope *signed_in;

    (void)scope;
    if (request_cookie(request, SESSION_ACCESS_COOKIE).size > 0 &&
        session_from_cookies(request, response, &signed_in, NULL) == STATUS_OK) {
        response_redirect(response, next);
        return STATUS_OK;
    }
    return show(request, TEXT(""), next, NULL, response, error);
}

enum status page_login_submit(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct request_param fields[REQUEST_QUERY_MAX];
    struct auth_session session;
    struct text email, password;
    const char *next;
    int count = 0;
    enum status status = request_form(request, fields, &count, error);

    (void)scope;
    if (status != STATUS_OK)
        return status;
    email = text_trim(form_value(fields, count, "email"));
    password = form_value(fields, count, "password");
    next = next_of(request, form_value(fields, count, "next"));
    if (email.size == 0 || password.size == 0) {
        response->code = 422;
        return show(request, email, next, "Enter your email address and your password.", response, error);
    }
    if (email.size > EMAIL_BYTES_MAX || password.size > PASSWORD_BYTES_MAX)
        status = STATUS_UNAUTHENTICATED;
    else
        status = auth_sign_in(request->keys, request->store,
                              &(struct auth_attempt){.email = email,
                                                     .password = password,
                                                     .remote_address = request->remote_address,
                                                     .access_token_s = request->config->access_token_s,
                                                     .account_failures_max = request->config->sign_in_failures,
                                                     .network_failures_max = request->config->network_failures},
                              request->arena, &session, error);
    if (status == STATUS_THROTTLED) {
        char seconds[16];

        snprintf(seconds, sizeof seconds, "%d", error->retry_after_s);
        response_header(response, "Retry-After", seconds);
        response->code = 429;
        return show(request, text_cut_utf8(email, EMAIL_BYTES_MAX), next, error->message, response, error);
    }
    if (status == STATUS_UNAUTHENTICATED) {
        response->code = 401;
        return show(request, text_cut_utf8(email, EMAIL_BYTES_MAX), next,
                    "This address and password do not go together.", response, error);
    }
    if (status != STATUS_OK)
        return status;
    session_cookies_set(request, response, &session);
    response_redirect(response, next);
    return STATUS_OK;
}

enum status page_logout(const struct request *request, const struct scope *scope, struct response *response,
                        struct error *error)
{
    struct text refresh_token = request_cookie(request, SESSION_REFRESH_COOKIE);
    enum status status = STATUS_OK;

    (void)scope;
    if (refresh_token.size > 0)
        status = auth_sign_out(request->store, refresh_token, request->arena, error);
    if (status == STATUS_UNAVAILABLE)
        return status;
    session_cookies_clear(response);
    response_redirect(response, "/login");
    return STATUS_OK;
}
