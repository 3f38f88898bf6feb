-- Reports, some of which may be stored already. Comes back: those that were not, in the order given. -1: not told; $13
-- and $17 are in millionths.
-- returns: node_id text, time timestamptz
INSERT INTO metrics_mongodb (organization_id, database_connection_id, node_id, time, role, connections_current,
                             connections_available, ops_insert, ops_query, ops_update, ops_delete, ops_command,
                             repl_lag_seconds, data_size_bytes, index_size_bytes, storage_size_bytes,
                             oplog_window_hours, wt_cache_used_bytes, wt_cache_max_bytes)
SELECT $1::bigint, $2::bigint, node_id, time, role, nullif(connections_current, -1), nullif(connections_available, -1),
       nullif(ops_insert, -1), nullif(ops_query, -1), nullif(ops_update, -1), nullif(ops_delete, -1),
       nullif(ops_command, -1), nullif(repl_lag, -1) / 1e6::float8, nullif(data_size_bytes, -1),
       nullif(index_size_bytes, -1), nullif(storage_size_bytes, -1), nullif(oplog_window, -1) / 1e6::float8,
       nullif(wt_cache_used_bytes, -1), nullif(wt_cache_max_bytes, -1)
FROM unnest($3::text[], $4::timestamptz[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
            $17::bigint[], $18::bigint[], $19::bigint[])
     AS report (node_id, time, role, connections_current, connections_available, ops_insert, ops_query, ops_update,
                ops_delete, ops_command, repl_lag, data_size_bytes, index_size_bytes, storage_size_bytes, oplog_window,
                wt_cache_used_bytes, wt_cache_max_bytes)
ON CONFLICT (organization_id, database_connection_id, node_id, time) DO NOTHING
RETURNING node_id::text, time
