-- Blocks that end by then are packed (migrations/012_read_speed.sql).
-- returns: query_packs_until timestamptz
SELECT query_packs_until()
