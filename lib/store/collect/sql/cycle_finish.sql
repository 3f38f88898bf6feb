-- The end of the run named $3, which holds the connection until then. No row: it does not hold it any more.
-- What was asked for is answered by a run that began later and left nothing to be read.
-- A database in trouble is asked less often, up to once a minute where its interval is shorter. After a run that was
-- killed ($12) the next one waits half a minute, and twice as long each further time, up to 15 minutes.
-- Runs that fail, take more than 5 s or are killed lead to the slow lane; each quick good one leads a step out of it.
-- returns: database_connection_id bigint
UPDATE connection_collection AS collection
SET lease_owner = NULL, lease_until = NULL, lost_points = 0, paused_until = NULL,
    requested_at = CASE WHEN $4::boolean OR collection.requested_at > collection.last_run_at
                        THEN collection.requested_at END,
    requested_min_duration_ms = CASE WHEN $4 OR collection.requested_at > collection.last_run_at
                                     THEN collection.requested_min_duration_ms END,
    next_run_at = CASE
        WHEN $12::boolean THEN now() + greatest(wait.pause,
            interval '30 seconds' * least(2 ^ least(collection.killed_runs, 5), 30))
        WHEN $4 THEN now()
        WHEN $5::text = 'failed' THEN greatest(now(), collection.last_run_at + greatest(
            wait.pause,
            least(interval '1 minute',
                  (now() - coalesce(collection.last_success_at, connection.created_at)) / 4)))
        ELSE greatest(now(), collection.last_run_at + wait.pause) END,
    killed_runs = CASE WHEN $12 THEN least(collection.killed_runs + 1, 10)
                       WHEN $5 = 'failed' THEN collection.killed_runs
                       ELSE greatest(collection.killed_runs - 1, 0) END,
    slow_points = CASE WHEN $12 THEN least(collection.slow_points + 16, 60)
                       WHEN $5 = 'failed' OR $6::float8 > 5000 THEN least(collection.slow_points + 2, 60)
                       ELSE greatest(collection.slow_points - 1, 0) END,
    last_success_at = CASE WHEN $5 = 'failed' THEN collection.last_success_at ELSE collection.last_run_at END,
    last_duration_ms = $6,
    last_found = $7::bigint,
    total_found = collection.total_found + $7,
    state = $5,
    problem = $8::text,
    remedy = $9::text,
    server_version = coalesce($10::text, collection.server_version),
    cursor = coalesce($11::jsonb, collection.cursor)
FROM database_connections AS connection
LEFT JOIN collector_schedules AS schedule ON schedule.organization_id = connection.organization_id
CROSS JOIN LATERAL (SELECT make_interval(secs => greatest(connection.interval_s,
                                                          coalesce(schedule.interval_minutes, 0) * 60))
                           AS pause) AS wait
WHERE collection.organization_id = $1::bigint AND collection.database_connection_id = $2::bigint
  AND collection.lease_owner = $3::text
  AND connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
RETURNING collection.database_connection_id
