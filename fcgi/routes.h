/* The route table: the only place that says what exists, who may call it and what they may see. */
#ifndef POTTO_FCGI_ROUTES_H
#define POTTO_FCGI_ROUTES_H

#include <stddef.h>

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/scope/scope.h"

enum access {
    ACCESS_UNSET,
    ACCESS_PUBLIC,   /* nobody is asked who they are; scope is NULL */
    ACCESS_LOOPBACK, /* as public, from 127.0.0.1 and ::1 only */
    ACCESS_AGENT,    /* agent token, Authorization: Bearer agt_… or agent_token in the body */
    ACCESS_VIEWER,   /* signed in, any role */
    ACCESS_MEMBER,   /* member or admin */
    ACCESS_ADMIN,
    ACCESS_PAGE,        /* a page: signed in by cookie, any role, or sent to /login */
    ACCESS_PAGE_MEMBER, /* as ACCESS_PAGE, member or admin */
    ACCESS_PAGE_ADMIN,
};

enum visibility {
    VISIBILITY_UNSET,
    VISIBILITY_NONE,         /* reads no tenant data */
    VISIBILITY_SELF,         /* the caller's own account */
    VISIBILITY_OWN_DATABASE, /* an agent's */
    VISIBILITY_CONNECTIONS,  /* what the scope gives */
    VISIBILITY_ORGANIZATION, /* administration */
};

enum route_flags {
    ROUTE_PLAIN = 0,
    ROUTE_PAGE = 1,       /* HTML; errors as pages */
    ROUTE_LARGE_BODY = 2, /* up to INGEST_BODY_BYTES_MAX */
    ROUTE_CACHED = 4,     /* made from rollups alone: answers are kept under the scope's data version */
    ROUTE_FORM = 8,       /* a page's form: CSRF token checked by the dispatcher */
    ROUTE_QUERY = 16,     /* a write that takes query parameters, and refuses those that it does not know */
};

/* STATUS_OK: response is complete. Anything else: `error` says why and the dispatcher answers. */
typedef enum status handler(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error);

struct route {
    enum method method;
    const char *path; /* "/api/v1/slow-queries/{id}" */
    enum access access;
    enum visibility visibility;
    handler *handle;
    unsigned flags; /* enum route_flags */
};

extern const struct route routes[];
extern const size_t route_count;

#endif
