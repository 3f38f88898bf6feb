-- The members of a team, by address. $1 organization, $2 team, $3 and $4 address and id of the last row before (NULL:
-- from the start), $5 limit. No row: no such team. A row without a member: there are no more.
-- returns: id bigint, email text, display_name text, role text, is_active boolean, created_at timestamptz
SELECT person.id, person.email, person.display_name, person.role::text, person.is_active, membership.created_at
FROM teams AS team
LEFT JOIN (team_members AS membership
           JOIN users AS person
             ON person.organization_id = membership.organization_id AND person.id = membership.user_id)
       ON membership.organization_id = team.organization_id AND membership.team_id = team.id
      AND ($3::text IS NULL OR (lower(person.email), person.id) > (lower($3::text), $4::bigint))
WHERE team.id = $2::bigint
  AND team.organization_id = $1::bigint -- scope
ORDER BY lower(person.email), person.id
LIMIT $5::int
