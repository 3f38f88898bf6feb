-- As rollup_lock.sql, but wait until the lock is free.
-- returns: pg_advisory_xact_lock void
SELECT pg_advisory_xact_lock(x'706f74746f01'::bigint)
