-- Segments that end by this time are built (migrations/010_segments.sql).
-- returns: segmented_until timestamptz
SELECT query_segments_until() AS segmented_until
