-- What connections ran: their segments of some intervals, and five-minute rollups of two periods.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6, $7 widths and starts of the intervals; $8 to $9 and $10 to $11 the periods; $12 whether distributions are wanted.
-- returns: database_connection_id bigint, calls bigint, slow_calls bigint, total_ms float8, histogram_bytes bytea,
--   histogram_array bigint[]
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT segment.database_connection_id, segment.calls, segment.slow_calls, segment.total_ms,
       segment.histogram AS histogram_bytes, NULL::bigint[] AS histogram_array
FROM unnest($6::bigint[], $7::timestamptz[]) AS span (width_s, start_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one interval after another, by the key, whatever number the planner expects
    SELECT database_connection_id, calls, slow_calls, total_ms, CASE WHEN $12::bool THEN histogram END AS histogram
    FROM connection_segments
    WHERE width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS segment
UNION ALL
SELECT database_connection_id, calls, slow_calls, total_ms, NULL, CASE WHEN $12::bool THEN histogram END
FROM query_metrics
WHERE $8::timestamptz < $9::timestamptz -- else nothing is opened
  AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND resolution_s = 300 AND bucket_at >= $8::timestamptz AND bucket_at < $9::timestamptz
  AND organization_id = $1::bigint -- scope
UNION ALL
SELECT database_connection_id, calls, slow_calls, total_ms, NULL, CASE WHEN $12::bool THEN histogram END
FROM query_metrics
WHERE $10::timestamptz < $11::timestamptz -- else nothing is opened
  AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND resolution_s = 300 AND bucket_at >= $10::timestamptz AND bucket_at < $11::timestamptz
  AND organization_id = $1::bigint -- scope
