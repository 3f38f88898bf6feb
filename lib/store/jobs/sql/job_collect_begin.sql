-- Begins the collect jobs that wait: their connections become due at once, regardless of the schedule. Any collector
-- may do this; as always, the leases decide which collector collects. Each organization's oldest jobs come first.
WITH ranked AS (
    SELECT organization_id, id, created_at,
           row_number() OVER (PARTITION BY organization_id ORDER BY created_at, id) AS place
    FROM jobs WHERE kind = 'collect' AND state = 'queued'
), due AS (
    SELECT job.organization_id, job.id
    FROM ranked JOIN jobs AS job ON job.organization_id = ranked.organization_id AND job.id = ranked.id
    WHERE job.state = 'queued'
    ORDER BY ranked.place, ranked.created_at
    LIMIT 20
    FOR UPDATE OF job SKIP LOCKED
), begun AS (
    UPDATE jobs AS job SET state = 'running', started_at = now(), attempts = job.attempts + 1
    FROM due
    WHERE job.organization_id = due.organization_id AND job.id = due.id
    RETURNING job.organization_id, job.payload
), wanted AS (
    SELECT begun.organization_id, connection.id AS database_connection_id,
           min(CASE jsonb_typeof(begun.payload -> 'min_duration_ms')
               WHEN 'number' THEN (begun.payload ->> 'min_duration_ms')::float8 END) AS min_duration_ms
    FROM begun CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(begun.payload -> 'connection_ids')
                                                       WHEN 'array' THEN begun.payload -> 'connection_ids'
                                                       ELSE '[]' END) AS item (id)
    JOIN database_connections AS connection
      ON connection.organization_id = begun.organization_id AND to_jsonb(connection.id) = item.id
    GROUP BY 1, 2
)
INSERT INTO connection_collection AS known (organization_id, database_connection_id, requested_at,
                                            requested_min_duration_ms)
SELECT organization_id, database_connection_id, now(), min_duration_ms
FROM wanted
ORDER BY 1, 2
ON CONFLICT (organization_id, database_connection_id) DO UPDATE
SET requested_at = excluded.requested_at, requested_min_duration_ms = excluded.requested_min_duration_ms
