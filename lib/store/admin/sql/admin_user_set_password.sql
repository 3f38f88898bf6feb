-- $1 organization, $2 user, $3 password hash. Whoever was signed in with the old password no longer is.
-- returns: id bigint
WITH changed AS (
    UPDATE users SET password_hash = $3::text, tokens_valid_after = now()
    WHERE organization_id = $1::bigint AND id = $2::bigint
    RETURNING organization_id, id
), ended_api AS (
    UPDATE api_tokens AS token SET revoked_at = now()
    FROM changed
    WHERE token.organization_id = changed.organization_id AND token.user_id = changed.id AND token.revoked_at IS NULL
), audit AS (
    INSERT INTO audit_log (organization_id, action, subject_kind, subject_id)
    SELECT organization_id, 'password_changed', 'user', id FROM changed
)
SELECT id FROM changed
