-- Connections whose servers tell how many rows a statement examined: all but PostgreSQL's. tells_digests: also what the
-- digests of MySQL and MariaDB tell, as of the last look.
-- $1 organization, $2 chosen connections.
-- returns: id bigint, tells_digests boolean
SELECT connection.id,
       connection.engine = 'mysql'
       AND coalesce((SELECT coverage.basis = 'statements' OR coverage.first_looks > 0
                     FROM connection_coverage AS coverage
                     WHERE coverage.organization_id = connection.organization_id
                       AND coverage.database_connection_id = connection.id
                     ORDER BY coverage.bucket_at DESC LIMIT 1), false) AS tells_digests
FROM database_connections AS connection
WHERE connection.engine <> 'postgresql'
  AND connection.organization_id = $1::bigint -- scope
  AND connection.id = ANY ($2::bigint[]) -- scope
