-- $1 organization. No secrets.
-- returns: id bigint, name text, engine text, host text, port int, visibility_scope text, team_name text,
--   agent_token_hint text, is_active boolean, state text
SELECT connection.id, connection.name, connection.engine::text, connection.host, coalesce(connection.port, 0) AS port,
       connection.visibility_scope::text, team.name AS team_name, connection.agent_token_hint,
       connection.is_active, collection.state
FROM database_connections AS connection
LEFT JOIN teams AS team ON team.organization_id = connection.organization_id AND team.id = connection.team_id
LEFT JOIN connection_collection AS collection
       ON collection.organization_id = connection.organization_id AND collection.database_connection_id = connection.id
WHERE connection.organization_id = $1::bigint AND connection.deleted_at IS NULL
ORDER BY lower(connection.name), connection.id
