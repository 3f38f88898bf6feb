-- Makes the partitions of the coming days and months.
-- returns: made_count int
SELECT ensure_sample_partitions(today - 1, today + 7)
       + ensure_partitions('metrics_mongodb', 'time', 'day', today - 1, today + 7)
       + ensure_partitions('query_fingerprint_metrics_5m', 'bucket_at', 'day', today - 1, today + 3)
       + ensure_partitions('query_fingerprint_metrics_1h', 'bucket_at', 'month', today - 1, today + 40)
       + ensure_partitions('session_waits_5m', 'bucket_at', 'day', today - 1, today + 3)
       + ensure_partitions('session_waits_1h', 'bucket_at', 'month', today - 1, today + 40) AS made_count
FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS now
