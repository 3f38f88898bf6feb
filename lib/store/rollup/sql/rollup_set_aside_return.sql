-- Ends that connection $2 of organization $1 is set aside: its deltas go back to be folded, and all of its segments are
-- to be made again if they were left out. No row: it is not set aside.
-- returns: delta_count bigint
WITH held AS (
    DELETE FROM rollup_set_aside WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
    RETURNING holds_segments
), moved AS (
    DELETE FROM rollup_deltas_set_aside WHERE organization_id = $1 AND database_connection_id = $2
    RETURNING id, organization_id, database_connection_id, sql_hash, bucket_at, counter_calls, counter_ms,
              counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, blocks_hit,
              blocks_read, lock_us, temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, histogram,
              measures, made_at
), returned AS (
    INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, counter_calls, counter_ms,
                               counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned,
                               blocks_hit, blocks_read, lock_us, temp_tables, temp_disk_tables, sort_passes,
                               no_index_calls, errors, histogram, measures, made_at)
    SELECT organization_id, database_connection_id, sql_hash, bucket_at, counter_calls, counter_ms, counter_slow_calls,
           sample_calls, sample_ms, max_ms, rows_examined, rows_returned, blocks_hit, blocks_read, lock_us,
           temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, histogram, measures, made_at
    FROM moved ORDER BY id
), changed AS (
    INSERT INTO query_segment_changes (organization_id, database_connection_id, resolution_s, bucket_at, sql_hash)
    SELECT DISTINCT organization_id, database_connection_id, resolution_s, bucket_at,
           CASE WHEN resolution_s > 300 THEN sql_hash END
    FROM query_fingerprint_metrics
    WHERE organization_id = $1 AND database_connection_id = $2 AND EXISTS (SELECT FROM held WHERE holds_segments)
      AND bucket_at <= (SELECT segmented_until FROM query_segment_state) - make_interval(secs => resolution_s)
)
SELECT (SELECT count(*) FROM moved) AS delta_count FROM held
