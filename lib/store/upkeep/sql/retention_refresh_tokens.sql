-- Deletes at most $2 refresh tokens that expired before $1. The tokens that replaced them still tell the state of the
-- session.
DELETE FROM refresh_tokens
WHERE ctid = ANY (ARRAY (SELECT ctid FROM refresh_tokens WHERE expires_at < $1::timestamptz LIMIT $2::int))
