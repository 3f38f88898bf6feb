-- Segments of some intervals, and five-minute rollups of two periods as segments of one fingerprint each.
-- $1 organization, $2 chosen connections; $3, $4 widths and starts of the intervals;
-- $5 to $6 and $7 to $8 the periods; $9 which values (enum segment_values).
-- returns: database_connection_id bigint, calls bigint, slow_calls bigint, total_ms float8, max_ms float8,
--   rows_examined bigint, rows_returned bigint, blocks_hit bigint, blocks_read bigint, lock_us bigint,
--   temp_tables bigint, temp_disk_tables bigint, sort_passes bigint, no_index_calls bigint, errors bigint,
--   fingerprint_ids bytea, fingerprint_ms bytea, fingerprint_calls bytea, fingerprint_slow_calls bytea,
--   fingerprint_max_ms bytea, fingerprint_rows_examined bytea, fingerprint_rows_returned bytea,
--   fingerprint_lock_us bytea
SELECT segment.database_connection_id, segment.calls, segment.slow_calls, segment.total_ms, detail.max_ms,
       detail.rows_examined, detail.rows_returned, detail.blocks_hit, detail.blocks_read, detail.lock_us,
       detail.temp_tables, detail.temp_disk_tables, detail.sort_passes, detail.no_index_calls, detail.errors,
       segment.fingerprint_ids,
       segment.fingerprint_ms, detail.fingerprint_calls, detail.fingerprint_slow_calls, detail.fingerprint_max_ms,
       detail.fingerprint_rows_examined, detail.fingerprint_rows_returned, detail.fingerprint_lock_us
FROM unnest($3::bigint[], $4::timestamptz[]) AS span (width_s, start_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one interval after another, by the key, whatever number the planner expects
    SELECT database_connection_id, calls, slow_calls, total_ms, fingerprint_ids,
           CASE WHEN $9::int & 1 <> 0 THEN fingerprint_ms END AS fingerprint_ms
    FROM query_segments
    WHERE width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS segment
LEFT JOIN LATERAL (
    SELECT max_ms, rows_examined, rows_returned, blocks_hit, blocks_read, lock_us, temp_tables, temp_disk_tables,
           sort_passes, no_index_calls, errors,
           CASE WHEN $9::int & 2 <> 0 THEN fingerprint_calls END AS fingerprint_calls,
           CASE WHEN $9::int & 4 <> 0 THEN fingerprint_slow_calls END AS fingerprint_slow_calls,
           CASE WHEN $9::int & 8 <> 0 THEN fingerprint_max_ms END AS fingerprint_max_ms,
           CASE WHEN $9::int & 8 <> 0 THEN fingerprint_rows_examined END AS fingerprint_rows_examined,
           CASE WHEN $9::int & 8 <> 0 THEN fingerprint_rows_returned END AS fingerprint_rows_returned,
           CASE WHEN $9::int & 32 <> 0 THEN fingerprint_lock_us END AS fingerprint_lock_us
    FROM query_segment_details
    WHERE $9::int & 62 <> 0 AND width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = segment.database_connection_id
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS detail ON true
UNION ALL
SELECT metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms, metric.max_ms,
       greatest(metric.rows_examined, metric.counter_examined), metric.rows_returned, metric.blocks_hit,
       metric.blocks_read, coalesce(greatest(metric.lock_us, metric.counter_lock_us), 0),
       coalesce(metric.temp_tables, 0), coalesce(metric.temp_disk_tables, 0), coalesce(metric.sort_passes, 0),
       coalesce(metric.no_index_calls, 0), coalesce(metric.errors, 0),
       int4send(known.fingerprint_id), float8send(metric.total_ms), int8send(metric.calls), int8send(metric.slow_calls),
       float8send(metric.max_ms), int8send(greatest(metric.rows_examined, metric.counter_examined)),
       int8send(metric.rows_returned), int8send(coalesce(greatest(metric.lock_us, metric.counter_lock_us), 0))
FROM query_fingerprint_metrics AS metric
JOIN query_segment_fingerprints AS known
    ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
WHERE $5::timestamptz < $6::timestamptz -- else nothing is opened
  AND metric.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND metric.resolution_s = 300 AND metric.bucket_at >= $5::timestamptz AND metric.bucket_at < $6::timestamptz
  AND metric.organization_id = $1::bigint -- scope
UNION ALL
SELECT metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms, metric.max_ms,
       greatest(metric.rows_examined, metric.counter_examined), metric.rows_returned, metric.blocks_hit,
       metric.blocks_read, coalesce(greatest(metric.lock_us, metric.counter_lock_us), 0),
       coalesce(metric.temp_tables, 0), coalesce(metric.temp_disk_tables, 0), coalesce(metric.sort_passes, 0),
       coalesce(metric.no_index_calls, 0), coalesce(metric.errors, 0),
       int4send(known.fingerprint_id), float8send(metric.total_ms), int8send(metric.calls), int8send(metric.slow_calls),
       float8send(metric.max_ms), int8send(greatest(metric.rows_examined, metric.counter_examined)),
       int8send(metric.rows_returned), int8send(coalesce(greatest(metric.lock_us, metric.counter_lock_us), 0))
FROM query_fingerprint_metrics AS metric
JOIN query_segment_fingerprints AS known
    ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
WHERE $7::timestamptz < $8::timestamptz -- else nothing is opened
  AND metric.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND metric.resolution_s = 300 AND metric.bucket_at >= $7::timestamptz AND metric.bucket_at < $8::timestamptz
  AND metric.organization_id = $1::bigint -- scope
