-- $1 organization, $2 user.
-- returns: id bigint, email text, display_name text, role text, is_active boolean, last_login_at timestamptz,
--   created_at timestamptz, team_ids bigint[], team_names text[]
SELECT person.id, person.email, person.display_name, person.role::text, person.is_active, person.last_login_at, person.created_at,
       ARRAY (SELECT team.id
              FROM team_members AS membership
              JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
              WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id
              ORDER BY team.name, team.id) AS team_ids,
       ARRAY (SELECT team.name
              FROM team_members AS membership
              JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
              WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id
              ORDER BY team.name, team.id) AS team_names
FROM users AS person
WHERE person.id = $2::bigint
  AND person.organization_id = $1::bigint -- scope
