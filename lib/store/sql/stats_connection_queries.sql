-- Fingerprints of each connection over a period, most time first, with when they were first and last seen there.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in parts (store/query_parts.h); $16 limit;
-- $17, $18, $19: value, hash and connection of the last row of the page before, or NULL.
WITH chosen AS (
    SELECT id, name
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), keyed AS (
    SELECT database_connection_id, sql_hash, least(sum(calls), 9e18)::bigint AS calls,
           least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms, max(max_ms) AS max_ms,
           least(sum(rows_examined), 9e18)::bigint AS rows_examined, least(sum(rows_returned), 9e18)::bigint AS rows_returned,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read,
           round(sum(total_ms) * 1000) AS sort_key
    FROM fingerprint_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY database_connection_id, sql_hash
), page AS (
    SELECT database_connection_id, sql_hash, calls, total_ms, rows_returned, blocks_hit, blocks_read, sort_key
    FROM keyed
    WHERE $17::float8 IS NULL OR sort_key < $17::float8
       OR sort_key = $17::float8 AND (sql_hash, database_connection_id) > ($18::uuid, $19::bigint)
    ORDER BY sort_key DESC, sql_hash, database_connection_id
    LIMIT $16::int
)
SELECT page.database_connection_id, chosen.name, page.sql_hash, left(query.fingerprint, 2000) AS fingerprint,
       query.statement_kind, page.calls, page.total_ms, page.rows_returned, page.blocks_hit, page.blocks_read,
       seen.first_seen_at, seen.last_seen_at, page.sort_key
FROM page
JOIN chosen ON chosen.id = page.database_connection_id
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
    AND query.organization_id = $1::bigint -- scope
LEFT JOIN query_fingerprint_connections AS seen
    ON seen.sql_hash = page.sql_hash AND seen.database_connection_id = page.database_connection_id
    AND seen.organization_id = $1::bigint -- scope
ORDER BY page.sort_key DESC, page.sql_hash, page.database_connection_id
