-- Statements are found by the names that the systems before Potto give them: the MD5 of the fingerprint
-- (functions/statement_by_md5.sql).
CREATE INDEX query_fingerprints_md5 ON query_fingerprints (organization_id, (md5(fingerprint)::uuid));
DO $$
BEGIN
    IF to_regclass('legacy_slow_queries') IS NOT NULL THEN -- it may be dropped
        CREATE INDEX legacy_slow_queries_hash ON legacy_slow_queries USING hash ((sql_hash::text));
    END IF;
END $$;

-- Statements that read a database's own catalogues alone are left out of lists. Those that are there are told by what
-- is sure without the engine.
ALTER TABLE query_fingerprints ADD COLUMN is_catalog boolean NOT NULL DEFAULT false;
UPDATE query_fingerprints SET is_catalog = true
WHERE cardinality(tables) > 0
  AND NOT EXISTS (SELECT FROM unnest(tables) AS name
                  WHERE lower(name) !~ '^(pg_catalog|pg_toast|information_schema|performance_schema)[.]|^pg_[^.]*$');
CREATE INDEX query_fingerprints_catalog ON query_fingerprints (organization_id) WHERE is_catalog;

-- Findings of the systems before Potto are shown with the sample that they are about. A predecessor may lack columns,
-- and its types differ; only the number of the sample must be one.
ALTER TABLE analysis_result
    ADD COLUMN IF NOT EXISTS problem text,
    ADD COLUMN IF NOT EXISTS root_cause text,
    ADD COLUMN IF NOT EXISTS suggestions jsonb,
    ADD COLUMN IF NOT EXISTS improvement_level text,
    ADD COLUMN IF NOT EXISTS confidence_score double precision,
    ADD COLUMN IF NOT EXISTS analysis_metadata jsonb,
    ADD COLUMN IF NOT EXISTS analyzed_at timestamptz,
    ADD COLUMN IF NOT EXISTS slow_query_id bigint;
DO $$
BEGIN
    IF (SELECT atttypid FROM pg_attribute WHERE attrelid = 'analysis_result'::regclass AND attname = 'slow_query_id')
       NOT IN ('bigint'::regtype, 'integer'::regtype) THEN
        ALTER TABLE analysis_result ALTER COLUMN slow_query_id TYPE bigint
            USING CASE WHEN slow_query_id::text ~ '^[0-9]{1,18}$' THEN slow_query_id::text::bigint END;
    END IF;
END $$;
CREATE INDEX analysis_result_sample ON analysis_result (slow_query_id);
SELECT potto_row_policy('analysis_result');
