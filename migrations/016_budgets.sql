-- What each connection stored lately, and whether the store is full (lib/store/ingest/budget.h).

-- A level that rises with what is stored and falls by the connection's budget an hour. When it is as high as one hour's
-- budget, nothing more is taken. The row has the level of counted_at.
CREATE TABLE connection_spending (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    bytes                  double precision NOT NULL, -- of texts, plans and rows
    row_count              double precision NOT NULL,
    statements             double precision NOT NULL, -- that the organization did not know
    counted_at             timestamptz NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
) WITH (fillfactor = 50);
SELECT potto_row_policy('connection_spending');

-- The collector's verdict on the size that it measured last. One row, or none before the first measurement.
CREATE TABLE store_verdict (
    is_only    boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    is_full    boolean NOT NULL, -- larger than POTTO_STORE_BYTES_MAX
    bytes      bigint NOT NULL,
    bytes_max  bigint NOT NULL, -- 0: no limit
    decided_at timestamptz NOT NULL DEFAULT now()
);

-- ingest counts the plans that are new.
SELECT potto_ingest_privileges('query_plans', 'INSERT, UPDATE (last_seen_at),
    SELECT (organization_id, database_connection_id, sql_hash, plan_hash, first_seen_at, last_seen_at)');
