-- Samples of all fingerprints, newest first. `heads` has the newest sample of each connection, by its index. If the
-- page has n rows, no row of it is older than the n-th newest of the heads (`edge`). So only samples from the edge
-- on are read: a page costs its own rows and not a page of each connection, however many samples there are.
-- Planned each time: a plan for any period opens the index of every partition for every connection.
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 least duration, $6 statement kind or NULL; $7, $8:
-- time and id of the last row of the page before, $9 limit.
-- returns: as slow_query_get
WITH heads AS MATERIALIZED (
    SELECT connection.id, connection.name, connection.engine::text AS engine, head.captured_at
    FROM database_connections AS connection
    CROSS JOIN LATERAL (
        SELECT sample.captured_at
        FROM slow_queries_raw AS sample
        WHERE sample.database_connection_id = connection.id
          AND sample.organization_id = $1::bigint -- scope
          AND sample.captured_at >= $3::timestamptz AND sample.captured_at < $4::timestamptz
          AND sample.captured_at <= $7::timestamptz
          AND (sample.captured_at, sample.id) < ($7::timestamptz, $8::bigint)
          AND sample.duration_ms >= $5::float8
          AND ($6::text IS NULL
               OR sample.sql_hash IN (SELECT query.sql_hash FROM query_fingerprints AS query
                                      WHERE query.statement_kind = $6::text
                                        AND query.organization_id = $1::bigint -- scope
                                      ))
        ORDER BY sample.captured_at DESC
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
       page.duration_ms, page.rows_examined, page.rows_returned, page.user_host, page.database_name, page.provenance,
       page.plan_hash
FROM (
    SELECT heads.id AS database_connection_id, heads.name AS connection_name, heads.engine,
           newest.id, newest.captured_at, newest.sql_hash, newest.full_sql, newest.duration_ms, newest.rows_examined,
           newest.rows_returned, newest.user_host, newest.database_name, newest.provenance, newest.plan_hash
    FROM heads
    CROSS JOIN LATERAL (
        SELECT sample.id, sample.captured_at, sample.sql_hash, sample.full_sql, sample.duration_ms,
               sample.rows_examined, sample.rows_returned, sample.user_host, sample.database_name, sample.provenance,
               sample.plan_hash
        FROM slow_queries_raw AS sample
        WHERE sample.database_connection_id = heads.id
          AND sample.organization_id = $1::bigint -- scope
          AND sample.captured_at >= (SELECT from_at FROM edge)
          AND sample.captured_at >= $3::timestamptz AND sample.captured_at < $4::timestamptz
          AND sample.captured_at <= $7::timestamptz
          AND (sample.captured_at, sample.id) < ($7::timestamptz, $8::bigint)
          AND sample.duration_ms >= $5::float8
          AND ($6::text IS NULL
               OR sample.sql_hash IN (SELECT query.sql_hash FROM query_fingerprints AS query
                                      WHERE query.statement_kind = $6::text
                                        AND query.organization_id = $1::bigint -- scope
                                      ))
        ORDER BY sample.captured_at DESC, sample.id DESC
        LIMIT $9::int) AS newest
    WHERE heads.captured_at >= (SELECT from_at FROM edge)
    ORDER BY newest.captured_at DESC, newest.id DESC
    LIMIT $9::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
                                AND query.organization_id = $1::bigint -- scope
ORDER BY page.captured_at DESC, page.id DESC
