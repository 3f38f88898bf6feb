-- $1 organization, $2 name, $3 caller, $4 remote address.
-- returns: id bigint, name text, created_at timestamptz, member_count bigint, connection_count bigint,
--   is_member boolean
WITH fresh AS (
    INSERT INTO teams (organization_id, name) VALUES ($1::bigint, $2::text)
    RETURNING organization_id, id, name, created_at
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM fresh WHERE organizations.id = fresh.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $3::bigint, 'team_created', 'team', id, $4::text, jsonb_build_object('name', name)
    FROM fresh
)
SELECT id, name, created_at, 0::bigint AS member_count, 0::bigint AS connection_count, false AS is_member FROM fresh
