-- The connection due the longest, for one run named $1, for $2 seconds; first those that somebody asked for
-- (requested_at), whatever their organization's schedule says.
-- returns: organization_id bigint, database_connection_id bigint, name text, engine text, host text,
--   database_name text, username text, tls_mode text, password_ciphertext bytea, port int, min_duration_ms float8,
--   least_duration_ms float8, keep_literals boolean, cursor jsonb
WITH due AS (
    SELECT collection.organization_id, collection.database_connection_id
    FROM connection_collection AS collection
    JOIN database_connections AS connection
      ON connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
    WHERE (collection.requested_at IS NOT NULL
           OR collection.next_run_at <= now()
              AND NOT EXISTS (SELECT FROM collector_schedules AS schedule
                              WHERE schedule.organization_id = collection.organization_id AND NOT schedule.is_running))
      AND (collection.lease_until IS NULL OR collection.lease_until < now())
      AND connection.is_active AND connection.monitoring_enabled AND NOT connection.is_legacy
      AND connection.host IS NOT NULL
    ORDER BY collection.requested_at, collection.next_run_at, collection.database_connection_id
    LIMIT 1
    FOR UPDATE OF collection SKIP LOCKED
), taken AS (
    UPDATE connection_collection AS collection
    SET lease_owner = $1::text, lease_until = now() + make_interval(secs => $2::int), last_run_at = now()
    FROM due
    WHERE collection.organization_id = due.organization_id
      AND collection.database_connection_id = due.database_connection_id
    RETURNING collection.organization_id, collection.database_connection_id, collection.cursor,
              collection.requested_min_duration_ms
)
SELECT taken.organization_id, taken.database_connection_id, connection.name, connection.engine::text, connection.host,
       connection.database_name, connection.username, connection.tls_mode::text, connection.password_ciphertext,
       coalesce(connection.port, 0) AS port,
       coalesce(taken.requested_min_duration_ms, connection.min_duration_ms) AS min_duration_ms,
       least(taken.requested_min_duration_ms, connection.min_duration_ms) AS least_duration_ms,
       connection.keep_literals, taken.cursor
FROM taken
JOIN database_connections AS connection
  ON connection.organization_id = taken.organization_id AND connection.id = taken.database_connection_id
