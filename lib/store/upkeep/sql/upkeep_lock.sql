-- True if this transaction may do maintenance: only one at a time has this lock, until it ends. 706f74746f is "potto"
-- in ASCII, 02 stands for maintenance.
-- returns: pg_try_advisory_xact_lock boolean
SELECT pg_try_advisory_xact_lock(x'706f74746f02'::bigint)
