-- Deletes at most $2 agents and collectors that were last seen before $1.
DELETE FROM collectors
WHERE ctid = ANY (ARRAY (SELECT ctid FROM collectors WHERE last_seen_at < $1::timestamptz LIMIT $2::int))
