-- Privileged. Adds a line to the audit log of the caller's organization. During a sign-in nobody is known yet: then the
-- line goes to the organization that the sign-in concerns.
CREATE OR REPLACE FUNCTION audit_append(organization bigint, caller bigint, action text, subject_kind text,
                                        subject bigint, remote_address text, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF organization <> coalesce(potto_organization(), organization) THEN
        RAISE insufficient_privilege USING MESSAGE = 'another organization''s audit log';
    END IF;
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    VALUES (organization, nullif(caller, 0), action, subject_kind, nullif(subject, 0), remote_address, detail);
END $$;
