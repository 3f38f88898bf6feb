-- $1 organization, $2 team, $3 name, $4 caller, $5 remote address. No row: no such team.
-- returns: id bigint
WITH target AS (
    SELECT organization_id, id, name FROM teams
    WHERE id = $2::bigint
      AND organization_id = $1::bigint -- scope
    FOR UPDATE
), changed AS (
    UPDATE teams AS team SET name = $3::text
    FROM target
    WHERE team.organization_id = target.organization_id AND team.id = target.id AND target.name <> $3::text
    RETURNING team.organization_id, team.id, team.name
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM changed WHERE organizations.id = changed.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT changed.organization_id, $4::bigint, 'team_renamed', 'team', changed.id, $5::text,
           jsonb_build_object('from', target.name, 'to', changed.name)
    FROM changed, target
)
SELECT id FROM target
