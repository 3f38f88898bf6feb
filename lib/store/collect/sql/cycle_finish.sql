-- The end of the run named $3, which holds the connection until then. No row: it does not hold it any more.
-- What was asked for is answered by a run that began later and left nothing to be read.
-- An interval counts from the time at which the run was due, so that it does not drift by what each run is late. After
-- a run that was late by more than half of it, or early since somebody asked for it, it counts from that run's begin.
-- The first interval is up to a half shorter, by golden sections, so that connections made together spread.
-- A schedule that was started without an interval has the usual one: it holds for connections that have the usual
-- interval, too, which is a minute.
-- A database in trouble is asked less often, up to once a minute where its interval is shorter. After a run that was
-- killed ($12) the next one waits half a minute, and twice as long each further time, up to 15 minutes.
-- Runs that fail, are killed or take long lead to the slow lane; each quick good one leads a step out of it. Long is a
-- half of the interval, at least 2 s and at most 5 s.
-- $13: why plans are made of no statement; empty: they are made. $14: the interval is so many times as long, because of
-- the connection's overhead budget, but for that not longer than $15 seconds.
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
        ELSE greatest(now(), wait.pause + CASE
            WHEN collection.next_run_at > collection.last_run_at - wait.pause / 2
            THEN least(collection.next_run_at, collection.last_run_at)
            ELSE collection.last_run_at END) END - CASE
        WHEN collection.last_success_at IS NULL AND $5 <> 'failed' AND NOT $4
        THEN wait.pause / 2 * (($2::bigint * 0.6180339887) % 1)::float8 ELSE interval '0' END,
    killed_runs = CASE WHEN $12 THEN least(collection.killed_runs + 1, 10)
                       WHEN $5 = 'failed' THEN collection.killed_runs
                       ELSE greatest(collection.killed_runs - 1, 0) END,
    slow_points = CASE WHEN $12 THEN least(collection.slow_points + 16, 60)
                       WHEN $5 = 'failed' OR $6::float8 > wait.long_ms THEN least(collection.slow_points + 2, 60)
                       ELSE greatest(collection.slow_points - 1, 0) END,
    last_success_at = CASE WHEN $5 = 'failed' THEN collection.last_success_at ELSE collection.last_run_at END,
    last_duration_ms = $6,
    last_found = $7::bigint,
    total_found = collection.total_found + $7,
    state = $5,
    problem = $8::text,
    remedy = $9::text,
    server_version = coalesce($10::text, collection.server_version),
    cursor = coalesce($11::jsonb, collection.cursor),
    plans_off = CASE WHEN $5 = 'failed' THEN collection.plans_off ELSE nullif($13::text, '') END
FROM database_connections AS connection
LEFT JOIN collector_schedules AS schedule ON schedule.organization_id = connection.organization_id
CROSS JOIN LATERAL (SELECT greatest(connection.interval_s,
                                    CASE WHEN schedule.is_usual_interval AND connection.interval_s <> 60 THEN 0
                                         ELSE coalesce(schedule.interval_minutes, 0) END * 60) AS seconds) AS usual
CROSS JOIN LATERAL (SELECT make_interval(secs => greatest(usual.seconds, least(usual.seconds * $14::int, $15::int)))
                           AS pause,
               least(greatest(connection.interval_s * 500, 2000), 5000) AS long_ms) AS wait
WHERE collection.organization_id = $1::bigint AND collection.database_connection_id = $2
  AND collection.lease_owner = $3::text
  AND connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
RETURNING collection.database_connection_id
