-- Build segments and chunks of what has changed and of what is over (migrations/010_segments.sql).
-- returns: query_segments_refresh void
SELECT query_segments_refresh()
