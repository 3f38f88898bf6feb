-- $1 organization, $2 caller, $3 whether an admin, who may place a connection in any team.
-- returns: id bigint, name text, is_own boolean
SELECT team.id, team.name, membership.user_id IS NOT NULL AS is_own
FROM teams AS team
LEFT JOIN team_members AS membership
       ON membership.team_id = team.id AND membership.user_id = $2::bigint
      AND membership.organization_id = $1::bigint -- scope
WHERE ($3::boolean OR membership.user_id IS NOT NULL)
  AND team.organization_id = $1::bigint -- scope
ORDER BY lower(team.name), team.id
LIMIT 1000
