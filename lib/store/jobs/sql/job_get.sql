-- A job that the caller created. No row if the caller does not see its connection any more. The result of a collect job
-- includes only the connections that the caller sees.
-- $1 organization, $2 visible connections, $3 user, $4 job.
-- returns: id bigint, kind text, state text, progress real, database_connection_id bigint, result jsonb,
--   problem text, remedy text, created_at timestamptz, started_at timestamptz, finished_at timestamptz
SELECT job.id, job.kind, job.state, job.progress, job.database_connection_id,
       CASE WHEN job.kind = 'collect' AND jsonb_typeof(job.result -> 'databases') = 'array'
            THEN job.result || jsonb_build_object('databases', visible.databases, 'collected', visible.collected)
            ELSE job.result END AS result,
       job.problem, job.remedy, job.created_at, job.started_at, job.finished_at
FROM jobs AS job
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(each.database ORDER BY each.position), '[]') AS databases,
           coalesce(sum((each.database ->> 'found')::bigint), 0) AS collected
    FROM jsonb_array_elements(CASE WHEN job.kind = 'collect' AND jsonb_typeof(job.result -> 'databases') = 'array'
                                   THEN job.result -> 'databases' ELSE '[]' END)
         WITH ORDINALITY AS each (database, position)
    WHERE true
      AND (each.database ->> 'database_connection_id')::bigint = ANY ($2::bigint[]) -- scope
) AS visible
WHERE job.id = $4::bigint AND job.user_id = $3::bigint
  AND job.organization_id = $1::bigint -- scope
  AND (job.database_connection_id IS NULL OR job.database_connection_id = ANY ($2::bigint[])) -- scope
