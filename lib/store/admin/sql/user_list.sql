-- An organization's people, by address. $1 organization, $2 and $3 address and id of the last row before (NULL: from the
-- start), $4 limit.
-- returns: as user_get
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
WHERE true
  AND person.organization_id = $1::bigint -- scope
  AND ($2::text IS NULL OR (lower(person.email), person.id) > (lower($2::text), $3::bigint))
ORDER BY lower(person.email), person.id
LIMIT $4::int
