-- $1 email, in any case.
SELECT organization_id, id, email, display_name, role::text, is_active FROM users WHERE lower(email) = lower($1::text)
