-- How many the organization $2 has, or its user $3, of what the quota $1 counts; calls a privileged function, which
-- locks the quota until the transaction ends.
-- returns: quota_count bigint
SELECT quota_count($1::text, $2::bigint, $3::bigint)
