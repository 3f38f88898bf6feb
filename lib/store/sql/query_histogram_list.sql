-- Distributions of some fingerprints over a period, packed as in store/histogram.h, one for each rollup: adding them up here
-- costs three times what sending them does. None for one of which only counters are known.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL; $5 to $14: the period in parts
-- (store/query_parts.h); $15 hashes.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
),
facts AS (
    SELECT sql_hash, histogram FROM query_fingerprint_metrics
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND sql_hash = ANY ($15::uuid[])
      AND resolution_s = 300 AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz AND histogram IS NOT NULL
    UNION ALL
    SELECT sql_hash, histogram FROM query_fingerprint_metrics
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND sql_hash = ANY ($15::uuid[])
      AND resolution_s = 3600 AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz AND histogram IS NOT NULL
    UNION ALL
    SELECT sql_hash, histogram FROM query_fingerprint_metrics
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND sql_hash = ANY ($15::uuid[])
      AND resolution_s = 86400 AND bucket_at >= $9::timestamptz AND bucket_at < $10::timestamptz AND histogram IS NOT NULL
    UNION ALL
    SELECT sql_hash, histogram FROM query_fingerprint_metrics
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND sql_hash = ANY ($15::uuid[])
      AND resolution_s = 3600 AND bucket_at >= $11::timestamptz AND bucket_at < $12::timestamptz AND histogram IS NOT NULL
    UNION ALL
    SELECT sql_hash, histogram FROM query_fingerprint_metrics
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND sql_hash = ANY ($15::uuid[])
      AND resolution_s = 300 AND bucket_at >= $13::timestamptz AND bucket_at < $14::timestamptz AND histogram IS NOT NULL
)
SELECT sql_hash, histogram FROM facts
