-- Marks a refresh token as used; calls a privileged function. $1 organization, $2 refresh token.
SELECT FROM auth_refresh_replace($1::bigint, $2::bigint)
