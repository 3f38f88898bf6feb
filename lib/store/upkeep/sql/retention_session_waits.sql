-- Deletes at most $3 rows of session_waits of width $1 from before $2: those that no partition of their own held.
DELETE FROM session_waits
WHERE ctid = ANY (ARRAY (SELECT ctid FROM session_waits
                         WHERE resolution_s = $1::int AND bucket_at < $2::timestamptz LIMIT $3::int))
  AND resolution_s = $1 AND bucket_at < $2
