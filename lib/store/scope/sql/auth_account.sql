-- The caller's own account. $1 organization, $2 user.
-- returns: email text, display_name text, organization_name text, last_login_at timestamptz, team_ids bigint[],
--   team_names text[]
SELECT person.email, person.display_name, organization.name AS organization_name, person.last_login_at,
       teams.ids AS team_ids, teams.names AS team_names
FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(team.id ORDER BY team.name, team.id), '{}') AS ids,
           coalesce(array_agg(team.name ORDER BY team.name, team.id), '{}') AS names
    FROM team_members AS membership
    JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
    WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id) AS teams
WHERE person.id = $2::bigint
  AND person.organization_id = $1::bigint -- scope
