-- What the digests of MySQL and MariaDB tell beside calls, time and rows, and the lock time of their slow logs.

ALTER TABLE slow_queries_raw ADD COLUMN lock_us bigint; -- of waiting for locks; NULL: unknown

ALTER TABLE rollup_deltas ADD COLUMN lock_us bigint NOT NULL DEFAULT 0,
                          ADD COLUMN temp_tables bigint NOT NULL DEFAULT 0,
                          ADD COLUMN temp_disk_tables bigint NOT NULL DEFAULT 0,
                          ADD COLUMN sort_passes bigint NOT NULL DEFAULT 0,
                          ADD COLUMN no_index_calls bigint NOT NULL DEFAULT 0,
                          ADD COLUMN errors bigint NOT NULL DEFAULT 0;
ALTER TABLE rollup_deltas_set_aside ADD COLUMN lock_us bigint NOT NULL DEFAULT 0,
                                    ADD COLUMN temp_tables bigint NOT NULL DEFAULT 0,
                                    ADD COLUMN temp_disk_tables bigint NOT NULL DEFAULT 0,
                                    ADD COLUMN sort_passes bigint NOT NULL DEFAULT 0,
                                    ADD COLUMN no_index_calls bigint NOT NULL DEFAULT 0,
                                    ADD COLUMN errors bigint NOT NULL DEFAULT 0;

-- NULL is none: most servers tell none of this, and a NULL takes no room. rows_examined and lock_us are what samples
-- add up to. Counters count all executions, so the larger one of the two is the one that is read.
ALTER TABLE query_fingerprint_metrics ADD COLUMN counter_examined bigint,
                                      ADD COLUMN lock_us bigint,
                                      ADD COLUMN counter_lock_us bigint,
                                      ADD COLUMN temp_tables bigint,
                                      ADD COLUMN temp_disk_tables bigint,
                                      ADD COLUMN sort_passes bigint,
                                      ADD COLUMN no_index_calls bigint,
                                      ADD COLUMN errors bigint;

ALTER TABLE query_segment_details ADD COLUMN fingerprint_lock_us bytea NOT NULL DEFAULT '', -- int8send; empty: none
                                  ADD COLUMN lock_us bigint NOT NULL DEFAULT 0,
                                  ADD COLUMN temp_tables bigint NOT NULL DEFAULT 0,
                                  ADD COLUMN temp_disk_tables bigint NOT NULL DEFAULT 0,
                                  ADD COLUMN sort_passes bigint NOT NULL DEFAULT 0,
                                  ADD COLUMN no_index_calls bigint NOT NULL DEFAULT 0,
                                  ADD COLUMN errors bigint NOT NULL DEFAULT 0;

ALTER TABLE query_segment_details ALTER COLUMN fingerprint_lock_us SET STORAGE EXTERNAL;

-- Each bucket of a chunk has 48 bytes more, before max_ms; so far they are 0.
UPDATE query_chunks SET details = coalesce((
    SELECT string_agg(substr(details, at, 32) || decode(repeat('00', 48), 'hex') || substr(details, at + 32, 8), ''
                      ORDER BY at)
    FROM generate_series(1, length(details), 40) AS at), '');
