-- The newest $4 reports of each node of the connections $3, newest first. $1 organization, $2 visible connections.
-- returns: database_connection_id bigint, node_id text, time timestamptz, role text, connections_current float8,
--          connections_available float8, ops_insert float8, ops_query float8, ops_update float8, ops_delete float8,
--          ops_command float8, repl_lag_seconds float8, data_size_bytes float8, index_size_bytes float8,
--          storage_size_bytes float8, oplog_window_hours float8, wt_cache_used_bytes float8,
--          wt_cache_max_bytes float8
SELECT node.database_connection_id, node.node_id::text, point.time, point.role, point.connections_current::float8,
       point.connections_available::float8, point.ops_insert::float8, point.ops_query::float8,
       point.ops_update::float8, point.ops_delete::float8, point.ops_command::float8, point.repl_lag_seconds,
       point.data_size_bytes::float8, point.index_size_bytes::float8, point.storage_size_bytes::float8,
       point.oplog_window_hours, point.wt_cache_used_bytes::float8, point.wt_cache_max_bytes::float8
FROM mongodb_nodes AS node
CROSS JOIN LATERAL (
    SELECT report.time, report.role, report.connections_current, report.connections_available, report.ops_insert,
           report.ops_query, report.ops_update, report.ops_delete, report.ops_command, report.repl_lag_seconds,
           report.data_size_bytes, report.index_size_bytes, report.storage_size_bytes, report.oplog_window_hours,
           report.wt_cache_used_bytes, report.wt_cache_max_bytes
    FROM metrics_mongodb AS report
    WHERE report.organization_id = node.organization_id
      AND report.database_connection_id = node.database_connection_id AND report.node_id = node.node_id
    ORDER BY report.time DESC
    LIMIT $4::int) AS point
WHERE node.database_connection_id = ANY ($3::bigint[])
  AND node.organization_id = $1::bigint -- scope
  AND node.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
ORDER BY node.database_connection_id, node.node_id, point.time DESC
