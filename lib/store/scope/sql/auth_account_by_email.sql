-- The user who signs in; calls a privileged function. $1 email, its ASCII letters in lower case.
-- returns: organization_id bigint, user_id bigint, email text, display_name text, role text, password_hash text,
--   is_active boolean
SELECT organization_id, user_id, email, display_name, role, password_hash, is_active
FROM auth_account_by_email($1::text)
