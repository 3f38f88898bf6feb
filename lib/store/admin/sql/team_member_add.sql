-- $1 organization, $2 team, $3 user, $4 caller, $5 remote address. No row: no such team. Otherwise whether there is
-- such a user, and whether it was not a member before.
-- returns: is_person boolean, is_fresh boolean
WITH target AS (
    SELECT organization_id, id, name FROM teams
    WHERE id = $2::bigint
      AND organization_id = $1::bigint -- scope
), person AS (
    SELECT organization_id, id, email FROM users
    WHERE id = $3::bigint
      AND organization_id = $1::bigint -- scope
), fresh AS (
    INSERT INTO team_members (organization_id, team_id, user_id)
    SELECT target.organization_id, target.id, person.id FROM target, person
    ON CONFLICT DO NOTHING
    RETURNING organization_id, team_id, user_id
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM fresh WHERE organizations.id = fresh.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT fresh.organization_id, $4::bigint, 'team_member_added', 'team', fresh.team_id, $5::text,
           jsonb_build_object('team', target.name, 'user_id', person.id, 'email', person.email)
    FROM fresh, target, person
)
SELECT EXISTS (SELECT FROM person) AS is_person, EXISTS (SELECT FROM fresh) AS is_fresh FROM target
