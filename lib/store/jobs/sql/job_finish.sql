-- Ends job $2 of organization $1 for the run named $3, in state $4 with result $5, problem $6 and remedy $7. No row:
-- another run has the job now.
-- returns: id bigint
UPDATE jobs
SET state = $4::text, progress = CASE WHEN $4::text = 'done' THEN 1 ELSE progress END, result = $5::jsonb,
    problem = $6::text, remedy = $7::text, finished_at = now(), lease_owner = NULL, lease_until = NULL
WHERE organization_id = $1::bigint AND id = $2::bigint AND lease_owner = $3::text AND state = 'running'
RETURNING id
