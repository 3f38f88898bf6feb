-- Privileged. Whatever makes access tokens too old ends refresh tokens too. A trigger: the statement that changes the
-- user does not see a session that was opened while it waited for the row.
CREATE OR REPLACE FUNCTION users_end_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE organization_id = new.organization_id AND user_id = new.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
