-- Take the lock of the fold until the transaction ends: one collector folds at a time. In the key, 706f74746f spells
-- "potto", and 01 stands for the rollups.
-- returns: pg_try_advisory_xact_lock boolean
SELECT pg_try_advisory_xact_lock(x'706f74746f01'::bigint)
