-- Statements not known to be there. `tables` holds names with U+001F between them; is_catalog is true or false.
INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, tables, is_catalog)
SELECT $1::bigint, sql_hash, fingerprint, statement_kind, string_to_array(tables, chr(31)), is_catalog::boolean
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
     AS statement (sql_hash, fingerprint, statement_kind, tables, is_catalog)
ON CONFLICT (organization_id, sql_hash) DO NOTHING
