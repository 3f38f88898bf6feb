-- Privileged, since the API may not read deltas. The hours of visible connections with samples that are not rolled up
-- yet, or are set aside.
CREATE OR REPLACE FUNCTION sample_hours_unfolded() RETURNS TABLE (database_connection_id bigint, hour_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
    SELECT DISTINCT delta.database_connection_id, date_bin('1 hour', delta.bucket_at, '2000-01-01 00:00:00+00')
    FROM (SELECT organization_id, database_connection_id, bucket_at, sample_calls FROM rollup_deltas
          UNION ALL
          SELECT organization_id, database_connection_id, bucket_at, sample_calls
          FROM rollup_deltas_set_aside) AS delta
    WHERE delta.organization_id = potto_organization() AND delta.database_connection_id = ANY (potto_connections())
      AND delta.sample_calls > 0
$$;
