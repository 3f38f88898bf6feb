-- Log files of monitored servers that collectors follow, and the deadlocks that they tell (docs/data.md).

-- A file, or a pattern of files, that an operator has listed for a connection: how it goes.
CREATE TABLE log_files (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    path                   text NOT NULL, -- on the collector's machine
    format                 text, -- as which it was read last
    state                  text NOT NULL, -- 'ok', 'warning', 'failed'
    problem                text,
    remedy                 text,
    followed_at            timestamptz NOT NULL DEFAULT now(), -- what was written before is not read
    looked_at              timestamptz NOT NULL DEFAULT now(),
    read_at                timestamptz, -- something new was read
    last_event_at          timestamptz, -- the newest time that an event in it has
    unread_bytes           bigint NOT NULL DEFAULT 0,
    unread_since           timestamptz, -- NULL: all was read
    file_count             int NOT NULL DEFAULT 0,
    -- Since it is followed.
    bytes                  bigint NOT NULL DEFAULT 0,
    entries                bigint NOT NULL DEFAULT 0, -- messages of the server
    executions             bigint NOT NULL DEFAULT 0, -- with a duration
    samples                bigint NOT NULL DEFAULT 0, -- of them stored
    plans                  bigint NOT NULL DEFAULT 0,
    deadlocks              bigint NOT NULL DEFAULT 0,
    elsewhere              bigint NOT NULL DEFAULT 0, -- executions in other databases of the server
    timeless               bigint NOT NULL DEFAULT 0, -- executions without a time
    foreign_lines          bigint NOT NULL DEFAULT 0, -- that are no part of an entry
    unread_entries         bigint NOT NULL DEFAULT 0, -- not understood, or too long
    skipped_bytes          bigint NOT NULL DEFAULT 0, -- that could not be read
    PRIMARY KEY (organization_id, database_connection_id, path)
);

-- How far each file on disk is read. A file is told by its inode and its first bytes.
CREATE TABLE log_file_places (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    path                   text NOT NULL, -- of log_files
    inode                  bigint NOT NULL,
    name                   text NOT NULL, -- that it had when it was found
    head_size              int NOT NULL,
    head_digest            bigint NOT NULL,
    read_from              bigint NOT NULL, -- struct logs_place of lib/logs
    told                   bigint NOT NULL,
    mode                   int NOT NULL,
    PRIMARY KEY (organization_id, database_connection_id, path, inode)
);

-- Deadlocks that servers noticed. The arrays have one place for each process.
CREATE TABLE deadlocks (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    noticed_at             timestamptz NOT NULL,
    digest                 bigint NOT NULL, -- of all that is told of it
    victim                 bigint, -- the process whose statement was canceled
    username               text, -- the victim's
    database_name          text,
    application            text,
    processes              bigint[] NOT NULL,
    blocked_by             bigint[] NOT NULL, -- NULL: not told
    waits                  text[] NOT NULL, -- the lock, in the server's words; NULL: not told
    statements             uuid[] NOT NULL, -- NULL: not told
    PRIMARY KEY (organization_id, database_connection_id, noticed_at, digest)
);
CREATE INDEX deadlocks_age ON deadlocks (noticed_at);

SELECT potto_row_policy('log_files');
SELECT potto_row_policy('log_file_places', '');
SELECT potto_row_policy('deadlocks');
