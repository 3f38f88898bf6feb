-- Change a user, but for the password (user_set_password.sql); the organization is locked. What ends sessions (a new
-- password, deactivation, activation) ends them and API tokens at once. A line in the audit log for each thing that
-- changed.
-- $1 organization, $2 user, $3 email, $4 display name, $5 role, $6 whether active, $7 whether the password changes, $8
-- caller, $9 remote address.
-- No row: no such user; true: nothing was changed, for nobody would administer the organization any more.
-- returns: is_last_admin boolean
WITH target AS (
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role, person.is_active,
           $7::boolean OR coalesce($6::boolean, person.is_active) <> person.is_active AS ends_sessions,
           person.role = 'admin' AND person.is_active
           AND (coalesce($5::text::user_role, person.role) <> 'admin' OR NOT coalesce($6::boolean, person.is_active))
           AND NOT EXISTS (SELECT FROM users AS other
                           WHERE other.id <> $2::bigint
                             AND other.organization_id = $1::bigint -- scope
                             AND other.role = 'admin' AND other.is_active) AS is_last_admin
    FROM users AS person
    WHERE person.id = $2::bigint
      AND person.organization_id = $1::bigint -- scope
    FOR UPDATE
), changed AS (
    UPDATE users AS person
    SET email = coalesce($3::text, target.email), display_name = coalesce($4::text, target.display_name),
        role = coalesce($5::text::user_role, target.role), is_active = coalesce($6::boolean, target.is_active),
        tokens_valid_after = CASE WHEN target.ends_sessions THEN clock_timestamp() ELSE person.tokens_valid_after END
    FROM target
    WHERE person.organization_id = target.organization_id AND person.id = target.id AND NOT target.is_last_admin
    RETURNING person.organization_id, person.id, person.email, person.display_name, person.role, person.is_active
), ended_api AS (
    UPDATE api_tokens AS token SET revoked_at = now()
    FROM changed JOIN target ON target.ends_sessions
    WHERE token.organization_id = changed.organization_id AND token.user_id = changed.id AND token.revoked_at IS NULL
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM changed WHERE organizations.id = changed.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT changed.organization_id, $8::bigint, line.action, 'user', changed.id, $9::text, line.detail
    FROM changed JOIN target ON target.id = changed.id
    CROSS JOIN LATERAL (VALUES
        ('role_changed', changed.role <> target.role, jsonb_build_object('from', target.role, 'to', changed.role)),
        ('user_activated', changed.is_active AND NOT target.is_active, '{}'::jsonb),
        ('user_deactivated', target.is_active AND NOT changed.is_active, '{}'::jsonb),
        ('password_reset', $7::boolean, '{}'::jsonb),
        ('user_renamed', changed.email <> target.email OR changed.display_name <> target.display_name,
         jsonb_build_object('from', jsonb_build_object('email', target.email, 'display_name', target.display_name),
                            'to', jsonb_build_object('email', changed.email, 'display_name', changed.display_name)))
    ) AS line (action, has_happened, detail)
    WHERE line.has_happened
)
SELECT is_last_admin FROM target
