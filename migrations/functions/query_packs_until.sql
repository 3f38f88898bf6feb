-- Privileged, since the API may not read the table. Segments that end by this time are built.
CREATE OR REPLACE FUNCTION query_packs_until() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT packed_until FROM query_pack_state
$$;
