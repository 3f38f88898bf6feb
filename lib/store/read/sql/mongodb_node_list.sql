-- Nodes that reported since $4, in the order of connection and name, at most $7, behind ($5, $6). $3: this node alone,
-- whenever it reported. $1 organization, $2 visible connections.
-- returns: database_connection_id bigint, node_id text
SELECT database_connection_id, node_id::text
FROM mongodb_nodes
WHERE ($3::text IS NULL AND last_seen_at >= $4::timestamptz OR node_id = $3)
  AND (database_connection_id, node_id) > ($5::bigint, $6::text)
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
ORDER BY database_connection_id, node_id
LIMIT $7::int
