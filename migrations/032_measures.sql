-- What servers count of statements beside calls, time, rows and blocks, packed as lib/facts/measures.h says. NULL: none
-- of it is known; agents' samples never have any.
ALTER TABLE rollup_deltas ADD COLUMN measures bigint[];
ALTER TABLE rollup_deltas_set_aside ADD COLUMN measures bigint[];
ALTER TABLE query_fingerprint_metrics ADD COLUMN measures bigint[];
ALTER TABLE counter_baselines ADD COLUMN measures bigint[];
