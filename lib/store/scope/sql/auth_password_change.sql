-- Sets the caller's own new password and ends all sessions of this user; calls a privileged function. False: the hash
-- of the old password has changed meanwhile. $1 hash of the old password, $2 hash of the new one, $3 remote address.
-- returns: auth_password_change boolean
SELECT auth_password_change($1::text, $2::text, $3::text)
