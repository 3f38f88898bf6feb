-- Deletes at most $2 reports of MongoDB nodes older than $1 from the default partition.
DELETE FROM metrics_mongodb_default
WHERE ctid = ANY (ARRAY (SELECT ctid FROM metrics_mongodb_default WHERE time < $1::timestamptz LIMIT $2::int))
