-- As rollup_lock, but waits for its turn.
-- returns: pg_advisory_xact_lock void
SELECT pg_advisory_xact_lock(x'706f74746f01'::bigint)
