-- Deletes at most $2 deadlocks of before $1.
DELETE FROM deadlocks
WHERE ctid = ANY (ARRAY (SELECT ctid FROM deadlocks WHERE noticed_at < $1::timestamptz LIMIT $2::int))
