-- A fresh refresh token; the user's expired ones go, so that they do not pile up.
-- $1 organization, $2 user, $3 family, $4 SHA-256 of the token, $5 its life in seconds, $6 whether this is a sign-in.
WITH expired AS (
    DELETE FROM refresh_tokens
    WHERE organization_id = $1::bigint AND user_id = $2::bigint AND expires_at < now()
), seen AS (
    UPDATE users SET last_login_at = now() WHERE organization_id = $1::bigint AND id = $2::bigint AND $6::boolean
)
INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at)
VALUES ($1::bigint, $2::bigint, $3::uuid, $4::bytea, now() + $5::bigint * interval '1 second')
