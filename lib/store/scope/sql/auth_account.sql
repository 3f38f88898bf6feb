-- The caller's own account. $1 organization, $2 user.
SELECT person.email, person.display_name, organization.name, person.last_login_at,
       ARRAY (SELECT team.id
              FROM team_members AS membership
              JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
              WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id
              ORDER BY team.name, team.id),
       ARRAY (SELECT team.name
              FROM team_members AS membership
              JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
              WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id
              ORDER BY team.name, team.id)
FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
WHERE person.id = $2::bigint
  AND person.organization_id = $1::bigint -- scope
