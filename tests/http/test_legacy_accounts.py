"""A predecessor's database with its accounts becomes Potto's whole: every sample, user, team and connection is there,
with its id, and people sign in with the passwords that they had."""

import contextlib
import io
import random
import time

import psycopg2
import pytest
import servers
from ingest_client import PATH, query
from legacy_accounts_dump import PASSWORDS, TOKEN, write
from restored import RestoredStack

SAMPLES = 1000


class Predecessor(RestoredStack):
    dumps = {}

    def load_accounts(self, directory, is_linked=True):
        """The same dump each time."""
        if is_linked not in self.dumps:
            text = io.StringIO()
            write(text, SAMPLES, is_linked)
            self.dumps[is_linked] = text.getvalue()
        path = directory / f"accounts-{is_linked}.sql"
        path.write_text(self.dumps[is_linked], encoding="utf-8")
        self.load(path)

    def content(self):
        """What was made of the dump; ids that sequences gave and random ones are left out."""
        return [[tuple(row) for row in self.stack.sql(statement)] for statement in (
            "SELECT id, name, is_active FROM organizations ORDER BY id",
            "SELECT organization_id, id, email, display_name, role::text, password_hash, is_active FROM users "
            "ORDER BY id",
            "SELECT organization_id, name, (SELECT count(*) FROM team_members AS m WHERE m.team_id = teams.id) "
            "FROM teams ORDER BY 1, 2",
            "SELECT organization_id, team_id, user_id FROM team_members ORDER BY 2, 3",
            "SELECT c.organization_id, c.name, engine::text, host, port, database_name, username, tls_mode::text, "
            "t.name AS team, owner_user_id, visibility_scope::text, agent_token_hash, agent_token_hint, is_active, "
            "is_legacy, "
            "monitoring_enabled FROM database_connections AS c LEFT JOIN teams AS t ON t.id = c.team_id ORDER BY c.id",
            "SELECT c.organization_id, c.name, count(*), md5(string_agg(concat_ws('|', s.id, captured_at, sql_hash, "
            "duration_ms, full_sql, source_db_type, source_db_host), ',' ORDER BY s.id)) FROM slow_queries_raw AS s "
            "JOIN database_connections AS c ON c.id = s.database_connection_id "
            "AND c.organization_id = s.organization_id GROUP BY 1, 2 ORDER BY 1, 2",
            "SELECT count(*) FROM legacy_slow_queries",
            "SELECT id, phone FROM legacy_users ORDER BY id",
            "SELECT sum(calls) FROM query_metrics WHERE resolution_s = 86400",
            "SELECT version, name FROM schema_migrations ORDER BY 1",
        )]


@pytest.fixture(scope="module")
def predecessor(stack):
    own = servers.Stack(
        stack.state.name + "-legacy-accounts", stack.build_dir,
        {"POTTO_RETENTION_5M_DAYS": "0", "POTTO_RETENTION_1H_DAYS": "0"})
    with servers.running(own):
        yield Predecessor(own)


@pytest.fixture(scope="module")
def migrated(predecessor, tmp_path_factory):
    predecessor.load_accounts(tmp_path_factory.mktemp("dump"))
    begun = time.monotonic()
    predecessor.output = predecessor.migrate()
    predecessor.duration_s = time.monotonic() - begun
    predecessor.first = predecessor.content()
    return predecessor


def test_users_teams_and_connections_keep_their_ids_and_hashes(migrated):
    sql = migrated.stack.sql
    assert "legacy accounts: 2 organizations, 4 teams, 4 users, " in migrated.output
    assert "passwords of 1 connections could not be taken over" in migrated.output
    hashes = {row.id: row.hashed_password for row in sql("SELECT id, hashed_password FROM legacy_users")}
    assert [(row.organization_id, row.id, row.email, row.role, row.password_hash) for row in sql(
        "SELECT organization_id, id, email, role::text, password_hash FROM users ORDER BY id")] == [
            (3, 11, "ada@example.com", "admin", hashes[11]), (3, 12, "ben@example.com", "member", hashes[12]),
            (7, 13, "cyd@example.com", "viewer", hashes[13]), (3, 14, "dan@example.com", "admin", hashes[14])]
    assert [tuple(row) for row in sql("SELECT team_id, user_id FROM team_members ORDER BY 1")] == [
        (4, 12), (5, 11), (6, 13)]
    shop, lost, old = sql("SELECT *, engine::text AS kind, tls_mode::text AS tls, visibility_scope::text AS scope "
                          "FROM database_connections WHERE id IN (21, 22, 23) ORDER BY id")
    assert (shop.name, shop.kind, shop.host, shop.port, shop.username, shop.tls, shop.team_id, shop.owner_user_id,
            shop.scope, shop.monitoring_enabled) == (
                "shop", "mysql", "db1.example.com", 3306, "app", "require", 4, 12, "TEAM_ONLY", False)
    assert shop.agent_token_ciphertext is not None
    (nobodys,) = sql("SELECT name FROM teams WHERE id = %s", lost.team_id)
    assert (lost.scope, nobodys.name) == ("TEAM_ONLY", "Databases without a team")
    assert sql("SELECT 1 FROM team_members WHERE team_id = %s", lost.team_id) == []
    assert (old.is_legacy, old.scope, old.organization_id) == (True, "ORG_WIDE", 7)
    assert sql("SELECT 1 FROM legacy_database_connections WHERE agent_token = %s", TOKEN) == []


def test_who_and_what_had_no_organization_opens_none(migrated):
    assert not migrated.stack.sql("SELECT is_active FROM users WHERE id = 14")[0].is_active
    stray = migrated.stack.sql(
        "SELECT c.organization_id, visibility_scope::text AS scope, t.name AS team, count(m) AS members "
        "FROM database_connections AS c JOIN teams AS t ON t.id = c.team_id "
        "LEFT JOIN team_members AS m ON m.team_id = t.id WHERE c.id = 24 GROUP BY 1, 2, 3")
    assert [tuple(row) for row in stray] == [(3, "TEAM_ONLY", "Databases without a team", 0)]


def test_every_sample_belongs_to_the_connection_and_organization_that_it_had(migrated):
    rows = migrated.stack.sql(
        "SELECT old.id FROM legacy_slow_queries AS old LEFT JOIN slow_queries_raw AS new ON new.id = old.id "
        "WHERE new.id IS NULL OR new.database_connection_id IS DISTINCT FROM "
        "coalesce(old.legacy_database_connection_id, new.database_connection_id) "
        "OR new.organization_id IS DISTINCT FROM coalesce(old.legacy_organization_id, 3)")
    assert rows == []
    assert migrated.stack.sql("SELECT count(*) FROM slow_queries_raw")[0][0] == SAMPLES
    assert migrated.stack.sql(
        "SELECT 1 FROM slow_queries_raw AS s LEFT JOIN database_connections AS c ON c.id = s.database_connection_id "
        "AND c.organization_id = s.organization_id WHERE c.id IS NULL") == []
    assert migrated.stack.sql("SELECT sum(calls) FROM query_metrics WHERE resolution_s = 86400")[0][0] == SAMPLES


def test_a_second_run_changes_nothing(migrated):
    assert migrated.migrate().splitlines()[-1].startswith("0 applied")
    assert migrated.content() == migrated.first


def test_a_run_killed_anywhere_and_repeated_gives_the_same(migrated, tmp_path):
    dice, killed = random.Random(8), 0
    for _ in range(2):
        migrated.load_accounts(tmp_path)
        for _ in range(3):
            process = migrated.start_migrate()
            try:
                process.wait(migrated.duration_s * dice.random() * 0.8)
            except servers.subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            process.communicate()
        migrated.migrate()
        assert migrated.content() == migrated.first
    assert killed > 0


def test_a_run_killed_after_the_first_migration_goes_on_without_samples_and_connections(predecessor, tmp_path):
    text = io.StringIO()
    write(text, 0, is_linked=False)
    (tmp_path / "empty.sql").write_text(text.getvalue(), encoding="utf-8")
    predecessor.load(tmp_path / "empty.sql")
    predecessor.psql("-c", "DROP TABLE collector_databases, collectors, database_connections")
    with contextlib.closing(psycopg2.connect(predecessor.stack.owner_dsn)) as other:
        other.cursor().execute("LOCK TABLE analysis_result")  # 002 waits for it
        process = predecessor.start_migrate()
        waiting = "SELECT 1 FROM pg_locks WHERE relation = 'analysis_result'::regclass AND NOT granted"
        servers.wait_until(lambda: predecessor.stack.sql(waiting), 60, what="002 waiting")
        process.kill()
        process.communicate()
    assert [row.version for row in predecessor.stack.sql("SELECT version FROM schema_migrations")] == [1]
    assert "2 organizations, 3 teams, 4 users, 0 connections" in predecessor.migrate()
    assert [row.id for row in predecessor.stack.sql("SELECT id FROM users ORDER BY id")] == [11, 12, 13, 14]


def test_a_database_that_an_older_potto_left_half_way_is_taken_over(migrated, tmp_path):
    migrated.load_accounts(tmp_path)
    for version, name in ((1, "001_legacy_samples"), (2, "002_legacy_analysis"), (3, "003_legacy_metrics")):
        migrated.psql("-f", servers.PROJECT / f"migrations/{name}.sql")
        migrated.stack.sql("CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, name text NOT NULL, "
                           "checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())")
        migrated.stack.sql("INSERT INTO schema_migrations (version, name, checksum) VALUES (%s, %s, '')", version, name)
    migrated.migrate()
    assert migrated.content() == migrated.first


def test_ids_that_are_no_numbers_get_new_ones_and_links_stay(migrated, tmp_path):
    migrated.load_accounts(tmp_path, is_linked=False)
    migrated.psql("-c", """
        DROP TABLE collector_databases, collectors, database_connections, team_members, users, teams, organizations;
        CREATE TABLE users (id uuid PRIMARY KEY, username text, password_hash text, is_superuser boolean);
        CREATE TABLE database_connections (id uuid PRIMARY KEY, name text, type text, host text, user_id uuid);
        INSERT INTO users VALUES ('00000000-0000-0000-0000-0000000000aa', 'root', 'md5', true),
                                 ('00000000-0000-0000-0000-0000000000ab', 'ROOT', NULL, false);
        INSERT INTO database_connections VALUES ('00000000-0000-0000-0000-0000000000ba', 'one', 'mysql', 'h',
                                                 '00000000-0000-0000-0000-0000000000ab');
        ALTER TABLE slow_queries_raw ADD COLUMN database_connection_id uuid REFERENCES database_connections(id);
        UPDATE slow_queries_raw SET database_connection_id = '00000000-0000-0000-0000-0000000000ba' WHERE id <= 10""")
    migrated.migrate()
    sql = migrated.stack.sql
    assert [tuple(row) for row in sql("SELECT email, role::text FROM users ORDER BY id")] == [
        ("root@localhost", "admin"), ("2#ROOT@localhost", "member")]
    (one,) = sql("SELECT c.id, c.visibility_scope::text AS scope, u.email FROM database_connections AS c "
                 "JOIN users AS u ON u.id = c.owner_user_id WHERE c.name = 'one'")
    assert (one.scope, one.email) == ("USER_ONLY", "2#ROOT@localhost")
    assert sql("SELECT count(*) FROM slow_queries_raw WHERE database_connection_id = %s", one.id)[0][0] == 10
    assert sql("SELECT count(*) FROM slow_queries_raw")[0][0] == SAMPLES


def failed_migrate(predecessor):
    """What a run of potto migrate says that fails."""
    process = predecessor.start_migrate()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    return output


def test_tables_of_another_program_are_left_alone(predecessor):
    predecessor.empty()
    predecessor.stack.sql("CREATE TABLE users (id int, email text); CREATE TABLE teams (id int, name text)")
    output = failed_migrate(predecessor)
    assert "tables of another program (teams, users)" in output and "POTTO_OWNER_DATABASE_URL" in output
    assert {row.name for row in predecessor.stack.sql(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")} == {
            "users", "teams", "schema_migrations", "schema_functions"}


def test_a_migration_that_fails_says_what_to_do(predecessor):
    predecessor.empty()
    predecessor.stack.sql("CREATE TABLE query_fingerprints (id int)")
    output = failed_migrate(predecessor)
    assert "006_partitions was not applied" in output and "run `potto migrate` again" in output
    assert 'relation "query_fingerprints" already exists' in output
    predecessor.stack.sql("ALTER TABLE query_fingerprints RENAME TO theirs")
    predecessor.migrate()


@pytest.fixture(scope="module")
def served(migrated, tmp_path_factory):
    migrated.load_accounts(tmp_path_factory.mktemp("served"))
    migrated.migrate()
    migrated.said = dev_up(migrated.stack)
    return migrated


def dev_up(stack):
    """Run dev/up once more, as somebody does whose Potto runs; returns what it says."""
    environment = {"POTTO_BUILD_DIR": str(stack.build_dir)} if stack.build_dir else {"POTTO_BUILD_DIR": None}
    return servers.run(servers.PROJECT / "dev/up", "--state", stack.state, environment=environment)


def test_people_sign_in_with_their_old_passwords_which_then_are_argon2(served):
    stack = served.stack
    for email, password in PASSWORDS.items():
        wrong = servers.Client(stack.url).post("/api/v1/auth/login", json={"email": email, "password": password + "x"})
        assert wrong.status_code == 401
        assert stack.sql("SELECT password_hash FROM users WHERE email = %s", email)[0][0].startswith("$2b$")
        for _ in range(2):
            client = servers.SignedInClient(stack.url, email, password)
            assert client.get("/api/v1/auth/me").json()["email"] == email
            assert stack.sql("SELECT password_hash FROM users WHERE email = %s", email)[0][0].startswith("$argon2id$")


def test_each_sees_what_was_theirs(served):
    def seen(email):
        client = servers.SignedInClient(served.stack.url, email, PASSWORDS[email])
        return {item["id"] for item in client.get("/api/v1/database-connections", params={"limit": 100}).json()["items"]
                if item["id"] <= 23}

    assert seen("ben@example.com") == {21}
    assert seen("cyd@example.com") == {23}


def test_agents_go_on_with_the_token_that_they_have(served):
    agent = servers.Client(served.stack.url)
    body = {"agent_token": TOKEN, "queries": [query()]}
    assert agent.post(PATH, json=body).json()["accepted"] == 1
    ben = servers.SignedInClient(served.stack.url, "ben@example.com", PASSWORDS["ben@example.com"])
    assert ben.get("/api/v1/database-connections/21/agent-token").json()["agent_token"] == TOKEN


def test_dev_up_does_not_say_a_password_that_does_not_work(served):
    assert "Password " not in served.said and "user create" in served.said


def test_legacy_connections_have_the_time_of_their_last_data(served):
    cyd = servers.SignedInClient(served.stack.url, "cyd@example.com", PASSWORDS["cyd@example.com"])
    newest = served.stack.sql("SELECT max(captured_at) AS at FROM slow_queries_raw WHERE database_connection_id = 23 "
                              "AND captured_at < now() + interval '1 hour'")[0].at
    shown = cyd.get("/api/v1/database-connections/23").json()["last_data_at"]
    assert shown is not None and shown >= newest.strftime("%Y-%m-%dT%H:%M:%S")


def sign_in_as_said(stack, said):
    words = dict(line.split(maxsplit=1) for line in said.replace("Sign in as", "Account").splitlines()
                 if line.startswith(("Account", "Password")))
    client = servers.SignedInClient(stack.url, words["Account"], words["Password"])
    assert client.get("/api/v1/auth/me").status_code == 200


def test_an_emptied_store_under_a_running_dev_up_gets_its_admin(served):
    served.empty()
    sign_in_as_said(served.stack, dev_up(served.stack))


def test_a_store_replaced_under_a_running_dev_up_is_the_one_that_is_served(served):
    state = served.stack.state
    (state / "store").rename(state / "store.before")
    sign_in_as_said(served.stack, dev_up(served.stack))
    assert (state / "store/postmaster.pid").exists()
