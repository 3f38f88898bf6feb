-- Which lane of collection a connection is in (collector/lanes.h). A run that ended has a duration, whatever it found.
-- A first run during which a settled collector died (20 points, lease_reap.sql) counts as one that failed.
ALTER TABLE connection_collection
    ADD COLUMN lane text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN last_duration_ms IS NULL AND last_success_at IS NULL AND lost_points < 20 THEN 'new'
             WHEN slow_points > 0 OR last_success_at IS NULL THEN 'slow'
             ELSE 'trusted' END) STORED;
CREATE INDEX connection_collection_lane ON connection_collection (lane, next_run_at, organization_id);
