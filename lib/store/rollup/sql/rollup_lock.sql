-- Take the lock of the fold until the transaction ends: one collector folds at a time. In the key, 706f74746f spells
-- "potto", and 01 stands for the rollups. held: the connections that are set aside.
-- returns: is_ours boolean, held bigint[]
SELECT pg_try_advisory_xact_lock(x'706f74746f01'::bigint) AS is_ours,
       (SELECT coalesce(array_agg(database_connection_id), '{}') FROM rollup_set_aside) AS held
