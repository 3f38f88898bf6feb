-- A token of the caller's. $1 organization, $2 user, $3 name, $4 scope, $5 SHA-256, $6 hint, $7 when it ends, $8
-- remote address.
-- returns: id bigint, name text, scope text, token_hint text, created_at timestamptz, expires_at timestamptz,
--   last_used_at timestamptz, revoked_at timestamptz
WITH fresh AS (
    INSERT INTO api_tokens (organization_id, user_id, name, scope, token_hash, token_hint, expires_at)
    VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::bytea, $6::text, $7::timestamptz)
    RETURNING organization_id, id, user_id, name, scope, token_hint, created_at, expires_at, last_used_at, revoked_at
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, user_id, 'api_token_created', 'api_token', id, $8::text,
           jsonb_build_object('name', name, 'scope', scope, 'expires_at', expires_at)
    FROM fresh
)
SELECT id, name, scope, token_hint, created_at, expires_at, last_used_at, revoked_at FROM fresh
