-- Whether a chosen connection has ever run the statement.
-- $1 organization, $2 chosen connections, $3 hash.
-- returns: is_seen boolean
SELECT EXISTS (
    SELECT FROM query_fingerprint_connections
    WHERE sql_hash = $3::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
) AS is_seen
