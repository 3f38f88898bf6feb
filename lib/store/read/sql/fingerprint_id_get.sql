-- The id in segments of a fingerprint that a visible connection ran.
-- $1 organization, $2 visible connections, $3 hash.
-- returns: fingerprint_id bigint
SELECT known.fingerprint_id::bigint
FROM query_segment_fingerprints AS known
WHERE known.sql_hash = $3::uuid
  AND known.organization_id = $1::bigint -- scope
  AND EXISTS (SELECT FROM query_fingerprint_connections AS seen
              WHERE seen.sql_hash = known.sql_hash
                AND seen.organization_id = $1::bigint -- scope
                AND seen.database_connection_id = ANY ($2::bigint[]) -- scope
              )
