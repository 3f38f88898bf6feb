-- $1 email, in any case.
-- returns: organization_id bigint, id bigint, email text, display_name text, role text, is_active boolean
SELECT organization_id, id, email, display_name, role::text, is_active FROM users WHERE lower(email) = lower($1::text)
