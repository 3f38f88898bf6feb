-- Connections with their team, how collection goes (that numbers are set aside is a warning; the next run is not before
-- the end of a pause) and when data came last; no secrets. The newest fact is looked up from the newest bucket on, so
-- that only the partitions of a day are read; coarser buckets are looked at only if the finer ones are gone. A plain
-- SELECT, so that the planner inlines it and applies the caller's filters.
CREATE OR REPLACE FUNCTION connections_shown()
RETURNS TABLE (organization_id bigint, id bigint, name text, engine text, host text, port int, database_name text,
               username text, has_password boolean, tls_mode text, team_id bigint, team_name text, owner_user_id bigint,
               visibility_scope text, is_active boolean, is_legacy boolean, monitoring_enabled boolean, interval_s int,
               min_duration_ms double precision, keep_literals boolean, waits_enabled boolean,
               overhead_budget_percent double precision, agent_token_hint text, created_at timestamptz,
               updated_at timestamptz, last_data_at timestamptz, state text, problem text, remedy text,
               server_version text, last_run_at timestamptz, last_success_at timestamptz, next_run_at timestamptz,
               paused_until timestamptz, last_duration_ms double precision, last_found bigint, total_found bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT connection.organization_id, connection.id, connection.name, connection.engine::text, connection.host,
           connection.port, connection.database_name, connection.username, connection.has_password,
           connection.tls_mode::text, connection.team_id, team.name, connection.owner_user_id,
           connection.visibility_scope::text, connection.is_active, connection.is_legacy,
           connection.monitoring_enabled, connection.interval_s, connection.min_duration_ms, connection.keep_literals,
           connection.waits_enabled, connection.overhead_budget_percent, connection.agent_token_hint,
           connection.created_at, connection.updated_at,
           greatest(newest.bucket_at, newest.sample_at,
                    CASE WHEN collection.last_found > 0 THEN collection.last_success_at END,
                    (SELECT max(node.last_seen_at) FROM mongodb_nodes AS node
                     WHERE node.organization_id = connection.organization_id
                       AND node.database_connection_id = connection.id)),
           CASE WHEN aside.since IS NULL OR collection.state = 'failed' THEN coalesce(collection.state, 'waiting')
                ELSE 'warning' END,
           CASE WHEN aside.since IS NULL OR collection.state = 'failed' THEN collection.problem
                ELSE format('Its numbers since %s UTC cannot be added up and are set aside: %s',
                            to_char(aside.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), aside.reason) END,
           CASE WHEN aside.since IS NULL OR collection.state = 'failed' THEN collection.remedy
                ELSE 'potto rollup retry --connection ' || connection.id END,
           collection.server_version, collection.last_run_at, collection.last_success_at,
           greatest(collection.next_run_at, collection.paused_until), collection.paused_until,
           collection.last_duration_ms, collection.last_found, collection.total_found
    FROM database_connections AS connection
    LEFT JOIN teams AS team ON team.organization_id = connection.organization_id AND team.id = connection.team_id
    LEFT JOIN connection_collection AS collection
           ON collection.organization_id = connection.organization_id
          AND collection.database_connection_id = connection.id
    LEFT JOIN rollup_set_aside AS aside
           ON aside.organization_id = connection.organization_id AND aside.database_connection_id = connection.id
    LEFT JOIN LATERAL (
        SELECT bucket.at AS bucket_at,
               (SELECT max(sample.captured_at) FROM slow_queries_raw AS sample
                WHERE sample.organization_id = connection.organization_id
                  AND sample.database_connection_id = connection.id
                  AND sample.captured_at >= bucket.at AND sample.captured_at < bucket.until_at) AS sample_at
        FROM (SELECT newest.at, newest.at + interval '1 day' AS until_at
              FROM (SELECT coalesce(
                  (SELECT max(metrics.bucket_at) FROM query_metrics AS metrics
                   WHERE metrics.organization_id = connection.organization_id
                     AND metrics.database_connection_id = connection.id AND metrics.resolution_s = 300),
                  (SELECT max(metrics.bucket_at) FROM query_metrics AS metrics
                   WHERE metrics.organization_id = connection.organization_id
                     AND metrics.database_connection_id = connection.id AND metrics.resolution_s = 3600),
                  (SELECT max(metrics.bucket_at) FROM query_metrics AS metrics
                   WHERE metrics.organization_id = connection.organization_id
                     AND metrics.database_connection_id = connection.id AND metrics.resolution_s = 86400)) AS at)
                  AS newest) AS bucket
    ) AS newest ON true
$$;
