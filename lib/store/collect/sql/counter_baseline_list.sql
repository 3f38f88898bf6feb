-- returns: counter_key text, sql_hash uuid, calls bigint, total_ms float8, rows bigint, blocks_hit bigint,
--   blocks_read bigint
SELECT counter_key, sql_hash, calls, total_ms, rows, blocks_hit, blocks_read
FROM counter_baselines
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
ORDER BY counter_key COLLATE "C"
