-- Rebuild the sums of samples in the rollups of connection $2 of organization $1, for whole days from $3 to $4.
-- Five-minute rows before $5 and hourly rows before $6 are no longer kept, so they are not made. Sums of counters are
-- not changed. Deltas of samples that are not folded yet, set aside or not, are deleted, because this statement reads
-- them and their samples in one snapshot. The caller holds the lock of the fold. Days whose samples retention has begun
-- to delete, maybe after rollup_rebuild_days.sql listed them, are left alone.
-- returns: change_count bigint, sample_count bigint
WITH whole AS (
    SELECT coalesce((SELECT mark.until
                     FROM retention_marks AS mark
                     JOIN database_connections AS connection ON connection.organization_id = $1::bigint
                         AND connection.id = $2::bigint
                     WHERE mark.name = CASE WHEN connection.is_legacy AND connection.agent_token_hash IS NULL
                                            THEN 'legacy' ELSE 'samples' END),
                    '-infinity') AS since
), unfolded AS (
    DELETE FROM rollup_deltas
    WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND sample_calls > 0
      AND bucket_at >= $3::timestamptz AND bucket_at < $4::timestamptz AND bucket_at >= (SELECT since FROM whole)
), unfolded_aside AS (
    DELETE FROM rollup_deltas_set_aside
    WHERE organization_id = $1 AND database_connection_id = $2 AND sample_calls > 0
      AND bucket_at >= $3 AND bucket_at < $4 AND bucket_at >= (SELECT since FROM whole)
    RETURNING 1
), aside AS (
    UPDATE rollup_set_aside SET deltas = deltas - (SELECT count(*) FROM unfolded_aside)
    WHERE organization_id = $1 AND database_connection_id = $2
), fine AS (
    SELECT sql_hash, date_bin('5 minutes', captured_at, '2000-01-01 00:00:00+00') AS bucket_at,
           histogram_bin(duration_ms)::bigint AS bin, count(*) AS calls,
           sum(round(greatest(least(duration_ms, 1e15), 0) * 16384) / 16384) AS total_ms,
           max(greatest(least(duration_ms, 1e15), 0)) AS max_ms,
           sum(greatest(rows_examined, 0)) AS rows_examined, sum(greatest(rows_returned, 0)) AS rows_returned,
           sum(greatest(lock_us, 0)) AS lock_us
    FROM slow_queries_raw
    WHERE organization_id = $1 AND database_connection_id = $2 AND captured_at >= $3 AND captured_at < $4
      AND captured_at >= (SELECT since FROM whole)
    GROUP BY sql_hash, bucket_at, bin
), resolutions AS (
    SELECT seconds, kept_from
    FROM (VALUES (300, $5::timestamptz), (3600, $6::timestamptz),
          (86400, '-infinity')) AS resolution (seconds, kept_from)
), bins AS (
    SELECT sql_hash, seconds AS resolution_s,
           date_bin(make_interval(secs => seconds), bucket_at, '2000-01-01 00:00:00+00') AS bucket_at, bin,
           sum(calls) AS calls, sum(total_ms) AS total_ms, max(max_ms) AS max_ms, sum(rows_examined) AS rows_examined,
           sum(rows_returned) AS rows_returned, sum(lock_us) AS lock_us
    FROM fine CROSS JOIN resolutions
    WHERE bucket_at >= kept_from
    GROUP BY 1, 2, 3, 4
), made AS (
    SELECT sql_hash, resolution_s, bucket_at, sum(calls)::bigint AS calls, sum(total_ms) AS total_ms,
           max(max_ms) AS max_ms, least(coalesce(sum(rows_examined), 0), 9e18)::bigint AS rows_examined,
           least(coalesce(sum(rows_returned), 0), 9e18)::bigint AS rows_returned,
           nullif(least(coalesce(sum(lock_us), 0), 9e18)::bigint, 0) AS lock_us,
           array_agg(bin << 40 | least(calls, 1099511627775)::bigint ORDER BY bin) AS histogram
    FROM bins
    GROUP BY sql_hash, resolution_s, bucket_at
), removed AS (
    DELETE FROM query_fingerprint_metrics AS known
    WHERE known.organization_id = $1 AND known.database_connection_id = $2 AND known.bucket_at >= $3
      AND known.bucket_at < $4
      AND known.bucket_at >= (SELECT since FROM whole)
      AND known.counter_calls = 0
      AND NOT EXISTS (SELECT FROM made WHERE made.sql_hash = known.sql_hash AND made.resolution_s = known.resolution_s
                                         AND made.bucket_at = known.bucket_at)
      AND known.bucket_at >= (SELECT kept_from FROM resolutions WHERE seconds = known.resolution_s)
    RETURNING 1
), emptied AS (
    UPDATE query_fingerprint_metrics AS known
    SET sample_calls = 0, sample_ms = 0, max_ms = counter_max_ms, rows_examined = 0, rows_returned = counter_rows,
        sample_rows = 0, lock_us = NULL, histogram = NULL
    WHERE known.organization_id = $1 AND known.database_connection_id = $2 AND known.bucket_at >= $3
      AND known.bucket_at < $4
      AND known.bucket_at >= (SELECT since FROM whole)
      AND known.counter_calls > 0 AND known.sample_calls > 0
      AND NOT EXISTS (SELECT FROM made WHERE made.sql_hash = known.sql_hash AND made.resolution_s = known.resolution_s
                                         AND made.bucket_at = known.bucket_at)
      AND known.bucket_at >= (SELECT kept_from FROM resolutions WHERE seconds = known.resolution_s)
    RETURNING 1
), written AS (
    INSERT INTO query_fingerprint_metrics AS known
           (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, counter_rows,
            sample_rows, blocks_hit, blocks_read, lock_us, histogram)
    SELECT $1, $2, sql_hash, resolution_s, bucket_at, 0, 0, 0, calls, total_ms, max_ms, rows_examined, rows_returned, 0,
           rows_returned, 0, 0, lock_us, histogram
    FROM made
    ORDER BY resolution_s, bucket_at, sql_hash
    ON CONFLICT (organization_id, database_connection_id, bucket_at, sql_hash, resolution_s) DO UPDATE
    SET sample_calls = excluded.sample_calls, sample_ms = excluded.sample_ms,
        max_ms = greatest(excluded.max_ms, known.counter_max_ms),
        rows_examined = excluded.rows_examined,
        rows_returned = CASE WHEN known.counter_calls > 0 THEN known.counter_rows ELSE excluded.sample_rows END,
        sample_rows = excluded.sample_rows, lock_us = excluded.lock_us, histogram = excluded.histogram
    WHERE (known.sample_calls, known.sample_ms, known.max_ms, known.rows_examined, known.sample_rows, known.lock_us,
           known.histogram)
          IS DISTINCT FROM (excluded.sample_calls, excluded.sample_ms, greatest(excluded.max_ms, known.counter_max_ms),
                            excluded.rows_examined, excluded.sample_rows, excluded.lock_us, excluded.histogram)
    RETURNING 1
), connection_made AS (
    SELECT resolution_s, bucket_at, sum(calls)::bigint AS calls, sum(total_ms) AS total_ms,
           array_agg(bin << 40 | least(calls, 1099511627775)::bigint ORDER BY bin) AS histogram
    FROM (SELECT resolution_s, bucket_at, bin, sum(calls) AS calls, sum(total_ms) AS total_ms
          FROM bins GROUP BY resolution_s, bucket_at, bin) AS bin
    GROUP BY resolution_s, bucket_at
), connection_removed AS (
    DELETE FROM query_metrics AS known
    WHERE known.organization_id = $1 AND known.database_connection_id = $2 AND known.bucket_at >= $3
      AND known.bucket_at < $4
      AND known.bucket_at >= (SELECT since FROM whole)
      AND known.counter_calls = 0
      AND NOT EXISTS (SELECT FROM connection_made AS made
                      WHERE made.resolution_s = known.resolution_s AND made.bucket_at = known.bucket_at)
      AND known.bucket_at >= (SELECT kept_from FROM resolutions WHERE seconds = known.resolution_s)
    RETURNING 1
), connection_emptied AS (
    UPDATE query_metrics AS known SET sample_calls = 0, sample_ms = 0, histogram = NULL
    WHERE known.organization_id = $1 AND known.database_connection_id = $2 AND known.bucket_at >= $3
      AND known.bucket_at < $4
      AND known.bucket_at >= (SELECT since FROM whole)
      AND known.counter_calls > 0 AND known.sample_calls > 0
      AND NOT EXISTS (SELECT FROM connection_made AS made
                      WHERE made.resolution_s = known.resolution_s AND made.bucket_at = known.bucket_at)
      AND known.bucket_at >= (SELECT kept_from FROM resolutions WHERE seconds = known.resolution_s)
    RETURNING 1
), connection_written AS (
    INSERT INTO query_metrics AS known
           (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms, histogram)
    SELECT $1, $2, resolution_s, bucket_at, 0, 0, 0, calls, total_ms, histogram
    FROM connection_made
    ON CONFLICT (organization_id, database_connection_id, resolution_s, bucket_at) DO UPDATE
    SET sample_calls = excluded.sample_calls, sample_ms = excluded.sample_ms, histogram = excluded.histogram
    WHERE (known.sample_calls, known.sample_ms, known.histogram)
          IS DISTINCT FROM (excluded.sample_calls, excluded.sample_ms, excluded.histogram)
    RETURNING 1
), changes AS (
    SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM emptied) + (SELECT count(*) FROM written)
           + (SELECT count(*) FROM connection_removed) + (SELECT count(*) FROM connection_emptied)
           + (SELECT count(*) FROM connection_written) AS count
), versions AS (
    UPDATE organizations SET data_version = data_version + 1 WHERE id = $1 AND (SELECT count FROM changes) > 0
)
SELECT changes.count AS change_count, coalesce((SELECT sum(calls)::bigint FROM fine), 0) AS sample_count FROM changes
