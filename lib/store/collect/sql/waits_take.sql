-- Connections whose sessions nobody looks at, those that have waited the longest first, at most $5, for the run named
-- $1 and for $2 seconds. Only connections that are collected from without trouble, of organizations other than $3, and
-- at most $4 at once on one host for one organization, over all collectors.
-- returns: as lease_take
WITH full_hosts AS MATERIALIZED (
    SELECT held.organization_id, lower(connection.host) AS host
    FROM session_watches AS held
    JOIN database_connections AS connection
      ON connection.organization_id = held.organization_id AND connection.id = held.database_connection_id
    WHERE held.lease_until > now()
    GROUP BY 1, 2
    HAVING count(*) >= $4::int
), open AS (
    SELECT connection.organization_id, connection.id AS database_connection_id, watch.next_at,
           row_number() OVER (PARTITION BY connection.organization_id, lower(connection.host)
                              ORDER BY watch.next_at NULLS FIRST, connection.id) AS place
    FROM database_connections AS connection
    JOIN connection_collection AS collection
      ON collection.organization_id = connection.organization_id
     AND collection.database_connection_id = connection.id
    LEFT JOIN session_watches AS watch
      ON watch.organization_id = connection.organization_id AND watch.database_connection_id = connection.id
    WHERE connection.is_active AND connection.monitoring_enabled AND connection.waits_enabled
      AND NOT connection.is_legacy
      AND connection.host IS NOT NULL AND connection.engine IN ('postgresql', 'mysql')
      AND connection.organization_id <> ALL ($3::bigint[])
      AND collection.lane = 'trusted' AND collection.state IN ('ok', 'warning')
      AND (collection.paused_until IS NULL OR collection.paused_until <= now())
      AND (watch.next_at IS NULL OR watch.next_at <= now())
      AND (watch.lease_until IS NULL OR watch.lease_until <= now())
      AND NOT EXISTS (SELECT FROM collector_schedules AS schedule
                      WHERE schedule.organization_id = connection.organization_id AND NOT schedule.is_running)
      AND NOT EXISTS (SELECT FROM full_hosts
                      WHERE full_hosts.organization_id = connection.organization_id
                        AND full_hosts.host = lower(connection.host))
      AND NOT coalesce((SELECT is_full FROM store_verdict), false)
), taken AS (
    INSERT INTO session_watches AS known (organization_id, database_connection_id, lease_owner, lease_until)
    SELECT first.organization_id, first.database_connection_id, $1::text, now() + make_interval(secs => $2::int)
    FROM (SELECT organization_id, database_connection_id FROM open WHERE place = 1
          ORDER BY next_at NULLS FIRST, database_connection_id LIMIT $5::int) AS first
    ON CONFLICT (organization_id, database_connection_id) DO UPDATE
    SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
    WHERE known.lease_until IS NULL OR known.lease_until <= now()
    RETURNING organization_id, database_connection_id
)
SELECT taken.organization_id, taken.database_connection_id, connection.name, connection.engine::text AS engine,
       connection.host, connection.database_name, connection.username, connection.tls_mode::text AS tls_mode,
       connection.password_ciphertext, coalesce(connection.port, 0) AS port, connection.min_duration_ms,
       connection.min_duration_ms AS least_duration_ms, connection.keep_literals, '{}'::jsonb AS cursor,
       'trusted' AS lane, false AS is_store_full, 300::float8 AS pause_s,
       connection.overhead_budget_percent,
       coalesce((SELECT stage FROM connection_overhead
                 WHERE (organization_id, database_connection_id) = (connection.organization_id, connection.id)),
                0)::int AS overhead_stage, 60000::float8 AS next_due_ms
FROM taken
JOIN database_connections AS connection
  ON connection.organization_id = taken.organization_id AND connection.id = taken.database_connection_id
