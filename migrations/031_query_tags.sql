-- Tags: keys and values that applications write into the comments of their statements (docs/data.md).

-- The values that a connection has had, at most so many of each key: statements of other values count as '(other)'.
CREATE TABLE query_tags (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    tag_key                text COLLATE "C" NOT NULL,
    tag_value              text COLLATE "C" NOT NULL,
    last_seen_on           date NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, tag_key, tag_value)
);

-- What the samples of an hour add up to, by tag and fingerprint.
CREATE TABLE query_tag_metrics (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    bucket_at              timestamptz NOT NULL, -- of an hour
    tag_key                text COLLATE "C" NOT NULL,
    tag_value              text COLLATE "C" NOT NULL,
    sql_hash               uuid NOT NULL,
    calls                  bigint NOT NULL, -- samples
    total_ms               double precision NOT NULL,
    max_ms                 double precision NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, tag_key, bucket_at, tag_value, sql_hash)
) WITH (fillfactor = 80);
CREATE INDEX query_tag_metrics_age ON query_tag_metrics (bucket_at);

SELECT potto_row_policy('query_tags');
SELECT potto_row_policy('query_tag_metrics');
SELECT potto_ingest_privileges('query_tags', 'INSERT, SELECT, UPDATE (last_seen_on)');
SELECT potto_ingest_privileges('query_tag_metrics', 'INSERT, SELECT, UPDATE (calls, total_ms, max_ms)');
