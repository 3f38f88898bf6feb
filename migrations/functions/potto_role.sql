-- The caller's role: viewer, member, admin or agent.
CREATE OR REPLACE FUNCTION potto_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.role', true), '')
$$;
