-- Pack what has changed and what is over (migrations/012_read_speed.sql).
-- returns: query_packs_refresh void
SELECT query_packs_refresh()
