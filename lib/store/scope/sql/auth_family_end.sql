-- End a sign-in with all its refresh tokens: a door. $1 organization, $2 family.
SELECT FROM auth_family_end($1::bigint, $2::uuid)
