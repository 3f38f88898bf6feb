-- What Potto may cost the server of a connection, and how it holds back (docs/data.md).

-- In percent of one processor.
ALTER TABLE database_connections ADD COLUMN overhead_budget_percent double precision NOT NULL DEFAULT 0.5
    CHECK (overhead_budget_percent BETWEEN 0.05 AND 10);

-- A level that rises with what collection costs, and falls by the budget. The row has the level of counted_at.
CREATE TABLE connection_overhead (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    level_us               double precision NOT NULL, -- microseconds of the server's time
    counted_at             timestamptz NOT NULL,
    stage                  smallint NOT NULL, -- of holding back (lib/facts/overhead.h); 0: nothing is held back
    held_back_since        timestamptz, -- NULL: nothing is
    PRIMARY KEY (organization_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
) WITH (fillfactor = 50);
SELECT potto_row_policy('connection_overhead');

-- Of look_cost_us, that of plans.
ALTER TABLE connection_coverage ADD COLUMN plan_cost_us bigint NOT NULL DEFAULT 0;
