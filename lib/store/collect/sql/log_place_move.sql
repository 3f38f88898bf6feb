-- Moves the place of the file $4 of the path $3, if it still is as it was: $5 its head's digest, $6 read_from, $7 told,
-- which is below 0 if no place was known. No row: it is another one.
-- returns: is_moved boolean
INSERT INTO log_file_places AS known (organization_id, database_connection_id, path, inode, name, head_size,
                                      head_digest, read_from, told, mode)
SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $8::text, $9::int, $10::bigint, $11::bigint, $12::bigint, $13::int
WHERE $7::bigint < 0 OR EXISTS (SELECT FROM log_file_places
                                WHERE organization_id = $1 AND database_connection_id = $2 AND path = $3
                                  AND inode = $4)
ON CONFLICT (organization_id, database_connection_id, path, inode) DO UPDATE
SET name = excluded.name, head_size = excluded.head_size, head_digest = excluded.head_digest,
    read_from = excluded.read_from, told = excluded.told, mode = excluded.mode
WHERE known.head_digest = $5::bigint AND known.read_from = $6::bigint AND known.told = $7
RETURNING true AS is_moved
