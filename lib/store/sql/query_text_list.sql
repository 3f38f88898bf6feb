-- What a page of fingerprints is called by, by their numbers; in no order.
-- $1 organization, $2 visible connections, $3 numbers.
SELECT known.number, query.sql_hash, left(query.fingerprint, 2000), query.statement_kind, query.tables, seen.first_seen_at, seen.last_seen_at
FROM query_pack_numbers AS known
JOIN query_fingerprints AS query ON query.sql_hash = known.sql_hash
    AND query.organization_id = $1::bigint -- scope
CROSS JOIN LATERAL (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections AS connection
    WHERE connection.sql_hash = known.sql_hash
      AND connection.organization_id = $1::bigint -- scope
      AND connection.database_connection_id = ANY ($2::bigint[]) -- scope
) AS seen
WHERE known.number = ANY ($3::bigint[]::int[])
  AND known.organization_id = $1::bigint -- scope
