-- Samples of one fingerprint or of those that words pick, slowest first: the period is read and the slowest kept
-- (slow_query_list_slowest is for all).
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 least duration, $6 statement kind, $7 table, $8
-- search, each or NULL; $9, $10: duration and id of the last row of the page before, $11 limit, $12 hash or NULL,
-- $13 whether statements that read catalogues alone are listed too.
-- returns: as slow_query_get
SELECT page.id, page.database_connection_id, page.captured_at, page.connection_name, page.engine, page.sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, left(page.full_sql, 2000) AS full_sql,
       page.duration_ms, page.rows_examined, page.rows_returned, page.lock_us, page.user_host, page.database_name,
       page.provenance, page.plan_hash
FROM (
    SELECT connection.id AS database_connection_id, connection.name AS connection_name,
           connection.engine::text AS engine, sample.id, sample.captured_at, sample.sql_hash, sample.full_sql,
           sample.duration_ms, sample.rows_examined, sample.rows_returned, sample.lock_us, sample.user_host,
           sample.database_name, sample.provenance, sample.plan_hash
    FROM slow_queries_raw AS sample
    JOIN database_connections AS connection
        ON connection.organization_id = sample.organization_id AND connection.id = sample.database_connection_id
    WHERE true
      AND sample.organization_id = $1::bigint -- scope
      AND sample.database_connection_id = ANY ($2::bigint[]) -- scope
      AND connection.organization_id = $1::bigint -- scope
      AND sample.captured_at >= $3::timestamptz AND sample.captured_at < $4::timestamptz
      AND sample.duration_ms >= $5::float8
      AND ($12::uuid IS NULL OR sample.sql_hash = $12::uuid)
      AND (sample.duration_ms, sample.id) < ($9::float8, $10::bigint)
      AND ($13::bool
           OR sample.sql_hash NOT IN (SELECT query.sql_hash FROM query_fingerprints AS query
                                      WHERE query.is_catalog
                                        AND query.organization_id = $1::bigint -- scope
                                      ))
      AND ($6::text IS NULL AND $7::text IS NULL AND $8::text IS NULL
           OR sample.sql_hash IN (
                  SELECT query.sql_hash FROM query_fingerprints AS query
                  WHERE true
                    AND query.organization_id = $1::bigint -- scope
                    AND ($6::text IS NULL OR query.statement_kind = $6::text)
                    AND ($7::text IS NULL OR $7::text = ANY (query.tables))
                    AND ($8::text IS NULL OR position(lower($8::text) IN lower(query.fingerprint)) > 0)))
    ORDER BY sample.duration_ms DESC, sample.id DESC
    LIMIT $11::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
                                AND query.organization_id = $1::bigint -- scope
ORDER BY page.duration_ms DESC, page.id DESC
