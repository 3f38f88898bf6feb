-- When each fingerprint was last seen on the chosen connections, by its id in segments.
-- $1 organization, $2 chosen connections.
-- returns: fingerprint_id int, last_seen_at timestamptz
SELECT known.fingerprint_id, max(seen.last_seen_at) AS last_seen_at
FROM query_fingerprint_connections AS seen
JOIN query_segment_fingerprints AS known ON known.sql_hash = seen.sql_hash
    AND known.organization_id = $1::bigint -- scope
WHERE true
  AND seen.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND seen.organization_id = $1::bigint -- scope
GROUP BY known.fingerprint_id
