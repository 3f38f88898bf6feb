-- Updates the collect jobs that run. Progress: how many of a job's connections had a run since the job began. A job is
-- done when all of them had, but for those that are paused; it has failed when it is older than $1 seconds. Its result
-- lists what each connection's run found. Any collector may do this. Each organization's oldest jobs come first, so
-- that nobody's wait for those that another has piled up.
WITH ranked AS (
    SELECT organization_id, id, started_at,
           row_number() OVER (PARTITION BY organization_id ORDER BY started_at, id) AS place
    FROM jobs WHERE kind = 'collect' AND state = 'running'
), open AS (
    SELECT job.organization_id, job.id, job.payload, job.started_at
    FROM ranked JOIN jobs AS job ON job.organization_id = ranked.organization_id AND job.id = ranked.id
    WHERE job.state = 'running'
    ORDER BY ranked.place, ranked.started_at LIMIT 100
    FOR UPDATE OF job SKIP LOCKED
), targets AS (
    SELECT open.organization_id, open.id, connection.id AS database_connection_id, connection.name,
           connection.is_active AND connection.monitoring_enabled AS is_wanted, collection.state, collection.problem,
           collection.remedy, collection.last_found,
           -- A run clears the request that it answers. Another job may have made a later request meanwhile.
           coalesce(collection.last_run_at >= open.started_at
                    AND (collection.requested_at IS NULL
                         OR collection.requested_at > open.started_at AND collection.lease_owner IS NULL), false)
               AS has_run,
           coalesce(collection.paused_until > now(), false) AS is_paused
    FROM open
    -- A payload that is none is one that wants nothing: it must not keep the others' jobs.
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(open.payload -> 'connection_ids')
                                            WHEN 'array' THEN open.payload -> 'connection_ids'
                                            ELSE '[]' END) AS wanted (id)
    JOIN database_connections AS connection
      ON connection.organization_id = open.organization_id AND to_jsonb(connection.id) = wanted.id
    LEFT JOIN connection_collection AS collection
      ON collection.organization_id = connection.organization_id AND collection.database_connection_id = connection.id
), summed AS (
    SELECT organization_id, id, count(*) FILTER (WHERE has_run OR is_paused OR NOT is_wanted) AS ended,
           count(*) AS wanted,
           coalesce(sum(last_found) FILTER (WHERE has_run), 0) AS found,
           jsonb_agg(jsonb_build_object(
               'database_connection_id', database_connection_id, 'name', name,
               'state', CASE WHEN has_run OR is_paused THEN state WHEN is_wanted THEN 'waiting'
                             ELSE 'switched_off' END,
               'found', CASE WHEN has_run THEN last_found ELSE 0 END,
               'problem', CASE WHEN has_run OR is_paused THEN problem END,
               'remedy', CASE WHEN has_run OR is_paused THEN remedy END)
               ORDER BY database_connection_id) AS databases
    FROM targets GROUP BY organization_id, id
), outcome AS (
    SELECT open.organization_id, open.id, coalesce(summed.ended, 0) AS ended, coalesce(summed.wanted, 0) AS wanted,
           coalesce(summed.ended, 0) = coalesce(summed.wanted, 0) AS is_done,
           open.started_at < now() - make_interval(secs => $1::int) AS is_late,
           jsonb_build_object('collected', coalesce(summed.found, 0),
                              'databases', coalesce(summed.databases, '[]')) AS result
    FROM open LEFT JOIN summed ON summed.organization_id = open.organization_id AND summed.id = open.id
)
UPDATE jobs AS job
SET progress = CASE WHEN outcome.is_done THEN 1 ELSE outcome.ended::float8 / greatest(outcome.wanted, 1) END,
    state = CASE WHEN outcome.is_done THEN 'done' WHEN outcome.is_late THEN 'failed' ELSE 'running' END,
    finished_at = CASE WHEN outcome.is_done OR outcome.is_late THEN now() END,
    result = CASE WHEN outcome.is_done OR outcome.is_late THEN outcome.result END,
    problem = CASE WHEN outcome.is_late AND NOT outcome.is_done
                   THEN format('%s of %s databases were not collected from in time.', outcome.wanted - outcome.ended,
                               outcome.wanted) END
FROM outcome
WHERE job.organization_id = outcome.organization_id AND job.id = outcome.id
  AND (outcome.is_done OR outcome.is_late
       OR job.progress IS DISTINCT FROM (outcome.ended::float8 / greatest(outcome.wanted, 1))::real)
