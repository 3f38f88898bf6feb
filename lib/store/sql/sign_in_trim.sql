-- A few counters and networks that no longer count: more than a sign-in adds, so that they do not pile up.
WITH counters AS (
    DELETE FROM sign_in_counters WHERE (kind, key) IN (
        SELECT kind, key FROM sign_in_counters WHERE forget_at < now()
        ORDER BY forget_at LIMIT 10 FOR UPDATE SKIP LOCKED)
)
DELETE FROM sign_in_networks WHERE key IN (
    SELECT key FROM sign_in_networks WHERE last_success_at < now() - interval '30 days'
    ORDER BY last_success_at LIMIT 10 FOR UPDATE SKIP LOCKED)
