-- Ends a session with all its refresh tokens; calls a privileged function. $1 organization, $2 family.
SELECT FROM auth_family_end($1::bigint, $2::uuid)
