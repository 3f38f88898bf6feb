-- Rollups of some fingerprints that no chunk holds yet. Planned each time, as slow_query_list_hash.
-- $1 organization, $2 chosen connections; $3 to $12: a period in tiers
-- (store/read/tiers.h); $13 hashes; $14 how much of them (store/read/buckets.h).
-- returns: sql_hash uuid, database_connection_id bigint, resolution_s int, bucket_at timestamptz, calls bigint,
--   slow_calls bigint, total_ms float8, max_ms float8, rows_examined bigint, rows_returned bigint, blocks_hit bigint,
--   blocks_read bigint, lock_us bigint, temp_tables bigint, temp_disk_tables bigint, sort_passes bigint,
--   no_index_calls bigint, errors bigint, histogram bigint[]
SELECT sql_hash, database_connection_id, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms, rows_examined,
       rows_returned, blocks_hit, blocks_read, lock_us, temp_tables, temp_disk_tables, sort_passes, no_index_calls,
       errors, CASE WHEN $14::int >= 2 THEN histogram END AS histogram
FROM fingerprint_buckets($3::timestamptz, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::timestamptz,
                         $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz, $12::timestamptz)
WHERE sql_hash = ANY ($13::uuid[])
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
