-- Whose samples an agent's are: the connection's engine, and whether literals are kept.
SELECT engine::text, keep_literals
FROM database_connections
WHERE organization_id = $1::bigint AND id = $2::bigint
