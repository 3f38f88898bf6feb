INSERT INTO counter_baselines AS known (organization_id, database_connection_id, counter_key, sql_hash, total_ms, calls,
                                        rows, blocks_hit, blocks_read, snapshot_at)
SELECT $1::bigint, $2::bigint, counter_key, sql_hash, total_ms, calls, rows, blocks_hit, blocks_read, now()
FROM unnest($3::text[], $4::uuid[], $5::float8[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
     AS snapshot (counter_key, sql_hash, total_ms, calls, rows, blocks_hit, blocks_read)
ON CONFLICT (organization_id, database_connection_id, counter_key) DO UPDATE
SET sql_hash = excluded.sql_hash, total_ms = excluded.total_ms, calls = excluded.calls, rows = excluded.rows,
    blocks_hit = excluded.blocks_hit, blocks_read = excluded.blocks_read, snapshot_at = excluded.snapshot_at
