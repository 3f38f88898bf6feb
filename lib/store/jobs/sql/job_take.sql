-- Takes the oldest job of the kinds $1 that waits or whose collector has died, for the run named $2, with a lease of $3
-- seconds; first those of organizations of which no job of these kinds runs. A job that was started $4 times and never
-- ended fails.
-- returns: organization_id bigint, id bigint, kind text, database_connection_id bigint, payload jsonb
WITH lost AS (
    UPDATE jobs
    SET state = 'failed', finished_at = now(), lease_owner = NULL, lease_until = NULL,
        problem = 'The collectors that worked on it stopped before it ended.', remedy = 'Start it again.'
    WHERE state = 'running' AND lease_until < now() AND attempts >= $4::int AND kind = ANY ($1::text[])
), due AS (
    SELECT organization_id, id
    FROM jobs
    WHERE kind = ANY ($1::text[])
      AND (state = 'queued' OR state = 'running' AND lease_until < now() AND attempts < $4::int)
    ORDER BY organization_id IN (SELECT running.organization_id FROM jobs AS running
                                 WHERE running.kind = ANY ($1) AND running.state = 'running'
                                   AND running.lease_until >= now()),
             created_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE jobs AS job
SET state = 'running', lease_owner = $2::text, lease_until = now() + make_interval(secs => $3::int),
    started_at = now(), attempts = job.attempts + 1
FROM due
WHERE job.organization_id = due.organization_id AND job.id = due.id
RETURNING job.organization_id, job.id, job.kind, coalesce(job.database_connection_id, 0) AS database_connection_id,
          job.payload
