-- Privileged. The number of the newest migration that was applied; 0: none.
CREATE OR REPLACE FUNCTION schema_version() RETURNS int LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(max(version), 0) FROM schema_migrations
$$;
