-- Refresh tokens that expired before $1, at most $2; those that replaced them say what became of the family.
DELETE FROM refresh_tokens
WHERE ctid = ANY (ARRAY (SELECT ctid FROM refresh_tokens WHERE expires_at < $1::timestamptz LIMIT $2::int))
