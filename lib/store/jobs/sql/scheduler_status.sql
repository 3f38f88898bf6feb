-- The state of the schedule: a row for each of the engines $3, about the visible connections. A daemon counts as online
-- for a minute after its last heartbeat. $1 organization, $2 visible connections.
-- returns: name text, is_running boolean, interval_minutes int, collectors_online bigint, failing bigint,
--   last_run_at timestamptz, next_run_at timestamptz, total_found bigint,
--   paused bigint, waiting bigint
SELECT engine.name, coalesce(schedule.is_running, true) AS is_running,
       coalesce(schedule.interval_minutes, 0) AS interval_minutes,
       (SELECT count(*) FROM collectors
        WHERE organization_id IS NULL AND kind = 'daemon' AND status = 'online'
          AND last_seen_at > now() - interval '1 minute') AS collectors_online,
       known.failing, known.last_run_at, known.next_run_at, known.total_found,
       known.paused, known.waiting
FROM unnest($3::text[]) AS engine (name)
LEFT JOIN (
    SELECT is_running, interval_minutes
    FROM collector_schedules
    WHERE true
      AND organization_id = $1::bigint -- scope
) AS schedule ON true
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE connection.monitoring_enabled AND collection.state = 'failed') AS failing,
           max(collection.last_run_at) AS last_run_at,
           min(greatest(collection.next_run_at, collection.paused_until, now()))
               FILTER (WHERE connection.monitoring_enabled) AS next_run_at,
           least(coalesce(sum(collection.total_found), 0), 9e18)::bigint AS total_found,
           count(*) FILTER (WHERE connection.monitoring_enabled AND collection.paused_until > now()) AS paused,
           -- Collectors look for what is due twice a second.
           count(*) FILTER (WHERE connection.monitoring_enabled AND collection.lease_owner IS NULL
                              AND coalesce(collection.paused_until <= now(), true)
                              AND collection.next_run_at < now() - interval '2 seconds') AS waiting
    FROM database_connections AS connection
    LEFT JOIN connection_collection AS collection ON collection.database_connection_id = connection.id
        AND collection.organization_id = $1::bigint -- scope
    WHERE connection.engine::text = engine.name AND connection.host IS NOT NULL AND connection.is_active
      AND NOT connection.is_legacy
      AND connection.organization_id = $1::bigint -- scope
      AND connection.id = ANY ($2::bigint[]) -- scope
) AS known
