-- Samples of one fingerprint, newest first.
-- Planned each time, as slow_query_list_captured: a plan for any period has every partition in it.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0, $6 to $7 period,
-- $8 least duration, $9 statement kind, $10 table, $11 search, each or NULL; $12, $13: time and id
-- of the last row of the page before, $14 limit, $15 hash.
-- returns: as slow_query_get
SELECT page.id, page.database_connection_id, page.captured_at, page.connection_name, page.engine, page.sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, left(page.full_sql, 2000) AS full_sql, page.duration_ms,
       page.rows_examined, page.rows_returned, page.user_host, page.database_name, page.provenance, page.plan_hash
FROM (
    SELECT connection.id AS database_connection_id, connection.name AS connection_name, connection.engine::text AS engine,
           sample.id, sample.captured_at, sample.sql_hash, sample.full_sql, sample.duration_ms, sample.rows_examined,
           sample.rows_returned, sample.user_host, sample.database_name, sample.provenance, sample.plan_hash
    FROM slow_queries_raw AS sample
    JOIN database_connections AS connection
        ON connection.organization_id = sample.organization_id AND connection.id = sample.database_connection_id
    WHERE true
      AND sample.organization_id = $1::bigint -- scope
      AND sample.database_connection_id = ANY ($2::bigint[]) -- scope
      AND connection.organization_id = $1::bigint -- scope
      AND ($3::bigint = 0 OR connection.id = $3::bigint)
      AND ($4::text IS NULL OR connection.engine::text = $4::text)
      AND ($5::bigint = 0 OR connection.team_id = $5::bigint)
      AND sample.captured_at >= $6::timestamptz AND sample.captured_at < $7::timestamptz
      AND sample.duration_ms >= $8::float8
      AND sample.sql_hash = $15::uuid AND sample.captured_at <= $12::timestamptz
      AND (sample.captured_at, sample.id) < ($12::timestamptz, $13::bigint)
      AND ($9::text IS NULL AND $10::text IS NULL AND $11::text IS NULL
           OR sample.sql_hash IN (
                  SELECT query.sql_hash FROM query_fingerprints AS query
                  WHERE true
                    AND query.organization_id = $1::bigint -- scope
                    AND ($9::text IS NULL OR query.statement_kind = $9::text)
                    AND ($10::text IS NULL OR $10::text = ANY (query.tables))
                    AND ($11::text IS NULL OR position(lower($11::text) IN lower(query.fingerprint)) > 0)))
    ORDER BY sample.captured_at DESC, sample.id DESC
    LIMIT $14::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
                                AND query.organization_id = $1::bigint -- scope
ORDER BY page.captured_at DESC, page.id DESC
