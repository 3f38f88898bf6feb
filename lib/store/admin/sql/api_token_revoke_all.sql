-- $1 organization, $2 user, $3 remote address.
-- returns: revoked_count bigint
WITH ended AS (
    UPDATE api_tokens SET revoked_at = now()
    WHERE user_id = $2::bigint AND revoked_at IS NULL AND expires_at > now()
      AND organization_id = $1::bigint -- scope
    RETURNING organization_id, user_id, id, name
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, user_id, 'api_token_revoked', 'api_token', id, $3::text, jsonb_build_object('name', name)
    FROM ended
)
SELECT count(*) AS revoked_count FROM ended
