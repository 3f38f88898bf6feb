-- $1 organization, $2 team, $3 caller, $4 remote address. No row: no such team; otherwise how many connections belong
-- to it, and nothing was changed unless there are none.
-- returns: connections bigint
WITH target AS (
    SELECT team.organization_id, team.id, team.name,
           (SELECT count(*) FROM database_connections AS connection
            WHERE connection.organization_id = team.organization_id AND connection.team_id = team.id
              AND connection.deleted_at IS NULL) AS connections
    FROM teams AS team
    WHERE team.id = $2::bigint
      AND team.organization_id = $1::bigint -- scope
    FOR UPDATE
), gone AS (
    DELETE FROM teams AS team USING target
    WHERE team.organization_id = target.organization_id AND team.id = target.id AND target.connections = 0
    RETURNING team.organization_id, team.id, team.name
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM gone WHERE organizations.id = gone.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $3::bigint, 'team_deleted', 'team', id, $4::text, jsonb_build_object('name', name) FROM gone
)
SELECT connections FROM target
