-- What connections ran: their segments of some intervals, and five-minute rollups of two periods.
-- $1 organization, $2 chosen connections; $3, $4 widths and starts of the intervals;
-- $5 to $6 and $7 to $8 the periods; $9 whether distributions are wanted.
-- returns: database_connection_id bigint, calls bigint, slow_calls bigint, total_ms float8, histogram_bytes bytea,
--   histogram_array bigint[]
SELECT segment.database_connection_id, segment.calls, segment.slow_calls, segment.total_ms,
       segment.histogram AS histogram_bytes, NULL::bigint[] AS histogram_array
FROM unnest($3::bigint[], $4::timestamptz[]) AS span (width_s, start_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one interval after another, by the key, whatever number the planner expects
    SELECT database_connection_id, calls, slow_calls, total_ms, CASE WHEN $9::bool THEN histogram END AS histogram
    FROM connection_segments
    WHERE width_s = span.width_s AND start_at = span.start_at
      AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS segment
UNION ALL
SELECT database_connection_id, calls, slow_calls, total_ms, NULL, CASE WHEN $9::bool THEN histogram END
FROM query_metrics
WHERE $5::timestamptz < $6::timestamptz -- else nothing is opened
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND resolution_s = 300 AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz
  AND organization_id = $1::bigint -- scope
UNION ALL
SELECT database_connection_id, calls, slow_calls, total_ms, NULL, CASE WHEN $9::bool THEN histogram END
FROM query_metrics
WHERE $7::timestamptz < $8::timestamptz -- else nothing is opened
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND resolution_s = 300 AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
  AND organization_id = $1::bigint -- scope
