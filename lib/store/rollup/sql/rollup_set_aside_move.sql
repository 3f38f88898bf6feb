-- Moves at most $2 deltas of the connections $1, which are set aside, to where they wait. About $3 wait for each
-- connection; what is more is dropped and counted. Planned each time, as rollup_fold.
WITH picked AS (
    SELECT delta.id, held.deltas
    FROM rollup_set_aside AS held
    JOIN rollup_deltas AS delta ON delta.organization_id = held.organization_id
        AND delta.database_connection_id = held.database_connection_id
    WHERE held.database_connection_id = ANY ($1::bigint[])
    ORDER BY delta.id LIMIT $2::int
), moved AS (
    DELETE FROM rollup_deltas AS delta USING picked WHERE delta.id = picked.id
    RETURNING delta.id, delta.organization_id, delta.database_connection_id, delta.sql_hash, delta.bucket_at,
              delta.counter_calls, delta.counter_ms, delta.counter_slow_calls, delta.sample_calls, delta.sample_ms,
              delta.max_ms, delta.rows_examined, delta.rows_returned, delta.blocks_hit, delta.blocks_read,
              delta.lock_us, delta.temp_tables, delta.temp_disk_tables, delta.sort_passes, delta.no_index_calls,
              delta.errors, delta.histogram, delta.measures, delta.made_at, picked.deltas < $3::bigint AS is_kept
), kept AS (
    INSERT INTO rollup_deltas_set_aside (id, organization_id, database_connection_id, sql_hash, bucket_at,
                                         counter_calls, counter_ms, counter_slow_calls, sample_calls, sample_ms, max_ms,
                                         rows_examined, rows_returned, blocks_hit, blocks_read, lock_us, temp_tables,
                                         temp_disk_tables, sort_passes, no_index_calls, errors, histogram,
                                         measures, made_at)
    SELECT id, organization_id, database_connection_id, sql_hash, bucket_at, counter_calls, counter_ms,
           counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, blocks_hit, blocks_read,
           lock_us, temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, histogram, measures,
           made_at
    FROM moved WHERE is_kept
)
UPDATE rollup_set_aside AS held SET deltas = held.deltas + counted.kept, dropped = held.dropped + counted.dropped
FROM (SELECT organization_id, database_connection_id, count(*) FILTER (WHERE is_kept) AS kept,
             count(*) FILTER (WHERE NOT is_kept) AS dropped
      FROM moved GROUP BY organization_id, database_connection_id) AS counted
WHERE held.organization_id = counted.organization_id AND held.database_connection_id = counted.database_connection_id
