-- Connections whose servers tell how many rows a statement examined: all but PostgreSQL's.
-- $1 organization, $2 chosen connections.
-- returns: id bigint
SELECT connection.id
FROM database_connections AS connection
WHERE connection.engine <> 'postgresql'
  AND connection.organization_id = $1::bigint -- scope
  AND connection.id = ANY ($2::bigint[]) -- scope
