-- Days (UTC) of a period, newest first.
-- $1 organization, $2 chosen connections; $3 to $4 period; $5 limit;
-- $6: day of the last row of the page before, or NULL.
-- returns: bucket_at timestamptz, connections bigint, calls bigint, slow_calls bigint, total_ms float8
SELECT bucket_at, count(*) FILTER (WHERE calls > 0) AS connections, least(sum(calls), 9e18)::bigint AS calls,
       least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms
FROM query_metrics
WHERE resolution_s = 86400
  AND bucket_at >= $3::timestamptz AND bucket_at < $4::timestamptz
  AND ($6::timestamptz IS NULL OR bucket_at < $6::timestamptz)
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
GROUP BY bucket_at
ORDER BY bucket_at DESC
LIMIT $5::int
