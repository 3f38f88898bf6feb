-- Texts of a page of fingerprints on connections, in its order.
-- $1 organization, $2 visible connections, $3 ids of fingerprints in segments and, as many, $4 connections.
-- returns: item_index bigint, name text, sql_hash uuid, fingerprint text, statement_kind text,
--   first_seen_at timestamptz, last_seen_at timestamptz
SELECT wanted.item_index, connection.name, query.sql_hash, left(query.fingerprint, 2000) AS fingerprint,
       query.statement_kind, seen.first_seen_at, seen.last_seen_at
FROM unnest($3::bigint[]::int[], $4::bigint[]) WITH ORDINALITY AS wanted (fingerprint_id, connection_id, item_index)
CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, however many the planner takes them for
    SELECT sql_hash
    FROM query_segment_fingerprints
    WHERE fingerprint_id = wanted.fingerprint_id
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS known
CROSS JOIN LATERAL (
    SELECT sql_hash, fingerprint, statement_kind
    FROM query_fingerprints
    WHERE sql_hash = known.sql_hash
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS query
CROSS JOIN LATERAL (
    SELECT name
    FROM database_connections
    WHERE id = wanted.connection_id
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
    OFFSET 0) AS connection
CROSS JOIN LATERAL (
    SELECT first_seen_at, last_seen_at
    FROM query_fingerprint_connections
    WHERE sql_hash = known.sql_hash AND database_connection_id = wanted.connection_id
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    OFFSET 0) AS seen
ORDER BY wanted.item_index
