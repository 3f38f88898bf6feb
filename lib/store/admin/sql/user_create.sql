-- Somebody new. $1 organization, $2 email, $3 display name, $4 role, $5 password hash, $6 team or 0, $7 caller (NULL:
-- the command line), $8 remote address. No row: no such team.
-- returns: id bigint
WITH fresh AS (
    INSERT INTO users (organization_id, email, display_name, role, password_hash)
    SELECT $1::bigint, $2::text, $3::text, $4::text::user_role, $5::text
    WHERE $6::bigint = 0
       OR EXISTS (SELECT FROM teams AS team
                  WHERE team.id = $6::bigint
                    AND team.organization_id = $1::bigint -- scope
                 )
    RETURNING organization_id, id, email, role
), membership AS (
    INSERT INTO team_members (organization_id, team_id, user_id)
    SELECT organization_id, $6::bigint, id FROM fresh WHERE $6::bigint <> 0
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM fresh WHERE organizations.id = fresh.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $7::bigint, 'user_created', 'user', id, $8::text,
           jsonb_build_object('email', email, 'role', role, 'team_id', nullif($6::bigint, 0))
    FROM fresh
)
SELECT id FROM fresh
