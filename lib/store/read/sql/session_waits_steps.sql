-- How long and how often sessions were looked at, and the time that they spent in all, by steps of $6 seconds from $4
-- on. The other parameters as in session_waits_points.sql.
-- returns: step_at timestamptz, watched_ms bigint, look_count bigint, cost_us bigint, session_ms bigint
SELECT date_bin(make_interval(secs => $6::int), waits.bucket_at, $4::timestamptz) AS step_at,
       sum(waits.watched_ms)::bigint AS watched_ms, sum(waits.look_count)::bigint AS look_count,
       sum(waits.cost_us)::bigint AS cost_us, sum(waits.session_ms)::bigint AS session_ms
FROM session_waits AS waits
WHERE waits.bucket_at >= $4 AND waits.bucket_at < $5::timestamptz
  AND waits.organization_id = $1::bigint -- scope
  AND waits.database_connection_id = ANY ($2::bigint[]) -- scope
  AND waits.resolution_s = $3::int
GROUP BY 1
ORDER BY 1
