-- Tenancy, connections, collectors. Every tenant table carries organization_id,
-- first in its primary key (the distribution column when the store is spread
-- over machines); ids are unique by themselves too, since addresses hold them.
CREATE TYPE user_role AS ENUM ('viewer', 'member', 'admin');
CREATE TYPE visibility_scope AS ENUM ('TEAM_ONLY', 'ORG_WIDE', 'USER_ONLY');
CREATE TYPE database_engine AS ENUM ('postgresql', 'mysql', 'mssql', 'oracle', 'mongodb');
CREATE TYPE tls_mode AS ENUM ('disable', 'prefer', 'require', 'verify-ca', 'verify-full');

CREATE TABLE organizations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    -- Goes up whenever what was rolled up, or which connections there are, changes:
    -- answers made from rollups under one version and one scope are the same.
    data_version bigint NOT NULL DEFAULT 1,
    is_active    boolean NOT NULL DEFAULT true, -- false: nobody of it, and no agent of it, is let in
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    organization_id bigint NOT NULL REFERENCES organizations,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    email           text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    display_name    text NOT NULL DEFAULT '',
    role            user_role NOT NULL DEFAULT 'viewer',
    password_hash   text NOT NULL, -- Argon2id, PHC string
    is_active       boolean NOT NULL DEFAULT true,
    -- Access tokens made before this time are no longer taken (password change, sign out everywhere).
    tokens_valid_after timestamptz NOT NULL DEFAULT '-infinity',
    last_login_at   timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (id)
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE teams (
    organization_id bigint NOT NULL REFERENCES organizations,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (id),
    UNIQUE (organization_id, name)
);

CREATE TABLE team_members (
    organization_id bigint NOT NULL,
    team_id         bigint NOT NULL,
    user_id         bigint NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, team_id, user_id),
    FOREIGN KEY (organization_id, team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX team_members_user ON team_members (organization_id, user_id);

-- One sign-in is a family; each refresh replaces the token within it.
CREATE TABLE refresh_tokens (
    organization_id bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    user_id         bigint NOT NULL,
    family_id       uuid NOT NULL,
    token_hash      bytea NOT NULL UNIQUE, -- SHA-256
    expires_at      timestamptz NOT NULL,
    replaced_at     timestamptz, -- used once already
    revoked_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (organization_id, family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (organization_id, user_id);

CREATE TABLE audit_log (
    organization_id bigint NOT NULL, -- 0: nobody's (a sign-in with an address that no user has)
    id              bigint GENERATED ALWAYS AS IDENTITY,
    at              timestamptz NOT NULL DEFAULT now(),
    user_id         bigint, -- NULL: nobody signed in (a failed sign-in, the command line)
    action          text NOT NULL, -- login, login_failed, agent_token_revealed, agent_token_rotated, connection_created, …
    subject_kind    text NOT NULL DEFAULT '',
    subject_id      bigint,
    remote_address  text NOT NULL DEFAULT '',
    detail          jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX audit_log_at ON audit_log (organization_id, at DESC);

CREATE TABLE database_connections (
    organization_id        bigint NOT NULL REFERENCES organizations,
    id                     bigint GENERATED ALWAYS AS IDENTITY,
    name                   text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    engine                 database_engine NOT NULL,
    host                   text, -- NULL: only an agent feeds it
    port                   int CHECK (port BETWEEN 1 AND 65535),
    database_name          text,
    username               text,
    password_ciphertext    bytea, -- AES-256-GCM: key id, nonce, ciphertext, tag
    tls_mode               tls_mode NOT NULL DEFAULT 'prefer',
    team_id                bigint,
    owner_user_id          bigint,
    visibility_scope       visibility_scope NOT NULL DEFAULT 'TEAM_ONLY',
    agent_token_hash       bytea UNIQUE, -- SHA-256
    agent_token_ciphertext bytea,
    agent_token_hint       text, -- agt_…last four
    -- The token before the last rotation, taken until then so that agents can be given the new one.
    agent_token_previous_hash  bytea UNIQUE,
    agent_token_previous_until timestamptz,
    is_active              boolean NOT NULL DEFAULT true,
    is_legacy              boolean NOT NULL DEFAULT false,
    monitoring_enabled     boolean NOT NULL DEFAULT true,
    interval_s             int NOT NULL DEFAULT 60 CHECK (interval_s BETWEEN 5 AND 86400),
    min_duration_ms        double precision NOT NULL DEFAULT 100 CHECK (min_duration_ms >= 0),
    keep_literals          boolean NOT NULL DEFAULT true,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (id),
    FOREIGN KEY (organization_id, team_id) REFERENCES teams,
    FOREIGN KEY (organization_id, owner_user_id) REFERENCES users,
    CHECK (is_legacy OR visibility_scope <> 'TEAM_ONLY' OR team_id IS NOT NULL),
    CHECK (is_legacy OR visibility_scope <> 'USER_ONLY' OR owner_user_id IS NOT NULL)
);
CREATE UNIQUE INDEX database_connections_name ON database_connections (organization_id, lower(name));
CREATE INDEX database_connections_team ON database_connections (organization_id, team_id);

-- What the collector knows of a connection: apart from the row people edit, since it changes all the time.
CREATE TABLE connection_collection (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    next_run_at            timestamptz NOT NULL DEFAULT now(),
    lease_owner            text,
    lease_until            timestamptz,
    last_run_at            timestamptz, -- start of the last run
    last_success_at        timestamptz,
    last_duration_ms       double precision,
    last_found             bigint NOT NULL DEFAULT 0, -- statements and samples of the last run
    total_found            bigint NOT NULL DEFAULT 0,
    state                  text NOT NULL DEFAULT 'waiting', -- waiting, ok, warning, failed
    problem                text, -- what is wrong, for people
    remedy                 text, -- what to do, for people: SQL to run, setting to change
    server_version         text,
    cursor                 jsonb NOT NULL DEFAULT '{}', -- how far this engine's collection has come
    PRIMARY KEY (organization_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
);
CREATE INDEX connection_collection_due ON connection_collection (next_run_at);

CREATE TABLE collectors (
    organization_id bigint, -- NULL: a daemon of Potto's own, which serves all
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('agent', 'daemon')),
    hostname        text NOT NULL,
    version         text NOT NULL,
    status          text NOT NULL DEFAULT 'online',
    detail          jsonb NOT NULL DEFAULT '{}', -- spool size, errors: what the heartbeat says
    registered_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX collectors_host ON collectors (organization_id, kind, hostname) NULLS NOT DISTINCT;

CREATE TABLE collector_databases (
    organization_id        bigint NOT NULL,
    collector_id           bigint NOT NULL REFERENCES collectors ON DELETE CASCADE,
    database_connection_id bigint NOT NULL,
    linked_at              timestamptz NOT NULL DEFAULT now(),
    last_ingest_at         timestamptz,
    PRIMARY KEY (organization_id, collector_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
);
