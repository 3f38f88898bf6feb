-- Replaces a predecessor's hash of a password; calls a privileged function. False: the password has changed meanwhile.
-- $1 organization, $2 user, $3 hash that was just checked, $4 another hash of the same password.
-- returns: auth_password_upgrade boolean
SELECT auth_password_upgrade($1::bigint, $2::bigint, $3::text, $4::text)
