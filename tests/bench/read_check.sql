-- Checks that the sums of read_data.sql are equal to those of ingest and the fold: writes a day of one connection
-- again, as deltas of another organization, and compares the sums after they are folded.
INSERT INTO organizations (name) VALUES ('bench check') ON CONFLICT DO NOTHING;
DELETE FROM query_fingerprint_metrics WHERE organization_id = (SELECT id FROM organizations WHERE name = 'bench check');
DELETE FROM query_metrics WHERE organization_id = (SELECT id FROM organizations WHERE name = 'bench check');
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, sample_calls, sample_ms,
                           max_ms, rows_examined, rows_returned, histogram)
SELECT (SELECT id FROM organizations WHERE name = 'bench check'), database_connection_id, sql_hash, fine_at, sum(calls),
       sum(ms), max(max_ms), sum(rows_examined), sum(rows_returned), array_agg(bin << 40 | calls ORDER BY bin)
FROM (SELECT database_connection_id, sql_hash, date_bin('5 minutes', captured_at, '2000-01-01 00:00+00') AS fine_at,
             histogram_bin(duration_ms)::bigint AS bin, count(*) AS calls,
             sum(round(duration_ms * 16384) / 16384) AS ms,
             max(duration_ms) AS max_ms, sum(rows_examined)::bigint AS rows_examined,
             sum(rows_returned)::bigint AS rows_returned
      FROM slow_queries_raw
      WHERE organization_id = (SELECT organization_id FROM bench.settings)
        AND database_connection_id = (SELECT min(id) FROM database_connections WHERE name LIKE 'bench %')
        AND captured_at >= (SELECT date_trunc('day', to_at) - interval '3 days' FROM bench.settings)
        AND captured_at < (SELECT date_trunc('day', to_at) - interval '2 days' FROM bench.settings)
      GROUP BY 1, 2, 3, 4) AS bins
GROUP BY database_connection_id, sql_hash, fine_at;
-- then
WITH day AS (
    SELECT date_trunc('day', to_at) - interval '3 days' AS from_at,
           date_trunc('day', to_at) - interval '2 days' AS to_at, organization_id,
           (SELECT min(id) FROM database_connections WHERE name LIKE 'bench %') AS connection_id,
           (SELECT id FROM organizations WHERE name = 'bench check') AS check_id
    FROM bench.settings
), made AS (
    SELECT sql_hash, resolution_s, bucket_at, sample_calls, sample_ms, max_ms, rows_examined, rows_returned,
           counter_rows, sample_rows, calls, slow_calls, total_ms, histogram
    FROM query_fingerprint_metrics AS metric, day WHERE metric.organization_id = check_id
    UNION ALL
    SELECT NULL, resolution_s, bucket_at, sample_calls, sample_ms, NULL, NULL, NULL, NULL, NULL, calls,
           slow_calls, total_ms, histogram
    FROM query_metrics AS metric, day WHERE metric.organization_id = check_id
), loaded AS (
    SELECT sql_hash, resolution_s, bucket_at, sample_calls, sample_ms, max_ms, rows_examined, rows_returned,
           counter_rows, sample_rows, calls, slow_calls, total_ms, histogram
    FROM query_fingerprint_metrics AS metric, day
    WHERE metric.organization_id = day.organization_id AND database_connection_id = connection_id
      AND bucket_at >= from_at
      AND bucket_at < day.to_at
    UNION ALL
    SELECT NULL, resolution_s, bucket_at, sample_calls, sample_ms, NULL, NULL, NULL, NULL, NULL, calls,
           slow_calls, total_ms, histogram
    FROM query_metrics AS metric, day
    WHERE metric.organization_id = day.organization_id AND database_connection_id = connection_id
      AND bucket_at >= from_at
      AND bucket_at < day.to_at
)
SELECT (SELECT count(*) FROM made),
       (SELECT count(*) FROM ((TABLE made EXCEPT TABLE loaded)
                              UNION ALL (TABLE loaded EXCEPT TABLE made)) AS different);
