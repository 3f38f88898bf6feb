-- The nodes of the connections $3 by their newest reports. $1 organization, $2 visible connections.
-- returns: database_connection_id bigint, node_id text, role text, numbers bigint[], times timestamptz[],
--          operations bigint[]
SELECT database_connection_id, node_id::text, role, numbers, times, operations
FROM mongodb_newest
WHERE database_connection_id = ANY ($3::bigint[])
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
ORDER BY database_connection_id, node_id
