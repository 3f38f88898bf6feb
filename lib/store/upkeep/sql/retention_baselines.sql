-- Deletes at most $2 counter baselines of databases that are not monitored and had no run since $1. Their cursors are
-- reset first, so that a later run counts as the first and does not take totals for growth.
WITH idle AS (
    SELECT collection.organization_id, collection.database_connection_id
    FROM connection_collection AS collection
    JOIN database_connections AS connection
        ON connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
    WHERE NOT (connection.is_active AND connection.monitoring_enabled) AND collection.last_run_at < $1::timestamptz
      AND (collection.lease_until IS NULL OR collection.lease_until < now())
), reset AS (
    UPDATE connection_collection AS collection SET cursor = '{}'
    FROM idle
    WHERE collection.organization_id = idle.organization_id
      AND collection.database_connection_id = idle.database_connection_id AND collection.cursor <> '{}'
)
DELETE FROM counter_baselines
WHERE ctid = ANY (ARRAY (SELECT baseline.ctid FROM idle
                         JOIN counter_baselines AS baseline
                             ON baseline.organization_id = idle.organization_id
                                AND baseline.database_connection_id = idle.database_connection_id
                         LIMIT $2::int))
