-- Builds the segments of connections, with the same parameters as query_segments_make().
CREATE OR REPLACE FUNCTION connection_segments_make(width bigint, resolution int, from_at timestamptz,
                                                    to_at timestamptz, only_changed boolean, chosen text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        INSERT INTO connection_segments (organization_id, width_s, start_at, database_connection_id, calls, slow_calls,
                                         total_ms, histogram)
        WITH metrics AS (
            SELECT metric.organization_id, %s AS start_at, metric.database_connection_id, metric.calls,
                   metric.slow_calls, metric.total_ms,
                   metric.histogram
            FROM %s
        ), sums AS (
            SELECT organization_id, start_at, database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
                   least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms
            FROM metrics GROUP BY organization_id, start_at, database_connection_id
        ), bins AS (
            SELECT organization_id, start_at, database_connection_id, entry >> 40 AS bin,
                   sum((entry & 1099511627775)::float8) AS count
            FROM metrics CROSS JOIN LATERAL unnest(histogram) AS entry
            GROUP BY organization_id, start_at, database_connection_id, bin
        ), histograms AS (
            SELECT organization_id, start_at, database_connection_id,
                   string_agg(histogram_entry_bytes(bin << 40 | least(count, 1099511627775)::bigint), '' ORDER BY bin)
                       AS histogram
            FROM bins GROUP BY organization_id, start_at, database_connection_id
        )
        SELECT organization_id, $1, start_at, database_connection_id, calls, slow_calls, total_ms, histogram
        FROM sums LEFT JOIN histograms USING (organization_id, start_at, database_connection_id)
        ORDER BY organization_id, start_at, database_connection_id $sql$,
        CASE WHEN only_changed THEN 'stale.start_at' ELSE 'segment_start($1, metric.bucket_at)' END,
        CASE WHEN only_changed THEN $sql$
            query_segments_stale AS stale
            CROSS JOIN LATERAL (
                SELECT * FROM query_metrics AS metric
                WHERE metric.organization_id = stale.organization_id
                  AND metric.database_connection_id = stale.database_connection_id AND metric.resolution_s = $2
                  AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $1)
                OFFSET 0) AS metric
            WHERE stale.width_s = $1 $sql$
        ELSE $sql$
            query_metrics AS metric
            WHERE metric.resolution_s = $2 AND metric.bucket_at >= $3 AND metric.bucket_at < $4
              AND $sql$ || chosen END)
    USING width, resolution, from_at, to_at;
END $$;
