-- Deletes at most $2 values of tags that were seen last before $1.
DELETE FROM query_tags
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_tags WHERE last_seen_on < ($1::timestamptz)::date LIMIT $2::int))
