-- Whether the statement administers, on behalf of an admin. lib/store says so for single statements; all others see
-- only what is visible to the caller.
CREATE OR REPLACE FUNCTION potto_administers() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('potto.administers', true), '') = 'on' AND potto_role() = 'admin'
$$;
