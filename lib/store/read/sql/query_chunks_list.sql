-- Chunks of some fingerprints (migrations/010_segments.sql).
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 hashes; of each tier of a period:
-- $6 the width of its buckets, $7 the start of its first chunk, $8 its end; $9 how much of them
-- (store/read/buckets.h); $10 team or 0.
-- returns: fingerprint_index bigint, database_connection_id bigint, bucket_s bigint, start_at timestamptz, sums bytea,
--   details bytea, histograms bytea
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($10::bigint = 0 OR team_id = $10::bigint)
)
SELECT wanted.fingerprint_index, chunk.database_connection_id, tier.bucket_s, chunk.start_at, chunk.sums, chunk.details,
       chunk.histograms
FROM unnest($5::uuid[]) WITH ORDINALITY AS wanted (sql_hash, fingerprint_index)
CROSS JOIN unnest($6::bigint[], $7::timestamptz[], $8::timestamptz[]) AS tier (bucket_s, from_at, to_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, however many the planner takes them for
    SELECT database_connection_id, start_at, sums, CASE WHEN $9::int >= 1 THEN details END AS details,
           CASE WHEN $9::int >= 2 THEN histograms END AS histograms
    FROM query_chunks
    WHERE sql_hash = wanted.sql_hash AND bucket_s = tier.bucket_s AND start_at >= tier.from_at AND start_at < tier.to_at
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS chunk
