"""A dump of a predecessor's database with its accounts, before and after the predecessor's own migrations 004 and 005:
organizations, users with bcrypt hashes, teams, connections. Written like pg_dump, for psql."""

import warnings

import legacy_dump

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt

PASSWORDS = {"ada@example.com": "an old pass-phrase", "ben@example.com": "another one", "cyd@example.com": "third one"}
TOKEN = "agt_" + "1234567890abcdef" * 2

ACCOUNTS = """
CREATE TYPE user_role AS ENUM ('ADMIN', 'MEMBER', 'VIEWER');
CREATE TYPE visibility_scope AS ENUM ('TEAM_ONLY', 'ORG_WIDE', 'USER_ONLY');
CREATE TABLE organizations (
    id serial PRIMARY KEY,
    name character varying(255) NOT NULL,
    plan text DEFAULT 'free',
    created_at timestamp without time zone DEFAULT now()
);
CREATE TABLE teams (
    id serial PRIMARY KEY,
    organization_id integer NOT NULL REFERENCES organizations(id),
    name character varying(255) NOT NULL
);
CREATE TABLE users (
    id serial PRIMARY KEY,
    organization_id integer REFERENCES organizations(id),
    email character varying(255) NOT NULL,
    full_name character varying(255),
    hashed_password character varying(255) NOT NULL,
    role user_role DEFAULT 'MEMBER' NOT NULL,
    is_active boolean DEFAULT true,
    phone text,
    created_at timestamp without time zone DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE TABLE team_members (
    team_id integer REFERENCES teams(id),
    user_id integer REFERENCES users(id),
    PRIMARY KEY (team_id, user_id)
);
CREATE TABLE database_connections (
    id serial PRIMARY KEY,
    organization_id integer REFERENCES organizations(id),
    team_id integer REFERENCES teams(id),
    owner_user_id integer REFERENCES users(id),
    name character varying(255) NOT NULL,
    db_type character varying(50) NOT NULL,
    host character varying(255),
    port integer,
    database_name character varying(255),
    username character varying(255),
    password_encrypted text,
    ssl_enabled boolean DEFAULT false,
    agent_token character varying(68) UNIQUE,
    visibility_scope visibility_scope DEFAULT 'TEAM_ONLY' NOT NULL,
    is_active boolean DEFAULT true,
    is_legacy boolean DEFAULT false NOT NULL,
    created_at timestamp without time zone DEFAULT now()
);
CREATE TABLE collectors (id serial PRIMARY KEY, hostname text, version text);
CREATE TABLE collector_databases (collector_id integer REFERENCES collectors(id),
                                  database_connection_id integer REFERENCES database_connections(id));
"""


def accounts():
    """SQL that fills the tables; the passwords are hashed as the predecessors did."""
    ada, ben, cyd = (crypt.crypt(password, f"$2b$05${'abcdefghijklmnopqrstu'}u") for password in PASSWORDS.values())
    return f"""
INSERT INTO organizations (id, name) VALUES (3, 'Shop'), (7, 'Bank');
INSERT INTO teams (id, organization_id, name) VALUES (4, 3, 'checkout'), (5, 3, 'search'), (6, 7, 'ledger');
INSERT INTO users (id, organization_id, email, full_name, hashed_password, role, phone) VALUES
    (11, 3, 'ada@example.com', 'Ada', '{ada}', 'ADMIN', '1'),
    (12, 3, 'ben@example.com', 'Ben', '{ben}', 'MEMBER', '2'),
    (13, 7, 'cyd@example.com', NULL, '{cyd}', 'VIEWER', NULL),
    (14, NULL, 'dan@example.com', 'Dan', '{cyd}', 'ADMIN', NULL);
INSERT INTO team_members VALUES (4, 12), (5, 11), (6, 13);
INSERT INTO database_connections (id, organization_id, team_id, owner_user_id, name, db_type, host, port, database_name,
                                  username, password_encrypted, ssl_enabled, agent_token, visibility_scope, is_legacy)
VALUES (21, 3, 4, 12, 'shop', 'mysql', 'db1.example.com', 3306, 'shop', 'app', 'gAAAAA-sealed', true, '{TOKEN}',
        'TEAM_ONLY', false),
       (22, 3, NULL, NULL, 'lost', 'postgres', NULL, NULL, NULL, NULL, NULL, false, NULL, 'TEAM_ONLY', false),
       (23, 7, NULL, NULL, 'Legacy postgres', 'postgres', '10.0.0.7', NULL, 'labdb', NULL, NULL, false, NULL,
        'ORG_WIDE', true),
       (24, NULL, NULL, 14, 'stray', 'postgres', '10.0.0.8', NULL, NULL, NULL, NULL, false, NULL, 'ORG_WIDE', false);
INSERT INTO collectors (id, hostname, version) VALUES (1, 'old-agent', '1.0.0');
INSERT INTO collector_databases VALUES (1, 21);
"""


# The predecessor's own migrations 004 and 005 link samples to connections; some are linked to an organization alone.
LINKS = """
ALTER TABLE slow_queries_raw ADD COLUMN database_connection_id integer REFERENCES database_connections(id),
                             ADD COLUMN organization_id integer REFERENCES organizations(id);
UPDATE slow_queries_raw SET database_connection_id = 21, organization_id = 3
WHERE source_db_host = 'db1.example.com' AND source_db_name = 'shop';
UPDATE slow_queries_raw SET database_connection_id = 23, organization_id = 7 WHERE source_db_host = '10.0.0.7';
UPDATE slow_queries_raw SET organization_id = 7 WHERE source_db_type = 'mysql' AND source_db_host IS NULL;
"""


def write(out, samples, is_linked=True):
    legacy_dump.write(out, samples, 7)
    out.write(ACCOUNTS + accounts() + (LINKS if is_linked else ""))
