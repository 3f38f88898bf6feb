-- $6 holds the counters of all baselines, one baseline after the other; $7 says how many each has.
INSERT INTO counter_baselines AS known (organization_id, database_connection_id, counter_key, sql_hash, total_ms,
                                        max_ms, counters, snapshot_at)
SELECT $1::bigint, $2::bigint, counter_key, sql_hash, total_ms, max_ms,
       ($6::bigint[])[(n - 1) * $7::int + 1:n * $7], now()
FROM unnest($3::text[], $4::uuid[], $5::float8[], $8::float8[])
     WITH ORDINALITY AS snapshot (counter_key, sql_hash, total_ms, max_ms, n)
ON CONFLICT (organization_id, database_connection_id, counter_key) DO UPDATE
SET sql_hash = excluded.sql_hash, total_ms = excluded.total_ms, max_ms = excluded.max_ms, counters = excluded.counters,
    snapshot_at = excluded.snapshot_at
