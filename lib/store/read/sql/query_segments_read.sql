-- Segments of some intervals, and five-minute rollups of two periods as segments of one fingerprint each.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6, $7 widths and starts of the intervals; $8 to $9 and $10 to $11 the periods; $12 which values (enum segment_values).
-- returns: database_connection_id bigint, calls bigint, slow_calls bigint, total_ms float8, max_ms float8,
--   rows_examined bigint, rows_returned bigint, blocks_hit bigint, blocks_read bigint, fingerprint_ids bytea,
--   fingerprint_ms bytea, fingerprint_calls bytea, fingerprint_slow_calls bytea, fingerprint_max_ms bytea,
--   fingerprint_rows_examined bytea, fingerprint_rows_returned bytea
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT segment.database_connection_id, segment.calls, segment.slow_calls, segment.total_ms, detail.max_ms,
       detail.rows_examined, detail.rows_returned, detail.blocks_hit, detail.blocks_read, segment.fingerprint_ids,
       segment.fingerprint_ms, detail.fingerprint_calls, detail.fingerprint_slow_calls, detail.fingerprint_max_ms,
       detail.fingerprint_rows_examined, detail.fingerprint_rows_returned
FROM unnest($6::bigint[], $7::timestamptz[]) AS span (width_s, start_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one interval after another, by the key, whatever number the planner expects
    SELECT database_connection_id, calls, slow_calls, total_ms, fingerprint_ids,
           CASE WHEN $12::int & 1 <> 0 THEN fingerprint_ms END AS fingerprint_ms
    FROM query_segments
    WHERE width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS segment
LEFT JOIN LATERAL (
    SELECT max_ms, rows_examined, rows_returned, blocks_hit, blocks_read,
           CASE WHEN $12::int & 2 <> 0 THEN fingerprint_calls END AS fingerprint_calls,
           CASE WHEN $12::int & 4 <> 0 THEN fingerprint_slow_calls END AS fingerprint_slow_calls,
           CASE WHEN $12::int & 8 <> 0 THEN fingerprint_max_ms END AS fingerprint_max_ms,
           CASE WHEN $12::int & 8 <> 0 THEN fingerprint_rows_examined END AS fingerprint_rows_examined,
           CASE WHEN $12::int & 8 <> 0 THEN fingerprint_rows_returned END AS fingerprint_rows_returned
    FROM query_segment_details
    WHERE $12::int & 30 <> 0 AND width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = segment.database_connection_id
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS detail ON true
UNION ALL
SELECT metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms, metric.max_ms,
       metric.rows_examined, metric.rows_returned, metric.blocks_hit, metric.blocks_read,
       int4send(known.fingerprint_id), float8send(metric.total_ms), int8send(metric.calls), int8send(metric.slow_calls),
       float8send(metric.max_ms), int8send(metric.rows_examined), int8send(metric.rows_returned)
FROM query_fingerprint_metrics AS metric
JOIN query_segment_fingerprints AS known
    ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
WHERE $8::timestamptz < $9::timestamptz -- else nothing is opened
  AND metric.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND metric.resolution_s = 300 AND metric.bucket_at >= $8::timestamptz AND metric.bucket_at < $9::timestamptz
  AND metric.organization_id = $1::bigint -- scope
UNION ALL
SELECT metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms, metric.max_ms,
       metric.rows_examined, metric.rows_returned, metric.blocks_hit, metric.blocks_read,
       int4send(known.fingerprint_id), float8send(metric.total_ms), int8send(metric.calls), int8send(metric.slow_calls),
       float8send(metric.max_ms), int8send(metric.rows_examined), int8send(metric.rows_returned)
FROM query_fingerprint_metrics AS metric
JOIN query_segment_fingerprints AS known
    ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
WHERE $10::timestamptz < $11::timestamptz -- else nothing is opened
  AND metric.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND metric.resolution_s = 300 AND metric.bucket_at >= $10::timestamptz AND metric.bucket_at < $11::timestamptz
  AND metric.organization_id = $1::bigint -- scope
