-- Rollups of connections that no chunk holds yet.
-- $1 organization, $2 chosen connections, $3 resolution, $4 to $5 period.
-- returns: bucket_at timestamptz, calls bigint, slow_calls bigint, total_ms float8
SELECT bucket_at, calls, slow_calls, total_ms
FROM query_metrics
WHERE resolution_s = $3::int AND bucket_at >= $4::timestamptz AND bucket_at < $5::timestamptz
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
