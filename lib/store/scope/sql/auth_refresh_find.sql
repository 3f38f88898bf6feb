-- A refresh token with its user, locked: a door. $1 SHA-256 of the token, $2 seconds of grace after its replacement.
SELECT organization_id, user_id, email, display_name, role, is_active, token_id, family_id, is_alive, is_replaced, is_in_grace
FROM auth_refresh_find($1::bytea, $2::bigint)
