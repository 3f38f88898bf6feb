-- Builds the segments of one width that start in [from_at, to_at), of the connections that `chosen` names
-- (a condition on metric). only_changed: those of query_segments_stale instead. The caller has
-- deleted what was there before.
CREATE OR REPLACE FUNCTION query_segments_make(width bigint, resolution int, from_at timestamptz, to_at timestamptz,
                                               only_changed boolean, chosen text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        WITH fingerprints AS (
            SELECT metric.organization_id, %s AS start_at, metric.database_connection_id, known.fingerprint_id,
                   least(sum(metric.calls), 9e18)::bigint AS calls,
                   least(sum(metric.slow_calls), 9e18)::bigint AS slow_calls,
                   sum(metric.total_ms) AS total_ms, max(metric.max_ms) AS max_ms,
                   least(sum(greatest(metric.rows_examined, metric.counter_examined)), 9e18)::bigint AS rows_examined,
                   least(sum(metric.rows_returned), 9e18)::bigint AS rows_returned,
                   least(sum(metric.blocks_hit), 9e18)::bigint AS blocks_hit,
                   least(sum(metric.blocks_read), 9e18)::bigint AS blocks_read,
                   least(coalesce(sum(greatest(metric.lock_us, metric.counter_lock_us)), 0), 9e18)::bigint AS lock_us,
                   least(coalesce(sum(metric.temp_tables), 0), 9e18)::bigint AS temp_tables,
                   least(coalesce(sum(metric.temp_disk_tables), 0), 9e18)::bigint AS temp_disk_tables,
                   least(coalesce(sum(metric.sort_passes), 0), 9e18)::bigint AS sort_passes,
                   least(coalesce(sum(metric.no_index_calls), 0), 9e18)::bigint AS no_index_calls,
                   least(coalesce(sum(metric.errors), 0), 9e18)::bigint AS errors
            FROM %s
            GROUP BY 1, 2, 3, 4
            ORDER BY 1, 2, 3, 4 -- ids ascend in each string
        ), made AS (
            SELECT organization_id, start_at, database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
                   least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms,
                   string_agg(int4send(fingerprint_id), '') AS fingerprint_ids,
                   string_agg(float8send(total_ms), '') AS fingerprint_ms,
                   string_agg(int8send(calls), '') AS fingerprint_calls,
                   string_agg(float8send(max_ms), '') AS fingerprint_max_ms,
                   string_agg(int8send(rows_examined), '') AS fingerprint_rows_examined,
                   string_agg(int8send(rows_returned), '') AS fingerprint_rows_returned,
                   string_agg(int8send(slow_calls), '') AS fingerprint_slow_calls,
                   CASE WHEN sum(lock_us) > 0 THEN string_agg(int8send(lock_us), '')
                        ELSE '' END AS fingerprint_lock_us,
                   max(max_ms) AS max_ms, least(sum(rows_examined), 9e18)::bigint AS rows_examined,
                   least(sum(rows_returned), 9e18)::bigint AS rows_returned,
                   least(sum(blocks_hit), 9e18)::bigint AS blocks_hit,
                   least(sum(blocks_read), 9e18)::bigint AS blocks_read,
                   least(sum(lock_us), 9e18)::bigint AS lock_us,
                   least(sum(temp_tables), 9e18)::bigint AS temp_tables,
                   least(sum(temp_disk_tables), 9e18)::bigint AS temp_disk_tables,
                   least(sum(sort_passes), 9e18)::bigint AS sort_passes,
                   least(sum(no_index_calls), 9e18)::bigint AS no_index_calls,
                   least(sum(errors), 9e18)::bigint AS errors
            FROM fingerprints
            GROUP BY organization_id, start_at, database_connection_id
        ), segments AS (
            INSERT INTO query_segments (organization_id, width_s, start_at, database_connection_id, calls, slow_calls,
                                        total_ms, fingerprint_ids, fingerprint_ms)
            SELECT organization_id, $1, start_at, database_connection_id, calls, slow_calls, total_ms, fingerprint_ids,
                   fingerprint_ms
            FROM made
        )
        INSERT INTO query_segment_details (organization_id, width_s, start_at, database_connection_id,
                                           fingerprint_max_ms, fingerprint_rows_examined, fingerprint_rows_returned,
                                           fingerprint_calls, fingerprint_slow_calls, fingerprint_lock_us, max_ms,
                                           rows_examined,
                                           rows_returned, blocks_hit, blocks_read, lock_us, temp_tables,
                                           temp_disk_tables, sort_passes, no_index_calls, errors)
        SELECT organization_id, $1, start_at, database_connection_id, fingerprint_max_ms, fingerprint_rows_examined,
               fingerprint_rows_returned, fingerprint_calls, fingerprint_slow_calls, fingerprint_lock_us, max_ms,
               rows_examined,
               rows_returned, blocks_hit, blocks_read, lock_us, temp_tables, temp_disk_tables, sort_passes,
               no_index_calls, errors
        FROM made $sql$,
        CASE WHEN only_changed THEN 'stale.start_at' ELSE 'segment_start($1, metric.bucket_at)' END,
        CASE WHEN only_changed THEN $sql$
            query_segments_stale AS stale
            CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, whatever is known of so new a table
                SELECT * FROM query_fingerprint_metrics AS metric
                WHERE metric.organization_id = stale.organization_id
                  AND metric.database_connection_id = stale.database_connection_id AND metric.resolution_s = $2
                  AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $1)
                OFFSET 0) AS metric
            JOIN query_segment_fingerprints AS known
                ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
            WHERE stale.width_s = $1 $sql$
        ELSE $sql$
            query_fingerprint_metrics AS metric
            JOIN query_segment_fingerprints AS known
                ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
            WHERE metric.resolution_s = $2 AND metric.bucket_at >= $3 AND metric.bucket_at < $4
              AND $sql$ || chosen END)
    USING width, resolution, from_at, to_at;
END $$;
