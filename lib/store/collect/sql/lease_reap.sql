-- Takes leases back whose collector died: nobody prolonged them. Each adds its lease_blame to the connection's
-- lost_points. At 60 points the connection is paused: for 5 minutes, then twice as long each time, up to an hour.
-- lease_blame is 20 in a collector that was at least ten seconds old, so three in a row pause the connection. It is 1
-- in a younger one: a lease ends after 15 seconds, so a connection alone cannot make its collectors die that young.
WITH lost AS (
    SELECT organization_id, database_connection_id, lost_points + lease_blame AS points
    FROM connection_collection
    WHERE lease_owner IS NOT NULL AND lease_until < now()
    FOR UPDATE SKIP LOCKED
), verdict AS (
    SELECT organization_id, database_connection_id, points, points >= 60 AS is_paused,
           least(5 * 2 ^ ((least(points, 200) - 60) / 20), 60) AS pause_minutes
    FROM lost
)
UPDATE connection_collection AS collection
SET lease_owner = NULL, lease_until = NULL, lease_blame = 0, lost_points = least(verdict.points, 200),
    paused_until = CASE WHEN is_paused THEN now() + make_interval(mins => pause_minutes::int)
                        ELSE collection.paused_until END,
    requested_at = CASE WHEN NOT is_paused THEN collection.requested_at END,
    requested_min_duration_ms = CASE WHEN NOT is_paused THEN collection.requested_min_duration_ms END,
    state = CASE WHEN is_paused THEN 'failed' ELSE collection.state END,
    problem = CASE WHEN is_paused THEN 'The collector ended several times while it collected from this database.'
                   ELSE collection.problem END,
    remedy = CASE WHEN is_paused
                  THEN 'Potto waits before it looks again, so that other databases are collected from meanwhile.'
                  ELSE collection.remedy END
FROM verdict
WHERE collection.organization_id = verdict.organization_id
  AND collection.database_connection_id = verdict.database_connection_id
