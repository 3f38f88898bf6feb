-- Deletes at most $2 sums by tag of hours before $1.
DELETE FROM query_tag_metrics
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_tag_metrics WHERE bucket_at < $1::timestamptz LIMIT $2::int))
