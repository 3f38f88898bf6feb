-- Blocks that end by then are packed (migrations/012_read_speed.sql).
SELECT query_packs_until()
