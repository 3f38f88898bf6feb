-- $6 holds the counters of all baselines, one baseline after the other; $7 says how many each has. $9 holds
-- the entries of all measures likewise; $10 and $11 where those of each begin and end.
INSERT INTO counter_baselines AS known (organization_id, database_connection_id, counter_key, sql_hash, total_ms,
                                        max_ms, counters, measures, snapshot_at)
SELECT $1::bigint, $2::bigint, counter_key, sql_hash, total_ms, max_ms,
       ($6::bigint[])[(n - 1) * $7::int + 1:n * $7],
       CASE WHEN last_entry >= first_entry THEN ($9::bigint[])[first_entry:last_entry] END, now()
FROM unnest($3::text[], $4::uuid[], $5::float8[], $8::float8[], $10::bigint[], $11::bigint[])
     WITH ORDINALITY AS snapshot (counter_key, sql_hash, total_ms, max_ms, first_entry, last_entry, n)
ON CONFLICT (organization_id, database_connection_id, counter_key) DO UPDATE
SET sql_hash = excluded.sql_hash, total_ms = excluded.total_ms, max_ms = excluded.max_ms, counters = excluded.counters,
    measures = excluded.measures, snapshot_at = excluded.snapshot_at
