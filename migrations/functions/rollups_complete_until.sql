-- Privileged. If facts of connections that the caller sees have waited for longer than late_s to be rolled up: the
-- start of the oldest five minutes that lack some. Otherwise NULL. Says nothing of others' connections. Deltas are
-- folded the newest first, so the one of the oldest five minutes has waited as long as any.
CREATE OR REPLACE FUNCTION rollups_complete_until(late_s double precision) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN rollup_lag_s() > late_s THEN (
        SELECT min(oldest.bucket_at)
        FROM unnest(potto_connections()) AS visible (connection_id)
        CROSS JOIN LATERAL (SELECT bucket_at, made_at FROM rollup_deltas
                            WHERE database_connection_id = visible.connection_id
                              AND organization_id = potto_organization()
                            ORDER BY bucket_at LIMIT 1) AS oldest
        WHERE oldest.made_at < now() - make_interval(secs => late_s)) END
$$;
