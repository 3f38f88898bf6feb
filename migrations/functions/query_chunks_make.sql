-- Adds to chunks the buckets of one width in [from_at, to_at): hours or days that are over and that no chunk holds yet,
-- of the connections that `chosen` names (a condition on metric). only_changed: builds the
-- chunks of query_chunks_stale up to to_at instead; the caller has deleted what was there before.
CREATE OR REPLACE FUNCTION query_chunks_make(bucket bigint, from_at timestamptz, to_at timestamptz,
                                             only_changed boolean, chosen text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    chunk   CONSTANT bigint := query_chunk_s(bucket);
    buckets CONSTANT text := $sql$
        SELECT organization_id, sql_hash, $1 AS bucket_s, start_at, database_connection_id,
               string_agg(int4send(bucket_index) || int8send(calls) || int8send(slow_calls) || float8send(total_ms), ''
                          ORDER BY bucket_index) AS sums,
               string_agg(int8send(rows_examined) || int8send(rows_returned) || int8send(blocks_hit)
                          || int8send(blocks_read) || int8send(lock_us) || int8send(temp_tables)
                          || int8send(temp_disk_tables) || int8send(sort_passes) || int8send(no_index_calls)
                          || int8send(errors) || float8send(max_ms), '' ORDER BY bucket_index) AS details,
               coalesce(string_agg(int4send(bucket_index) || int4send(length(histogram)) || histogram, ''
                                   ORDER BY bucket_index), '') AS histograms
        FROM (SELECT metric.organization_id, metric.sql_hash, metric.database_connection_id, metric.calls,
                     metric.slow_calls, metric.total_ms,
                     greatest(metric.rows_examined, metric.counter_examined) AS rows_examined, metric.rows_returned,
                     metric.blocks_hit, metric.blocks_read,
                     coalesce(greatest(metric.lock_us, metric.counter_lock_us), 0) AS lock_us,
                     coalesce(metric.temp_tables, 0) AS temp_tables,
                     coalesce(metric.temp_disk_tables, 0) AS temp_disk_tables,
                     coalesce(metric.sort_passes, 0) AS sort_passes,
                     coalesce(metric.no_index_calls, 0) AS no_index_calls, coalesce(metric.errors, 0) AS errors,
                     metric.max_ms, histogram_bytes(metric.histogram) AS histogram,
                     block.start_at,
                     (extract(epoch FROM metric.bucket_at - block.start_at)::bigint / $1)::int AS bucket_index
              FROM %s) AS bucket
        GROUP BY organization_id, sql_hash, start_at, database_connection_id
        ORDER BY organization_id, sql_hash, start_at, database_connection_id $sql$;
    columns CONSTANT text :=
        '(organization_id, sql_hash, bucket_s, start_at, database_connection_id, sums, details, histograms)';
BEGIN
    IF only_changed THEN
        EXECUTE 'INSERT INTO query_chunks ' || columns || format(buckets, $sql$
            query_chunks_stale AS stale
            CROSS JOIN LATERAL (SELECT stale.start_at) AS block
            CROSS JOIN LATERAL (
                SELECT * FROM query_fingerprint_metrics AS metric
                WHERE metric.organization_id = stale.organization_id AND metric.sql_hash = stale.sql_hash
                  AND metric.database_connection_id = stale.database_connection_id AND metric.resolution_s = $1
                  AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $2)
                  AND metric.bucket_at < $4
                OFFSET 0) AS metric
            WHERE stale.bucket_s = $1 $sql$)
        USING bucket, chunk, from_at, to_at;
    ELSE
        EXECUTE 'INSERT INTO query_chunks AS known ' || columns || format(buckets, $sql$
            query_fingerprint_metrics AS metric
            CROSS JOIN LATERAL (SELECT segment_start($2, metric.bucket_at) AS start_at) AS block
            WHERE metric.resolution_s = $1 AND metric.bucket_at >= $3 AND metric.bucket_at < $4
              AND $sql$ || chosen) || $sql$
            ON CONFLICT (organization_id, sql_hash, bucket_s, start_at, database_connection_id) DO UPDATE
            SET sums = known.sums || excluded.sums, details = known.details || excluded.details,
                histograms = known.histograms || excluded.histograms $sql$
        USING bucket, chunk, from_at, to_at;
    END IF;
END $$;
