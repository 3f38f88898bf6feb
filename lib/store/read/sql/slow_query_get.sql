-- One sample, if its connection is visible. $1 organization, $2 visible connections, $3 id.
-- returns: id bigint, database_connection_id bigint, captured_at timestamptz, connection_name text, engine text,
--   sql_hash uuid, fingerprint text, statement_kind text, full_sql text, duration_ms float8, rows_examined bigint,
--   rows_returned bigint, lock_us bigint, user_host text, database_name text, provenance smallint, plan_hash uuid
SELECT sample.id, sample.database_connection_id, sample.captured_at, connection.name AS connection_name,
       connection.engine::text, sample.sql_hash, query.fingerprint, query.statement_kind, sample.full_sql,
       sample.duration_ms, sample.rows_examined, sample.rows_returned, sample.lock_us, sample.user_host,
       sample.database_name, sample.provenance, sample.plan_hash
FROM slow_queries_raw AS sample
JOIN database_connections AS connection
    ON connection.organization_id = sample.organization_id AND connection.id = sample.database_connection_id
JOIN query_fingerprints AS query
    ON query.organization_id = sample.organization_id AND query.sql_hash = sample.sql_hash
WHERE sample.id = $3::bigint
  AND sample.organization_id = $1::bigint -- scope
  AND sample.database_connection_id = ANY ($2::bigint[]) -- scope
