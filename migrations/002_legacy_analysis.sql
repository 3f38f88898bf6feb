-- Findings about a sample or a fingerprint; `metadata` was renamed early on.
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
