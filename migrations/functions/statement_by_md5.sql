-- Privileged. The statement that the systems before Potto name so: the MD5 of its text, or what a row of their table
-- has as its hash. NULL if no visible connection ran it.
CREATE OR REPLACE FUNCTION statement_by_md5(its_md5 uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_hash uuid;
BEGIN
    SELECT query.sql_hash INTO found_hash
    FROM query_fingerprints AS query
    WHERE query.organization_id = potto_organization() AND md5(query.fingerprint)::uuid = its_md5
      AND EXISTS (SELECT FROM query_fingerprint_connections AS seen
                  WHERE seen.organization_id = query.organization_id AND seen.sql_hash = query.sql_hash
                    AND seen.database_connection_id = ANY (potto_connections()))
    LIMIT 1;
    IF found_hash IS NULL AND to_regclass('legacy_slow_queries') IS NOT NULL THEN -- it may be dropped
        EXECUTE 'SELECT sample.sql_hash
                 FROM legacy_slow_queries AS old
                 JOIN slow_queries_raw AS sample
                     ON sample.organization_id = old.organization_id
                    AND sample.id = CASE WHEN old.id::text ~ ''^[0-9]{1,18}$'' THEN old.id::text::bigint END
                 WHERE old.sql_hash::text = $1 AND old.organization_id = potto_organization()
                   AND sample.provenance = 4 AND sample.database_connection_id = ANY (potto_connections())
                 LIMIT 1'
        INTO found_hash USING replace(its_md5::text, '-', '');
    END IF;
    RETURN found_hash;
END $$;
