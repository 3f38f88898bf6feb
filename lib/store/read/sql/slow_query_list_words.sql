-- Samples of the fingerprints that a table or a search picks, newest first. An index gives the newest samples of
-- each fingerprint, and the newest of those make the page: a rare fingerprint is found as fast as a frequent one.
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 least duration, $6 statement kind, $7 table, $8
-- search, each or NULL; $9, $10: time and id of the last row of the page before, $11 limit, $12 whether statements that
-- read catalogues alone are listed too.
-- returns: id bigint, database_connection_id bigint, captured_at timestamptz, name text, engine text, sql_hash uuid,
--   fingerprint text, statement_kind text, full_sql text, duration_ms float8, rows_examined bigint,
--   rows_returned bigint, lock_us bigint, user_host text, database_name text, provenance smallint, plan_hash uuid
SELECT page.id, page.database_connection_id, page.captured_at, connection.name, connection.engine::text, page.sql_hash,
       left(page.fingerprint, 2000) AS fingerprint, page.statement_kind, left(page.full_sql, 2000) AS full_sql,
       page.duration_ms, page.rows_examined, page.rows_returned, page.lock_us, page.user_host, page.database_name,
       page.provenance, page.plan_hash
FROM (
    SELECT query.sql_hash, query.fingerprint, query.statement_kind, newest.id, newest.database_connection_id,
           newest.captured_at, newest.full_sql, newest.duration_ms, newest.rows_examined, newest.rows_returned,
           newest.lock_us, newest.user_host, newest.database_name, newest.provenance, newest.plan_hash
    FROM query_fingerprints AS query
    CROSS JOIN LATERAL (
        SELECT sample.id, sample.database_connection_id, sample.captured_at, sample.full_sql, sample.duration_ms,
               sample.rows_examined, sample.rows_returned, sample.lock_us, sample.user_host, sample.database_name,
               sample.provenance, sample.plan_hash
        FROM slow_queries_raw AS sample
        WHERE sample.sql_hash = query.sql_hash
          AND sample.organization_id = $1::bigint -- scope
          AND sample.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
          AND sample.captured_at >= $3::timestamptz AND sample.captured_at < $4::timestamptz
          AND sample.captured_at <= $9::timestamptz
          AND (sample.captured_at, sample.id) < ($9::timestamptz, $10::bigint)
          AND sample.duration_ms >= $5::float8
        ORDER BY sample.captured_at DESC, sample.id DESC
        LIMIT $11::int) AS newest
    WHERE true
      AND query.organization_id = $1::bigint -- scope
      AND ($6::text IS NULL OR query.statement_kind = $6::text)
      AND ($12::bool OR NOT query.is_catalog)
      AND ($7::text IS NULL OR $7::text = ANY (query.tables))
      AND ($8::text IS NULL OR position(lower($8::text) IN lower(query.fingerprint)) > 0)
    ORDER BY newest.captured_at DESC, newest.id DESC
    LIMIT $11::int) AS page
JOIN database_connections AS connection
    ON connection.id = page.database_connection_id
   AND connection.organization_id = $1::bigint -- scope
ORDER BY page.captured_at DESC, page.id DESC
