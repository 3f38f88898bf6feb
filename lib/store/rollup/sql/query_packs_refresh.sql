-- Pack what has changed and what is over (migrations/010_segments.sql).
-- returns: query_packs_refresh void
SELECT query_packs_refresh()
