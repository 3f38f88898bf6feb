/* Sessions in cookies; see session.h. */
#include "fcgi/request/session.h"

void session_cookies_set(const struct request *request, struct response *response, const struct auth_session *session)
{
    struct arena *arena = request->arena;

    response_cookie(response, SESSION_ACCESS_COOKIE,
                    arena_string(arena, session->access_token.data, session->access_token.size),
                    (int)session->access_expires_in_s);
    response_cookie(response, SESSION_REFRESH_COOKIE,
                    arena_string(arena, session->refresh_token.data, session->refresh_token.size),
                    (int)session->refresh_expires_in_s);
}

void session_cookies_clear(struct response *response)
{
    response_cookie(response, SESSION_ACCESS_COOKIE, "", 0);
    response_cookie(response, SESSION_REFRESH_COOKIE, "", 0);
}

enum status session_from_cookies(const struct request *request, struct response *response,
                                 const struct scope **out_scope, struct error *error)
{
    struct text access = request_cookie(request, SESSION_ACCESS_COOKIE);
    struct text refresh = request_cookie(request, SESSION_REFRESH_COOKIE);
    struct auth_session session;
    enum status status = STATUS_UNAUTHENTICATED;

    if (access.size > 0)
        status = auth_user(request->keys, request->store, access, request->arena, out_scope, error);
    if (status != STATUS_UNAUTHENTICATED)
        return status;
    if (refresh.size == 0)
        return error_set(error, STATUS_UNAUTHENTICATED, "Sign in first.");
    if (error != NULL)
        *error = (struct error){0};
    status = auth_refresh_session(request->keys, request->store, refresh, request->config->access_token_s,
                                  request->arena, &session, error);
    if (status == STATUS_OK) {
        session_cookies_set(request, response, &session);
        status = auth_user(request->keys, request->store, session.access_token, request->arena, out_scope, error);
    } else if (status == STATUS_UNAUTHENTICATED) {
        session_cookies_clear(response);
    }
    return status;
}
