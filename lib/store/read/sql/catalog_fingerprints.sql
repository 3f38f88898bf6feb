-- Statements that read catalogues alone, by their ids in segments.
-- $1 organization, $2 visible connections (the statements are among what they ran).
-- returns: fingerprint_id int
SELECT known.fingerprint_id
FROM query_fingerprints AS query
JOIN query_segment_fingerprints AS known
    ON known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash
WHERE query.is_catalog AND cardinality($2::bigint[]) > 0
  AND query.organization_id = $1::bigint -- scope
ORDER BY known.fingerprint_id
