-- Reports of nodes from $5 to $6, at most $7 of each. $1 organization, $2 visible connections; $3 and $4: the nodes.
-- returns: place bigint, time timestamptz, reports bigint, role text, connections_current float8,
--          connections_available float8, ops_insert float8, ops_query float8, ops_update float8, ops_delete float8,
--          ops_command float8, repl_lag_seconds float8, data_size_bytes float8, index_size_bytes float8,
--          storage_size_bytes float8, oplog_window_hours float8, wt_cache_used_bytes float8,
--          wt_cache_max_bytes float8
SELECT node.place, point.time, 1::bigint AS reports, point.role, point.connections_current::float8,
       point.connections_available::float8, point.ops_insert::float8, point.ops_query::float8,
       point.ops_update::float8, point.ops_delete::float8, point.ops_command::float8, point.repl_lag_seconds,
       point.data_size_bytes::float8, point.index_size_bytes::float8, point.storage_size_bytes::float8,
       point.oplog_window_hours, point.wt_cache_used_bytes::float8, point.wt_cache_max_bytes::float8
FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS node (connection_id, node_id, place)
CROSS JOIN LATERAL (
    SELECT report.time, report.role, report.connections_current, report.connections_available, report.ops_insert,
           report.ops_query, report.ops_update, report.ops_delete, report.ops_command, report.repl_lag_seconds,
           report.data_size_bytes, report.index_size_bytes, report.storage_size_bytes, report.oplog_window_hours,
           report.wt_cache_used_bytes, report.wt_cache_max_bytes
    FROM metrics_mongodb AS report
    WHERE report.database_connection_id = node.connection_id AND report.node_id = node.node_id
      AND report.time >= $5::timestamptz AND report.time < $6::timestamptz
      AND report.organization_id = $1::bigint -- scope
      AND report.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
    ORDER BY report.time
    LIMIT $7::int) AS point
ORDER BY node.place, point.time
