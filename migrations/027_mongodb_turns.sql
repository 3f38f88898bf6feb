-- The deltas of each connection, the newest first: organizations take turns in folding them.
CREATE INDEX mongodb_deltas_connection ON mongodb_deltas (database_connection_id, bucket_at);
