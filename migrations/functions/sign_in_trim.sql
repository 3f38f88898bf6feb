-- Privileged. Deletes a few counters and networks that no longer count: more than one sign-in adds, so that they do not
-- pile up.
CREATE OR REPLACE FUNCTION sign_in_trim() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM sign_in_counters WHERE (kind, key) IN (
        SELECT kind, key FROM sign_in_counters WHERE forget_at < now()
        ORDER BY forget_at LIMIT 10 FOR UPDATE SKIP LOCKED);
    DELETE FROM sign_in_networks WHERE key IN (
        SELECT key FROM sign_in_networks WHERE last_success_at < now() - interval '30 days'
        ORDER BY last_success_at LIMIT 10 FOR UPDATE SKIP LOCKED);
END $$;
