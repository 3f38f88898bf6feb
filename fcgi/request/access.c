/* Authentication and authorisation of requests; see access.h. */
#include "fcgi/request/access.h"

#include "fcgi/request/inflate.h"
#include "fcgi/request/session.h"
#include "wire/agent_token.h"

enum { TOKEN_SEARCHED_BYTES_MAX = 1024 * 1024 }; /* of a gzip body, inflated */

static bool is_loopback(struct text address)
{
    return text_equal(address, TEXT("::1")) || text_equal(address, TEXT("::ffff:127.0.0.1")) ||
           text_equal(address, TEXT("unix:")) || text_starts(address, TEXT("127."));
}

/* Behind a proxy on this machine everybody comes from it; the proxy says for whom. */
static bool is_local(const struct request *request)
{
    return is_loopback(request->remote_address) && request->forwarded.size == 0 && request->forwarded_for.size == 0 &&
           request->real_ip.size == 0;
}

/* The token after "Bearer "; data NULL if the header is something else or absent. */
static struct text bearer(const struct request *request)
{
    struct text rest = request->authorization, scheme;

    if (rest.size == 0 || !text_split(&rest, ' ', &scheme) || !text_equal_nocase(scheme, TEXT("Bearer")) ||
        rest.data == NULL)
        return (struct text){NULL, 0};
    return text_trim(rest);
}

static bool is_agent_token(struct text token)
{
    return text_starts(token, TEXT("agt_"));
}

bool access_is_token_in_body(const struct route *route, const struct request *request)
{
    return (route->access == ACCESS_AGENT || route->access == ACCESS_REPORTER) && request->authorization.size == 0;
}

/* Find the agent's token in the body. Only its start is inflated: the caller is not known yet. */
static enum status token_in_body(const struct request *request, struct text *out_token, struct error *error)
{
    struct text body;
    bool is_cut = false;
    enum status status = body_decode_start(request->content_encoding, request->sent_body, TOKEN_SEARCHED_BYTES_MAX,
                                           request->arena, &body, &is_cut, error);

    if (status == STATUS_OK)
        status = wire_agent_token_find(body, out_token, error);
    if (status == STATUS_OK || !is_cut)
        return status;
    return error_set(error, STATUS_UNAUTHENTICATED,
                     "Send the agent token as Authorization: Bearer, or as agent_token in the first MiB of the body.");
}

static enum status agent_scope(const struct request *request, const struct scope **out_scope, struct error *error)
{
    struct text token = bearer(request);
    enum status status = STATUS_OK;

    if (token.data == NULL && request->authorization.size == 0)
        status = token_in_body(request, &token, error);
    if (status != STATUS_OK)
        return status;
    if (!is_agent_token(token))
        return error_set(error, STATUS_UNAUTHENTICATED, "This is not an agent token.");
    return auth_agent(request->store, token, request->arena, out_scope, error);
}

static enum status user_scope(struct request *request, struct response *response, const struct scope **out_scope,
                              struct error *error)
{
    struct text token = bearer(request);

    if (text_starts(token, TEXT("pot_"))) {
        enum status status = auth_api_token(request->store, token, request->arena, out_scope, error);

        if (status == STATUS_OK && scope_is_read_only(*out_scope) && request->method != METHOD_GET)
            return error_set(error, STATUS_FORBIDDEN, "This API token only reads.");
        return status;
    }
    if (token.data != NULL && !is_agent_token(token))
        return auth_user(request->keys, request->store, token, request->arena, out_scope, error);
    if (token.data != NULL)
        return error_set(error, STATUS_UNAUTHENTICATED, "An agent token does not open this address.");
    if (request->authorization.size > 0)
        return error_set(error, STATUS_UNAUTHENTICATED, "Only Authorization: Bearer is understood.");
    if (request->method != METHOD_GET)
        return error_set(error, STATUS_UNAUTHENTICATED, "Send an access token as Authorization: Bearer.");
    request->is_cookie_auth = true;
    return session_from_cookies(request, response, out_scope, error);
}

enum status access_check(const struct route *route, struct request *request, struct response *response,
                         const struct scope **out_scope, struct error *error)
{
    enum role role_needed = ROLE_VIEWER;
    const struct scope *scope = NULL;
    enum status status;

    switch (route->access) {
    case ACCESS_PUBLIC:
        *out_scope = NULL;
        return STATUS_OK;
    case ACCESS_LOOPBACK:
        *out_scope = NULL;
        if (!is_local(request))
            return error_set(error, STATUS_ABSENT, "There is nothing at this address.");
        return STATUS_OK;
    case ACCESS_AGENT:
        return agent_scope(request, out_scope, error);
    case ACCESS_REPORTER:
        if (request->authorization.size == 0 || is_agent_token(bearer(request)))
            return agent_scope(request, out_scope, error);
        role_needed = ROLE_MEMBER;
        status = user_scope(request, response, &scope, error);
        break;
    case ACCESS_VIEWER:
        status = user_scope(request, response, &scope, error);
        break;
    case ACCESS_MEMBER:
        role_needed = ROLE_MEMBER;
        status = user_scope(request, response, &scope, error);
        break;
    case ACCESS_ADMIN:
        role_needed = ROLE_ADMIN;
        status = user_scope(request, response, &scope, error);
        break;
    case ACCESS_PAGE_ADMIN:
        role_needed = ROLE_ADMIN;
        request->is_cookie_auth = true;
        status = session_from_cookies(request, response, &scope, error);
        break;
    case ACCESS_PAGE_MEMBER:
        role_needed = ROLE_MEMBER;
        request->is_cookie_auth = true;
        status = session_from_cookies(request, response, &scope, error);
        break;
    case ACCESS_PAGE:
        request->is_cookie_auth = true;
        status = session_from_cookies(request, response, &scope, error);
        break;
    case ACCESS_UNSET:
    default:
        return error_set(error, STATUS_FORBIDDEN, "Nobody may call this.");
    }
    if (status != STATUS_OK)
        return status;
    *out_scope = scope;
    if (scope_role(scope) < role_needed)
        return error_set(error, STATUS_FORBIDDEN, "Your role does not allow this; it takes %s.",
                         role_needed == ROLE_ADMIN ? "an admin" : "a member or an admin");
    return STATUS_OK;
}

/* Whether the header Origin names our own host. Any scheme is accepted, because TLS may end before nginx. */
static bool is_own_origin(const struct request *request)
{
    struct text rest = request->origin, scheme;

    if (!text_split(&rest, ':', &scheme) || rest.size < 2 || rest.data[0] != '/' || rest.data[1] != '/')
        return false;
    rest = (struct text){rest.data + 2, rest.size - 2};
    return request->host.size > 0 && text_equal_nocase(rest, request->host);
}

enum status access_check_form(const struct route *route, const struct request *request, const struct scope *scope,
                              struct error *error)
{
    struct request_param form[REQUEST_QUERY_MAX];
    struct text token = request->csrf_header;
    int count = 0;
    enum status status;

    if (request->fetch_site.size > 0 && !text_equal(request->fetch_site, TEXT("same-origin")) &&
        !text_equal(request->fetch_site, TEXT("none")))
        return error_set(error, STATUS_FORBIDDEN, "The form was sent from another site.");
    if (request->origin.size > 0 && !is_own_origin(request))
        return error_set(error, STATUS_FORBIDDEN, "The form was sent from another site.");
    if (!(route->flags & ROUTE_FORM))
        return STATUS_OK;
    if (token.size == 0) {
        status = request_form(request, form, &count, error);
        if (status != STATUS_OK)
            return status;
        token = form_value(form, count, "csrf");
    }
    if (token.size == 0 || !auth_csrf_check(request->keys, scope, token))
        return error_set(error, STATUS_FORBIDDEN, "The form is out of date; go back, reload the page and try again.");
    return STATUS_OK;
}
