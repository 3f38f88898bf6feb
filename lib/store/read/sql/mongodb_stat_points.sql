-- Sums and means of nodes from $5 to $6, in buckets of $8 seconds, at most $7 of each. $1 organization, $2 visible
-- connections; $3 and $4: the nodes.
-- returns: as mongodb_points
SELECT node.place, point.time, point.reports, NULL::text AS role, point.connections_current,
       point.connections_available, point.ops_insert::float8, point.ops_query::float8, point.ops_update::float8,
       point.ops_delete::float8, point.ops_command::float8, point.repl_lag_seconds, point.data_size_bytes::float8,
       point.index_size_bytes::float8, point.storage_size_bytes::float8, point.oplog_window_hours,
       point.wt_cache_used_bytes, point.wt_cache_max_bytes
FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS node (connection_id, node_id, place)
CROSS JOIN LATERAL (
    SELECT stat.bucket_at AS time, stat.reports, stat.connections_current, stat.connections_available,
           stat.ops_insert, stat.ops_query, stat.ops_update, stat.ops_delete, stat.ops_command, stat.repl_lag_seconds,
           stat.data_size_bytes, stat.index_size_bytes, stat.storage_size_bytes, stat.oplog_window_hours,
           stat.wt_cache_used_bytes, stat.wt_cache_max_bytes
    FROM mongodb_stats AS stat
    WHERE stat.database_connection_id = node.connection_id AND stat.node_id = node.node_id
      AND stat.resolution_s = $8::int AND stat.bucket_at >= $5::timestamptz AND stat.bucket_at < $6::timestamptz
      AND stat.organization_id = $1::bigint -- scope
      AND stat.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
    ORDER BY stat.bucket_at
    LIMIT $7::int) AS point
ORDER BY node.place, point.time
