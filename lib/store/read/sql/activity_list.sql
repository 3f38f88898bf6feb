-- What happened lately, newest first: statements that were seen for the first time, and plans that replaced others.
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 limit;
-- $6, $7, $8, $9: time, kind, hash and connection of the last row of the page before, or NULL; $10 whether statements
-- that read catalogues alone are listed too.
-- returns: kind int, at timestamptz, database_connection_id bigint, name text, engine text, sql_hash uuid,
--   fingerprint text, statement_kind text
WITH catalog AS MATERIALIZED (
    SELECT sql_hash FROM query_fingerprints
    WHERE is_catalog AND NOT $10::bool
      AND organization_id = $1::bigint -- scope
), happened AS (
    (SELECT 1 AS kind, first_seen_at AS at, database_connection_id, sql_hash
     FROM query_fingerprint_connections
     WHERE first_seen_at >= $3::timestamptz AND first_seen_at < $4::timestamptz
       AND ($6::timestamptz IS NULL OR first_seen_at <= $6::timestamptz)
       AND sql_hash NOT IN (SELECT sql_hash FROM catalog)
       AND organization_id = $1::bigint -- scope
       AND database_connection_id = ANY ($2::bigint[]) -- scope
    )
    UNION ALL
    (SELECT 2, max(plan.first_seen_at), plan.database_connection_id, plan.sql_hash
     FROM query_plans AS plan
     WHERE plan.first_seen_at < $4::timestamptz
       AND plan.sql_hash NOT IN (SELECT sql_hash FROM catalog)
       AND plan.organization_id = $1::bigint -- scope
       AND plan.database_connection_id = ANY ($2::bigint[]) -- scope
     GROUP BY plan.organization_id, plan.database_connection_id, plan.sql_hash
     HAVING count(*) > 1 AND max(plan.first_seen_at) >= $3::timestamptz)
), page AS (
    SELECT kind, at, database_connection_id, sql_hash
    FROM happened
    WHERE $6::timestamptz IS NULL OR at < $6::timestamptz
       OR at = $6::timestamptz AND (kind, sql_hash, database_connection_id) > ($7::int, $8::uuid, $9::bigint)
    ORDER BY at DESC, kind, sql_hash, database_connection_id
    LIMIT $5::int
)
SELECT page.kind, page.at, page.database_connection_id, connection.name, connection.engine::text AS engine,
       page.sql_hash, left(query.fingerprint, 2000) AS fingerprint, query.statement_kind
FROM page
JOIN database_connections AS connection ON connection.id = page.database_connection_id
    AND connection.organization_id = $1::bigint -- scope
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
    AND query.organization_id = $1::bigint -- scope
ORDER BY page.at DESC, page.kind, page.sql_hash, page.database_connection_id
