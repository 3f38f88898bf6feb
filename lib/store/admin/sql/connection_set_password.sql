-- Another password, or none. $1 organization, $2 connection, which the caller may change (connection_update.sql), $3
-- ciphertext.
UPDATE database_connections SET password_ciphertext = $3::bytea
WHERE id = $2::bigint
  AND organization_id = $1::bigint -- scope
