-- Deletes at most $2 log files that nobody has looked at since $1.
DELETE FROM log_files
WHERE ctid = ANY (ARRAY (SELECT ctid FROM log_files WHERE looked_at < $1::timestamptz LIMIT $2::int))
