-- The caller's own new password, whoever was signed in as this user no longer is: a door. False: the old one is another by now.
-- $1 the old password's hash, $2 the new one's, $3 remote address.
-- returns: auth_password_change boolean
SELECT auth_password_change($1::text, $2::text, $3::text)
