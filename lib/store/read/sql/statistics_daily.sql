-- Days (UTC) of a period, newest first.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0; $6 to $7 period; $8 limit;
-- $9: day of the last row of the page before, or NULL.
-- returns: bucket_at timestamptz, connections bigint, calls bigint, slow_calls bigint, total_ms float8
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT bucket_at, count(*) FILTER (WHERE calls > 0) AS connections, least(sum(calls), 9e18)::bigint AS calls,
       least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms
FROM query_metrics
WHERE database_connection_id = ANY (ARRAY (SELECT id FROM chosen)) AND resolution_s = 86400
  AND bucket_at >= $6::timestamptz AND bucket_at < $7::timestamptz
  AND ($9::timestamptz IS NULL OR bucket_at < $9::timestamptz)
  AND organization_id = $1::bigint -- scope
GROUP BY bucket_at
ORDER BY bucket_at DESC
LIMIT $8::int
