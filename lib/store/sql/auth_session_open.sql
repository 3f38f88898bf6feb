-- A fresh refresh token: a door.
-- $1 organization, $2 user, $3 family, $4 SHA-256 of the token, $5 its life in seconds, $6 whether this is a sign-in.
SELECT FROM auth_session_open($1::bigint, $2::bigint, $3::uuid, $4::bytea, $5::bigint, $6::boolean)
