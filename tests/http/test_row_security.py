"""Row policies, the second barrier: without the `-- scope` lines of its statements the API still leaks nothing, and its
role can neither get around the policies nor remove them."""

import os
import re
import subprocess
import tempfile
import uuid
from pathlib import Path

import description
import psycopg2
import pytest
import servers
import visibility_world
from accounts import PASSWORD
from route_expectations import EXPECTATIONS


@pytest.fixture(scope="module")
def world(stack):
    return visibility_world.World(stack)


class Unfiltered:
    """A potto-fcgi with statements that do not filter by scope, on the stack's store, behind its own nginx."""

    def __init__(self, stack, store_url=None):
        build = Path(stack.build_dir or servers.PROJECT / "build")
        program = build / "tests/http/potto-fcgi-unfiltered"
        if not program.exists():
            servers.run("cmake", "--build", build, "--target", "potto-fcgi-unfiltered", timeout=1200)
        self.directory = Path(tempfile.mkdtemp(prefix="potto-unfiltered-"))
        self.directory.chmod(0o755)
        for name in ("logs", "nginx", "run", "run/fcgi"):
            (self.directory / name).mkdir()
            (self.directory / name).chmod(0o777)
        port = servers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        socket = self.directory / "run/fcgi/fcgi.sock"
        settings = {**stack.env, "POTTO_SOCKET": str(socket), "DATABASE_URL": store_url or stack.api_dsn}
        sanitizers = {name: value.format(logs=stack.state / "logs", project=servers.PROJECT)
                      for name, value in servers.SANITIZER_ENVIRONMENT.items()}
        log = os.open(stack.state / "logs/unfiltered.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        self.log = os.fdopen(log, "ab")
        self.processes = [subprocess.Popen([program], env={**os.environ, **sanitizers, **settings}, stderr=self.log)]
        conf = (stack.state / "nginx.conf").read_text()
        conf = re.sub(r"server unix:\S+;", f"server unix:{socket};", conf)
        conf = re.sub(r"listen 127\.0\.0\.1:\d+", f"listen 127.0.0.1:{port}", conf)
        conf = conf.replace(str(stack.state) + "/", str(self.directory) + "/")
        (self.directory / "nginx/nginx.conf").write_text(conf)
        try:
            servers.wait_until(socket.exists, 20, what="the socket of potto-fcgi-unfiltered")
            for path in (socket, Path(f"{socket}.health")):
                servers.wait_until(path.exists, 20, what=path.name)
                path.chmod(0o777)
            self.processes.append(subprocess.Popen(
                ["/usr/sbin/nginx", "-p", f"{self.directory}/", "-c", "nginx/nginx.conf", "-e", "logs/nginx-error.log"],
                stderr=subprocess.DEVNULL))
            servers.wait_until(self._answers, 20, what="potto-fcgi-unfiltered")
        except BaseException:
            self.stop()
            raise

    def _answers(self):
        try:
            return servers.Client(self.url).get("/health").status_code == 200
        except servers.requests.ConnectionError:
            return False

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)
        self.log.close()
        subprocess.run(["rm", "-rf", str(self.directory)], check=True)


@pytest.fixture(scope="module")
def unfiltered(stack):
    server = Unfiltered(stack)
    yield server
    server.stop()


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_row_policies_alone_leak_nothing(world, unfiltered, name):
    faults = visibility_world.faults(world, name, EXPECTATIONS[name], url=unfiltered.url)
    assert not faults, "\n".join(faults)


def leaks(world, name, row, url):
    try:
        return visibility_world.faults(world, name, row, url=url) != []
    except description.Undocumented:  # more rows than the answer can have: those of others beside one's own
        return True


def test_walk_notices_when_no_barrier_is_left(stack, world):
    """The same statements as the store's owner, to whom row policies do not apply: then data leaks, which shows that
    the test above would notice it."""
    server = Unfiltered(stack, stack.owner_dsn)
    reads = {name: row for name, row in EXPECTATIONS.items() if name.startswith("GET") and row.rows is not None}
    try:
        silent = {name for name, row in reads.items() if not leaks(world, name, row, server.url)}
    finally:
        server.stop()
    assert silent == set()


# ---- as potto_api, in SQL ----


class Session:
    """A connection as potto_api that sets the same settings as the API to act for a caller."""

    def __init__(self, stack):
        self.connection = psycopg2.connect(stack.api_dsn)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.connection.rollback()
        self.connection.close()

    def become(self, organization=None, user=0, role="viewer", connections=()):
        settings = {"organization_id": organization or "", "user_id": user, "role": role,
                    "connection_ids": "{" + ",".join(map(str, connections)) + "}"}
        for name, value in settings.items():
            self.rows("SELECT set_config(%s, %s, true)", f"potto.{name}", str(value))
        return self

    def rows(self, statement, *arguments):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def refuses(self, statement, *arguments):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            self.rows(statement, *arguments)
        self.connection.rollback()


@pytest.fixture()
def session(stack):
    with Session(stack) as session:
        yield session


def readable_tables(stack):
    return [
        row.name
        for row in stack.sql(
            """SELECT DISTINCT relname::text AS name FROM pg_class
               JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT attisdropped
             AND relowner = (SELECT relowner FROM pg_class WHERE oid = 'users'::regclass)
             AND has_column_privilege('potto_api', pg_class.oid, attnum, 'SELECT')"""
        )
    ]


def count(session, table):
    """The number of visible rows; counted for each column, because some columns may not be read."""
    return session.rows(f'SELECT count(*) FROM "{table}"')[0][0]


def test_every_table_of_tenants_has_row_policies(stack):
    open_tables = stack.sql(
        """SELECT relname::text AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
           AND attname = 'organization_id'
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
             AND NOT attisdropped AND NOT relrowsecurity"""
    )
    assert [row.name for row in open_tables] == []


def test_api_reads_only_tables_with_row_policies(stack):
    protected = {row.name for row in stack.sql("SELECT relname::text AS name FROM pg_class WHERE relrowsecurity")}
    views = {
        row.name
        for row in stack.sql(
            "SELECT relname::text AS name FROM pg_class WHERE relkind = 'v' "
            "AND 'security_invoker=true' = ANY (reloptions)"
        )
    }
    tables = set(readable_tables(stack))
    assert "slow_queries_raw" in tables and "users" in tables
    assert tables - protected - views == set()


def test_without_a_scope_nothing_is_visible(stack, session, world):
    seen = {table: count(session, table) for table in readable_tables(stack)}
    assert seen == dict.fromkeys(seen, 0)


def test_another_organization_sees_nothing_of_the_first(stack, session, world):
    """Not even if its session names the connections of the first organization."""
    foreign = world.connections["FOREIGN"]
    other = world.people["other_organization"].organization_id
    every = [marked.id for marked in world.connections.values()]
    session.become(other, world.people["other_organization"].id, "admin", every)
    for table in readable_tables(stack):
        columns = {row.name for row in stack.sql(
            "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", table)}
        if "database_connection_id" in columns:
            found = {row[0] for row in session.rows(f'SELECT DISTINCT database_connection_id FROM "{table}"')}
            assert found <= {foreign.id, None}, table
        elif "organization_id" in columns:
            found = {row[0] for row in session.rows(f'SELECT DISTINCT organization_id FROM "{table}"')}
            assert found <= {other, None}, table
    assert session.rows("SELECT id FROM organizations") == [(other,)]
    assert {row[0] for row in session.rows("SELECT id FROM database_connections WHERE deleted_at IS NULL")} == {
        foreign.id
    }


@pytest.mark.parametrize("caller", ["viewer", "member", "admin", "other_team"])
def test_queries_are_seen_by_callers_who_see_the_connection(session, world, caller):
    person, names = world.people[caller], visibility_world.SEES[caller]
    ids = {world.connections[name].id for name in names}
    session.become(person.organization_id, person.id, "admin" if caller == "admin" else "member", ids)
    facts = [
        "slow_queries_raw",
        "query_fingerprint_connections",
        "query_fingerprint_metrics",
        "query_metrics",
        "query_plans",
    ]
    for table in facts:
        assert {row[0] for row in session.rows(f"SELECT database_connection_id FROM {table}")} == ids, table
    texts = " ".join(row[0] for row in session.rows("SELECT fingerprint FROM query_fingerprints"))
    assert world.marks_in(texts) == names
    collectors = " ".join(
        row[0] for row in session.rows("SELECT hostname FROM collectors WHERE organization_id IS NOT NULL")
    )
    assert world.marks_in(collectors) == names
    assert {row[0] for row in session.rows("SELECT id FROM database_connections")} == ids


@pytest.mark.parametrize("caller", ["viewer", "member", "admin", "other_team"])
def test_reports_of_mongodb_are_seen_by_callers_who_see_the_connection(session, world, caller):
    person = world.people[caller]
    ids = {world.connections[name].mongodb_id for name in visibility_world.SEES[caller]}
    session.become(person.organization_id, person.id, "admin" if caller == "admin" else "member", ids)
    for table in ("metrics_mongodb", "mongodb_nodes", "mongodb_newest"):
        assert {row[0] for row in session.rows(f"SELECT database_connection_id FROM {table}")} == ids, table


@pytest.mark.parametrize(
    "role, reaches", [("viewer", set()), ("member", set()), ("agent", set()), ("admin", visibility_world.HOME)]
)
def test_administering_reaches_all_settings_and_no_query(session, world, role, reaches):
    session.become(world.home_id, world.people["admin"].id, role, [])
    session.rows("SELECT set_config('potto.administers', 'on', true)")
    known = {marked.id: name for name, marked in world.connections.items()}
    found = {known[row[0]] for row in session.rows("SELECT id FROM database_connections") if row[0] in known}
    assert found == reaches
    for table in (
        "slow_queries_raw",
        "query_fingerprints",
        "query_plans",
        "query_metrics",
        "query_fingerprint_metrics",
        "mongodb_newest",
    ):
        assert count(session, table) == 0, table


def test_a_statement_that_several_run_shows_to_each_only_its_own(stack, session, world):
    shared = str(uuid.uuid4())
    organization = world.home_id
    stack.sql(
        "INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind) "
        "VALUES (%s, %s, 'SELECT shared', 'select')",
        organization,
        shared,
    )
    for name in ("TEAM_ONLY", "RED"):
        stack.sql("INSERT INTO query_fingerprint_connections VALUES (%s, %s, %s, now(), now())",
                  organization, world.connections[name].id, shared)
    for name, sees in (("TEAM_ONLY", 1), ("RED", 1), ("ORG_WIDE", 0)):
        session.become(organization, 1, "member", [world.connections[name].id])
        assert len(session.rows("SELECT 1 FROM query_fingerprints WHERE sql_hash = %s", shared)) == sees
        assert len(session.rows("SELECT 1 FROM query_fingerprint_connections WHERE sql_hash = %s", shared)) == sees


@pytest.mark.parametrize("column", [
    "password_hash FROM users", "token_hash FROM refresh_tokens", "token_hash FROM api_tokens",
    "agent_token_hash FROM database_connections", "agent_token_previous_hash FROM database_connections",
    "agent_token_ciphertext FROM database_connections", "password_ciphertext FROM database_connections",
])
def test_secrets_cannot_be_read(session, world, column):
    session.become(world.home_id, world.people["admin"].id, "admin", [world.connections["ORG_WIDE"].id])
    session.refuses(f"SELECT {column}")


def test_no_column_that_looks_like_a_secret_is_granted(stack):
    granted = stack.sql(
        """SELECT attrelid::regclass::text || '.' || attname AS name FROM pg_attribute
           JOIN pg_class ON pg_class.oid = attrelid
           CROSS JOIN (VALUES ('potto_api'), ('potto_ingest')) AS role (name)
           WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
               AND relkind IN ('r', 'p', 'v')
             AND attname ~ '(password|token|secret|cipher).*(hash|ciphertext|key)|cipher' AND attname !~ '^has_'
             AND has_column_privilege(role.name, attrelid, attnum, 'SELECT')"""
    )
    assert [row.name for row in granted] == []


@pytest.mark.parametrize("statement", [
    "SET ROLE potto",
    "SET SESSION AUTHORIZATION potto",
    "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE slow_queries_raw NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY row_policy ON slow_queries_raw",
    "CREATE POLICY mine ON slow_queries_raw USING (true)",
    "ALTER ROLE potto_api BYPASSRLS",
    "CREATE TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TEMPORARY TABLE mine (id int)",
    "TRUNCATE slow_queries_raw",
    "INSERT INTO table_privileges (table_name, api_privileges) VALUES ('users', 'SELECT')",
    "COPY users TO STDOUT",
])
def test_row_policies_cannot_be_removed(session, statement):
    session.refuses(statement)


def test_row_security_cannot_be_switched_off(session):
    session.rows("SET row_security = off")
    session.refuses("SELECT count(*) FROM slow_queries_raw")  # refused, not shown


def test_partitions_cannot_be_touched_directly(stack, session):
    partitions = [row.name for row in stack.sql(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")]
    assert len(partitions) > 5
    for partition in partitions:
        session.refuses(f"SELECT count(*) FROM {partition}")
        session.refuses(f"DELETE FROM {partition}")


def test_partitions_made_later_cannot_be_touched_either(stack, session):
    stack.sql("SELECT ensure_sample_partitions('2031-05-05'::date, '2031-05-05'::date)")
    session.refuses("SELECT count(*) FROM slow_queries_raw_20310505")


def test_facts_are_written_as_potto_ingest_alone(session, world):
    """The API's role becomes potto_ingest for one transaction; otherwise it does not have its rights."""
    marked = world.connections["TEAM_ONLY"]
    insert = """INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, sql_hash,
        sample_digest, duration_ms)
                VALUES (%s, %s, now(), %s, 1, 1)"""
    session.refuses(insert, world.home_id, marked.id, str(uuid.uuid4()))
    session.rows("SET LOCAL ROLE potto_ingest")
    assert session.rows(insert, world.home_id, marked.id, str(uuid.uuid4())) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT full_sql FROM slow_queries_raw",
        "SELECT duration_ms FROM slow_queries_raw",
        "DELETE FROM slow_queries_raw",
        "UPDATE slow_queries_raw SET duration_ms = 0",
        "SELECT fingerprint FROM query_fingerprints",
        "SELECT plan FROM query_plans",
        "UPDATE query_fingerprints SET fingerprint = ''",
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM database_connections",
        "SELECT count(*) FROM audit_log",
        "SELECT count(*) FROM rollup_deltas",
        "SELECT count(*) FROM query_metrics",
        "SELECT auth_account_by_email('a@example.com')",
        "SELECT count(*) FROM slow_queries_raw_default",
        "SELECT ops_insert FROM metrics_mongodb",
        "SELECT count(*) FROM mongodb_stats",
        "DELETE FROM mongodb_newest",
        "UPDATE mongodb_newest SET database_connection_id = 1",
    ],
)
def test_ingest_may_write_facts_and_read_none(session, statement):
    session.rows("SET LOCAL ROLE potto_ingest")
    session.refuses(statement)


def test_privileged_functions_are_only_for_the_api_and_fix_their_search_path(stack):
    functions = stack.sql("""SELECT proname::text AS name, proconfig AS settings,
                  has_function_privilege('potto_api', oid, 'EXECUTE') AS is_open,
                  EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f',
                      proowner))) WHERE grantee = 0) AS is_public
           FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef""")
    assert {"auth_user_scope", "auth_agent_scope", "auth_account_by_email"} <= {row.name for row in functions}
    for function in functions:
        assert function.is_open and not function.is_public, function.name
        assert any(setting.startswith("search_path=") for setting in function.settings or []), function.name


def test_no_function_is_open_to_everybody(stack):
    """Aggregates and triggers too; the owner of the tables and potto_api alone may call what is ours."""
    callers = stack.sql(
        """SELECT proname::text AS name, ARRAY (SELECT CASE grantee WHEN 0 THEN 'public' ELSE grantee::regrole::text END
                  FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) ORDER BY 1) AS roles
           FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             AND proowner = (SELECT relowner FROM pg_class WHERE oid = 'users'::regclass)"""
    )
    assert len(callers) > 60
    assert {row.name: row.roles for row in callers if row.roles != ["potto", "potto_api"]} == {}


def test_the_api_reads_no_sequence_and_draws_from_one(stack):
    """What a sequence has reached tells how much all organizations have made."""
    sequences = stack.sql(
        """SELECT relname::text AS name, has_sequence_privilege('potto_api', oid, 'SELECT') AS is_read,
                  has_sequence_privilege('potto_api', oid, 'UPDATE') AS is_set,
                  has_sequence_privilege('potto_api', oid, 'USAGE') AS is_drawn,
                  has_sequence_privilege('potto_ingest', oid, 'USAGE, SELECT, UPDATE') AS is_ingested
           FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"""
    )
    assert len(sequences) > 10
    assert [row.name for row in sequences if row.is_read or row.is_set or row.is_ingested] == []
    assert [row.name for row in sequences if row.is_drawn] == ["database_connections_id_seq"]


def test_privileged_functions_respect_the_scope(session, world):
    marked, hidden = world.connections["ORG_WIDE"], world.connections["TEAM_ONLY"]
    session.become(world.home_id, world.people["other_team"].id, "member", [marked.id])
    assert session.rows("SELECT agent_token_sealed(%s) IS NULL", hidden.id) == [(True,)]
    assert session.rows("SELECT agent_token_replace(%s, 'x', 'y', 'z', 0)", hidden.id) == [(False,)]
    session.become(world.home_id, world.people["viewer"].id, "viewer", [marked.id])
    assert session.rows("SELECT agent_token_sealed(%s) IS NULL", marked.id) == [(True,)]
    session.refuses("SELECT collector_register('host', '1.0', 20)")
    session.become(world.home_id, world.people["viewer"].id, "viewer", [marked.id])
    session.refuses("SELECT quota_count('users', %s, 0)", world.people["other_organization"].organization_id)
    session.become(world.home_id, world.people["viewer"].id, "viewer", [marked.id])
    session.refuses("SELECT audit_append(%s, 1, 'login', 'user', 1, '', '{}')",
                    world.people["other_organization"].organization_id)


@pytest.mark.parametrize("role", ["viewer", "member", "agent"])
def test_only_admins_change_people(session, world, role):
    person = world.people["member"]
    session.become(world.home_id, person.id, role, [])
    for other in ("viewer", "member"):  # the latter is the caller
        for change in ("role = 'admin'", "is_active = true", "password_hash = 'x'", "email = 'x@example.com'"):
            assert session.rows(f"UPDATE users SET {change} WHERE id = %s", world.people[other].id) == 0
    assert session.rows("DELETE FROM team_members") == 0
    session.refuses("INSERT INTO team_members (organization_id, team_id, user_id) VALUES (%s, %s, %s)",
                    world.home_id, world.red_id, person.id)


def test_admins_change_no_more_of_people_than_they_need(session, world):
    def as_admin():
        session.become(world.home_id, world.people["admin"].id, "admin", [])

    as_admin()
    assert session.rows("UPDATE users SET role = 'member' WHERE id = %s", world.people["member"].id) == 1
    assert session.rows("UPDATE users SET role = 'admin' WHERE id = %s", world.people["other_organization"].id) == 0
    for change in ("organization_id = organization_id", "created_at = now()", "last_login_at = now()"):
        as_admin()
        session.refuses(f"UPDATE users SET {change} WHERE id = %s", world.people["member"].id)


def test_settings_end_with_their_transaction(stack):
    """The settings of one request do not exist any more for the next request on the same connection."""
    with Session(stack) as session:
        session.become(1, 1, "admin", [1])
        session.connection.commit()
        assert session.rows("SELECT potto_organization(), potto_user(), potto_role(), potto_connections()") == [
            (None,) * 4
        ]


def test_a_statement_that_fails_beside_its_scope_leaves_the_connection_usable(stack, world):
    """A name that is taken makes the statement fail, in a pipeline or in the transaction that a pipeline began."""

    def backends():
        return {
            row.pid
            for row in stack.sql(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'potto_api' AND application_name = 'potto-fcgi'"
            )
        }

    taken = f"{world.connections['TEAM_ONLY'].mark} connection"
    before = backends()
    for _ in range(20):
        body = {"name": taken, "engine": "postgresql", "visibility_scope": "ORG_WIDE"}
        assert world.call("member", None, "POST", "/api/v1/database-connections", json=body).status_code == 409
        path = f"/api/v1/database-connections/{world.connections['ORG_WIDE'].id}"
        assert world.call("member", None, "PATCH", path, json={"name": taken}).status_code == 409
        assert world.call("member", None, "GET", path).status_code == 200
    assert before <= backends()


def test_migrate_grants_what_is_declared_and_nothing_else(stack):
    # Nothing is declared: nothing is granted.
    stack.sql("ALTER TABLE table_privileges RENAME TO table_privileges_aside")
    stack.sql("CREATE TABLE table_privileges (LIKE table_privileges_aside INCLUDING ALL)")
    try:
        stack.cli("migrate")
        with Session(stack) as session:
            session.refuses("SELECT count(*) FROM slow_queries_raw")
    finally:
        stack.sql("DROP TABLE table_privileges")
        stack.sql("ALTER TABLE table_privileges_aside RENAME TO table_privileges")
        stack.cli("migrate")
    with Session(stack) as session:
        assert count(session, "slow_queries_raw") == 0


def test_migrate_says_what_a_superuser_must_run(stack):
    password = (stack.state / "secrets/store-superuser").read_text().strip()
    superuser = psycopg2.extensions.make_dsn(stack.owner_dsn, user="postgres", password=password)
    assert stack.cli("migrate").stderr == ""
    for wrong, right in (("ALTER ROLE potto_api INHERIT", "ALTER ROLE potto_api NOINHERIT;"),
                         ("ALTER ROLE potto_api BYPASSRLS", "ALTER ROLE potto_api NOSUPERUSER NOBYPASSRLS;"),
                         ("ALTER ROLE potto_ingest NOBYPASSRLS", "ALTER ROLE potto_ingest BYPASSRLS;"),
                         ("REVOKE potto_ingest FROM potto_api", "GRANT potto_ingest TO potto_api;"),
                         ("GRANT potto TO potto_api", "REVOKE potto FROM potto_api;")):
        stack.sql(wrong, dsn=superuser)
        try:
            assert right in stack.cli("migrate").stderr
        finally:
            stack.sql(right, dsn=superuser)
    assert stack.cli("migrate").stderr == ""
