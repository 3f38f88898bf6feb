-- Samples of all fingerprints, newest first. `heads` has the newest sample of each connection, by its index. If the
-- page has n rows, no row of it is older than the n-th newest of the heads (`edge`). So only samples from the edge
-- on are read: a page costs its own rows and not a page of each connection, however many samples there are.
-- Of a connection at most $11 samples are read, however many of them are listed. The last of so many is always there,
-- and is_last_read: if it is on the page, rows may be missing after it.
-- Planned each time: a plan for any period opens the index of every partition for every connection.
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 least duration, $6 statement kind or NULL; $7, $8:
-- time and id of the last row of the page before, $9 limit, $10 whether statements that read catalogues alone are
-- listed too, $11 as above.
-- returns: id bigint, database_connection_id bigint, captured_at timestamptz, connection_name text, engine text,
--   sql_hash uuid, fingerprint text, statement_kind text, full_sql text, duration_ms float8, rows_examined bigint,
--   rows_returned bigint, lock_us bigint, user_host text, database_name text, provenance smallint, plan_hash uuid,
--   is_last_read boolean
WITH unlisted AS MATERIALIZED (
    SELECT sql_hash FROM query_fingerprints
    WHERE (is_catalog AND NOT $10::bool OR statement_kind <> $6::text)
      AND organization_id = $1::bigint -- scope
), heads AS MATERIALIZED (
    SELECT connection.id, connection.name, connection.engine::text AS engine, head.captured_at
    FROM database_connections AS connection
    CROSS JOIN LATERAL (
        SELECT captured_at
        FROM (
            SELECT captured_at, sql_hash, row_number() OVER () AS number
            FROM (
                SELECT captured_at, sql_hash
                FROM slow_queries_raw
                WHERE database_connection_id = connection.id
                  AND organization_id = $1::bigint -- scope
                  AND captured_at >= $3::timestamptz AND captured_at < $4::timestamptz
                  AND captured_at <= $7::timestamptz
                  AND (captured_at, id) < ($7::timestamptz, $8::bigint)
                  AND duration_ms >= $5::float8
                ORDER BY captured_at DESC
                LIMIT $11::int) AS sample) AS newest
        WHERE number = $11::int OR sql_hash NOT IN (SELECT unlisted.sql_hash FROM unlisted)
        LIMIT 1) AS head
    WHERE true
      AND connection.organization_id = $1::bigint -- scope
      AND connection.id = ANY ($2::bigint[]) -- scope
), edge AS MATERIALIZED (
    SELECT coalesce((SELECT captured_at FROM heads ORDER BY captured_at DESC OFFSET $9::int - 1 LIMIT 1),
                    $3::timestamptz) AS from_at
)
SELECT page.id, page.database_connection_id, page.captured_at, page.connection_name, page.engine, page.sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, left(page.full_sql, 2000) AS full_sql,
       page.duration_ms, page.rows_examined, page.rows_returned, page.lock_us, page.user_host, page.database_name,
       page.provenance, page.plan_hash, page.is_last_read
FROM (
    SELECT heads.id AS database_connection_id, heads.name AS connection_name, heads.engine,
           newest.id, newest.captured_at, newest.sql_hash, newest.full_sql, newest.duration_ms, newest.rows_examined,
           newest.rows_returned, newest.lock_us, newest.user_host, newest.database_name, newest.provenance,
           newest.plan_hash,
           newest.number = $11::int AS is_last_read
    FROM heads
    CROSS JOIN LATERAL (
        SELECT id, captured_at, sql_hash, full_sql, duration_ms, rows_examined, rows_returned, lock_us, user_host,
               database_name, provenance, plan_hash, number
        FROM (
            SELECT id, captured_at, sql_hash, full_sql, duration_ms, rows_examined, rows_returned, lock_us, user_host,
                   database_name, provenance, plan_hash, row_number() OVER () AS number
            FROM (
                SELECT id, captured_at, sql_hash, full_sql, duration_ms, rows_examined, rows_returned, lock_us,
                       user_host, database_name, provenance, plan_hash
                FROM slow_queries_raw
                WHERE database_connection_id = heads.id
                  AND organization_id = $1::bigint -- scope
                  AND captured_at >= (SELECT from_at FROM edge)
                  AND captured_at >= $3::timestamptz AND captured_at < $4::timestamptz
                  AND captured_at <= $7::timestamptz
                  AND (captured_at, id) < ($7::timestamptz, $8::bigint)
                  AND duration_ms >= $5::float8
                ORDER BY captured_at DESC, id DESC
                LIMIT $11::int) AS sample) AS numbered
        WHERE number = $11::int OR sql_hash NOT IN (SELECT unlisted.sql_hash FROM unlisted)
        LIMIT $9::int) AS newest
    WHERE heads.captured_at >= (SELECT from_at FROM edge)
    ORDER BY newest.captured_at DESC, newest.id DESC
    LIMIT $9::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
                                AND query.organization_id = $1::bigint -- scope
ORDER BY page.captured_at DESC, page.id DESC
