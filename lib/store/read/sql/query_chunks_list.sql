-- Chunks of some fingerprints (migrations/010_segments.sql).
-- $1 organization, $2 chosen connections, $3 hashes; of each tier of a period:
-- $4 the width of its buckets, $5 the start of its first chunk, $6 its end; $7 how much of them
-- (store/read/buckets.h).
-- returns: fingerprint_index bigint, database_connection_id bigint, bucket_s bigint, start_at timestamptz, sums bytea,
--   details bytea, histograms bytea
SELECT wanted.fingerprint_index, chunk.database_connection_id, tier.bucket_s, chunk.start_at, chunk.sums, chunk.details,
       chunk.histograms
FROM unnest($3::uuid[]) WITH ORDINALITY AS wanted (sql_hash, fingerprint_index)
CROSS JOIN unnest($4::bigint[], $5::timestamptz[], $6::timestamptz[]) AS tier (bucket_s, from_at, to_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, however many the planner takes them for
    SELECT database_connection_id, start_at, sums, CASE WHEN $7::int >= 1 THEN details END AS details,
           CASE WHEN $7::int >= 2 THEN histograms END AS histograms
    FROM query_chunks
    WHERE sql_hash = wanted.sql_hash AND bucket_s = tier.bucket_s AND start_at >= tier.from_at AND start_at < tier.to_at
      AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS chunk
