-- Privileged. How many seconds ago the oldest fact was stored that is not rolled up yet, samples and reports of MongoDB
-- alike, without what is set aside.
CREATE OR REPLACE FUNCTION rollup_lag_s() RETURNS double precision LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(extract(epoch FROM greatest(clock_timestamp() - least(
                        (SELECT made_at FROM rollup_deltas ORDER BY id LIMIT 1),
                        (SELECT made_at FROM mongodb_deltas AS delta
                         WHERE NOT EXISTS (SELECT FROM rollup_set_aside AS held
                                           WHERE held.organization_id = delta.organization_id
                                             AND held.database_connection_id = delta.database_connection_id)
                         ORDER BY id LIMIT 1)), interval '0'))::float8, 0)
$$;
