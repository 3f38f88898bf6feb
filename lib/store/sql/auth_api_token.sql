-- Whose API token this is; last_used_at is kept to the minute, so that a busy script writes once a minute.
-- $1 SHA-256 of the token. No row: unknown, expired, revoked.
WITH token AS (
    SELECT api.organization_id, api.id, api.user_id, api.scope, api.last_used_at
    FROM api_tokens AS api
    WHERE api.token_hash = $1::bytea AND api.revoked_at IS NULL AND api.expires_at > now()
), used AS (
    UPDATE api_tokens AS api SET last_used_at = now()
    FROM token
    WHERE api.organization_id = token.organization_id AND api.id = token.id
      AND (token.last_used_at IS NULL OR token.last_used_at < now() - interval '1 minute')
)
SELECT organization_id, id, user_id, scope FROM token
