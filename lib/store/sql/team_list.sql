-- $1 organization, $2 caller, $3 whether an admin, who may place a connection in any team.
SELECT team.id, team.name FROM teams AS team
WHERE team.organization_id = $1::bigint
  AND ($3::boolean
       OR EXISTS (SELECT FROM team_members AS membership
                  WHERE membership.organization_id = $1::bigint AND membership.team_id = team.id
                    AND membership.user_id = $2::bigint))
ORDER BY lower(team.name), team.id
LIMIT 1000
