-- Where statements were seen that were last seen before $1, at most $2: no rollup of theirs is left. Legacy ones stay with their samples.
DELETE FROM query_fingerprint_connections
WHERE ctid = ANY (ARRAY (SELECT seen.ctid FROM query_fingerprint_connections AS seen
                         JOIN database_connections AS connection
                             ON connection.organization_id = seen.organization_id
                                AND connection.id = seen.database_connection_id AND NOT connection.is_legacy
                         WHERE seen.last_seen_at < $1::timestamptz LIMIT $2::int))
