-- Rollups of time that is over, stored again in the order in which they are read, so that a read of weeks takes tens of
-- rows instead of hundreds of thousands (docs/data.md, docs/performance.md). A segment holds all fingerprints of a
-- connection in one interval; a chunk holds successive buckets of one fingerprint. They are derived from rollups and
-- exact at each commit: triggers record changed buckets, and the transaction calls query_segments_refresh() at its end.

-- Short ids of fingerprints in segments, dense in each organization.
CREATE TABLE query_segment_fingerprints (
    organization_id bigint NOT NULL,
    fingerprint_id  int NOT NULL, -- from 1
    sql_hash        uuid NOT NULL,
    PRIMARY KEY (organization_id, fingerprint_id),
    UNIQUE (organization_id, sql_hash)
);

-- Segments that end by this time are built.
CREATE TABLE query_segment_state (segmented_until timestamptz NOT NULL);
INSERT INTO query_segment_state SELECT date_bin('5 minutes', now() - interval '20 seconds', '2000-01-01 00:00:00+00');

-- Buckets that have changed since and that segments or chunks cover.
CREATE TABLE query_segment_changes (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    resolution_s           int NOT NULL,
    bucket_at              timestamptz NOT NULL,
    sql_hash               uuid -- NULL: no chunk of a fingerprint covers it
);

-- All fingerprints of a connection in one interval. toast_tuple_target, here and below: most rows are stored in one
-- piece, which saves a read. width_s has the type of the reader's value, since a cast would not use the index.
CREATE TABLE query_segments (
    organization_id        bigint NOT NULL,
    width_s                bigint NOT NULL, -- of segment_widths()
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    calls                  bigint NOT NULL,
    slow_calls             bigint NOT NULL,
    total_ms               double precision NOT NULL,
    fingerprint_ids        bytea NOT NULL, -- int4send of each id, ascending
    fingerprint_ms         bytea NOT NULL, -- float8send of each total_ms, in the order of the ids
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160);
ALTER TABLE query_segments ALTER COLUMN fingerprint_ids SET STORAGE EXTERNAL,
                           ALTER COLUMN fingerprint_ms SET STORAGE EXTERNAL;

-- More about the fingerprints of the segment with the same key, in the order of its ids. Few lists need these columns.
CREATE TABLE query_segment_details (
    organization_id           bigint NOT NULL,
    width_s                   bigint NOT NULL,
    start_at                  timestamptz NOT NULL,
    database_connection_id    bigint NOT NULL,
    fingerprint_max_ms        bytea NOT NULL, -- float8send
    fingerprint_rows_examined bytea NOT NULL, -- int8send, as those below
    fingerprint_rows_returned bytea NOT NULL,
    fingerprint_calls         bytea NOT NULL,
    fingerprint_slow_calls    bytea NOT NULL,
    max_ms                    double precision NOT NULL, -- of all fingerprints, as those below
    rows_examined             bigint NOT NULL,
    rows_returned             bigint NOT NULL,
    blocks_hit                bigint NOT NULL,
    blocks_read               bigint NOT NULL,
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160);
ALTER TABLE query_segment_details ALTER COLUMN fingerprint_max_ms SET STORAGE EXTERNAL,
                                  ALTER COLUMN fingerprint_rows_examined SET STORAGE EXTERNAL,
                                  ALTER COLUMN fingerprint_rows_returned SET STORAGE EXTERNAL,
                                  ALTER COLUMN fingerprint_calls SET STORAGE EXTERNAL,
                                  ALTER COLUMN fingerprint_slow_calls SET STORAGE EXTERNAL;

-- A segment of query_metrics: what a connection ran, whatever it was.
CREATE TABLE connection_segments (
    organization_id        bigint NOT NULL,
    width_s                bigint NOT NULL,
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    calls                  bigint NOT NULL,
    slow_calls             bigint NOT NULL,
    total_ms               double precision NOT NULL,
    histogram              bytea, -- histogram_bytes(); NULL: only counters are known
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160);
ALTER TABLE connection_segments ALTER COLUMN histogram SET STORAGE EXTERNAL;

-- Buckets of one fingerprint on one connection: the hours of a day or the days of eight. A chunk grows with each
-- bucket, so pages leave room.
CREATE TABLE query_chunks (
    organization_id        bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    bucket_s               bigint NOT NULL, -- 3600 or 86400: resolution_s of its buckets
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    -- Of each bucket: int4send(its index), int8send(calls), int8send(slow_calls), float8send(total_ms).
    sums                   bytea NOT NULL,
    -- In the same order: int8send of rows_examined, rows_returned, blocks_hit, blocks_read, float8send(max_ms).
    details                bytea NOT NULL,
    -- Of each bucket that has one: int4send(index), int4send(length), histogram_bytes().
    histograms             bytea NOT NULL,
    PRIMARY KEY (organization_id, sql_hash, bucket_s, start_at, database_connection_id)
) WITH (fillfactor = 70, toast_tuple_target = 8160);
ALTER TABLE query_chunks ALTER COLUMN sums SET STORAGE EXTERNAL, ALTER COLUMN details SET STORAGE EXTERNAL,
                         ALTER COLUMN histograms SET STORAGE EXTERNAL;

-- Buckets of query_metrics: five minutes of 8 hours, hours of 8 days or days of 64.
CREATE TABLE connection_chunks (
    organization_id        bigint NOT NULL,
    bucket_s               bigint NOT NULL, -- 300, 3600 or 86400
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    sums                   bytea NOT NULL, -- as query_chunks.sums
    PRIMARY KEY (organization_id, bucket_s, start_at, database_connection_id)
) WITH (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE connection_chunks ALTER COLUMN sums SET STORAGE EXTERNAL;

CREATE TRIGGER query_segments_note_insert AFTER INSERT ON query_fingerprint_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();
CREATE TRIGGER query_segments_note_update AFTER UPDATE ON query_fingerprint_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();
CREATE TRIGGER query_segments_note_delete AFTER DELETE ON query_fingerprint_metrics
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();
-- Retention deletes rows of these partitions directly, which does not fire the trigger above.
CREATE TRIGGER query_segments_note_delete AFTER DELETE ON query_fingerprint_metrics_1d
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();
CREATE TRIGGER query_segments_note_delete AFTER DELETE ON query_fingerprint_metrics_1h_default
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();
CREATE TRIGGER query_segments_note_delete AFTER DELETE ON query_fingerprint_metrics_5m_default
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_segments_note();

CREATE TRIGGER connection_segments_note_insert AFTER INSERT ON query_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_segments_note();
CREATE TRIGGER connection_segments_note_update AFTER UPDATE ON query_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_segments_note();
CREATE TRIGGER connection_segments_note_delete AFTER DELETE ON query_metrics
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_segments_note();
