-- The caller and what they may see, read on every request; calls a privileged function
-- (migrations/012_row_policies.sql). $1 organization, $2 user, $3 when the token was issued (NULL: an API token, which
-- a new password does not end). No row: the caller is refused.
-- returns: email text, role text, data_version bigint, connection_ids bigint[]
SELECT email, role, data_version, connection_ids FROM auth_user_scope($1::bigint, $2::bigint, $3::timestamptz)
