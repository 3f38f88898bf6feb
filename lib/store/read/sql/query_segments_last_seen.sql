-- When each fingerprint was last seen on the chosen connections, by its id in segments.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL.
-- returns: fingerprint_id int, last_seen_at timestamptz
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
)
SELECT known.fingerprint_id, max(seen.last_seen_at) AS last_seen_at
FROM query_fingerprint_connections AS seen
JOIN query_segment_fingerprints AS known ON known.sql_hash = seen.sql_hash
    AND known.organization_id = $1::bigint -- scope
WHERE seen.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND seen.organization_id = $1::bigint -- scope
GROUP BY known.fingerprint_id
