-- Connections of engine mongodb behind $3, at most $4. $1 organization, $2 visible connections.
-- returns: id bigint, name text, interval_s int
SELECT id, name, interval_s
FROM database_connections
WHERE engine = 'mongodb' AND id > $3::bigint
  AND organization_id = $1::bigint -- scope
  AND id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
ORDER BY id
LIMIT $4::int
