-- Names of connections, by id.
-- $1 organization, $2 chosen connections.
-- returns: id bigint, name text, engine text
SELECT id, name, engine::text AS engine
FROM database_connections
WHERE true
  AND organization_id = $1::bigint -- scope
  AND id = ANY ($2::bigint[]) -- scope
ORDER BY id
