-- Deletes at most $2 API tokens that were revoked or expired before $1.
DELETE FROM api_tokens
WHERE ctid = ANY (ARRAY (SELECT ctid FROM api_tokens
                         WHERE least(revoked_at, expires_at) < $1::timestamptz LIMIT $2::int))
