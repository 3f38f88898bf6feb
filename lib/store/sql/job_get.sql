-- A job of the caller's own; one on a connection that the caller sees no more is gone for them.
-- $1 organization, $2 visible connections, $3 user, $4 job.
SELECT id, kind, state, progress, database_connection_id, result, problem, remedy, created_at, started_at, finished_at
FROM jobs
WHERE id = $4::bigint AND user_id = $3::bigint
  AND organization_id = $1::bigint -- scope
  AND (database_connection_id IS NULL OR database_connection_id = ANY ($2::bigint[])) -- scope
