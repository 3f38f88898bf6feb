-- The connections whose queries the caller may read.
CREATE OR REPLACE FUNCTION potto_connections() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.connection_ids', true), '')::bigint[]
$$;
