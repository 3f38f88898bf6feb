-- Samples of the fingerprints that a table or a search picks, newest first: the newest of each fingerprint by its index, then
-- the newest of those, so that a rare one is found as fast as a frequent one.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0, $6 to $7 period,
-- $8 least duration, $9 statement kind, $10 table, $11 search, each or NULL; $12, $13: time and id
-- of the last row of the page before, $14 limit.
-- returns: id bigint, database_connection_id bigint, captured_at timestamptz, name text, engine text, sql_hash uuid,
--   fingerprint text, statement_kind text, full_sql text, duration_ms float8, rows_examined bigint,
--   rows_returned bigint, user_host text, database_name text, provenance smallint, plan_hash uuid
WITH chosen AS (
    SELECT coalesce(array_agg(connection.id), '{}') AS ids
    FROM database_connections AS connection
    WHERE true
      AND connection.organization_id = $1::bigint -- scope
      AND connection.id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR connection.id = $3::bigint)
      AND ($4::text IS NULL OR connection.engine::text = $4::text)
      AND ($5::bigint = 0 OR connection.team_id = $5::bigint)
)
SELECT page.id, page.database_connection_id, page.captured_at, connection.name, connection.engine::text, page.sql_hash,
       left(page.fingerprint, 2000) AS fingerprint, page.statement_kind, left(page.full_sql, 2000) AS full_sql, page.duration_ms,
       page.rows_examined, page.rows_returned, page.user_host, page.database_name, page.provenance, page.plan_hash
FROM (
    SELECT query.sql_hash, query.fingerprint, query.statement_kind, newest.id, newest.database_connection_id,
           newest.captured_at, newest.full_sql, newest.duration_ms, newest.rows_examined, newest.rows_returned,
           newest.user_host, newest.database_name, newest.provenance, newest.plan_hash
    FROM query_fingerprints AS query
    CROSS JOIN LATERAL (
        SELECT sample.id, sample.database_connection_id, sample.captured_at, sample.full_sql, sample.duration_ms,
               sample.rows_examined, sample.rows_returned, sample.user_host, sample.database_name, sample.provenance,
               sample.plan_hash
        FROM slow_queries_raw AS sample
        WHERE sample.sql_hash = query.sql_hash
          AND sample.organization_id = $1::bigint -- scope
          AND sample.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
          AND sample.captured_at >= $6::timestamptz AND sample.captured_at < $7::timestamptz
          AND sample.captured_at <= $12::timestamptz
          AND (sample.captured_at, sample.id) < ($12::timestamptz, $13::bigint)
          AND sample.duration_ms >= $8::float8
        ORDER BY sample.captured_at DESC, sample.id DESC
        LIMIT $14::int) AS newest
    WHERE true
      AND query.organization_id = $1::bigint -- scope
      AND ($9::text IS NULL OR query.statement_kind = $9::text)
      AND ($10::text IS NULL OR $10::text = ANY (query.tables))
      AND ($11::text IS NULL OR position(lower($11::text) IN lower(query.fingerprint)) > 0)
    ORDER BY newest.captured_at DESC, newest.id DESC
    LIMIT $14::int) AS page
JOIN database_connections AS connection
    ON connection.id = page.database_connection_id
   AND connection.organization_id = $1::bigint -- scope
ORDER BY page.captured_at DESC, page.id DESC
