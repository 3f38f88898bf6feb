-- Privileged. A refresh token with its user; both rows are locked. The user is locked first, in a statement of its own,
-- so that the second statement sees what a session that held the lock has committed. A replaced token is accepted for
-- grace_s seconds.
CREATE OR REPLACE FUNCTION auth_refresh_find(hash bytea, grace_s bigint)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, is_active boolean,
               token_id bigint, family_id uuid, is_alive boolean, is_replaced boolean, is_in_grace boolean)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users AS person
    WHERE (person.organization_id, person.id) = (SELECT token.organization_id, token.user_id
                                                 FROM refresh_tokens AS token
                                                 WHERE token.token_hash = hash)
    FOR NO KEY UPDATE;
    RETURN QUERY
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text,
           person.is_active AND organization.is_active,
           token.id, token.family_id,
           token.revoked_at IS NULL AND token.expires_at > now(),
           token.replaced_at IS NOT NULL,
           coalesce(token.replaced_at > now() - grace_s * interval '1 second', false)
    FROM refresh_tokens AS token
    JOIN users AS person ON person.organization_id = token.organization_id AND person.id = token.user_id
    JOIN organizations AS organization ON organization.id = token.organization_id
    WHERE token.token_hash = hash
    FOR UPDATE OF token;
END $$;
