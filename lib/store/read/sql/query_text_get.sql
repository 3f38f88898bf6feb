-- What one fingerprint is called by; no row if no chosen connection ever ran it.
-- $1 organization, $2 chosen connections, $3 hash.
-- returns: sql_hash uuid, fingerprint text, statement_kind text, tables text[], first_seen_at timestamptz,
--   last_seen_at timestamptz
SELECT query.sql_hash, query.fingerprint, query.statement_kind, query.tables, seen.first_seen_at, seen.last_seen_at
FROM query_fingerprints AS query
CROSS JOIN LATERAL (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections
    WHERE sql_hash = $3::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    HAVING count(*) > 0
) AS seen
WHERE query.sql_hash = $3::uuid
  AND query.organization_id = $1::bigint -- scope
