-- What a page of fingerprints is called by, by their numbers; in no order.
-- $1 organization, $2 visible connections, $3 numbers.
-- returns: number int, sql_hash uuid, fingerprint text, statement_kind text, tables text[], first_seen_at timestamptz,
--   last_seen_at timestamptz
SELECT known.number, query.sql_hash, left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, query.tables, seen.first_seen_at, seen.last_seen_at
FROM unnest($3::bigint[]::int[]) AS wanted (number)
CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, however many the planner takes them for
    SELECT number, sql_hash
    FROM query_pack_numbers
    WHERE number = wanted.number
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS known
CROSS JOIN LATERAL (
    SELECT sql_hash, fingerprint, statement_kind, tables
    FROM query_fingerprints
    WHERE sql_hash = known.sql_hash
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS query
CROSS JOIN LATERAL (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections
    WHERE sql_hash = known.sql_hash
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
) AS seen
