-- Lanes, back-off and the breaker of collection (lib/store/collect/sql/lease_take.sql, lease_reap.sql,
-- cycle_finish.sql).
ALTER TABLE connection_collection
    -- Above 0 the connection runs in the slow lane. Runs that fail, take long or are killed add to it; quick good ones
    -- subtract.
    ADD COLUMN slow_points int NOT NULL DEFAULT 0,
    ADD COLUMN killed_runs int NOT NULL DEFAULT 0, -- one more for each killed run, one less for each good one
    -- Leases in a row whose collector died, in points; lease_blame is what the present lease adds if that happens.
    ADD COLUMN lost_points int NOT NULL DEFAULT 0,
    ADD COLUMN lease_blame int NOT NULL DEFAULT 0,
    ADD COLUMN paused_until timestamptz; -- no run before this time, whoever asks; `problem` has the reason
CREATE INDEX connection_collection_leased ON connection_collection (organization_id) WHERE lease_owner IS NOT NULL;
CREATE INDEX connection_collection_requested ON connection_collection (requested_at) WHERE requested_at IS NOT NULL;
