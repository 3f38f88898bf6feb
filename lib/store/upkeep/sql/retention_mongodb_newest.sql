-- Deletes the newest reports of at most $2 nodes, all of whose reports are older than $1. A node that reports meanwhile
-- keeps them.
DELETE FROM mongodb_newest
WHERE ctid = ANY (ARRAY (SELECT ctid FROM mongodb_newest WHERE times[1] < $1::timestamptz LIMIT $2::int))
  AND times[1] < $1
