-- Rollups of connections that no chunk holds yet.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0, $6 resolution, $7 to $8
-- period.
-- returns: bucket_at timestamptz, calls bigint, slow_calls bigint, total_ms float8
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT bucket_at, calls, slow_calls, total_ms
FROM query_metrics
WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND organization_id = $1::bigint -- scope
  AND resolution_s = $6::int AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
