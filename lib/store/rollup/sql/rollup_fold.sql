-- Take deltas away and add them to the rollups of all three resolutions, for each fingerprint and for each connection:
-- of each connection in $1 at most as many as $2 has at its place, the newest first, whose time is in [$3, $4). Those
-- of the connections $5, which are set aside, are left. Numbers from outside are limited to the range of their types,
-- so that nobody's data can stop the fold. Planned each time: a plan that was made while few deltas waited compares
-- each delta of a pile with each one that is picked.
-- Rows are written in the order of their keys. A delta comes from a counter or from a sample, never from both.
-- Histograms come from samples alone (lib/facts/histogram.h); their entries are added up bin by bin. The longest
-- execution that counters tell is kept beside the longest of both, since samples can be read again and counters not. So
-- are rows examined and the time of waiting for locks, which both tell. What few servers tell is NULL instead of 0.
-- Measures come from counters alone (lib/facts/measures.h); their entries are added up likewise, but for the first one,
-- whose bits say which are known.
-- returns: folded_count bigint
WITH folded AS (
    DELETE FROM rollup_deltas AS delta
    WHERE delta.ctid = ANY (ARRAY(
        SELECT picked.place
        FROM unnest($1::bigint[], $2::bigint[]) AS piece (connection_id, rows_max)
        CROSS JOIN LATERAL (
            SELECT ctid AS place FROM rollup_deltas
            WHERE database_connection_id = piece.connection_id
              AND bucket_at >= $3::timestamptz AND bucket_at < $4::timestamptz
            ORDER BY bucket_at DESC LIMIT piece.rows_max) AS picked
        WHERE piece.connection_id <> ALL ($5::bigint[])))
    RETURNING delta.organization_id, delta.database_connection_id, delta.sql_hash, delta.bucket_at,
              greatest(delta.counter_calls, 0) AS counter_calls,
              greatest(least(delta.counter_ms, 1e15::float8), 0) AS counter_ms,
              greatest(delta.counter_slow_calls, 0) AS counter_slow_calls,
              greatest(delta.sample_calls, 0) AS sample_calls,
              greatest(least(delta.sample_ms, 1e15::float8), 0) AS sample_ms,
              greatest(least(delta.max_ms, 1e15::float8), 0) AS max_ms,
              greatest(delta.rows_examined, 0) AS rows_examined, greatest(delta.rows_returned, 0) AS rows_returned,
              greatest(delta.blocks_hit, 0) AS blocks_hit, greatest(delta.blocks_read, 0) AS blocks_read,
              greatest(delta.lock_us, 0) AS lock_us, greatest(delta.temp_tables, 0) AS temp_tables,
              greatest(delta.temp_disk_tables, 0) AS temp_disk_tables,
              greatest(delta.sort_passes, 0) AS sort_passes, greatest(delta.no_index_calls, 0) AS no_index_calls,
              greatest(delta.errors, 0) AS errors, delta.histogram, delta.measures
), fine AS (
    SELECT organization_id, database_connection_id, sql_hash, bucket_at,
           sum(counter_calls) AS counter_calls, sum(counter_ms) AS counter_ms,
           sum(counter_slow_calls) AS counter_slow_calls, sum(sample_calls) AS sample_calls,
           sum(sample_ms) AS sample_ms, max(max_ms) AS max_ms,
           coalesce(max(max_ms) FILTER (WHERE sample_calls = 0), 0) AS counter_max_ms,
           sum(rows_examined) FILTER (WHERE sample_calls > 0) AS rows_examined,
           sum(rows_examined) FILTER (WHERE sample_calls = 0) AS counter_examined,
           sum(rows_returned) FILTER (WHERE sample_calls = 0) AS counter_rows,
           sum(rows_returned) FILTER (WHERE sample_calls > 0) AS sample_rows, sum(blocks_hit) AS blocks_hit,
           sum(blocks_read) AS blocks_read, sum(lock_us) FILTER (WHERE sample_calls > 0) AS lock_us,
           sum(lock_us) FILTER (WHERE sample_calls = 0) AS counter_lock_us, sum(temp_tables) AS temp_tables,
           sum(temp_disk_tables) AS temp_disk_tables, sum(sort_passes) AS sort_passes,
           sum(no_index_calls) AS no_index_calls, sum(errors) AS errors
    FROM folded
    GROUP BY organization_id, database_connection_id, sql_hash, bucket_at
), resolutions AS (
    SELECT seconds FROM (VALUES (300), (3600), (86400)) AS resolution (seconds)
), fine_bins AS (
    SELECT organization_id, database_connection_id, sql_hash, bucket_at, entry >> 40 AS bin,
           sum((entry & 1099511627775)::float8) AS count
    FROM folded CROSS JOIN LATERAL unnest(histogram) AS entry
    GROUP BY organization_id, database_connection_id, sql_hash, bucket_at, bin
), bins AS (
    SELECT organization_id, database_connection_id, sql_hash, seconds AS resolution_s,
           date_bin(make_interval(secs => seconds), bucket_at, '2000-01-01 00:00:00+00') AS bucket_at, bin,
           sum(count) AS count
    FROM fine_bins CROSS JOIN resolutions
    GROUP BY 1, 2, 3, 4, 5, 6
), histograms AS (
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at,
           array_agg(bin << 40 | least(count, 1099511627775)::bigint ORDER BY bin) AS histogram
    FROM bins
    GROUP BY organization_id, database_connection_id, sql_hash, resolution_s, bucket_at
), fine_measures AS (
    SELECT organization_id, database_connection_id, sql_hash, bucket_at, entry >> 56 AS measure,
           CASE WHEN entry >> 56 = 0 THEN bit_or(entry)
                ELSE least(sum(entry & 72057594037927935), 72057594037927935)::bigint END AS amount
    FROM folded CROSS JOIN LATERAL unnest(measures) AS entry
    GROUP BY organization_id, database_connection_id, sql_hash, bucket_at, entry >> 56
), measure_sums AS (
    SELECT organization_id, database_connection_id, sql_hash, seconds AS resolution_s,
           date_bin(make_interval(secs => seconds), bucket_at, '2000-01-01 00:00:00+00') AS bucket_at, measure,
           CASE WHEN measure = 0 THEN bit_or(amount)
                ELSE least(sum(amount), 72057594037927935)::bigint END AS amount
    FROM fine_measures CROSS JOIN resolutions
    GROUP BY 1, 2, 3, 4, 5, 6
), measured AS (
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at,
           array_agg(measure << 56 | amount ORDER BY measure) AS measures
    FROM measure_sums
    GROUP BY organization_id, database_connection_id, sql_hash, resolution_s, bucket_at
), connection_histograms AS (
    SELECT organization_id, database_connection_id, resolution_s, bucket_at,
           array_agg(bin << 40 | least(count, 1099511627775)::bigint ORDER BY bin) AS histogram
    FROM (SELECT organization_id, database_connection_id, resolution_s, bucket_at, bin, sum(count) AS count
          FROM bins
          GROUP BY organization_id, database_connection_id, resolution_s, bucket_at, bin) AS bin
    GROUP BY organization_id, database_connection_id, resolution_s, bucket_at
), sums AS (
    SELECT organization_id, database_connection_id, sql_hash, seconds AS resolution_s,
           date_bin(make_interval(secs => seconds), bucket_at, '2000-01-01 00:00:00+00') AS bucket_at,
           least(sum(counter_calls), 9e18)::bigint AS counter_calls, sum(counter_ms) AS counter_ms,
           least(sum(counter_slow_calls), 9e18)::bigint AS counter_slow_calls,
           least(sum(sample_calls), 9e18)::bigint AS sample_calls, sum(sample_ms) AS sample_ms, max(max_ms) AS max_ms,
           max(counter_max_ms) AS counter_max_ms,
           least(coalesce(sum(rows_examined), 0), 9e18)::bigint AS rows_examined,
           nullif(least(coalesce(sum(counter_examined), 0), 9e18)::bigint, 0) AS counter_examined,
           least(coalesce(sum(counter_rows), 0), 9e18)::bigint AS counter_rows,
           least(coalesce(sum(sample_rows), 0), 9e18)::bigint AS sample_rows,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read,
           nullif(least(coalesce(sum(lock_us), 0), 9e18)::bigint, 0) AS lock_us,
           nullif(least(coalesce(sum(counter_lock_us), 0), 9e18)::bigint, 0) AS counter_lock_us,
           nullif(least(coalesce(sum(temp_tables), 0), 9e18)::bigint, 0) AS temp_tables,
           nullif(least(coalesce(sum(temp_disk_tables), 0), 9e18)::bigint, 0) AS temp_disk_tables,
           nullif(least(coalesce(sum(sort_passes), 0), 9e18)::bigint, 0) AS sort_passes,
           nullif(least(coalesce(sum(no_index_calls), 0), 9e18)::bigint, 0) AS no_index_calls,
           nullif(least(coalesce(sum(errors), 0), 9e18)::bigint, 0) AS errors
    FROM fine CROSS JOIN resolutions
    GROUP BY 1, 2, 3, 4, 5
), fingerprints AS (
    INSERT INTO query_fingerprint_metrics AS known
           (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, counter_rows,
            sample_rows, blocks_hit, blocks_read, counter_max_ms, counter_examined, lock_us, counter_lock_us,
            temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, histogram,
            measures)
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms,
           counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined,
           CASE WHEN counter_calls > 0 THEN counter_rows ELSE sample_rows END, counter_rows, sample_rows, blocks_hit,
           blocks_read, counter_max_ms, counter_examined, lock_us, counter_lock_us, temp_tables, temp_disk_tables,
           sort_passes, no_index_calls, errors, histogram, measures
    FROM sums
    LEFT JOIN histograms USING (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at)
    LEFT JOIN measured USING (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at)
    ORDER BY resolution_s, organization_id, database_connection_id, bucket_at, sql_hash
    ON CONFLICT (organization_id, database_connection_id, bucket_at, sql_hash, resolution_s) DO UPDATE
    SET counter_calls = least(known.counter_calls::numeric + excluded.counter_calls, 9e18)::bigint,
        counter_ms = known.counter_ms + excluded.counter_ms,
        counter_slow_calls = least(known.counter_slow_calls::numeric + excluded.counter_slow_calls, 9e18)::bigint,
        sample_calls = least(known.sample_calls::numeric + excluded.sample_calls, 9e18)::bigint,
        sample_ms = known.sample_ms + excluded.sample_ms,
        max_ms = greatest(known.max_ms, excluded.max_ms),
        counter_max_ms = greatest(known.counter_max_ms, excluded.counter_max_ms),
        rows_examined = least(known.rows_examined::numeric + excluded.rows_examined, 9e18)::bigint,
        rows_returned = CASE WHEN known.counter_calls > 0 OR excluded.counter_calls > 0
                             THEN least(known.counter_rows::numeric + excluded.counter_rows, 9e18)::bigint
                             ELSE least(known.sample_rows::numeric + excluded.sample_rows, 9e18)::bigint END,
        counter_rows = least(known.counter_rows::numeric + excluded.counter_rows, 9e18)::bigint,
        sample_rows = least(known.sample_rows::numeric + excluded.sample_rows, 9e18)::bigint,
        blocks_hit = least(known.blocks_hit::numeric + excluded.blocks_hit, 9e18)::bigint,
        blocks_read = least(known.blocks_read::numeric + excluded.blocks_read, 9e18)::bigint,
        counter_examined = sum_or_null(known.counter_examined, excluded.counter_examined),
        lock_us = sum_or_null(known.lock_us, excluded.lock_us),
        counter_lock_us = sum_or_null(known.counter_lock_us, excluded.counter_lock_us),
        temp_tables = sum_or_null(known.temp_tables, excluded.temp_tables),
        temp_disk_tables = sum_or_null(known.temp_disk_tables, excluded.temp_disk_tables),
        sort_passes = sum_or_null(known.sort_passes, excluded.sort_passes),
        no_index_calls = sum_or_null(known.no_index_calls, excluded.no_index_calls),
        errors = sum_or_null(known.errors, excluded.errors),
        histogram = CASE WHEN excluded.histogram IS NULL THEN known.histogram -- a call costs more than the sums
                         ELSE histogram_add(known.histogram, excluded.histogram) END,
        measures = CASE WHEN excluded.measures IS NULL THEN known.measures
                        WHEN known.measures IS NULL THEN excluded.measures
                        ELSE (SELECT array_agg(measure << 56 | CASE WHEN measure = 0 THEN bits ELSE amount END
                                               ORDER BY measure)
                              FROM (SELECT entry >> 56 AS measure, bit_or(entry) AS bits,
                                           least(sum(entry & 72057594037927935), 72057594037927935)::bigint AS amount
                                    FROM unnest(known.measures || excluded.measures) AS entry GROUP BY 1) AS sums) END
), connections AS (
    INSERT INTO query_metrics AS known
           (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms, histogram)
    SELECT organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
           counter_slow_calls, sample_calls, sample_ms, histogram
    FROM (SELECT organization_id, database_connection_id, resolution_s, bucket_at,
                 least(sum(counter_calls), 9e18)::bigint AS counter_calls, sum(counter_ms) AS counter_ms,
                 least(sum(counter_slow_calls), 9e18)::bigint AS counter_slow_calls,
                 least(sum(sample_calls), 9e18)::bigint AS sample_calls, sum(sample_ms) AS sample_ms
          FROM sums
          GROUP BY organization_id, database_connection_id, resolution_s, bucket_at) AS connection_sums
    LEFT JOIN connection_histograms USING (organization_id, database_connection_id, resolution_s, bucket_at)
    ORDER BY organization_id, database_connection_id, resolution_s, bucket_at
    ON CONFLICT (organization_id, database_connection_id, resolution_s, bucket_at) DO UPDATE
    SET counter_calls = least(known.counter_calls::numeric + excluded.counter_calls, 9e18)::bigint,
        counter_ms = known.counter_ms + excluded.counter_ms,
        counter_slow_calls = least(known.counter_slow_calls::numeric + excluded.counter_slow_calls, 9e18)::bigint,
        sample_calls = least(known.sample_calls::numeric + excluded.sample_calls, 9e18)::bigint,
        sample_ms = known.sample_ms + excluded.sample_ms,
        histogram = histogram_add(known.histogram, excluded.histogram)
), versions AS (
    UPDATE organizations SET data_version = data_version + 1
    WHERE id IN (SELECT organization_id FROM folded)
)
SELECT count(*) AS folded_count FROM folded
