/* The route table. It alone says which routes exist, who may call each one, and what its caller may see. */
#ifndef POTTO_FCGI_ROUTES_H
#define POTTO_FCGI_ROUTES_H

#include <stddef.h>

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "store/scope/scope.h"

enum access {
    ACCESS_UNSET,
    ACCESS_PUBLIC,   /* no authentication; scope is NULL */
    ACCESS_LOOPBACK, /* as ACCESS_PUBLIC, but from 127.0.0.1 and ::1 only */
    ACCESS_AGENT,    /* agent token, Authorization: Bearer agt_… or agent_token in the body */
    ACCESS_REPORTER, /* as ACCESS_AGENT, or a member or an admin */
    ACCESS_VIEWER,   /* signed in, any role */
    ACCESS_MEMBER,   /* member or admin */
    ACCESS_ADMIN,
    ACCESS_PAGE,        /* a page: signed in by cookie, any role; a caller who is not signed in is sent to /login */
    ACCESS_PAGE_MEMBER, /* as ACCESS_PAGE, member or admin */
    ACCESS_PAGE_ADMIN,
};

enum visibility {
    VISIBILITY_UNSET,
    VISIBILITY_NONE,         /* reads no tenant data */
    VISIBILITY_SELF,         /* the caller's own account */
    VISIBILITY_OWN_DATABASE, /* the database of the agent that calls */
    VISIBILITY_CONNECTIONS,  /* the connections that the caller's scope lists */
    VISIBILITY_ORGANIZATION, /* the caller's whole organization, for administration */
};

enum route_flags {
    ROUTE_PLAIN = 0,
    ROUTE_PAGE = 1,       /* answers are HTML, also for errors */
    ROUTE_LARGE_BODY = 2, /* up to INGEST_BODY_BYTES_MAX */
    ROUTE_CACHED = 4,     /* reads rollups alone; answers are cached under the data version of the scope */
    ROUTE_FORM = 8,       /* a page's form; the dispatcher checks its CSRF token */
    ROUTE_QUERY = 16,     /* a write that takes query parameters, and refuses unknown ones */
    ROUTE_LONG_FORM = 32, /* a page's form of up to REQUEST_BODY_BYTES_MAX; not for strangers */
};

/* STATUS_OK: `response` is complete. Any other status: `error` says why, and the dispatcher writes the answer. */
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
