-- Rollups of connections in a period that lib/store/read has cut into tiers: five-minute, hour, day, hour and
-- five-minute buckets. A plain SELECT, so that the planner inlines it and applies the caller's filters.
CREATE OR REPLACE FUNCTION connection_facts(fine_from timestamptz, fine_to timestamptz, hour_from timestamptz,
                                            hour_to timestamptz, day_from timestamptz, day_to timestamptz,
                                            late_hour_from timestamptz, late_hour_to timestamptz,
                                            late_fine_from timestamptz, late_fine_to timestamptz)
RETURNS TABLE (organization_id bigint, database_connection_id bigint, calls bigint, slow_calls bigint,
               total_ms double precision)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 300 AND bucket_at >= $1 AND bucket_at < $2
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 3600 AND bucket_at >= $3 AND bucket_at < $4
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 86400 AND bucket_at >= $5 AND bucket_at < $6
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 3600 AND bucket_at >= $7 AND bucket_at < $8
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 300 AND bucket_at >= $9 AND bucket_at < $10
$$;
