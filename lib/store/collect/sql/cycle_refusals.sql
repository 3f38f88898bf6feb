-- Statements that EXPLAIN was not asked for, or that the server refused to explain, and why. A code may be empty.
INSERT INTO query_plans_refused AS known (organization_id, database_connection_id, sql_hash, reason, code)
SELECT $1::bigint, $2::bigint, sql_hash, reason, nullif(code, '')
FROM unnest($3::uuid[], $4::text[], $5::text[]) AS refused (sql_hash, reason, code)
ON CONFLICT (organization_id, sql_hash, database_connection_id) DO UPDATE
SET reason = excluded.reason, code = excluded.code, refused_at = now()
