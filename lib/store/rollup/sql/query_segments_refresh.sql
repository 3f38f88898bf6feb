-- Build the segments and chunks of changed data and of completed intervals (migrations/010_segments.sql).
-- returns: query_segments_refresh void
SELECT query_segments_refresh()
