-- Privileged. Sets the caller's own new password, if seen_password_hash, which the caller has proved to know, is still
-- the current one. False: it is not.
CREATE OR REPLACE FUNCTION auth_password_change(seen_password_hash text, fresh_password_hash text, remote_address text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE users SET password_hash = fresh_password_hash, tokens_valid_after = clock_timestamp()
    WHERE organization_id = potto_organization() AND id = potto_user() AND password_hash = seen_password_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address)
    VALUES (potto_organization(), potto_user(), 'password_changed', 'user', potto_user(), remote_address);
    RETURN true;
END $$;
