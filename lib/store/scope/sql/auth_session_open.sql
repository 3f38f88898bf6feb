-- Stores a new refresh token and returns the time from which the access token is dated; calls a privileged function.
-- NULL: the password has changed meanwhile, the user or the organization is not active any more, or this session has $7
-- tokens.
-- $1 organization, $2 user, $3 family, $4 SHA-256 of the token, $5 its life in seconds, $6 the password hash that the
-- user was checked against, or NULL if the user had a session, $7 how many tokens a user may have.
-- returns: auth_session_open timestamptz
SELECT auth_session_open($1::bigint, $2::bigint, $3::uuid, $4::bytea, $5::bigint, $6::text, $7::bigint)
