-- What the samples of a period add up to by the values of one key, most time first.
-- $1 organization, $2 visible connections, $3 key, $4 to $5 period, $6 limit.
-- returns: tag_value text, calls bigint, total_ms float8, max_ms float8, fingerprint_count bigint, total_count bigint,
--   all_calls bigint, all_ms float8
SELECT tag_value, sum(calls)::bigint AS calls, sum(total_ms) AS total_ms, max(max_ms) AS max_ms,
       count(DISTINCT sql_hash) AS fingerprint_count, count(*) OVER () AS total_count,
       (sum(sum(calls)) OVER ())::bigint AS all_calls, sum(sum(total_ms)) OVER () AS all_ms
FROM query_tag_metrics
WHERE tag_key = $3::text AND bucket_at >= $4::timestamptz AND bucket_at < $5::timestamptz
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ($2::bigint[]) -- scope
GROUP BY tag_value
ORDER BY total_ms DESC, tag_value
LIMIT $6::int
