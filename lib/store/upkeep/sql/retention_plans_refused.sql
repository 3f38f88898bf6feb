-- Deletes at most $2 reasons of before $1.
DELETE FROM query_plans_refused
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_plans_refused WHERE refused_at < $1::timestamptz LIMIT $2::int))
