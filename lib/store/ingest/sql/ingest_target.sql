-- Whose samples an agent's are: the connection's engine and host, and whether literals are kept.
-- $1 organization, $2 visible connections, $3 the agent's.
-- returns: engine text, host text, keep_literals boolean
SELECT engine::text, host, keep_literals
FROM database_connections
WHERE id = $3::bigint
  AND organization_id = $1::bigint -- scope
  AND id = ANY ($2::bigint[]) -- scope
