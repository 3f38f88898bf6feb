-- Privileged. How many seconds ago the oldest fact was stored that is not rolled up yet.
CREATE OR REPLACE FUNCTION rollup_lag_s() RETURNS double precision LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT extract(epoch FROM greatest(clock_timestamp() - made_at, interval '0'))::float8
                     FROM rollup_deltas ORDER BY id LIMIT 1), 0)
$$;
