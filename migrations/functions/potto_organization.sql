-- The caller's organization; NULL: nobody is known, and no row is visible. lib/store/scope sets this and the other
-- potto.* settings at the start of each transaction (scope_set.sql).
CREATE OR REPLACE FUNCTION potto_organization() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.organization_id', true), '')::bigint
$$;
