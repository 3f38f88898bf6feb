-- The next $5 samples of connection $2 after time $3 and digest $4, and whether they hold literals. No row if the
-- connection keeps literals again.
-- returns: captured_at timestamptz, sample_digest bigint, id bigint, sql_hash uuid, duration_ms float8,
--   rows_examined bigint, rows_returned bigint, user_host text, database_name text, provenance smallint,
--   has_literals boolean
SELECT captured_at, sample_digest, id, sql_hash, duration_ms, coalesce(rows_examined, -1) AS rows_examined,
       coalesce(rows_returned, -1) AS rows_returned, user_host, database_name, provenance,
       full_sql IS NOT NULL OR plan_hash IS NOT NULL AS has_literals
FROM slow_queries_raw
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
  AND (captured_at, sample_digest) > ($3::timestamptz, $4::bigint)
  AND EXISTS (SELECT FROM database_connections WHERE organization_id = $1 AND id = $2 AND NOT keep_literals)
ORDER BY captured_at, sample_digest
LIMIT $5::int
