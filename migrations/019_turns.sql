-- The fold takes turns (lib/store/rollup/turns.c): it takes deltas by connection, the newest first.
CREATE INDEX rollup_deltas_waiting ON rollup_deltas (database_connection_id, bucket_at);
