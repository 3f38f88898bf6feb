-- What the samples of one fingerprint add up to by tag, most time first.
-- $1 organization, $2 visible connections, $3 fingerprint, $4 to $5 period, $6 limit.
-- returns: tag_key text, tag_value text, calls bigint, total_ms float8, max_ms float8
SELECT tag_key, tag_value, sum(calls)::bigint AS calls, sum(total_ms) AS total_ms, max(max_ms) AS max_ms
FROM query_tag_metrics
WHERE sql_hash = $3::uuid AND bucket_at >= $4::timestamptz AND bucket_at < $5::timestamptz
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ($2::bigint[]) -- scope
GROUP BY tag_key, tag_value
ORDER BY total_ms DESC, tag_key, tag_value
LIMIT $6::int
