-- Blocks that end by then are packed (migrations/010_segments.sql).
-- returns: query_packs_until timestamptz
SELECT query_packs_until()
