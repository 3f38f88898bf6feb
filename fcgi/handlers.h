/* Every handler, grouped by the file that holds it. */
#ifndef POTTO_FCGI_HANDLERS_H
#define POTTO_FCGI_HANDLERS_H

#include "fcgi/routes.h"

/* api/health.c */
handler health_show, metrics_show;
/* api/auth.c */
handler auth_login, auth_refresh, auth_logout, auth_me, auth_password;
/* api/users.c, api/organizations.c, api/teams.c, api/api_tokens.c, api/audit.c */
handler user_list, user_create, user_show, user_change, user_remove;
handler organization_list, organization_change;
handler team_list, team_create, team_change, team_remove, team_member_list, team_member_add, team_member_remove;
handler api_token_list, api_token_create, api_token_revoke;
handler audit_list;
/* api/connections.c */
handler connection_list, connection_create, connection_show, connection_change, connection_replace, connection_remove,
    connection_rotate_token, connection_agent_token;
/* api/collectors.c */
handler collector_list, collector_register, collector_heartbeat;
/* api/ingest.c */
handler ingest_slow_queries;
/* api/metrics.c, api/mongodb.c */
handler metrics_ingest, mongodb_metrics, mongodb_cluster_status;
/* api/slow_queries.c, api/fingerprints.c */
handler slow_query_list, slow_query_show, fingerprint_list, fingerprint_show;
/* api/plans.c, api/plan_analyze.c, api/stats.c, api/statistics.c */
handler fingerprint_plans, fingerprint_plans_compare, plans_analyze;
handler stats_tags, stats_overview, stats_trends, stats_top_queries, stats_top_tables, stats_by_database,
    stats_by_engine, stats_improvements;
handler statistics_daily, statistics_fingerprints, statistics_databases;
/* api/jobs.c, api/scheduler.c */
handler job_show, collect_now_mysql, collect_now_postgres, monitoring_trigger, connection_test;
handler scheduler_status, scheduler_start, scheduler_stop;
/* api/monitoring.c, api/waits.c, api/logs.c, api/coverage.c, api/dashboard.c */
handler llm_question_list;
handler monitoring_status, monitoring_queries, monitoring_waits, monitoring_log_files, monitoring_deadlocks,
    monitoring_coverage, dashboard_stats, dashboard_activity;
/* pages/page_<name>.c */
handler page_login, page_login_submit, page_logout, page_overview, page_queries, page_query, page_databases,
    page_database_new, page_database_create, page_database, page_database_reveal, page_database_rotate,
    page_database_overhead, page_waits, page_waits_switch, page_mongodb, page_collectors, page_plan_new,
    page_plan_analyze;
handler page_settings_tokens, page_settings_token_create, page_settings_token_revoke, page_settings_password,
    page_settings_users, page_settings_user_create, page_settings_user_change, page_settings_teams,
    page_settings_team_create, page_settings_team, page_settings_team_change, page_settings_audit,
    page_settings_storage;

/* The page for a failed request. The dispatcher calls it for every route with ROUTE_PAGE. It writes what failed and how
 * to go on, with the HTTP code of `error`, and replaces the body of `response`. It needs no store and no signed-in
 * user: `scope` may be NULL. */
enum status page_error(const struct request *request, const struct scope *scope, const struct error *error,
                       struct response *response);

#endif
