-- Distributions of one fingerprint by bucket; none for a bucket of which only counters are known.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 resolution, $6 to $7 period, $8 hash.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
),
bins AS (
    SELECT bucket_at, entry >> 40 AS bin, sum((entry & 1099511627775)::float8) AS count
    FROM query_fingerprint_metrics CROSS JOIN LATERAL unnest(histogram) AS entry
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND sql_hash = $8::uuid AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = $5::int AND bucket_at >= $6::timestamptz AND bucket_at < $7::timestamptz
    GROUP BY bucket_at, bin
)
SELECT bucket_at, array_agg(bin << 40 | least(count, 1099511627775)::bigint ORDER BY bin) AS histogram
FROM bins GROUP BY bucket_at ORDER BY bucket_at
