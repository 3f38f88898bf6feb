-- Pack what has changed and what is over (migrations/012_read_speed.sql).
SELECT query_packs_refresh()
