-- The caller's own tokens, newest first. $1 organization, $2 user, $3 the last id before, $4 limit.
-- returns: as api_token_create
SELECT id, name, scope, token_hint, created_at, expires_at, last_used_at, revoked_at
FROM api_tokens
WHERE user_id = $2::bigint AND id < $3::bigint
  AND organization_id = $1::bigint -- scope
ORDER BY id DESC
LIMIT $4::int
