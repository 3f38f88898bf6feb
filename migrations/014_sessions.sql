-- Sessions end for good: what opens one and what ends it wait for each other on the user's row, and whichever comes second
-- looked at the store after the first.

-- A refresh token with its user, locked. The user first, in a statement of its own: the one that follows sees what was
-- committed by whom it waited for.
CREATE OR REPLACE FUNCTION auth_refresh_find(hash bytea, grace_s bigint)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, is_active boolean,
               token_id bigint, family_id uuid, is_alive boolean, is_replaced boolean, is_in_grace boolean)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users AS person
    WHERE (person.organization_id, person.id) = (SELECT token.organization_id, token.user_id FROM refresh_tokens AS token
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

-- A fresh refresh token; the user's expired ones go, so that they do not pile up. seen_password_hash: the one by which the
-- caller was let in just now; NULL for who had a session. False: it is no longer that, or the user or the organization
-- is not active any more.
DROP FUNCTION auth_session_open(bigint, bigint, uuid, bytea, bigint, boolean);
CREATE FUNCTION auth_session_open(organization bigint, caller bigint, family uuid, hash bytea, life_s bigint,
                                  seen_password_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users AS person JOIN organizations ON organizations.id = person.organization_id
    WHERE person.organization_id = organization AND person.id = caller AND person.is_active AND organizations.is_active
      AND (seen_password_hash IS NULL OR person.password_hash = seen_password_hash)
    FOR NO KEY UPDATE OF person;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM refresh_tokens WHERE organization_id = organization AND user_id = caller AND expires_at < now();
    IF seen_password_hash IS NOT NULL THEN
        UPDATE users SET last_login_at = now() WHERE organization_id = organization AND id = caller;
    END IF;
    INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at)
    VALUES (organization, caller, family, hash, now() + life_s * interval '1 second');
    RETURN true;
END $$;

-- The caller's own new password, in place of the one that the caller has shown to know. False: it is another by now.
CREATE FUNCTION auth_password_change(seen_password_hash text, fresh_password_hash text, tokens_from timestamptz,
                                     remote_address text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE users SET password_hash = fresh_password_hash, tokens_valid_after = tokens_from
    WHERE organization_id = potto_organization() AND id = potto_user() AND password_hash = seen_password_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address)
    VALUES (potto_organization(), potto_user(), 'password_changed', 'user', potto_user(), remote_address);
    RETURN true;
END $$;

-- Whatever makes access tokens too old ends the refresh tokens too. A trigger, not a part of the statement that does it: that
-- one does not see what was opened while it waited for the user's row.
CREATE FUNCTION users_end_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE organization_id = new.organization_id AND user_id = new.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER users_end_sessions AFTER UPDATE OF tokens_valid_after ON users
FOR EACH ROW WHEN (new.tokens_valid_after <> old.tokens_valid_after) EXECUTE FUNCTION users_end_sessions();

-- Who has an address, its ASCII letters in lower case, and by which password they are known. Only those letters are folded on
-- either side: with others in capitals nobody would be found (lib/auth/session.c says why it folds no more).
CREATE OR REPLACE FUNCTION auth_account_by_email(address text)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, password_hash text,
               is_active boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text, person.password_hash,
           person.is_active AND organization.is_active
    FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
    WHERE lower(person.email COLLATE "C") = address COLLATE "C";
END $$;
CREATE UNIQUE INDEX users_email_ascii ON users (lower(email COLLATE "C"));
