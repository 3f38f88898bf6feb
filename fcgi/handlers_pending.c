/* Handlers that are still to come, as weak symbols that any real one replaces. Goes when the last has come. */
#include "fcgi/handlers.h"
#include "fcgi/pages/error.h"

#define PENDING(name)                                                                                                  \
    __attribute__((weak)) enum status name(const struct request *request, const struct scope *scope,                   \
                                           struct response *response, struct error *error)                             \
    {                                                                                                                  \
        (void)request, (void)scope, (void)response;                                                                    \
        return error_set(error, STATUS_INTERNAL, "Not built yet.");                                                    \
    }

PENDING(auth_login)
PENDING(auth_refresh)
PENDING(auth_logout)
PENDING(auth_me)
PENDING(connection_list)
PENDING(connection_create)
PENDING(connection_show)
PENDING(connection_rotate_token)
PENDING(connection_agent_token)
PENDING(collector_list)
PENDING(collector_register)
PENDING(collector_heartbeat)
PENDING(ingest_slow_queries)
PENDING(slow_query_list)
PENDING(slow_query_show)
PENDING(fingerprint_list)
PENDING(fingerprint_show)
PENDING(page_login)
PENDING(page_login_submit)
PENDING(page_logout)
PENDING(page_overview)
PENDING(page_queries)
PENDING(page_query)
PENDING(page_databases)
PENDING(page_database_new)
PENDING(page_database_create)
PENDING(page_database)
PENDING(page_database_reveal)
PENDING(page_database_rotate)
PENDING(page_collectors)

__attribute__((weak)) enum status page_error(const struct request *request, const struct scope *scope,
                                             const struct error *error, struct response *response)
{
    (void)request, (void)scope, (void)error, (void)response;
    return STATUS_INTERNAL;
}
