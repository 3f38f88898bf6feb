-- Deletes at most $2 places of log files that nobody has looked at since $1.
DELETE FROM log_file_places
WHERE ctid = ANY (ARRAY (SELECT place.ctid
                         FROM log_file_places AS place
                         JOIN log_files AS file
                           ON file.organization_id = place.organization_id
                          AND file.database_connection_id = place.database_connection_id AND file.path = place.path
                         WHERE file.looked_at < $1::timestamptz LIMIT $2::int))
