-- Deletes at most $2 plans last seen before $1.
DELETE FROM query_plans
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_plans WHERE last_seen_at < $1::timestamptz LIMIT $2::int))
