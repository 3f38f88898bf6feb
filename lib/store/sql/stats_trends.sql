-- Everything the chosen connections ran, by bucket.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0, $6 resolution, $7 to $8 period.
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT bucket_at, least(sum(calls), 9e18)::bigint AS calls, least(sum(slow_calls), 9e18)::bigint AS slow_calls,
       sum(total_ms) AS total_ms, count(*) FILTER (WHERE calls > 0) AS connections
FROM query_metrics
WHERE database_connection_id = ANY (ARRAY (SELECT id FROM chosen)) AND resolution_s = $6::int
  AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
  AND organization_id = $1::bigint -- scope
GROUP BY bucket_at
ORDER BY bucket_at
