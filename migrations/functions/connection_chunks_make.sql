-- Builds the chunks of connections, with the same parameters as query_chunks_make(). Changed ones are those of
-- connection_chunks_stale.
CREATE OR REPLACE FUNCTION connection_chunks_make(bucket bigint, from_at timestamptz, to_at timestamptz,
                                                  only_changed boolean, chosen text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        INSERT INTO connection_chunks AS known (organization_id, bucket_s, start_at, database_connection_id, sums)
        SELECT organization_id, $1, start_at, database_connection_id,
               string_agg(int4send(bucket_index) || int8send(calls) || int8send(slow_calls) || float8send(total_ms), ''
                          ORDER BY bucket_index)
        FROM (SELECT metric.organization_id, metric.database_connection_id, metric.calls, metric.slow_calls,
                     metric.total_ms, block.start_at,
                     (extract(epoch FROM metric.bucket_at - block.start_at)::bigint / $1)::int AS bucket_index
              FROM %s) AS bucket
        GROUP BY organization_id, start_at, database_connection_id
        ORDER BY organization_id, start_at, database_connection_id
        ON CONFLICT (organization_id, bucket_s, start_at, database_connection_id) DO UPDATE
        SET sums = known.sums || excluded.sums $sql$,
        CASE WHEN only_changed THEN $sql$
            connection_chunks_stale AS stale
            CROSS JOIN LATERAL (SELECT stale.start_at) AS block
            CROSS JOIN LATERAL (
                SELECT * FROM query_metrics AS metric
                WHERE metric.organization_id = stale.organization_id
                  AND metric.database_connection_id = stale.database_connection_id AND metric.resolution_s = $1
                  AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $2) AND metric.bucket_at < $4
                OFFSET 0) AS metric
            WHERE stale.bucket_s = $1 $sql$
        ELSE $sql$
            query_metrics AS metric
            CROSS JOIN LATERAL (SELECT segment_start($2, metric.bucket_at) AS start_at) AS block
            WHERE metric.resolution_s = $1 AND metric.bucket_at >= $3 AND metric.bucket_at < $4
              AND $sql$ || chosen END)
    USING bucket, connection_chunk_s(bucket), from_at, to_at;
END $$;
