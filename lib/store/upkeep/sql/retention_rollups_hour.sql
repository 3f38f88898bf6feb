-- Deletes at most $2 hourly rows older than $1 from the default partition.
DELETE FROM query_fingerprint_metrics_1h_default
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_fingerprint_metrics_1h_default
                         WHERE bucket_at < $1::timestamptz LIMIT $2::int))
