-- An organization's people, by address. $1 organization, $2 and $3 address and id of the last row before (NULL: from
-- the start), $4 limit, $5 one user or 0.
-- returns: id bigint, email text, display_name text, role text, is_active boolean, last_login_at timestamptz,
--   created_at timestamptz, team_ids bigint[], team_names text[]
SELECT person.id, person.email, person.display_name, person.role::text, person.is_active, person.last_login_at,
       person.created_at, teams.ids AS team_ids, teams.names AS team_names
FROM users AS person
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(team.id ORDER BY team.name, team.id), '{}') AS ids,
           coalesce(array_agg(team.name ORDER BY team.name, team.id), '{}') AS names
    FROM team_members AS membership
    JOIN teams AS team ON team.organization_id = membership.organization_id AND team.id = membership.team_id
    WHERE membership.organization_id = person.organization_id AND membership.user_id = person.id) AS teams
WHERE true
  AND person.organization_id = $1::bigint -- scope
  AND ($5::bigint = 0 OR person.id = $5::bigint)
  AND ($2::text IS NULL OR (lower(person.email), person.id) > (lower($2::text), $3::bigint))
ORDER BY lower(person.email), person.id
LIMIT $4::int
