-- Privileged. Replaces a predecessor's hash of a password, which the caller has just been checked against, by another
-- hash of the same password. Sessions stay. False: the user has another hash by now.
CREATE OR REPLACE FUNCTION auth_password_upgrade(organization bigint, caller bigint, seen_password_hash text,
                                      fresh_password_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE users SET password_hash = fresh_password_hash
    WHERE organization_id = organization AND id = caller AND password_hash = seen_password_hash
      AND password_hash LIKE '$2_$%';
    RETURN FOUND;
END $$;
