-- Visible connections by name, without secrets.
-- $1 organization, $2 visible connections, $3 and $4 name and id of the last row before (NULL: from the start), $5
-- limit.
-- returns: as connection_get
SELECT id, name, engine, host, port, database_name, username, has_password, tls_mode, team_id, team_name, owner_user_id,
       visibility_scope, is_active, true AS is_visible, is_legacy, monitoring_enabled, interval_s, min_duration_ms,
       keep_literals, waits_enabled, overhead_budget_percent, agent_token_hint, created_at, updated_at, last_data_at,
       state, problem, remedy, server_version, last_run_at, last_success_at, next_run_at, paused_until,
       last_duration_ms, last_found, total_found
FROM connections_shown() AS connection
WHERE true
  AND connection.organization_id = $1::bigint -- scope
  AND connection.id = ANY ($2::bigint[]) -- scope
  AND ($3::text IS NULL OR (lower(connection.name), connection.id) > (lower($3::text), $4::bigint))
ORDER BY lower(connection.name), connection.id
LIMIT $5::int
