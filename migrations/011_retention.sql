-- What retention remembers, and the store's own size.

-- 'samples': samples captured before that time may be gone, so rollups of that time cannot be made from them any more.
CREATE TABLE retention_marks (
    name  text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- The last sample id of each day of arrival: a sample that arrived late is kept as long as one that came in time.
CREATE TABLE sample_arrivals (
    day     date PRIMARY KEY,
    last_id bigint NOT NULL
);

-- potto-collector measures every few minutes. The first measurement of each day is kept for more than a year, and the
-- last few.
CREATE TABLE store_sizes (
    measured_at timestamptz NOT NULL,
    table_group text NOT NULL, -- as table_group()
    bytes       bigint NOT NULL, -- with indexes and TOAST
    row_count   bigint NOT NULL, -- the planner's estimate
    oldest_at   timestamptz, -- of samples and rollups
    newest_at   timestamptz,
    PRIMARY KEY (measured_at, table_group)
);
