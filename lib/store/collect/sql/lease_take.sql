-- The connection due the longest, for one run named $1, for $2 seconds; first those that somebody asked for
-- (requested_at), whatever their organization's schedule says. A pause holds against both.
-- What this collector's other runs leave free decides as well (collector/lanes.h). $3: organizations that have all the
-- runs they may have here; more only while no other organization could need the thread within the longest run.
-- $4, $5: the slow lane, the lane of the new is full. $6: runs at once on one host for one organization, over all
-- collectors. $7, $8: the organizations that had the slow lane, the lane of the new last: others go first there.
-- $9: of the new connections the one that waits the longest goes first, else the newest. $10: the new ones do not
-- go before all others. $11: see lease_reap.sql. $12: only those that somebody asked for.
-- The commit does not wait for the disk, behind what others write: a store that crashes may forget the lease, and then
-- refuses the run's result if another run has the connection.
-- Always one row. Its organization_id is NULL if nothing was taken. next_due_ms: when another connection will be due.
-- returns: organization_id bigint, database_connection_id bigint, name text, engine text, host text,
--   database_name text, username text, tls_mode text, password_ciphertext bytea, port int, min_duration_ms float8,
--   least_duration_ms float8, keep_literals boolean, cursor jsonb, lane text,
--   is_store_full boolean, pause_s float8, overhead_budget_percent float8, overhead_stage int, next_due_ms float8
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
), lanes (lane, last_organization_id, is_newest_first) AS (
    VALUES ('trusted', 0::bigint, false), ('slow', $7::bigint, false), ('new', $8::bigint, NOT $9::boolean)
), open_lanes AS (
    SELECT lanes.lane, lanes.last_organization_id, lanes.is_newest_first
    FROM lanes
    WHERE NOT (lanes.lane = 'slow' AND $4::boolean OR lanes.lane = 'new' AND $5::boolean OR $12::boolean)
), open AS NOT MATERIALIZED (
    SELECT collection.organization_id, collection.database_connection_id, collection.requested_at,
           collection.next_run_at, collection.lane
    FROM connection_collection AS collection
    JOIN database_connections AS connection
      ON connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
    WHERE collection.lease_owner IS NULL
      AND (collection.paused_until IS NULL OR collection.paused_until <= now())
      AND connection.is_active AND connection.monitoring_enabled AND NOT connection.is_legacy
      AND connection.host IS NOT NULL
      AND (collection.organization_id <> ALL ($3) OR NOT (SELECT may_come FROM others))
      AND NOT EXISTS (SELECT FROM full_hosts
                      WHERE full_hosts.organization_id = collection.organization_id
                        AND full_hosts.host = lower(connection.host))
), scheduled AS NOT MATERIALIZED (
    SELECT open.organization_id, open.database_connection_id, open.next_run_at, open.lane
    FROM open
    WHERE open.next_run_at <= now()
      AND NOT EXISTS (SELECT FROM collector_schedules AS schedule
                      WHERE schedule.organization_id = open.organization_id AND NOT schedule.is_running)
), first AS MATERIALIZED ( -- a few, since other collectors may be taking some of them now
    (SELECT open.organization_id, open.database_connection_id, open.lane,
            CASE WHEN open.organization_id = lanes.last_organization_id THEN 3 ELSE 1 END AS place,
            open.requested_at AS since, 1 AS rank
     FROM open
     JOIN lanes ON lanes.lane = open.lane
     WHERE open.requested_at IS NOT NULL
       AND NOT (open.lane = 'slow' AND $4 OR open.lane = 'new' AND $5)
     ORDER BY place, open.requested_at LIMIT 32)
    UNION ALL
    SELECT due.organization_id, due.database_connection_id, open_lanes.lane, 2,
           CASE WHEN open_lanes.lane = 'new' AND NOT $10::boolean THEN '-infinity' ELSE due.next_run_at END,
           row_number() OVER (PARTITION BY open_lanes.lane ORDER BY due.is_again, due.number)
    FROM open_lanes
    CROSS JOIN LATERAL (
        (SELECT scheduled.organization_id, scheduled.database_connection_id, scheduled.next_run_at,
                false AS is_again, extract(epoch FROM scheduled.next_run_at) AS number
         FROM scheduled
         WHERE NOT open_lanes.is_newest_first AND scheduled.lane = open_lanes.lane
           AND scheduled.organization_id <> open_lanes.last_organization_id
         ORDER BY scheduled.next_run_at LIMIT 16)
        UNION ALL
        (SELECT scheduled.organization_id, scheduled.database_connection_id, scheduled.next_run_at,
                false, -extract(epoch FROM scheduled.next_run_at)
         FROM scheduled
         WHERE open_lanes.is_newest_first AND scheduled.lane = open_lanes.lane
           AND scheduled.organization_id <> open_lanes.last_organization_id
         ORDER BY scheduled.next_run_at DESC LIMIT 16)
        UNION ALL
        (SELECT scheduled.organization_id, scheduled.database_connection_id, scheduled.next_run_at, true,
                CASE WHEN open_lanes.is_newest_first THEN -1 ELSE 1 END * extract(epoch FROM scheduled.next_run_at)
         FROM scheduled
         WHERE scheduled.lane = open_lanes.lane AND scheduled.organization_id = open_lanes.last_organization_id
         ORDER BY 5 LIMIT 16)) AS due
), due AS (
    SELECT collection.organization_id, collection.database_connection_id, first.lane
    FROM first
    JOIN connection_collection AS collection
      ON collection.organization_id = first.organization_id
     AND collection.database_connection_id = first.database_connection_id
    WHERE collection.lease_owner IS NULL
    ORDER BY first.place, first.rank, first.since, first.database_connection_id
    LIMIT 1
    FOR UPDATE OF collection SKIP LOCKED
), taken AS (
    UPDATE connection_collection AS collection
    SET lease_owner = $1::text, lease_until = now() + make_interval(secs => $2::int), lease_blame = $11::int,
        last_run_at = now()
    FROM due
    WHERE collection.organization_id = due.organization_id
      AND collection.database_connection_id = due.database_connection_id
    RETURNING collection.organization_id, collection.database_connection_id, collection.cursor,
              collection.requested_min_duration_ms, collection.last_success_at, due.lane
)
SELECT taken.organization_id, taken.database_connection_id, connection.name, connection.engine::text, connection.host,
       connection.database_name, connection.username, connection.tls_mode::text, connection.password_ciphertext,
       coalesce(connection.port, 0) AS port,
       coalesce(taken.requested_min_duration_ms, connection.min_duration_ms) AS min_duration_ms,
       least(taken.requested_min_duration_ms, connection.min_duration_ms) AS least_duration_ms,
       connection.keep_literals, taken.cursor, taken.lane,
       coalesce((SELECT is_full FROM store_verdict), false) AS is_store_full,
       coalesce(least(extract(epoch FROM now() - taken.last_success_at), 300), 300)::float8 AS pause_s,
       connection.overhead_budget_percent,
       coalesce((SELECT overhead.stage FROM connection_overhead AS overhead
                 WHERE overhead.organization_id = taken.organization_id
                   AND overhead.database_connection_id = taken.database_connection_id), 0)::int AS overhead_stage,
       coalesce((SELECT extract(epoch FROM later.next_run_at - now()) * 1000
                 FROM connection_collection AS later
                 WHERE later.next_run_at > now()
                 ORDER BY later.next_run_at LIMIT 1), 60000)::float8 AS next_due_ms
FROM (VALUES (set_config('synchronous_commit', 'off', true))) AS always (commit_mode)
LEFT JOIN taken ON true
LEFT JOIN database_connections AS connection
  ON connection.organization_id = taken.organization_id AND connection.id = taken.database_connection_id
