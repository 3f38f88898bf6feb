-- The caller's user id; 0: an agent.
CREATE OR REPLACE FUNCTION potto_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.user_id', true), '')::bigint
$$;
