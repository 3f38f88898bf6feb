-- Privileged, since the API may not read deltas. The hours of visible connections with samples that are not rolled up
-- yet.
CREATE OR REPLACE FUNCTION sample_hours_unfolded() RETURNS TABLE (database_connection_id bigint, hour_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
    SELECT DISTINCT delta.database_connection_id, date_bin('1 hour', delta.bucket_at, '2000-01-01 00:00:00+00')
    FROM rollup_deltas AS delta
    WHERE delta.organization_id = potto_organization() AND delta.database_connection_id = ANY (potto_connections())
      AND delta.sample_calls > 0
$$;
