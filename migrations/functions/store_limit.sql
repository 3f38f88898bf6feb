-- Privileged. Whether the store is larger than its limit, as the collector found when it measured last. No row before
-- the first measurement.
CREATE OR REPLACE FUNCTION store_limit() RETURNS TABLE (is_full boolean, bytes_max bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT verdict.is_full, verdict.bytes_max FROM store_verdict AS verdict
$$;
