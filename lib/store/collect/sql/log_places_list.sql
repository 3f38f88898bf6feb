-- How far the files of the path $3 are read. If there is none, a row of NULLs says that the path is followed.
-- returns: inode bigint, name text, head_size int, head_digest bigint, read_from bigint, told bigint, mode int,
--   followed_at timestamptz
SELECT place.inode, place.name, place.head_size, place.head_digest, place.read_from, place.told, place.mode,
       file.followed_at
FROM log_files AS file
LEFT JOIN log_file_places AS place
  ON place.organization_id = file.organization_id AND place.database_connection_id = file.database_connection_id
 AND place.path = file.path
WHERE file.organization_id = $1::bigint AND file.database_connection_id = $2::bigint AND file.path = $3::text
ORDER BY place.inode
