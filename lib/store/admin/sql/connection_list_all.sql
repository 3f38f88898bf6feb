-- All connections of the organization, for its admins: settings and the state of collection. Facts about the data of a
-- connection are left out if the caller does not see it.
-- $1 organization, $2 visible connections, $3 and $4 name and id of the last row before (NULL: from the start), $5
-- limit, $6 one connection or 0.
-- returns: as connection_get
SELECT connection.id, connection.name, connection.engine::text, connection.host, coalesce(connection.port, 0) AS port,
       connection.database_name, connection.username, connection.has_password, connection.tls_mode::text,
       coalesce(connection.team_id, 0) AS team_id, team.name AS team_name,
       coalesce(connection.owner_user_id, 0) AS owner_user_id, connection.visibility_scope::text, connection.is_active,
       connection.id = ANY ($2::bigint[]) AS is_visible, connection.is_legacy, connection.monitoring_enabled,
       connection.interval_s, connection.min_duration_ms, connection.keep_literals, connection.waits_enabled,
       connection.overhead_budget_percent, connection.agent_token_hint, connection.created_at, connection.updated_at,
       CASE WHEN connection.id = ANY ($2::bigint[])
            THEN (SELECT shown.last_data_at FROM connections_shown() AS shown
                  WHERE shown.organization_id = connection.organization_id
                    AND shown.id = connection.id) END AS last_data_at,
       coalesce(collection.state, 'waiting') AS state, collection.problem, collection.remedy, collection.server_version,
       collection.last_run_at, collection.last_success_at,
       greatest(collection.next_run_at, collection.paused_until) AS next_run_at, collection.paused_until,
       coalesce(collection.last_duration_ms, 0) AS last_duration_ms,
       CASE WHEN connection.id = ANY ($2::bigint[]) THEN coalesce(collection.last_found, 0) ELSE 0 END AS last_found,
       CASE WHEN connection.id = ANY ($2::bigint[]) THEN coalesce(collection.total_found, 0) ELSE 0 END AS total_found
FROM database_connections AS connection
LEFT JOIN teams AS team ON team.organization_id = connection.organization_id AND team.id = connection.team_id
LEFT JOIN connection_collection AS collection
       ON collection.organization_id = connection.organization_id AND collection.database_connection_id = connection.id
WHERE connection.deleted_at IS NULL
  AND connection.organization_id = $1::bigint -- scope
  AND ($6::bigint = 0 OR connection.id = $6::bigint)
  AND ($3::text IS NULL OR (lower(connection.name), connection.id) > (lower($3::text), $4::bigint))
ORDER BY lower(connection.name), connection.id
LIMIT $5::int
