/* Every route. Rows are positional, so a row that leaves out its permission does not compile. dispatch_check() refuses
 * any *_UNSET, and any public row that sees data. */
#include "fcgi/routes.h"

#include "fcgi/handlers.h"

/* clang-format off */
const struct route routes[] = {
    /* method      path                                            who may call     what they may see          handler                   flags */
    {METHOD_GET,  "/health",                                        ACCESS_PUBLIC,   VISIBILITY_NONE,         health_show,              ROUTE_PLAIN},
    {METHOD_GET,  "/metrics",                                       ACCESS_LOOPBACK, VISIBILITY_NONE,         metrics_show,             ROUTE_PLAIN},

    {METHOD_POST, "/api/v1/auth/login",                             ACCESS_PUBLIC,   VISIBILITY_NONE,         auth_login,               ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/auth/refresh",                           ACCESS_PUBLIC,   VISIBILITY_NONE,         auth_refresh,             ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/auth/logout",                            ACCESS_PUBLIC,   VISIBILITY_NONE,         auth_logout,              ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/auth/me",                                ACCESS_VIEWER,   VISIBILITY_SELF,         auth_me,                  ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/auth/password",                          ACCESS_VIEWER,   VISIBILITY_SELF,         auth_password,            ROUTE_PLAIN},

    {METHOD_GET,    "/api/v1/organizations",                        ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, organization_list,        ROUTE_PLAIN},
    {METHOD_PATCH,  "/api/v1/organizations/{id}",                   ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, organization_change,      ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/users",                                ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, user_list,                ROUTE_PLAIN},
    {METHOD_POST,   "/api/v1/users",                                ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, user_create,              ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/users/{id}",                           ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, user_show,                ROUTE_PLAIN},
    {METHOD_PATCH,  "/api/v1/users/{id}",                           ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, user_change,              ROUTE_PLAIN},
    {METHOD_DELETE, "/api/v1/users/{id}",                           ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, user_remove,              ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/teams",                                ACCESS_VIEWER,   VISIBILITY_SELF,         team_list,                ROUTE_PLAIN},
    {METHOD_POST,   "/api/v1/teams",                                ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_create,              ROUTE_PLAIN},
    {METHOD_PATCH,  "/api/v1/teams/{id}",                           ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_change,              ROUTE_PLAIN},
    {METHOD_DELETE, "/api/v1/teams/{id}",                           ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_remove,              ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/teams/{id}/members",                   ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_member_list,         ROUTE_PLAIN},
    {METHOD_POST,   "/api/v1/teams/{id}/members",                   ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_member_add,          ROUTE_PLAIN},
    {METHOD_DELETE, "/api/v1/teams/{id}/members/{user_id}",         ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, team_member_remove,       ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/api-tokens",                           ACCESS_VIEWER,   VISIBILITY_SELF,         api_token_list,           ROUTE_PLAIN},
    {METHOD_POST,   "/api/v1/api-tokens",                           ACCESS_VIEWER,   VISIBILITY_SELF,         api_token_create,         ROUTE_PLAIN},
    {METHOD_DELETE, "/api/v1/api-tokens/{id}",                      ACCESS_VIEWER,   VISIBILITY_SELF,         api_token_revoke,         ROUTE_PLAIN},
    {METHOD_GET,    "/api/v1/audit-log",                            ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, audit_list,               ROUTE_PLAIN},

    {METHOD_GET,  "/api/v1/database-connections",                   ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  connection_list,          ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/database-connections",                   ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_create,        ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/database-connections/{id}",              ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  connection_show,          ROUTE_PLAIN},
    {METHOD_PATCH,  "/api/v1/database-connections/{id}",            ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_change,        ROUTE_PLAIN},
    {METHOD_DELETE, "/api/v1/database-connections/{id}",            ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_remove,        ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/database-connections/{id}/rotate-token", ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_rotate_token,  ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/database-connections/{id}/agent-token",  ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_agent_token,   ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/database-connections/{id}/test",         ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  connection_test,          ROUTE_PLAIN},

    {METHOD_GET,  "/api/v1/collectors/status",                      ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  scheduler_status,         ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/collectors/mysql/collect",               ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  collect_now_mysql,        ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/collectors/postgres/collect",            ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  collect_now_postgres,     ROUTE_QUERY},
    {METHOD_POST, "/api/v1/collectors/scheduler/start",             ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, scheduler_start,          ROUTE_QUERY},
    {METHOD_POST, "/api/v1/collectors/scheduler/stop",              ACCESS_ADMIN,    VISIBILITY_ORGANIZATION, scheduler_stop,           ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/collectors",                             ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  collector_list,           ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/collectors/register",                    ACCESS_AGENT,    VISIBILITY_OWN_DATABASE, collector_register,       ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/collectors/{id}/heartbeat",              ACCESS_AGENT,    VISIBILITY_OWN_DATABASE, collector_heartbeat,      ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/collectors/ingest/slow-queries",         ACCESS_AGENT,    VISIBILITY_OWN_DATABASE, ingest_slow_queries,      ROUTE_LARGE_BODY},

    {METHOD_GET,  "/api/v1/slow-queries",                           ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  slow_query_list,          ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/slow-queries/fingerprints",              ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  fingerprint_list,         ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/slow-queries/fingerprints/{hash}",       ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  fingerprint_show,         ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/slow-queries/fingerprints/{hash}/plans", ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  fingerprint_plans,        ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/slow-queries/{id}",                      ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  slow_query_show,          ROUTE_PLAIN},

    {METHOD_GET,  "/api/v1/stats/overview",                         ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_overview,           ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/trends",                           ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_trends,             ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/top-queries",                      ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_top_queries,        ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/top-tables",                       ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_top_tables,         ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/by-database",                      ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_by_database,        ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/by-engine",                        ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_by_engine,          ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/stats/improvements",                     ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  stats_improvements,       ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/statistics/daily",                       ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  statistics_daily,         ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/statistics/fingerprints",                ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  statistics_fingerprints,  ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/statistics/databases",                   ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  statistics_databases,     ROUTE_CACHED},

    {METHOD_POST, "/api/v1/metrics",                                ACCESS_REPORTER, VISIBILITY_CONNECTIONS,  metrics_ingest,           ROUTE_LARGE_BODY},
    {METHOD_GET,  "/api/v1/metrics/mongodb",                        ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  mongodb_metrics,          ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/mongodb/cluster-status",                 ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  mongodb_cluster_status,   ROUTE_PLAIN},

    {METHOD_GET,  "/api/v1/jobs/{id}",                              ACCESS_VIEWER,   VISIBILITY_SELF,         job_show,                 ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/monitoring/status",                      ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  monitoring_status,        ROUTE_PLAIN},
    {METHOD_POST, "/api/v1/monitoring/trigger",                     ACCESS_MEMBER,   VISIBILITY_CONNECTIONS,  monitoring_trigger,       ROUTE_PLAIN},
    {METHOD_GET,  "/api/v1/monitoring/queries",                     ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  monitoring_queries,       ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/dashboard/stats",                        ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  dashboard_stats,          ROUTE_CACHED},
    {METHOD_GET,  "/api/v1/dashboard/activity",                     ACCESS_VIEWER,   VISIBILITY_CONNECTIONS,  dashboard_activity,       ROUTE_PLAIN},

    {METHOD_GET,  "/login",                                         ACCESS_PUBLIC,   VISIBILITY_NONE,         page_login,               ROUTE_PAGE},
    {METHOD_POST, "/login",                                         ACCESS_PUBLIC,   VISIBILITY_NONE,         page_login_submit,        ROUTE_PAGE},
    {METHOD_POST, "/logout",                                        ACCESS_PAGE,     VISIBILITY_SELF,         page_logout,              ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/",                                              ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_overview,            ROUTE_PAGE},
    {METHOD_GET,  "/queries",                                       ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_queries,             ROUTE_PAGE},
    {METHOD_GET,  "/queries/{hash}",                                ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_query,               ROUTE_PAGE},
    {METHOD_GET,  "/databases",                                     ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_databases,           ROUTE_PAGE},
    {METHOD_GET,  "/databases/new",                                 ACCESS_PAGE_MEMBER, VISIBILITY_CONNECTIONS,  page_database_new,        ROUTE_PAGE},
    {METHOD_POST, "/databases/new",                                 ACCESS_PAGE_MEMBER, VISIBILITY_CONNECTIONS,  page_database_create,     ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/databases/{id}",                                ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_database,            ROUTE_PAGE},
    {METHOD_POST, "/databases/{id}/reveal-token",                   ACCESS_PAGE_MEMBER, VISIBILITY_CONNECTIONS,  page_database_reveal,     ROUTE_PAGE | ROUTE_FORM},
    {METHOD_POST, "/databases/{id}/rotate-token",                   ACCESS_PAGE_MEMBER, VISIBILITY_CONNECTIONS,  page_database_rotate,     ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/collectors",                                    ACCESS_PAGE,     VISIBILITY_CONNECTIONS,  page_collectors,          ROUTE_PAGE},
    {METHOD_GET,  "/settings/tokens",                               ACCESS_PAGE,     VISIBILITY_SELF,         page_settings_tokens,     ROUTE_PAGE},
    {METHOD_POST, "/settings/tokens",                               ACCESS_PAGE,     VISIBILITY_SELF,         page_settings_token_create, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_POST, "/settings/tokens/{id}/revoke",                   ACCESS_PAGE,     VISIBILITY_SELF,         page_settings_token_revoke, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_POST, "/settings/password",                             ACCESS_PAGE,     VISIBILITY_SELF,         page_settings_password,   ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/settings/users",                                ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_users,      ROUTE_PAGE},
    {METHOD_POST, "/settings/users",                                ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_user_create, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_POST, "/settings/users/{id}",                           ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_user_change, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/settings/teams",                                ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_teams,      ROUTE_PAGE},
    {METHOD_POST, "/settings/teams",                                ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_team_create, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/settings/teams/{id}",                           ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_team,       ROUTE_PAGE},
    {METHOD_POST, "/settings/teams/{id}",                           ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_team_change, ROUTE_PAGE | ROUTE_FORM},
    {METHOD_GET,  "/settings/audit",                                ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_audit,      ROUTE_PAGE},
    {METHOD_GET,  "/settings/storage",                              ACCESS_PAGE_ADMIN, VISIBILITY_ORGANIZATION, page_settings_storage,    ROUTE_PAGE},
};
/* clang-format on */

const size_t route_count = sizeof routes / sizeof routes[0];
