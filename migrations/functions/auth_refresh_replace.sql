-- Privileged. Marks a refresh token as used. The first use counts: a second one does not extend the grace.
CREATE OR REPLACE FUNCTION auth_refresh_replace(organization bigint, token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET replaced_at = coalesce(replaced_at, now())
    WHERE organization_id = organization AND id = token;
END $$;
