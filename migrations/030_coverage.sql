-- How much of the time that a database's statements took Potto gave to statements, and why the rest is missing
-- (docs/data.md): one row for each connection and five minutes. What cycles cost the database stands beside it.
CREATE TABLE connection_coverage (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    bucket_at              timestamptz NOT NULL, -- of five minutes
    basis                  text NOT NULL, -- what server_ms is of: enum coverage_basis of lib/facts/coverage.h
    covered_us             bigint NOT NULL, -- between looks, that is, what the numbers are of
    first_looks            bigint NOT NULL, -- with nothing to compare to
    server_ms              double precision NOT NULL,
    attributed_ms          double precision NOT NULL,
    server_calls           bigint NOT NULL, -- 0: not known
    attributed_calls       bigint NOT NULL,
    running_ms             double precision NOT NULL, -- the causes of COVERAGE_GAPS, in its order
    own_ms                 double precision NOT NULL,
    evicted_ms             double precision NOT NULL,
    no_right_ms            double precision NOT NULL,
    text_missing_ms        double precision NOT NULL,
    beyond_bound_ms        double precision NOT NULL,
    not_counted_ms         double precision NOT NULL,
    reset_ms               double precision NOT NULL,
    evictions              bigint NOT NULL,
    looks                  bigint NOT NULL, -- cycles that ended
    look_cost_us           bigint NOT NULL, -- of the database's time, as far as it is seen from outside
    PRIMARY KEY (organization_id, database_connection_id, bucket_at)
) WITH (fillfactor = 70);
SELECT potto_row_policy('connection_coverage');
