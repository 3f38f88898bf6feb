-- Deletes at most $2 nodes that reported last before $1: their sums are deleted by then.
DELETE FROM mongodb_nodes
WHERE ctid = ANY (ARRAY (SELECT ctid FROM mongodb_nodes WHERE last_seen_at < $1::timestamptz LIMIT $2::int))
