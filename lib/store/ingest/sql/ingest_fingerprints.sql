-- Statements not known to be there. `tables` holds names with U+001F between them.
INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, tables)
SELECT $1::bigint, sql_hash, fingerprint, statement_kind, string_to_array(tables, chr(31))
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
     AS statement (sql_hash, fingerprint, statement_kind, tables)
ON CONFLICT (organization_id, sql_hash) DO NOTHING
