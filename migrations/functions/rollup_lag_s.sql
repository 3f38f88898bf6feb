-- Privileged. How many seconds ago the oldest fact was stored that is not rolled up yet, samples and reports of MongoDB
-- alike.
CREATE OR REPLACE FUNCTION rollup_lag_s() RETURNS double precision LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(extract(epoch FROM greatest(clock_timestamp() - least(
                        (SELECT made_at FROM rollup_deltas ORDER BY id LIMIT 1),
                        (SELECT made_at FROM mongodb_deltas ORDER BY id LIMIT 1)), interval '0'))::float8, 0)
$$;
