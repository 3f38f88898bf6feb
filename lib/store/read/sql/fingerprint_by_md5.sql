-- The statement that the systems before Potto name by an MD5, if a visible connection ran it.
-- $1 organization, $2 visible connections, $3 MD5.
-- returns: sql_hash uuid
SELECT seen.sql_hash
FROM query_fingerprint_connections AS seen
WHERE seen.sql_hash = (SELECT statement_by_md5($3::uuid))
  AND seen.organization_id = $1::bigint -- scope
  AND seen.database_connection_id = ANY ($2::bigint[]) -- scope
LIMIT 1
