-- How many connections a filter picks.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0.
-- returns: connection_count bigint
SELECT count(*) AS connection_count
FROM database_connections
WHERE ($3::bigint = 0 OR id = $3::bigint)
  AND organization_id = $1::bigint -- scope
  AND id = ANY ($2::bigint[]) -- scope
  AND ($4::text IS NULL OR engine::text = $4::text)
  AND ($5::bigint = 0 OR team_id = $5::bigint)
