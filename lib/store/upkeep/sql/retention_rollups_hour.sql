-- Hours of before $1 that lie in no partition of their own, at most $2.
DELETE FROM query_fingerprint_metrics_1h_default
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_fingerprint_metrics_1h_default WHERE bucket_at < $1::timestamptz LIMIT $2::int))
