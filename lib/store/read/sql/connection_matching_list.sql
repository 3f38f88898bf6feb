-- The connections of an engine or a team, by id.
-- $1 organization, $2 connections of the scope, $3 engine or NULL, $4 team or 0.
-- returns: id bigint
SELECT id
FROM database_connections
WHERE ($3::text IS NULL OR engine::text = $3::text)
  AND ($4::bigint = 0 OR team_id = $4::bigint)
  AND organization_id = $1::bigint -- scope
  AND id = ANY ($2::bigint[]) -- scope
ORDER BY id
