-- Who calls and what they may see, read on every request: a door (migrations/012_row_policies.sql).
-- $1 organization, $2 user, $3 when the token was made (NULL: one that no new password ends). No row: nobody may.
-- returns: email text, role text, data_version bigint, connection_ids bigint[]
SELECT email, role, data_version, connection_ids FROM auth_user_scope($1::bigint, $2::bigint, $3::timestamptz)
