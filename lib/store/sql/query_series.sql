-- One fingerprint by bucket.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 resolution, $6 to $7 period, $8 hash.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
)
SELECT bucket_at, sum(calls)::bigint AS calls, sum(slow_calls)::bigint AS slow_calls, sum(total_ms) AS total_ms
FROM query_fingerprint_metrics
WHERE sql_hash = $8::uuid AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND organization_id = $1::bigint -- scope
  AND resolution_s = $5::int AND bucket_at >= $6::timestamptz AND bucket_at < $7::timestamptz
GROUP BY bucket_at
ORDER BY bucket_at
