-- One visible connection, without secrets. Its owner sees it too: a scope that is older than the connection lacks it.
-- $1 organization, $2 visible connections, $3 connection, $4 owner or 0.
-- returns: id bigint, name text, engine text, host text, port int, database_name text, username text,
--   has_password boolean, tls_mode text, team_id bigint, team_name text, owner_user_id bigint, visibility_scope text,
--   is_active boolean, is_visible boolean, is_legacy boolean, monitoring_enabled boolean, interval_s int,
--   min_duration_ms float8, keep_literals boolean, waits_enabled boolean, overhead_budget_percent float8,
--   agent_token_hint text, created_at timestamptz, updated_at timestamptz, last_data_at timestamptz, state text,
--   problem text, remedy text, server_version text, last_run_at timestamptz, last_success_at timestamptz,
--   next_run_at timestamptz, paused_until timestamptz, last_duration_ms float8, last_found bigint, total_found bigint
SELECT id, name, engine, host, port, database_name, username, has_password, tls_mode, team_id, team_name, owner_user_id,
       visibility_scope, is_active, true AS is_visible, is_legacy, monitoring_enabled, interval_s, min_duration_ms,
       keep_literals, waits_enabled, overhead_budget_percent, agent_token_hint, created_at, updated_at, last_data_at,
       state, problem, remedy, server_version, last_run_at, last_success_at, next_run_at, paused_until,
       last_duration_ms, last_found, total_found
FROM connections_shown() AS connection
WHERE connection.id = $3::bigint
  AND connection.organization_id = $1::bigint -- scope
  AND (connection.id = ANY ($2::bigint[]) OR connection.owner_user_id = $4::bigint) -- scope
