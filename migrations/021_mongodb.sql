-- MongoDB metrics (docs/data.md): reports of nodes, and their sums by five minutes, hour and day.

-- A report: one moment of a node. NULL: not told.
CREATE TABLE metrics_mongodb (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    time                   timestamptz NOT NULL,
    node_id                text COLLATE "C" NOT NULL,
    role                   text,
    connections_current    bigint,
    connections_available  bigint,
    ops_insert             bigint, -- growth since the report before, as the four below
    ops_query              bigint,
    ops_update             bigint,
    ops_delete             bigint,
    ops_command            bigint,
    repl_lag_seconds       double precision,
    data_size_bytes        bigint,
    index_size_bytes       bigint,
    storage_size_bytes     bigint,
    oplog_window_hours     double precision,
    wt_cache_used_bytes    bigint,
    wt_cache_max_bytes     bigint,
    PRIMARY KEY (organization_id, database_connection_id, node_id, time) -- a report that is sent twice is stored once
) PARTITION BY RANGE (time);
-- Reports that are older or newer than all other partitions.
CREATE TABLE metrics_mongodb_default PARTITION OF metrics_mongodb DEFAULT;

-- The nodes of a connection that have reported.
CREATE TABLE mongodb_nodes (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    node_id                text COLLATE "C" NOT NULL,
    first_seen_at          timestamptz NOT NULL DEFAULT now(),
    last_seen_at           timestamptz NOT NULL DEFAULT now(), -- up to an hour late
    PRIMARY KEY (organization_id, database_connection_id, node_id)
);

-- What the new reports of a batch add to mongodb_stats: a row for each node and five minutes, until the collector folds
-- it. The arrays are in the order of lib/facts/mongodb.h; seconds and hours are in millionths.
CREATE TABLE mongodb_deltas (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    node_id                text COLLATE "C" NOT NULL,
    bucket_at              timestamptz NOT NULL,
    reports                bigint NOT NULL,
    totals                 bigint[] NOT NULL, -- sums; of sizes the largest
    counts                 bigint[] NOT NULL, -- of the reports that told the value
    made_at                timestamptz NOT NULL DEFAULT now() -- the age of the oldest row is the lag of the sums
);

-- Means are made of a total and the number of reports that told the value. Totals are exact in any order, so a late
-- report changes nothing but its own share. NULL: no report told the value.
CREATE TABLE mongodb_stats (
    organization_id             bigint NOT NULL,
    database_connection_id      bigint NOT NULL,
    node_id                     text COLLATE "C" NOT NULL,
    resolution_s                int NOT NULL, -- 300, 3600 or 86400
    bucket_at                   timestamptz NOT NULL,
    reports                     bigint NOT NULL,
    connections_current_total   numeric NOT NULL,
    connections_current_count   bigint NOT NULL,
    connections_available_total numeric NOT NULL,
    connections_available_count bigint NOT NULL,
    ops_insert                  numeric,
    ops_query                   numeric,
    ops_update                  numeric,
    ops_delete                  numeric,
    ops_command                 numeric,
    repl_lag_seconds_total      numeric NOT NULL,
    repl_lag_seconds_count      bigint NOT NULL,
    data_size_bytes             bigint,
    index_size_bytes            bigint,
    storage_size_bytes          bigint,
    oplog_window_hours_total    numeric NOT NULL,
    oplog_window_hours_count    bigint NOT NULL,
    wt_cache_used_bytes_total   numeric NOT NULL,
    wt_cache_used_bytes_count   bigint NOT NULL,
    wt_cache_max_bytes_total    numeric NOT NULL,
    wt_cache_max_bytes_count    bigint NOT NULL,
    connections_current double precision GENERATED ALWAYS AS (
        (connections_current_total / nullif(connections_current_count, 0))::double precision) STORED,
    connections_available double precision GENERATED ALWAYS AS (
        (connections_available_total / nullif(connections_available_count, 0))::double precision) STORED,
    repl_lag_seconds double precision GENERATED ALWAYS AS (
        (repl_lag_seconds_total / nullif(repl_lag_seconds_count, 0))::double precision) STORED,
    oplog_window_hours double precision GENERATED ALWAYS AS (
        (oplog_window_hours_total / nullif(oplog_window_hours_count, 0))::double precision) STORED,
    wt_cache_used_bytes double precision GENERATED ALWAYS AS (
        (wt_cache_used_bytes_total / nullif(wt_cache_used_bytes_count, 0))::double precision) STORED,
    wt_cache_max_bytes double precision GENERATED ALWAYS AS (
        (wt_cache_max_bytes_total / nullif(wt_cache_max_bytes_count, 0))::double precision) STORED,
    PRIMARY KEY (organization_id, database_connection_id, node_id, resolution_s, bucket_at)
) PARTITION BY LIST (resolution_s);
CREATE TABLE mongodb_stats_5m PARTITION OF mongodb_stats FOR VALUES IN (300) WITH (fillfactor = 70);
CREATE TABLE mongodb_stats_1h PARTITION OF mongodb_stats FOR VALUES IN (3600) WITH (fillfactor = 70);
CREATE TABLE mongodb_stats_daily PARTITION OF mongodb_stats FOR VALUES IN (86400) WITH (fillfactor = 70);

SELECT potto_row_policy('metrics_mongodb');
SELECT potto_row_policy('mongodb_nodes');
SELECT potto_row_policy('mongodb_stats');
SELECT potto_row_policy('mongodb_deltas', '');
SELECT potto_ingest_privileges('metrics_mongodb',
    'INSERT, SELECT (organization_id, database_connection_id, node_id, time)');
SELECT potto_ingest_privileges('mongodb_nodes', 'INSERT, SELECT, UPDATE (last_seen_at)');
SELECT potto_ingest_privileges('mongodb_deltas', 'INSERT');
