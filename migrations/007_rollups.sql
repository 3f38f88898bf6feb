-- Rollups. Whoever stores facts appends what they add up to, in the same transaction, to
-- rollup_deltas; potto-collector folds those into query_fingerprint_metrics. So no two writers ever
-- wait for one hot row, and a fact is counted exactly once or not at all.

-- Sums of one fingerprint on one connection in one five-minute bucket. Counters (growth of
-- cumulative statistics) and samples (executions seen one by one) are kept apart.
CREATE TABLE rollup_deltas (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    bucket_at              timestamptz NOT NULL,
    counter_calls          bigint NOT NULL DEFAULT 0,
    counter_ms             double precision NOT NULL DEFAULT 0,
    counter_slow_calls     bigint NOT NULL DEFAULT 0, -- of statements whose mean passed the threshold
    sample_calls           bigint NOT NULL DEFAULT 0,
    sample_ms              double precision NOT NULL DEFAULT 0,
    max_ms                 double precision NOT NULL DEFAULT 0,
    rows_examined          bigint NOT NULL DEFAULT 0,
    rows_returned          bigint NOT NULL DEFAULT 0,
    blocks_hit             bigint NOT NULL DEFAULT 0,
    blocks_read            bigint NOT NULL DEFAULT 0
);

CREATE TABLE query_fingerprint_metrics (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    resolution_s           int NOT NULL, -- 300, 3600 or 86400
    bucket_at              timestamptz NOT NULL,
    counter_calls          bigint NOT NULL,
    counter_ms             double precision NOT NULL,
    counter_slow_calls     bigint NOT NULL,
    sample_calls           bigint NOT NULL,
    sample_ms              double precision NOT NULL,
    max_ms                 double precision NOT NULL,
    rows_examined          bigint NOT NULL,
    rows_returned          bigint NOT NULL,
    blocks_hit             bigint NOT NULL,
    blocks_read            bigint NOT NULL,
    -- Where counters exist they count every execution, samples only some of the same: never add the two.
    calls      bigint GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_calls ELSE sample_calls END) STORED,
    total_ms   double precision GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_ms ELSE sample_ms END) STORED,
    slow_calls bigint GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_slow_calls ELSE sample_calls END) STORED,
    PRIMARY KEY (organization_id, database_connection_id, bucket_at, sql_hash, resolution_s)
) PARTITION BY LIST (resolution_s);
CREATE TABLE query_fingerprint_metrics_5m PARTITION OF query_fingerprint_metrics FOR VALUES IN (300) WITH (fillfactor = 70);
CREATE TABLE query_fingerprint_metrics_1h PARTITION OF query_fingerprint_metrics FOR VALUES IN (3600) WITH (fillfactor = 70);
CREATE TABLE query_fingerprint_metrics_1d PARTITION OF query_fingerprint_metrics FOR VALUES IN (86400) WITH (fillfactor = 70);
CREATE INDEX query_fingerprint_metrics_hash ON query_fingerprint_metrics (organization_id, sql_hash, bucket_at);

-- One row for each connection and bucket: what the overview's chart reads.
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
    calls      bigint GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_calls ELSE sample_calls END) STORED,
    total_ms   double precision GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_ms ELSE sample_ms END) STORED,
    slow_calls bigint GENERATED ALWAYS AS (CASE WHEN counter_calls > 0 THEN counter_slow_calls ELSE sample_calls END) STORED,
    PRIMARY KEY (organization_id, database_connection_id, resolution_s, bucket_at)
);
CREATE VIEW query_metrics_daily AS
SELECT organization_id, database_connection_id, bucket_at::date AS metric_date, calls, total_ms, slow_calls
FROM query_metrics WHERE resolution_s = 86400;

-- The last look at a server's cumulative statistics, from which growth is counted.
CREATE TABLE counter_baselines (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    counter_key            text NOT NULL, -- the engine's own identity of the entry (userid/dbid/queryid/toplevel)
    sql_hash               uuid NOT NULL,
    calls                  bigint NOT NULL,
    total_ms               double precision NOT NULL,
    rows                   bigint NOT NULL,
    blocks_hit             bigint NOT NULL,
    blocks_read            bigint NOT NULL,
    looked_at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, counter_key)
);

CREATE TABLE jobs (
    organization_id        bigint NOT NULL,
    id                     bigint GENERATED ALWAYS AS IDENTITY,
    user_id                bigint,
    database_connection_id bigint,
    kind                   text NOT NULL,
    payload                jsonb NOT NULL DEFAULT '{}',
    state                  text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    progress               real NOT NULL DEFAULT 0,
    result                 jsonb,
    lease_owner            text,
    lease_until            timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    finished_at            timestamptz,
    PRIMARY KEY (organization_id, id)
);
