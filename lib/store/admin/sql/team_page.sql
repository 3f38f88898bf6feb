-- Teams by name: all of the organization for an admin, else the caller's own.
-- $1 organization, $2 visible connections, $3 caller, $4 whether an admin, $5 and $6 name and id of the last row before
-- (NULL: from the start), $7 limit.
-- returns: as team_create
SELECT team.id, team.name, team.created_at,
       (SELECT count(*) FROM team_members AS membership
        WHERE membership.organization_id = team.organization_id AND membership.team_id = team.id) AS member_count,
       (SELECT count(*) FROM database_connections AS connection
        WHERE connection.organization_id = team.organization_id AND connection.team_id = team.id
          AND connection.deleted_at IS NULL
          AND ($4::boolean OR connection.id = ANY ($2::bigint[]))) AS connection_count,
       own.user_id IS NOT NULL AS is_member
FROM teams AS team
LEFT JOIN team_members AS own
       ON own.organization_id = team.organization_id AND own.team_id = team.id AND own.user_id = $3::bigint
WHERE true
  AND team.organization_id = $1::bigint -- scope
  AND ($4::boolean OR own.user_id IS NOT NULL)
  AND ($5::text IS NULL OR (lower(team.name), team.id) > (lower($5::text), $6::bigint))
ORDER BY lower(team.name), team.id
LIMIT $7::int
