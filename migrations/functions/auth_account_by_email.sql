-- Privileged. The user of an e-mail address, with the password hash. `address` has its ASCII letters in lower case.
-- Only ASCII letters are folded, on both sides; lib/auth/session.c says why.
CREATE OR REPLACE FUNCTION auth_account_by_email(address text)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, password_hash text,
               is_active boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text,
           person.password_hash, person.is_active AND organization.is_active
    FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
    WHERE lower(person.email COLLATE "C") = address COLLATE "C";
END $$;
