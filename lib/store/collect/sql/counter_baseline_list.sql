-- returns: counter_key text, sql_hash uuid, total_ms float8, max_ms float8, counters bigint[], measures bigint[],
--   snapshot_at timestamptz
SELECT counter_key, sql_hash, total_ms, max_ms, counters, measures, snapshot_at
FROM counter_baselines
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
ORDER BY counter_key COLLATE "C"
