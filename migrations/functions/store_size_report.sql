-- Privileged, since sizes are of all organizations together. The last measurement, and how much each group of tables
-- has grown a day since the measurement nearest to a week ago. A caller of one organization of several gets nothing;
-- /metrics, for those who run the store, has no caller.
CREATE OR REPLACE FUNCTION store_size_report()
RETURNS TABLE (measured_at timestamptz, table_group text, bytes bigint, row_count bigint, oldest_at timestamptz,
               newest_at timestamptz, growth_bytes double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT size.measured_at, size.table_group, size.bytes, size.row_count, size.oldest_at, size.newest_at,
           (size.bytes - before.bytes) / (extract(epoch FROM size.measured_at - before.measured_at) / 86400)::float8
    FROM store_sizes AS size
    LEFT JOIN LATERAL (
        SELECT past.measured_at, past.bytes FROM store_sizes AS past
        WHERE past.table_group = size.table_group AND past.measured_at < size.measured_at - interval '6 hours'
          AND past.measured_at >= size.measured_at - interval '8 days'
        ORDER BY past.measured_at LIMIT 1) AS before ON true
    WHERE size.measured_at = (SELECT max(last.measured_at) FROM store_sizes AS last)
      AND (potto_organization() IS NULL OR NOT store_is_shared())
$$;
