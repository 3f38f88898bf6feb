-- The layout of Potto's predecessors: a sample has the type and the host of its source instead of a connection. On a
-- database of that layout this makes nothing; 004 to 006 carry its rows over.
CREATE TABLE IF NOT EXISTS slow_queries_raw (
    id             bigserial PRIMARY KEY,
    source_db_type text NOT NULL,
    source_db_host text,
    source_db_name text,
    fingerprint    text,
    sql_hash       text,
    full_sql       text,
    duration_ms    double precision,
    rows_examined  bigint,
    rows_returned  bigint,
    user_host      text,
    plan_json      jsonb,
    captured_at    timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_db_type, source_db_host, sql_hash, captured_at)
);
