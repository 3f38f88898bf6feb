-- The predecessors' aggregates. They are derived data: 006 renames the tables, and rollups are made from samples.
CREATE TABLE IF NOT EXISTS query_metrics_daily (
    id              bigserial PRIMARY KEY,
    metric_date     date NOT NULL,
    source_db_type  text NOT NULL,
    source_db_host  text,
    total_queries   bigint,
    unique_queries  bigint,
    avg_duration_ms double precision,
    max_duration_ms double precision
);
CREATE TABLE IF NOT EXISTS query_fingerprint_metrics (
    id              bigserial PRIMARY KEY,
    source_db_type  text NOT NULL,
    source_db_host  text,
    sql_hash        text,
    fingerprint     text,
    execution_count bigint,
    total_ms        double precision,
    avg_duration_ms double precision,
    max_duration_ms double precision,
    last_seen       timestamptz
);
