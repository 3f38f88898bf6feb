-- Whether the store is full, and its limit; calls a privileged function.
-- returns: is_full boolean, bytes_max bigint
SELECT is_full, bytes_max FROM store_limit()
