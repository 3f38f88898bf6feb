-- Remove a user; the organization is locked. $1 organization, $2 user, $3 caller, $4 remote address.
-- No row: no such user. Otherwise whether it is the last active admin, and how many connections only it sees: unless
-- both are none, nothing was changed.
-- returns: is_last_admin boolean, owned bigint
WITH target AS (
    SELECT person.organization_id, person.id, person.email, person.role,
           person.role = 'admin' AND person.is_active
           AND NOT EXISTS (SELECT FROM users AS other
                           WHERE other.id <> $2::bigint
                             AND other.organization_id = $1::bigint -- scope
                             AND other.role = 'admin' AND other.is_active) AS is_last_admin,
           (SELECT count(*) FROM database_connections AS connection
            WHERE connection.owner_user_id = $2::bigint
              AND connection.organization_id = $1::bigint -- scope
              AND connection.visibility_scope = 'USER_ONLY' AND connection.deleted_at IS NULL) AS owned
    FROM users AS person
    WHERE person.id = $2::bigint
      AND person.organization_id = $1::bigint -- scope
    FOR UPDATE
), orphaned AS (
    UPDATE database_connections AS connection SET owner_user_id = NULL, updated_at = now()
    FROM target
    WHERE connection.organization_id = target.organization_id AND connection.owner_user_id = target.id
      AND NOT target.is_last_admin AND target.owned = 0
), gone AS (
    DELETE FROM users AS person USING target
    WHERE person.organization_id = target.organization_id AND person.id = target.id
      AND NOT target.is_last_admin AND target.owned = 0
    RETURNING person.organization_id, person.id
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM gone WHERE organizations.id = gone.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT gone.organization_id, $3::bigint, 'user_deleted', 'user', gone.id, $4::text,
           jsonb_build_object('email', target.email, 'role', target.role)
    FROM gone JOIN target ON target.id = gone.id
)
SELECT is_last_admin, owned FROM target
