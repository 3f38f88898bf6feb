-- Deletes at most $2 rows of connection_coverage from before $1.
DELETE FROM connection_coverage
WHERE ctid = ANY (ARRAY (SELECT ctid FROM connection_coverage WHERE bucket_at < $1::timestamptz LIMIT $2::int))
