-- Tenants, connections, collectors. Each tenant table has organization_id first in its primary key (the distribution
-- column if the store is spread over machines). Ids are also unique by themselves, since URLs hold them.
CREATE TYPE user_role AS ENUM ('viewer', 'member', 'admin');
CREATE TYPE visibility_scope AS ENUM ('TEAM_ONLY', 'ORG_WIDE', 'USER_ONLY');
CREATE TYPE database_engine AS ENUM ('postgresql', 'mysql', 'mssql', 'oracle', 'mongodb');
CREATE TYPE tls_mode AS ENUM ('disable', 'prefer', 'require', 'verify-ca', 'verify-full');

CREATE TABLE organizations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    -- Increases with each change of rollups or of the list of connections: answers of the same version and scope are
    -- the same.
    data_version bigint NOT NULL DEFAULT 1,
    is_active    boolean NOT NULL DEFAULT true, -- false: its users and agents are refused
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
    -- Access tokens made before this time are refused (password change, sign out everywhere).
    tokens_valid_after timestamptz NOT NULL DEFAULT '-infinity',
    last_login_at   timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (id)
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE UNIQUE INDEX users_email_ascii ON users (lower(email COLLATE "C")); -- for auth_account_by_email()
CREATE TRIGGER users_date_end BEFORE UPDATE OF tokens_valid_after ON users
    FOR EACH ROW WHEN (new.tokens_valid_after <> old.tokens_valid_after) EXECUTE FUNCTION users_date_end();
CREATE TRIGGER users_end_sessions AFTER UPDATE OF tokens_valid_after ON users
    FOR EACH ROW WHEN (new.tokens_valid_after <> old.tokens_valid_after) EXECUTE FUNCTION users_end_sessions();

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

-- A sign-in is a family of tokens: each refresh replaces the token by a new one of the same family.
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
    organization_id bigint NOT NULL, -- 0: none (a sign-in with an address that no user has)
    id              bigint GENERATED ALWAYS AS IDENTITY,
    at              timestamptz NOT NULL DEFAULT now(),
    user_id         bigint, -- NULL: nobody is signed in (a failed sign-in, the command line)
    action          text NOT NULL, -- login, login_failed, agent_token_revealed, connection_created, …
    subject_kind    text NOT NULL DEFAULT '',
    subject_id      bigint,
    remote_address  text NOT NULL DEFAULT '',
    detail          jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX audit_log_at ON audit_log (organization_id, at DESC);
-- Whoever reads literals leaves one line for each sample (or database, of lists) and day.
CREATE UNIQUE INDEX audit_log_literals_once
    ON audit_log (organization_id, user_id, action, subject_id, ((at AT TIME ZONE 'UTC')::date))
    WHERE action IN ('literals_revealed', 'literals_listed');

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
    has_password           boolean GENERATED ALWAYS AS (password_ciphertext IS NOT NULL) STORED, -- not secret
    tls_mode               tls_mode NOT NULL DEFAULT 'prefer',
    team_id                bigint,
    owner_user_id          bigint,
    visibility_scope       visibility_scope NOT NULL DEFAULT 'TEAM_ONLY',
    agent_token_hash       bytea UNIQUE, -- SHA-256
    agent_token_ciphertext bytea,
    agent_token_hint       text, -- agt_…last four
    -- The token of before the last rotation is accepted until this time, so that agents can be given the new one.
    agent_token_previous_hash  bytea UNIQUE,
    agent_token_previous_until timestamptz,
    is_active              boolean NOT NULL DEFAULT true,
    is_legacy              boolean NOT NULL DEFAULT false,
    monitoring_enabled     boolean NOT NULL DEFAULT true,
    interval_s             int NOT NULL DEFAULT 60 CHECK (interval_s BETWEEN 5 AND 86400),
    min_duration_ms        double precision NOT NULL DEFAULT 100 CHECK (min_duration_ms >= 0),
    keep_literals          boolean NOT NULL DEFAULT true,
    -- keep_literals was switched off at this time: potto-collector removes stored literals. When it has looked through
    -- all, it does so once more, since a writer may have read the old setting, and then clears both.
    literals_purge_since   timestamptz,
    literals_purged_at     timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    deleted_at             timestamptz, -- hidden, without secrets; potto-collector removes its data, then the row
    PRIMARY KEY (organization_id, id),
    UNIQUE (id),
    FOREIGN KEY (organization_id, team_id) REFERENCES teams,
    FOREIGN KEY (organization_id, owner_user_id) REFERENCES users,
    CHECK (is_legacy OR visibility_scope <> 'TEAM_ONLY' OR team_id IS NOT NULL),
    CHECK (is_legacy OR visibility_scope <> 'USER_ONLY' OR owner_user_id IS NOT NULL)
);
CREATE UNIQUE INDEX database_connections_name ON database_connections (organization_id, lower(name));
CREATE INDEX database_connections_team ON database_connections (organization_id, team_id);
CREATE INDEX database_connections_deleted ON database_connections (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX database_connections_purge ON database_connections (literals_purge_since)
    WHERE literals_purge_since IS NOT NULL;
CREATE TRIGGER literals_switched BEFORE UPDATE OF keep_literals ON database_connections
    FOR EACH ROW WHEN (OLD.keep_literals IS DISTINCT FROM NEW.keep_literals) EXECUTE FUNCTION literals_switched();

-- What the collector knows about a connection. It changes all the time, so it is apart from the row that people edit.
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
    -- Somebody asked for a run at once: it is due, whatever the schedule says, until a run that began later has ended.
    requested_at              timestamptz,
    requested_min_duration_ms double precision,
    PRIMARY KEY (organization_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
);
CREATE INDEX connection_collection_due ON connection_collection (next_run_at);

CREATE TABLE collectors (
    organization_id bigint, -- NULL: a potto-collector, which serves all organizations
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('agent', 'daemon')),
    hostname        text NOT NULL,
    version         text NOT NULL,
    status          text NOT NULL DEFAULT 'online',
    detail          jsonb NOT NULL DEFAULT '{}', -- spool size, errors: what the heartbeat says
    registered_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at    timestamptz NOT NULL DEFAULT now(),
    -- An agent is known by the connection of its token and by its host: databases of one host can be different teams'.
    database_connection_id bigint, -- NULL: a daemon
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE,
    CHECK ((kind = 'daemon') = (database_connection_id IS NULL))
);
CREATE UNIQUE INDEX collectors_host
    ON collectors (organization_id, database_connection_id, kind, hostname) NULLS NOT DISTINCT;

CREATE TABLE collector_databases (
    organization_id        bigint NOT NULL,
    collector_id           bigint NOT NULL REFERENCES collectors ON DELETE CASCADE,
    database_connection_id bigint NOT NULL,
    linked_at              timestamptz NOT NULL DEFAULT now(),
    last_ingest_at         timestamptz,
    PRIMARY KEY (organization_id, collector_id, database_connection_id),
    FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE
);
