-- Rollups (docs/data.md). A writer of facts adds their sums to rollup_deltas in the same transaction; potto-collector
-- folds these into query_fingerprint_metrics. So no two writers wait for the same row, and each fact is counted once.

-- Sums of one fingerprint on one connection in one five-minute bucket. Counters (growth of a server's cumulative
-- statistics) and samples (single executions) are kept apart.
CREATE TABLE rollup_deltas (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    bucket_at              timestamptz NOT NULL,
    counter_calls          bigint NOT NULL DEFAULT 0,
    counter_ms             double precision NOT NULL DEFAULT 0,
    counter_slow_calls     bigint NOT NULL DEFAULT 0, -- of statements whose mean exceeds the threshold
    sample_calls           bigint NOT NULL DEFAULT 0,
    sample_ms              double precision NOT NULL DEFAULT 0,
    max_ms                 double precision NOT NULL DEFAULT 0,
    rows_examined          bigint NOT NULL DEFAULT 0,
    rows_returned          bigint NOT NULL DEFAULT 0,
    blocks_hit             bigint NOT NULL DEFAULT 0,
    blocks_read            bigint NOT NULL DEFAULT 0,
    histogram              bigint[], -- of samples (docs/data.md); counters have none: NULL
    made_at                timestamptz NOT NULL DEFAULT now() -- the age of the oldest row is the lag of the rollups
);

-- Counters count each execution, samples some of the same executions, so the two are never added: calls, total_ms,
-- slow_calls and rows_returned are the counters' where there are counters, else the samples'. rows_examined, max_ms and
-- the histogram come from samples only, blocks from counters only.
CREATE TABLE query_fingerprint_metrics (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    resolution_s           int NOT NULL, -- 300, 3600 or 86400
    bucket_at              timestamptz NOT NULL,
    counter_calls          bigint NOT NULL,
    counter_ms             double precision NOT NULL,
    counter_slow_calls     bigint NOT NULL,
    counter_rows           bigint NOT NULL DEFAULT 0,
    sample_calls           bigint NOT NULL,
    sample_ms              double precision NOT NULL,
    sample_rows            bigint NOT NULL DEFAULT 0,
    max_ms                 double precision NOT NULL,
    rows_examined          bigint NOT NULL,
    rows_returned          bigint NOT NULL,
    blocks_hit             bigint NOT NULL,
    blocks_read            bigint NOT NULL,
    calls      bigint GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_calls ELSE sample_calls END) STORED,
    total_ms   double precision GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_ms ELSE sample_ms END) STORED,
    slow_calls bigint GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_slow_calls ELSE sample_calls END) STORED,
    histogram  bigint[], -- after all columns of a fixed size, which are read more often
    PRIMARY KEY (organization_id, database_connection_id, bucket_at, sql_hash, resolution_s)
) PARTITION BY LIST (resolution_s);
CREATE INDEX query_fingerprint_metrics_hash ON query_fingerprint_metrics (organization_id, sql_hash, bucket_at);

-- Five minutes have a partition for each day and hours one for each month (ensure_partitions() makes them); days have
-- one in all.
CREATE TABLE query_fingerprint_metrics_5m PARTITION OF query_fingerprint_metrics
    FOR VALUES IN (300) PARTITION BY RANGE (bucket_at);
CREATE TABLE query_fingerprint_metrics_5m_default PARTITION OF query_fingerprint_metrics_5m
    DEFAULT WITH (fillfactor = 70);
CREATE TABLE query_fingerprint_metrics_1h PARTITION OF query_fingerprint_metrics
    FOR VALUES IN (3600) PARTITION BY RANGE (bucket_at);
CREATE TABLE query_fingerprint_metrics_1h_default PARTITION OF query_fingerprint_metrics_1h
    DEFAULT WITH (fillfactor = 70);
CREATE TABLE query_fingerprint_metrics_1d PARTITION OF query_fingerprint_metrics
    FOR VALUES IN (86400) WITH (fillfactor = 70);

-- The same of a whole connection, one row for each bucket.
CREATE TABLE query_metrics (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    resolution_s           int NOT NULL,
    bucket_at              timestamptz NOT NULL,
    counter_calls          bigint NOT NULL,
    counter_ms             double precision NOT NULL,
    counter_slow_calls     bigint NOT NULL,
    sample_calls           bigint NOT NULL,
    sample_ms              double precision NOT NULL,
    calls      bigint GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_calls ELSE sample_calls END) STORED,
    total_ms   double precision GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_ms ELSE sample_ms END) STORED,
    slow_calls bigint GENERATED ALWAYS AS (
        CASE WHEN counter_calls > 0 THEN counter_slow_calls ELSE sample_calls END) STORED,
    histogram  bigint[],
    PRIMARY KEY (organization_id, database_connection_id, resolution_s, bucket_at)
);

-- The last snapshot of a server's cumulative statistics, from which growth is counted.
CREATE TABLE counter_baselines (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    counter_key            text NOT NULL, -- the engine's own identity of the entry (userid/dbid/queryid/toplevel)
    sql_hash               uuid NOT NULL,
    total_ms               double precision NOT NULL,
    counters               bigint[] NOT NULL, -- in the order of lib/facts/sums.h; an older Potto wrote fewer
    snapshot_at            timestamptz NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, counter_key)
);
