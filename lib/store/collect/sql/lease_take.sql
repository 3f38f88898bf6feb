-- The connection due the longest, for one run named $1, for $2 seconds; first those that somebody asked for
-- (requested_at), whatever their organization's schedule says. A pause holds against both.
-- What this collector's other runs leave free decides as well (collector/lanes.h). $3: organizations that have all the
-- runs they may have here; more only while no other organization could need the thread within the longest run.
-- $4: the slow lane is full. $5: this would be the last free thread, so a connection that never ran goes to the slow
-- lane too. $6: runs at once on one host for one organization, over all collectors. $7: the organization that may not
-- have the slow lane now. $8: see lease_reap.sql.
-- returns: organization_id bigint, database_connection_id bigint, name text, engine text, host text,
--   database_name text, username text, tls_mode text, password_ciphertext bytea, port int, min_duration_ms float8,
--   least_duration_ms float8, keep_literals boolean, cursor jsonb, is_slow boolean,
--   is_store_full boolean, pause_s float8
WITH full_hosts AS MATERIALIZED (
    SELECT held.organization_id, lower(connection.host) AS host
    FROM connection_collection AS held
    JOIN database_connections AS connection
      ON connection.organization_id = held.organization_id AND connection.id = held.database_connection_id
    WHERE held.lease_owner IS NOT NULL
    GROUP BY 1, 2
    HAVING count(*) >= $6::int
), others AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM connection_collection AS collection
                   JOIN database_connections AS connection
                     ON connection.organization_id = collection.organization_id
                    AND connection.id = collection.database_connection_id
                   WHERE collection.next_run_at < now() + interval '1 minute'
                     AND collection.organization_id <> ALL ($3::bigint[])
                     AND connection.is_active AND connection.monitoring_enabled AND NOT connection.is_legacy
                     AND connection.host IS NOT NULL) AS may_come
), open AS NOT MATERIALIZED (
    SELECT collection.organization_id, collection.database_connection_id, collection.requested_at,
           collection.next_run_at, lane.is_slow
    FROM connection_collection AS collection
    JOIN database_connections AS connection
      ON connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN collection.last_run_at IS NULL THEN $5::boolean
                    ELSE collection.slow_points > 0 OR collection.last_success_at IS NULL END AS is_slow) AS lane
    WHERE collection.lease_owner IS NULL
      AND (collection.paused_until IS NULL OR collection.paused_until <= now())
      AND connection.is_active AND connection.monitoring_enabled AND NOT connection.is_legacy
      AND connection.host IS NOT NULL
      AND NOT (lane.is_slow AND ($4::boolean OR collection.organization_id = $7::bigint))
      AND (collection.organization_id <> ALL ($3) OR NOT (SELECT may_come FROM others))
      AND NOT EXISTS (SELECT FROM full_hosts
                      WHERE full_hosts.organization_id = collection.organization_id
                        AND full_hosts.host = lower(connection.host))
), first AS MATERIALIZED ( -- a few, since other collectors may be taking some of them now
    (SELECT organization_id, database_connection_id, is_slow, 1 AS place, requested_at AS since
     FROM open WHERE requested_at IS NOT NULL
     ORDER BY requested_at LIMIT 32)
    UNION ALL
    (SELECT organization_id, database_connection_id, is_slow, 2, next_run_at
     FROM open
     WHERE next_run_at <= now()
       AND NOT EXISTS (SELECT FROM collector_schedules AS schedule
                       WHERE schedule.organization_id = open.organization_id AND NOT schedule.is_running)
     ORDER BY next_run_at LIMIT 32)
), due AS (
    SELECT collection.organization_id, collection.database_connection_id, first.is_slow
    FROM first
    JOIN connection_collection AS collection
      ON collection.organization_id = first.organization_id
     AND collection.database_connection_id = first.database_connection_id
    WHERE collection.lease_owner IS NULL
    ORDER BY first.place, first.since, first.database_connection_id
    LIMIT 1
    FOR UPDATE OF collection SKIP LOCKED
), taken AS (
    UPDATE connection_collection AS collection
    SET lease_owner = $1::text, lease_until = now() + make_interval(secs => $2::int), lease_blame = $8::int,
        last_run_at = now()
    FROM due
    WHERE collection.organization_id = due.organization_id
      AND collection.database_connection_id = due.database_connection_id
    RETURNING collection.organization_id, collection.database_connection_id, collection.cursor,
              collection.requested_min_duration_ms, collection.last_success_at, due.is_slow
)
SELECT taken.organization_id, taken.database_connection_id, connection.name, connection.engine::text, connection.host,
       connection.database_name, connection.username, connection.tls_mode::text, connection.password_ciphertext,
       coalesce(connection.port, 0) AS port,
       coalesce(taken.requested_min_duration_ms, connection.min_duration_ms) AS min_duration_ms,
       least(taken.requested_min_duration_ms, connection.min_duration_ms) AS least_duration_ms,
       connection.keep_literals, taken.cursor, taken.is_slow,
       coalesce((SELECT is_full FROM store_verdict), false) AS is_store_full,
       coalesce(least(extract(epoch FROM now() - taken.last_success_at), 300), 300)::float8 AS pause_s
FROM taken
JOIN database_connections AS connection
  ON connection.organization_id = taken.organization_id AND connection.id = taken.database_connection_id
