-- The caller's own new password, whoever was signed in as this user no longer is: a door. False: the old one is another by now.
-- $1 the old password's hash, $2 the new one's, $3 now by the clock that dates tokens, $4 remote address.
SELECT auth_password_change($1::text, $2::text, $3::timestamptz, $4::text)
