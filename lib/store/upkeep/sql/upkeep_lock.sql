-- One at a time, until its transaction ends. 706f74746f is "potto", 02 the upkeep.
-- returns: pg_try_advisory_xact_lock boolean
SELECT pg_try_advisory_xact_lock(x'706f74746f02'::bigint)
