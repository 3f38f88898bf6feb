-- What potto-collector does on request, and when it collects.

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
    problem                text, -- why it failed, for people
    remedy                 text, -- what to do, for people
    attempts               int NOT NULL DEFAULT 0, -- how many collectors have begun it
    lease_owner            text,
    lease_until            timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    started_at             timestamptz,
    finished_at            timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- The schedule of an organization. No row: it runs, and each connection at its own interval.
CREATE TABLE collector_schedules (
    organization_id  bigint PRIMARY KEY REFERENCES organizations,
    is_running       boolean NOT NULL,
    interval_minutes int CHECK (interval_minutes BETWEEN 1 AND 1440), -- at least so long between runs; NULL: no limit
    changed_by       bigint, -- user
    changed_at       timestamptz NOT NULL DEFAULT now()
);
