-- $1 organization, $2 user, $3 token, $4 remote address. No row: not the user's. One that has ended stays as it is.
-- returns: id bigint
WITH target AS (
    SELECT organization_id, id, user_id, name, revoked_at FROM api_tokens
    WHERE user_id = $2::bigint AND id = $3::bigint
      AND organization_id = $1::bigint -- scope
    FOR UPDATE
), ended AS (
    UPDATE api_tokens AS token SET revoked_at = now()
    FROM target
    WHERE token.organization_id = target.organization_id AND token.id = target.id AND target.revoked_at IS NULL
    RETURNING token.organization_id, token.user_id, token.id, token.name
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, user_id, 'api_token_revoked', 'api_token', id, $4::text, jsonb_build_object('name', name)
    FROM ended
)
SELECT id FROM target
