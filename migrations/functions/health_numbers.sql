-- Privileged. The numbers of /health and /metrics, over all organizations. The backlog of rollups, of samples and of
-- MongoDB reports, is counted up to backlog_max. A paused database is not overdue.
CREATE OR REPLACE FUNCTION health_numbers(backlog_max int)
RETURNS TABLE (daemons_online bigint, daemons bigint, agents_online bigint, agents bigint, daemon_seen_at timestamptz,
               monitored bigint, failed bigint, lag_s float8, deltas bigint, set_aside bigint,
               held_back bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT collector.daemons_online, collector.daemons, collector.agents_online, collector.agents,
           collector.daemon_seen_at, connections.monitored, connections.failed, connections.lag_s, backlog.deltas,
           (SELECT count(*) FROM rollup_set_aside),
           (SELECT count(*) FROM connection_overhead AS overhead
            JOIN database_connections AS connection
                ON connection.organization_id = overhead.organization_id
                   AND connection.id = overhead.database_connection_id
            WHERE overhead.stage > 0 AND connection.is_active AND connection.monitoring_enabled)
    FROM (SELECT count(*) FILTER (WHERE kind = 'daemon' AND last_seen_at > now() - interval '3 minutes')
                     AS daemons_online,
                 count(*) FILTER (WHERE kind = 'daemon') AS daemons,
                 count(*) FILTER (WHERE kind = 'agent' AND last_seen_at > now() - interval '3 minutes')
                     AS agents_online,
                 count(*) FILTER (WHERE kind = 'agent') AS agents,
                 max(last_seen_at) FILTER (WHERE kind = 'daemon') AS daemon_seen_at
          FROM collectors) AS collector,
         (SELECT count(*) AS monitored,
                 count(*) FILTER (WHERE collection.state = 'failed') AS failed,
                 coalesce(greatest(extract(epoch FROM max(
                     now() - greatest(collection.next_run_at, collection.paused_until))), 0), 0)::float8 AS lag_s
          FROM database_connections AS connection
          LEFT JOIN connection_collection AS collection
              ON collection.organization_id = connection.organization_id
                 AND collection.database_connection_id = connection.id
          WHERE connection.is_active AND connection.monitoring_enabled AND connection.host IS NOT NULL) AS connections,
         (SELECT count(*) AS deltas
          FROM (SELECT 1 FROM rollup_deltas
                UNION ALL
                SELECT 1 FROM mongodb_deltas AS delta
                WHERE NOT EXISTS (SELECT FROM rollup_set_aside AS held
                                  WHERE held.organization_id = delta.organization_id
                                    AND held.database_connection_id = delta.database_connection_id)
                LIMIT backlog_max) AS few) AS backlog;
END $$;
