-- Findings about a sample or a fingerprint. Some predecessors call `analysis_metadata` `metadata`.
CREATE TABLE IF NOT EXISTS analysis_result (
    id                bigserial PRIMARY KEY,
    slow_query_id     bigint,
    problem           text,
    root_cause        text,
    suggestions       jsonb,
    improvement_level text,
    confidence_score  double precision,
    analysis_metadata jsonb,
    analyzed_at       timestamptz NOT NULL DEFAULT now()
);
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'analysis_result'::regclass AND attname = 'metadata')
       AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'analysis_result'::regclass
                       AND attname = 'analysis_metadata') THEN
        ALTER TABLE analysis_result RENAME COLUMN metadata TO analysis_metadata;
    END IF;
END $$;
