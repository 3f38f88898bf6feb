-- Another password; user_update.sql has ended the sessions. $1 organization, $2 user, $3 password hash.
UPDATE users SET password_hash = $3::text
WHERE id = $2::bigint
  AND organization_id = $1::bigint -- scope
