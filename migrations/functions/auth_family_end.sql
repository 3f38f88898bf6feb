-- Privileged. Ends a sign-in with all its refresh tokens.
CREATE OR REPLACE FUNCTION auth_family_end(organization bigint, family uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, now())
    WHERE organization_id = organization AND family_id = family;
END $$;
