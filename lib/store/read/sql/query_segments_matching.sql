-- Numbers of the fingerprints that a filter picks.
-- $1 organization, $2 visible connections (what is picked is among what they ran), $3 kind, $4 table, $5 search, each
-- or NULL.
-- returns: fingerprint_id int
SELECT known.fingerprint_id
FROM query_fingerprints AS query
JOIN query_segment_fingerprints AS known
    ON known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash
WHERE cardinality($2::bigint[]) > 0 AND ($3::text IS NULL OR query.statement_kind = $3::text)
  AND ($4::text IS NULL OR $4::text = ANY (query.tables))
  AND ($5::text IS NULL OR position(lower($5::text) IN lower(query.fingerprint)) > 0)
  AND query.organization_id = $1::bigint -- scope
