-- The size of each group of tables, largest first, and its growth a day; NULL until there is an older measurement.
-- returns: measured_at timestamptz, table_group text, bytes bigint, row_count bigint, oldest_at timestamptz,
--   newest_at timestamptz, growth_bytes float8
SELECT measured_at, table_group, bytes, row_count, oldest_at, newest_at, growth_bytes
FROM store_size_report() ORDER BY bytes DESC, table_group
