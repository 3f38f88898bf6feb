-- Fingerprints over a period, most of $16 first: 1 total time, 2 calls, 3 mean, 4 longest.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in parts (store/query_parts.h); $17 limit;
-- $18, $19: value and hash of the last row of the page before, or NULL.
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), by_connection AS (
    SELECT sql_hash, database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
           least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms, max(max_ms) AS max_ms,
           least(sum(rows_examined), 9e18)::bigint AS rows_examined, least(sum(rows_returned), 9e18)::bigint AS rows_returned,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read
    FROM fingerprint_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY sql_hash, database_connection_id
), summed AS (
    SELECT sql_hash, array_agg(database_connection_id ORDER BY database_connection_id) AS connection_ids,
           least(sum(calls), 9e18)::bigint AS calls, least(sum(slow_calls), 9e18)::bigint AS slow_calls,
           sum(total_ms) AS total_ms, max(max_ms) AS max_ms,
           least(sum(rows_examined), 9e18)::bigint AS rows_examined, least(sum(rows_returned), 9e18)::bigint AS rows_returned,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read
    FROM by_connection
    GROUP BY sql_hash
), keyed AS (
    SELECT sql_hash, connection_ids, calls, slow_calls, total_ms, max_ms, rows_examined, rows_returned, blocks_hit,
           blocks_read, sum(total_ms) OVER () AS everything_ms,
           round(CASE $16::int WHEN 2 THEN calls WHEN 3 THEN total_ms / greatest(calls, 1) * 1000 WHEN 4 THEN max_ms * 1000
                     ELSE total_ms * 1000 END) AS sort_key
    FROM summed
), page AS (
    SELECT sql_hash, connection_ids, calls, slow_calls, total_ms, max_ms, rows_examined, rows_returned, blocks_hit,
           blocks_read, everything_ms, sort_key
    FROM keyed
    WHERE $18::float8 IS NULL OR sort_key < $18::float8 OR sort_key = $18::float8 AND sql_hash > $19::uuid
    ORDER BY sort_key DESC, sql_hash
    LIMIT $17::int
)
SELECT page.sql_hash, left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, query.tables, page.connection_ids,
       page.calls, page.slow_calls, page.total_ms, page.max_ms, page.rows_examined, page.rows_returned, page.blocks_hit,
       page.blocks_read, page.everything_ms, page.sort_key
FROM page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
    AND query.organization_id = $1::bigint -- scope
ORDER BY page.sort_key DESC, page.sql_hash
