-- $1 organization, $2 user, $3 active. Sessions of before end either way: a user let in again signs in again.
-- returns: id bigint
WITH changed AS (
    UPDATE users SET is_active = $3::boolean, tokens_valid_after = now()
    WHERE organization_id = $1::bigint AND id = $2::bigint
    RETURNING organization_id, id
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM changed WHERE organizations.id = changed.organization_id
), ended_api AS (
    UPDATE api_tokens AS token SET revoked_at = now()
    FROM changed
    WHERE token.organization_id = changed.organization_id AND token.user_id = changed.id AND token.revoked_at IS NULL
), audit AS (
    INSERT INTO audit_log (organization_id, action, subject_kind, subject_id)
    SELECT organization_id, CASE WHEN $3::boolean THEN 'user_activated' ELSE 'user_deactivated' END, 'user', id
    FROM changed
)
SELECT id FROM changed
