-- Databases whose deltas the fold cannot add up (docs/data.md). One database's numbers must not hold up the others', so
-- its deltas wait here until `potto rollup retry`.
CREATE TABLE rollup_set_aside (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    since                  timestamptz NOT NULL DEFAULT now(),
    reason                 text NOT NULL, -- what PostgreSQL said
    holds_segments         boolean NOT NULL, -- what is rolled up already fails too: segments are made without it
    deltas                 bigint NOT NULL DEFAULT 0, -- rows in rollup_deltas_set_aside
    dropped                bigint NOT NULL DEFAULT 0, -- deltas that were too many or too old to be kept
    PRIMARY KEY (organization_id, database_connection_id)
);
SELECT potto_row_policy('rollup_set_aside');

-- The columns of rollup_deltas. An id is the one that the row had there.
CREATE TABLE rollup_deltas_set_aside (LIKE rollup_deltas);
ALTER TABLE rollup_deltas_set_aside ADD PRIMARY KEY (organization_id, database_connection_id, id);
SELECT potto_row_policy('rollup_deltas_set_aside', '');
