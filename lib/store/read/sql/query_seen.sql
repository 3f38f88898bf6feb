-- Whether a visible connection has ever run the statement.
-- $1 organization, $2 visible connections, $3 hash, $4 connection or 0.
-- returns: is_seen boolean
SELECT EXISTS (
    SELECT FROM query_fingerprint_connections
    WHERE sql_hash = $3::uuid AND ($4::bigint = 0 OR database_connection_id = $4::bigint)
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
) AS is_seen
