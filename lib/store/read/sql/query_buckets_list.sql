-- Rollups of some fingerprints that no chunk holds yet. Planned each time, as slow_query_list_hash.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL; $5 to $14: a period in tiers
-- (store/read/tiers.h); $15 hashes; $16 how much of them (store/read/buckets.h); $17 team or 0.
-- returns: sql_hash uuid, database_connection_id bigint, resolution_s int, bucket_at timestamptz, calls bigint,
--   slow_calls bigint, total_ms float8, max_ms float8, rows_examined bigint, rows_returned bigint, blocks_hit bigint,
--   blocks_read bigint, histogram bigint[]
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($17::bigint = 0 OR team_id = $17::bigint)
)
SELECT sql_hash, database_connection_id, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms, rows_examined,
       rows_returned, blocks_hit, blocks_read, CASE WHEN $16::int >= 2 THEN histogram END AS histogram
FROM fingerprint_buckets($5::timestamptz, $6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz,
                         $10::timestamptz, $11::timestamptz, $12::timestamptz, $13::timestamptz, $14::timestamptz)
WHERE sql_hash = ANY ($15::uuid[]) AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND organization_id = $1::bigint -- scope
