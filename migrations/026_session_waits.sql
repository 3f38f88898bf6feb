-- What sessions of monitored databases wait for (docs/data.md), and who looks at them.

-- Who looks at a connection's sessions at the moment, and how it went the last time.
CREATE TABLE session_watches (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    lease_owner            text, -- a run of a collector; NULL: nobody looks
    lease_until            timestamptz,
    next_at                timestamptz NOT NULL DEFAULT now(), -- nobody begins before
    failures               int NOT NULL DEFAULT 0, -- in a row
    state                  text, -- 'ok', 'warning', 'failed'; NULL: none has ended
    problem                text,
    remedy                 text,
    ended_at               timestamptz, -- of the last stretch
    PRIMARY KEY (organization_id, database_connection_id)
);

-- The time that sessions spent, by what they waited for: one row for each connection and bucket. The arrays of a kind
-- have one place for each combination; the rarest ones are added up to places that have NULL instead of a name.
CREATE TABLE session_waits (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    resolution_s           int NOT NULL, -- 300 or 3600
    bucket_at              timestamptz NOT NULL,
    watched_ms             bigint NOT NULL, -- the time for which the looks stand
    look_count             bigint NOT NULL,
    cost_us                bigint NOT NULL, -- of the server's time, as far as it is seen from outside
    session_ms             bigint NOT NULL, -- of all places together; by watched_ms: average active sessions
    wait_classes           smallint[] NOT NULL, -- enum wait_class of lib/facts/waits.h
    wait_events            text[] NOT NULL, -- the server's own names; '': none
    wait_statements        uuid[] NOT NULL, -- NULL: not known, or one of those that are added up
    wait_users             text[] NOT NULL, -- '': not known; NULL: one of those that are added up
    wait_hosts             text[] NOT NULL,
    wait_applications      text[] NOT NULL,
    wait_ms                bigint[] NOT NULL,
    block_states           smallint[] NOT NULL, -- enum block_state: what the session at the root of a chain does
    block_roots            uuid[] NOT NULL, -- its statement
    block_users            text[] NOT NULL,
    block_applications     text[] NOT NULL,
    block_statements       uuid[] NOT NULL, -- of those that wait
    block_ms               bigint[] NOT NULL,
    block_depths           bigint[] NOT NULL,
    block_waiters          bigint[] NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, bucket_at, resolution_s)
) PARTITION BY LIST (resolution_s);
CREATE TABLE session_waits_5m PARTITION OF session_waits FOR VALUES IN (300) PARTITION BY RANGE (bucket_at);
CREATE TABLE session_waits_5m_default PARTITION OF session_waits_5m DEFAULT WITH (fillfactor = 70);
CREATE TABLE session_waits_1h PARTITION OF session_waits FOR VALUES IN (3600) PARTITION BY RANGE (bucket_at);
CREATE TABLE session_waits_1h_default PARTITION OF session_waits_1h DEFAULT WITH (fillfactor = 70);

SELECT potto_row_policy('session_watches');
SELECT potto_row_policy('session_waits');
