-- $1 organization, $2 team, $3 user, $4 caller, $5 remote address. No row: not a member.
-- returns: team_id bigint
WITH gone AS (
    DELETE FROM team_members AS membership
    USING teams AS team, users AS person
    WHERE membership.team_id = $2::bigint AND membership.user_id = $3::bigint
      AND membership.organization_id = $1::bigint -- scope
      AND team.organization_id = membership.organization_id AND team.id = membership.team_id
      AND person.organization_id = membership.organization_id AND person.id = membership.user_id
    RETURNING membership.organization_id, membership.team_id, team.name, person.id, person.email
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM gone WHERE organizations.id = gone.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $4::bigint, 'team_member_removed', 'team', team_id, $5::text,
           jsonb_build_object('team', name, 'user_id', id, 'email', email)
    FROM gone
)
SELECT team_id FROM gone
