-- Nodes together, in buckets of $3 seconds from $4 to $5: operations and connections of all, the largest lag, the
-- fullest cache (0..1), and the shortest oplog. $6: this node alone. $1 organization, $2 visible connections.
-- returns: bucket_at timestamptz, ops float8, lag_s float8, connections float8, cache_share float8, oplog_hours float8
SELECT stat.bucket_at,
       sum(CASE WHEN coalesce(stat.ops_insert, stat.ops_query, stat.ops_update, stat.ops_delete, stat.ops_command)
                     IS NOT NULL
                THEN coalesce(stat.ops_insert, 0) + coalesce(stat.ops_query, 0) + coalesce(stat.ops_update, 0)
                     + coalesce(stat.ops_delete, 0) + coalesce(stat.ops_command, 0) END)::float8 AS ops,
       max(stat.repl_lag_seconds) AS lag_s, sum(stat.connections_current) AS connections,
       max(stat.wt_cache_used_bytes / nullif(stat.wt_cache_max_bytes, 0)) AS cache_share,
       min(stat.oplog_window_hours) AS oplog_hours
FROM mongodb_nodes AS node
JOIN mongodb_stats AS stat
    ON stat.organization_id = node.organization_id AND stat.database_connection_id = node.database_connection_id
       AND stat.node_id = node.node_id
WHERE stat.resolution_s = $3::int AND stat.bucket_at >= $4::timestamptz AND stat.bucket_at < $5::timestamptz
  AND ($6::text IS NULL OR node.node_id = $6)
  AND node.organization_id = $1::bigint -- scope
  AND node.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
GROUP BY stat.bucket_at
ORDER BY stat.bucket_at
