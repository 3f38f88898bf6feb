-- Forgets the files $4 of the path $3.
DELETE FROM log_file_places
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND path = $3::text
  AND inode = ANY ($4::bigint[])
