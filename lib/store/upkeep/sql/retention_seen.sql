-- Deletes at most $2 rows that tell on which connection a statement was seen, if it was last seen there before $1: its
-- rollups are deleted by then. Rows of legacy connections stay as long as their samples.
DELETE FROM query_fingerprint_connections
WHERE ctid = ANY (ARRAY (SELECT seen.ctid FROM query_fingerprint_connections AS seen
                         JOIN database_connections AS connection
                             ON connection.organization_id = seen.organization_id
                                AND connection.id = seen.database_connection_id AND NOT connection.is_legacy
                         WHERE seen.last_seen_at < $1::timestamptz LIMIT $2::int))
