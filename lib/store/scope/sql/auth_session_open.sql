-- A fresh refresh token: a door. Comes back: of when the access token is; NULL: there is no such session to open any more.
-- $1 organization, $2 user, $3 family, $4 SHA-256 of the token, $5 its life in seconds, $6 the password hash by which the user signs
-- in, or NULL: had a session.
-- returns: auth_session_open timestamptz
SELECT auth_session_open($1::bigint, $2::bigint, $3::uuid, $4::bytea, $5::bigint, $6::text)
