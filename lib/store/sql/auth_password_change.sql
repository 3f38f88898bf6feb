-- A user's own new password; whoever was signed in as this user no longer is.
-- $1 organization, $2 user, $3 password hash, $4 now by the clock that dates tokens, $5 remote address.
WITH changed AS (
    UPDATE users SET password_hash = $3::text, tokens_valid_after = $4::timestamptz
    WHERE id = $2::bigint
      AND organization_id = $1::bigint -- scope
    RETURNING organization_id, id
), ended AS (
    UPDATE refresh_tokens AS token SET revoked_at = now()
    FROM changed
    WHERE token.organization_id = changed.organization_id AND token.user_id = changed.id AND token.revoked_at IS NULL
)
INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address)
SELECT organization_id, id, 'password_changed', 'user', id, $5::text FROM changed
