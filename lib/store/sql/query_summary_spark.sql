-- Time of some fingerprints by bucket.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 hashes, $6 resolution, $7 to $8 period.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
)
SELECT sql_hash, bucket_at, sum(total_ms) AS total_ms
FROM query_fingerprint_metrics
WHERE sql_hash = ANY ($5::uuid[]) AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND organization_id = $1::bigint -- scope
  AND resolution_s = $6::int AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
GROUP BY sql_hash, bucket_at
