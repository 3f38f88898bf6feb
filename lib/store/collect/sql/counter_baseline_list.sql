SELECT counter_key, sql_hash, calls, total_ms, rows, blocks_hit, blocks_read
FROM counter_baselines
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
ORDER BY counter_key COLLATE "C"
