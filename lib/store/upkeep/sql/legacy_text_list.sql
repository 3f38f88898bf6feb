-- At most $1 statements of the predecessors that have no fingerprint of Potto's yet, one row for each connection.
-- returns: organization_id bigint, sql_hash uuid, database_connection_id bigint, fingerprint text, engine text
SELECT query.organization_id, query.sql_hash, seen.database_connection_id, query.fingerprint,
       connection.engine::text AS engine
FROM query_fingerprints AS query
JOIN query_fingerprint_connections AS seen
    ON seen.organization_id = query.organization_id AND seen.sql_hash = query.sql_hash
JOIN database_connections AS connection
    ON connection.organization_id = seen.organization_id AND connection.id = seen.database_connection_id
WHERE query.statement_kind = 'legacy'
ORDER BY query.organization_id, query.sql_hash, seen.database_connection_id
LIMIT $1::int
