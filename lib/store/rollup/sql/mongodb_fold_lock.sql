-- Take the lock of folding MongoDB reports until the transaction ends. In the key, 706f74746f spells "potto".
-- returns: is_ours boolean
SELECT pg_try_advisory_xact_lock(x'706f74746f0d'::bigint) AS is_ours
