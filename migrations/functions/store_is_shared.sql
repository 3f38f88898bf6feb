-- Privileged. Does the store serve several organizations? Then sizes of whole tables tell one about the others.
CREATE OR REPLACE FUNCTION store_is_shared() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) > 1 FROM (SELECT FROM organizations LIMIT 2) AS few
$$;
