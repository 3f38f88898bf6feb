-- A refresh token with its user, both locked; calls a privileged function. $1 SHA-256 of the token, $2 seconds for
-- which a replaced token is still accepted.
-- returns: organization_id bigint, user_id bigint, email text, display_name text, role text, is_active boolean,
--   token_id bigint, family_id uuid, is_alive boolean, is_replaced boolean, is_in_grace boolean
SELECT organization_id, user_id, email, display_name, role, is_active, token_id, family_id, is_alive, is_replaced,
       is_in_grace
FROM auth_refresh_find($1::bytea, $2::bigint)
