-- One visible connection, without secrets; its owner sees it also before a scope has it (in the answer to its creation).
-- $1 organization, $2 visible connections, $3 connection, $4 owner or 0.
-- returns: id bigint, team_id bigint, owner_user_id bigint, name text, engine text, host text, database_name text,
--   username text, tls_mode text, visibility_scope text, team_name text, agent_token_hint text, port int,
--   has_password boolean, is_active boolean, is_legacy boolean, monitoring_enabled boolean, keep_literals boolean,
--   interval_s int, min_duration_ms float8, created_at timestamptz, updated_at timestamptz, state text, problem text,
--   remedy text, server_version text, last_run_at timestamptz, last_success_at timestamptz, next_run_at timestamptz,
--   last_duration_ms float8, last_found bigint, total_found bigint, last_data_at timestamptz
SELECT connection.id, coalesce(connection.team_id, 0) AS team_id, coalesce(connection.owner_user_id, 0) AS owner_user_id, connection.name,
       connection.engine::text, connection.host, connection.database_name, connection.username, connection.tls_mode::text,
       connection.visibility_scope::text, team.name AS team_name, connection.agent_token_hint, coalesce(connection.port, 0) AS port,
       connection.has_password, connection.is_active, connection.is_legacy,
       connection.monitoring_enabled, connection.keep_literals, connection.interval_s, connection.min_duration_ms,
       connection.created_at, connection.updated_at,
       coalesce(collection.state, 'waiting') AS state, collection.problem, collection.remedy, collection.server_version,
       collection.last_run_at, collection.last_success_at, collection.next_run_at,
       coalesce(collection.last_duration_ms, 0) AS last_duration_ms, coalesce(collection.last_found, 0) AS last_found,
       coalesce(collection.total_found, 0) AS total_found,
       greatest(newest.bucket_at, newest.sample_at,
                CASE WHEN collection.last_found > 0 THEN collection.last_success_at END) AS last_data_at
FROM database_connections AS connection
LEFT JOIN teams AS team ON team.organization_id = connection.organization_id AND team.id = connection.team_id
LEFT JOIN connection_collection AS collection
       ON collection.organization_id = connection.organization_id AND collection.database_connection_id = connection.id
LEFT JOIN LATERAL (
    SELECT bucket.at AS bucket_at,
           (SELECT max(sample.captured_at) FROM slow_queries_raw AS sample
            WHERE sample.organization_id = connection.organization_id
              AND sample.database_connection_id = connection.id
              AND sample.captured_at >= bucket.at AND sample.captured_at < bucket.until_at) AS sample_at
    FROM (SELECT max(metrics.bucket_at) AS at, max(metrics.bucket_at) + interval '1 day' AS until_at FROM query_metrics AS metrics
          WHERE metrics.organization_id = connection.organization_id
            AND metrics.database_connection_id = connection.id AND metrics.resolution_s = 300) AS bucket
) AS newest ON true
WHERE connection.id = $3::bigint
  AND connection.organization_id = $1::bigint -- scope
  AND (connection.id = ANY ($2::bigint[]) OR connection.owner_user_id = $4::bigint) -- scope
