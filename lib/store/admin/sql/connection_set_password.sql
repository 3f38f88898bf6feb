-- Replace or remove the password of a connection that the caller may change (connection_update.sql).
-- $1 organization, $2 connection, $3 ciphertext or NULL.
UPDATE database_connections SET password_ciphertext = $3::bytea
WHERE id = $2::bigint
  AND organization_id = $1::bigint -- scope
