-- returns: counter_key text, sql_hash uuid, total_ms float8, calls bigint, rows bigint, blocks_hit bigint,
--   blocks_read bigint
SELECT counter_key, sql_hash, total_ms, calls, rows, blocks_hit, blocks_read
FROM counter_baselines
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
ORDER BY counter_key COLLATE "C"
