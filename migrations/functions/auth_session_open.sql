-- Privileged. Stores a new refresh token and deletes the user's expired ones, so that they do not pile up.
-- seen_password_hash is the one that the caller was just checked against; NULL for a caller who had a session. A user
-- with tokens_max tokens loses the sign-in that was used the longest ago. Returns the time from which the access token
-- is dated. It is read while the user's row is locked, by the store's clock, so that an access token is never dated
-- after an end of sessions that came later. NULL: the password has changed meanwhile, the user or the organization is
-- not active any more, or this sign-in alone has tokens_max tokens.
CREATE OR REPLACE FUNCTION auth_session_open(organization bigint, caller bigint, family uuid, hash bytea, life_s bigint,
                                  seen_password_hash text, tokens_max bigint)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ended_at timestamptz;
BEGIN
    SELECT person.tokens_valid_after INTO ended_at
    FROM users AS person JOIN organizations ON organizations.id = person.organization_id
    WHERE person.organization_id = organization AND person.id = caller AND person.is_active AND organizations.is_active
      AND (seen_password_hash IS NULL OR person.password_hash = seen_password_hash)
    FOR NO KEY UPDATE OF person;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM refresh_tokens WHERE organization_id = organization AND user_id = caller AND expires_at < now();
    IF (SELECT count(*) FROM refresh_tokens
        WHERE organization_id = organization AND user_id = caller) >= tokens_max THEN
        DELETE FROM refresh_tokens WHERE organization_id = organization AND family_id = (
            SELECT token.family_id FROM refresh_tokens AS token
            WHERE token.organization_id = organization AND token.user_id = caller AND token.family_id <> family
            GROUP BY token.family_id ORDER BY max(token.id) LIMIT 1);
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    IF seen_password_hash IS NOT NULL THEN
        UPDATE users SET last_login_at = now() WHERE organization_id = organization AND id = caller;
    END IF;
    INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at)
    VALUES (organization, caller, family, hash, now() + life_s * interval '1 second');
    RETURN greatest(clock_timestamp(), ended_at + interval '1 microsecond');
END $$;
