-- The server's own maximum of a statement's duration (pg_stat_statements: max_exec_time). NULL in a baseline of before.
ALTER TABLE counter_baselines ADD COLUMN max_ms double precision;
-- The longest execution that raised it; max_ms is the longest of counters and samples.
ALTER TABLE query_fingerprint_metrics ADD COLUMN counter_max_ms double precision NOT NULL DEFAULT 0;
