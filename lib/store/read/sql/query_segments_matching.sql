-- Numbers of the fingerprints that a filter picks.
-- $1 organization, $2 visible connections (what is picked is among what they ran), $3 kind, $4 table, $5 search, each
-- or NULL; $6 and $7 key and value of a tag, or NULL, that a sample from $8 to $9 has.
-- returns: fingerprint_id int
SELECT known.fingerprint_id
FROM query_fingerprints AS query
JOIN query_segment_fingerprints AS known
    ON known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash
WHERE cardinality($2::bigint[]) > 0 AND ($3::text IS NULL OR query.statement_kind = $3::text)
  AND ($4::text IS NULL OR $4::text = ANY (query.tables))
  AND ($5::text IS NULL OR position(lower($5::text) IN lower(query.fingerprint)) > 0)
  AND ($6::text IS NULL OR query.sql_hash IN (
           SELECT tagged.sql_hash FROM query_tag_metrics AS tagged
           WHERE tagged.tag_key = $6::text AND tagged.tag_value = $7::text
             AND tagged.bucket_at >= $8::timestamptz AND tagged.bucket_at < $9::timestamptz
             AND tagged.organization_id = $1::bigint -- scope
             AND tagged.database_connection_id = ANY ($2::bigint[]) -- scope
      ))
  AND query.organization_id = $1::bigint -- scope
