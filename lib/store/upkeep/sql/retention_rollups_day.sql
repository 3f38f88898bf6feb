-- Deletes at most $2 daily rows older than $1; the table has no partitions that could be dropped.
DELETE FROM query_fingerprint_metrics_1d
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_fingerprint_metrics_1d WHERE bucket_at < $1::timestamptz LIMIT $2::int))
