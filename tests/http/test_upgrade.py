"""`potto migrate` keeps every row of a database of an earlier schema and gives it the schema of a new one. It loads
functions and views when their file changes."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import psycopg2
import pytest
import servers
from accounts import PASSWORD, unique
from facts import all_pages
from restored import RestoredStack
from sealed_values import COLUMNS, keys_of, open_sealed, place, seal_old
from upgrade_dump import KEEP_ALL, row_counts

DUMP = Path(__file__).parent / "schema_012.sql.gz"
# What potto migrate itself notes down.
OF_MIGRATE = {"schema_migrations", "schema_functions", "sample_arrivals", "table_privileges"}
# Here it seals secrets again.
SEALED = "database_connections"
# Here it makes the details of each bucket longer (034).
CHUNKS = "query_chunks"
PARTITION = re.compile(r"_(5m|1h|raw|mongodb)_(before|\d{6,8})")
# The predecessors' own tables keep their types; 001 to 003 make them where there were none.
PREDECESSORS = re.compile(r"^\((legacy_slow_queries|legacy_query_|analysis_result|\w+(metrics|daily|raw)_id_seq)")

# Everything of the schema but partitions, whose days differ.
SCHEMA = {
    "functions": """
        SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile, proparallel,
               prosecdef, prorows, proconfig, prosrc, ARRAY (SELECT unnest(proacl)::text ORDER BY 1)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole""",
    "tables": """
        SELECT relname, relkind, relrowsecurity, ARRAY (SELECT unnest(reloptions) ORDER BY 1),
               ARRAY (SELECT unnest(relacl)::text ORDER BY 1), pg_get_viewdef(CASE relkind WHEN 'v' THEN oid END)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
          AND relkind IN ('r', 'p', 'v', 'S')""",
    "columns": """
        SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
               pg_get_expr(adbin, adrelid), ARRAY (SELECT unnest(attacl)::text ORDER BY 1)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relowner = current_user::regrole AND attnum > 0
          AND NOT attisdropped AND relkind IN ('r', 'p', 'v')""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT tablename, regexp_replace(indexdef, '^(CREATE (UNIQUE )?INDEX) \\w+', '\\1') FROM pg_indexes
        WHERE schemaname = 'public'""",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies""",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "types": "SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid",
    "privileges": "SELECT table_name, api_privileges, ingest_privileges FROM table_privileges",
}


def schema_of(stack, dsn=None):
    """Kind of object -> what there is of it, as texts."""
    found = {}
    for kind, statement in SCHEMA.items():
        rows = stack.sql(f"SELECT item::text FROM ({statement}) AS item", dsn=dsn)
        found[kind] = Counter(
            row.item for row in rows if not PARTITION.search(row.item) and not PREDECESSORS.match(row.item)
        )
    return found


class Scratch:
    """A database of its own in the stack's cluster, with migrations of its own."""

    def __init__(self, stack, directory):
        self.stack, self.name = stack, unique("scratch").replace("-", "_")
        self.migrations = directory / "migrations"
        self.functions = self.migrations / "functions"
        shutil.copytree(servers.PROJECT / "migrations", self.migrations)
        self._superuser = psycopg2.extensions.make_dsn(
            stack.owner_dsn,
            user="postgres",
            password=(stack.state / "secrets/store-superuser").read_text().strip(),
        )
        stack.sql(f"CREATE DATABASE {self.name} OWNER potto", dsn=self._superuser)
        stack.sql(f"REVOKE ALL ON DATABASE {self.name} FROM PUBLIC", dsn=self._superuser)
        self.dsn = psycopg2.extensions.make_dsn(stack.owner_dsn, dbname=self.name)

    def sql(self, statement, *arguments):
        return self.stack.sql(statement, *arguments, dsn=self.dsn)

    @property
    def url(self):
        return re.sub(r"/potto$", f"/{self.name}", self.stack.env["POTTO_OWNER_DATABASE_URL"])

    def command(self, *arguments):
        return [str(self.stack.program("potto")), "migrate", *arguments]

    def environment(self, **variables):
        """Of `potto migrate`; a variable that is None is unset."""
        variables = {
            **os.environ,
            **self.stack.env,
            "POTTO_OWNER_DATABASE_URL": self.url,
            "POTTO_MIGRATIONS": str(self.migrations),
            "ASAN_OPTIONS": "detect_leaks=0",
            **variables,
        }
        return {name: value for name, value in variables.items() if value is not None}

    def migrate(self, *arguments, **variables):
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def lines(self):
        """What a run that succeeds prints."""
        done = self.migrate()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def write(self, name, text):
        (self.functions / f"{name}.sql").write_text(f"-- A test's.\n{text}\n")

    def drop(self):
        self.stack.sql(f"DROP DATABASE {self.name} WITH (FORCE)", dsn=self._superuser)


@pytest.fixture(scope="module")
def migrated(stack, tmp_path_factory):
    """A new database."""
    scratch = Scratch(stack, tmp_path_factory.mktemp("scratch"))
    scratch.first = scratch.lines()
    yield scratch
    scratch.drop()


# ---- a database of an earlier schema ----


class Upgraded(RestoredStack):
    def seal_old(self):
        """The keys of the dump are lost: seal other values with those of this Potto, as was done then."""
        key = next(iter(keys_of(self.stack.env["ENCRYPTION_KEY"]).values()))
        self.tokens = {}
        for row in self.stack.sql("SELECT id FROM database_connections WHERE agent_token_ciphertext IS NOT NULL"):
            self.tokens[row.id] = f"agt_of_{row.id}"
            self.stack.sql(
                "UPDATE database_connections SET agent_token_ciphertext = %s, password_ciphertext = %s WHERE id = %s",
                seal_old(key, self.tokens[row.id]), seal_old(key, f"password {row.id}"), row.id)

    def rows(self):
        """Table -> its rows as texts, by the columns that a later schema may add to."""
        counts = row_counts(self.stack)
        return {name: self.texts(name) for name in counts}

    def texts(self, table, columns=None):
        columns = columns or self.columns(table)
        listed = ", ".join(f'"{column}"' for column in columns)
        return columns, Counter(row.row for row in self.stack.sql(f'SELECT ROW({listed})::text FROM "{table}"'))

    def columns(self, table):
        return [row.name for row in self.stack.sql(
            "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum", f"public.{table}")]


@pytest.fixture(scope="module")
def upgraded(stack, tmp_path_factory):
    """The dump, migrated. What was in it stands in .before."""
    dump = tmp_path_factory.mktemp("dump") / "schema.sql"
    dump.write_bytes(gzip.decompress(DUMP.read_bytes()))
    own = servers.Stack(stack.state.name + "-upgrade", stack.build_dir, KEEP_ALL)
    with servers.running(own):
        upgraded = Upgraded(own)
        upgraded.load(dump)
        upgraded.seal_old()
        upgraded.before = upgraded.rows()
        upgraded.unsealed_columns = [name for name in upgraded.columns(SEALED) if not name.endswith("_ciphertext")]
        upgraded.unsealed_before = upgraded.texts(SEALED, upgraded.unsealed_columns)[1]
        upgraded.short_columns = [name for name in upgraded.columns(CHUNKS) if name != "details"]
        upgraded.short_before = upgraded.texts(CHUNKS, upgraded.short_columns)[1]
        upgraded.output = upgraded.migrate()
        yield upgraded


def test_the_dump_has_rows_in_every_table(upgraded):
    empty = {name for name, (_, rows) in upgraded.before.items() if not rows}
    assert empty == {"migration_tasks"}


def test_no_migration_of_the_dump_has_been_edited(upgraded):
    files = {path.stem: path.read_bytes() for path in (servers.PROJECT / "migrations").glob("*.sql")}
    applied = upgraded.stack.sql(
        "SELECT name, encode(checksum, 'hex') AS checksum FROM schema_migrations WHERE version <= 12"
    )
    assert len(applied) == 12
    assert [row.name for row in applied if hashlib.sha256(files[row.name]).hexdigest() != row.checksum] == []
    assert "different file" not in upgraded.output


def test_migrate_to_head_keeps_every_row(upgraded):
    before = upgraded.before
    changed = [name for name, (columns, rows) in before.items()
               if name not in OF_MIGRATE | {SEALED, CHUNKS} and upgraded.texts(name, columns)[1] != rows]
    assert changed == []
    assert upgraded.texts(CHUNKS, upgraded.short_columns)[1] == upgraded.short_before
    assert upgraded.stack.sql(
        "SELECT count(*) AS n FROM query_chunks WHERE length(details) <> length(sums) / 28 * 88")[0].n == 0
    zeros = "repeat('00', 48)"
    assert upgraded.stack.sql(
        f"SELECT count(*) AS n FROM query_chunks WHERE encode(substr(details, 33, 48), 'hex') <> {zeros}")[0].n == 0
    assert upgraded.texts(SEALED)[1] != before[SEALED][1]
    assert upgraded.texts(SEALED, upgraded.unsealed_columns)[1] == upgraded.unsealed_before
    for name in OF_MIGRATE:
        assert sum(upgraded.texts(name)[1].values()) >= sum(upgraded.before[name][1].values())


def test_secrets_of_the_dump_open_in_their_place(upgraded):
    keys = keys_of(upgraded.stack.env["ENCRYPTION_KEY"])
    rows = upgraded.stack.sql(
        "SELECT organization_id, id, password_ciphertext, agent_token_ciphertext FROM database_connections "
        "WHERE agent_token_ciphertext IS NOT NULL")
    assert {row.id for row in rows} == set(upgraded.tokens) and rows
    for row in rows:
        opened = [open_sealed(keys, getattr(row, name), place(row.organization_id, row.id, column))
                  for column, name in COLUMNS.items()]
        assert opened == [f"password {row.id}", upgraded.tokens[row.id]]


def test_an_upgraded_database_has_the_schema_of_a_new_one(upgraded, migrated):
    old, new = schema_of(upgraded.stack), schema_of(migrated.stack, migrated.dsn)
    for kind in SCHEMA:
        assert old[kind] - new[kind] == Counter(), f"{kind} that a new database does not have"
        assert new[kind] - old[kind] == Counter(), f"{kind} that an upgraded database does not have"


def test_a_second_run_loads_and_applies_nothing(upgraded):
    assert re.fullmatch(r"0 applied, \d+ in all\n", upgraded.migrate())


@pytest.fixture(scope="module")
def served(upgraded):
    """Potto on the upgraded database, and what its people may see of it: the connections that are ORG_WIDE."""
    stack = upgraded.stack
    stack.up()
    (home,) = stack.sql("SELECT organization_id AS id FROM teams WHERE name LIKE 'blue-%'")
    served = RestoredStack(stack)
    served.home_id = home.id
    served.client = {
        row.role: servers.SignedInClient(stack.url, row.email, PASSWORD)
        for row in stack.sql(
            "SELECT DISTINCT ON (role) role::text, email FROM users WHERE organization_id = %s AND is_active "
            "ORDER BY role, id IN (SELECT user_id FROM api_tokens) DESC",
            home.id,
        )
    }
    served.visible = [
        row.id
        for row in stack.sql(
            "SELECT id FROM database_connections WHERE organization_id = %s AND visibility_scope = 'ORG_WIDE'", home.id
        )
    ]
    (times,) = stack.sql(
        "SELECT min(captured_at) - interval '1 hour' AS first, max(captured_at) + interval '1 hour' AS last "
        "FROM slow_queries_raw WHERE organization_id = %s",
        home.id,
    )
    served.period = {"from": times.first.isoformat(), "to": times.last.isoformat()}
    servers.wait_until(lambda: stack.sql("SELECT count(*) FROM rollup_deltas")[0][0] == 0, 30, what="the rollup")
    return served


def test_people_of_the_dump_sign_in_and_read_its_samples(served):
    samples = served.stack.sql(
        "SELECT id, sql_hash, duration_ms FROM slow_queries_raw WHERE database_connection_id = ANY (%s)", served.visible
    )
    listed = all_pages(served.client["admin"], "/api/v1/slow-queries", **served.period, limit=2)
    assert sorted(item["id"] for item in listed) == sorted(row.id for row in samples)
    answer = served.client["admin"].get(
        "/api/v1/slow-queries/fingerprints", params={**served.period, "limit": 100}
    ).json()
    assert answer["totals"]["calls"] == len(samples)
    assert answer["totals"]["total_ms"] == pytest.approx(sum(row.duration_ms for row in samples), abs=0.01)
    assert {item["sql_hash"] for item in answer["items"]} == {row.sql_hash.replace("-", "") for row in samples}
    overview = served.client["admin"].get("/api/v1/stats/overview", params=served.period).json()
    assert overview["calls"] == len(samples)


@pytest.mark.parametrize("role, path, table", [
    ("admin", "/api/v1/users", "users"),
    ("admin", "/api/v1/teams", "teams"),
    ("member", "/api/v1/api-tokens", "api_tokens"),
])
def test_lists_show_what_the_dump_has(served, role, path, table):
    wanted = {row.id for row in served.stack.sql(f"SELECT id FROM {table} WHERE organization_id = %s", served.home_id)}
    assert wanted
    assert {item["id"] for item in all_pages(served.client[role], path, limit=3)} == wanted


def test_connections_and_collectors_of_the_dump_are_listed(served):
    listed = {item["id"] for item in all_pages(served.client["admin"], "/api/v1/database-connections", limit=3)}
    assert listed == set(served.visible)
    wanted = served.stack.sql("SELECT id FROM collectors WHERE database_connection_id = ANY (%s)", served.visible)
    listed = {item["id"] for item in all_pages(served.client["admin"], "/api/v1/collectors", limit=3)}
    assert wanted and {row.id for row in wanted} <= listed


# ---- functions and views ----


def test_a_new_database_gets_every_function_once(migrated):
    files = {path.stem for path in migrated.functions.glob("*.sql")}
    assert f"functions: {len(files)} loaded, 0 dropped" in migrated.first
    assert {row.name for row in migrated.sql("SELECT name FROM schema_functions")} == files
    assert re.fullmatch(r"0 applied, \d+ in all", "\n".join(migrated.lines()))


def test_only_changed_functions_are_loaded(migrated):
    file = migrated.functions / "sign_in_wait_s.sql"
    file.write_text(file.read_text().replace("over <= 0 THEN 0", "over <= 0 THEN 0 + 0"))
    assert "functions: 1 loaded, 0 dropped" in migrated.lines()
    assert "0 + 0" in migrated.sql("SELECT prosrc FROM pg_proc WHERE proname = 'sign_in_wait_s'")[0].prosrc


def test_parameters_and_results_may_change(migrated):
    migrated.write("test_one", "CREATE OR REPLACE FUNCTION test_one(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$;")
    migrated.lines()
    for parameters, result in (("a int, b int", "int"), ("other int, b int", "int"), ("a int", "text")):
        migrated.write("test_one", f"CREATE OR REPLACE FUNCTION test_one({parameters}) RETURNS {result} "
                                   f"LANGUAGE sql AS $$ SELECT NULL::{result} $$;")
        assert "functions: 1 loaded, 0 dropped" in migrated.lines()
        assert [tuple(row) for row in migrated.sql(
            "SELECT pg_get_function_arguments(oid), pg_get_function_result(oid) FROM pg_proc WHERE proname = 'test_one'"
        )] == [(parameters.replace("int", "integer"), result.replace("int", "integer"))]


@pytest.mark.parametrize("name, change", [
    ("sign_in_wait_s", "ALTER FUNCTION sign_in_wait_s SET search_path = pg_temp"),
    ("potto_user", "ALTER FUNCTION potto_user() SECURITY DEFINER"),
    ("connections_shown", "CREATE OR REPLACE FUNCTION connections_shown(other int) RETURNS int LANGUAGE sql "
                          "AS $$ SELECT other $$"),
    ("query_metrics_daily", "ALTER VIEW query_metrics_daily SET (security_invoker = true, security_barrier = true)"),
    ("histogram_sum", "CREATE OR REPLACE AGGREGATE histogram_sum(bigint[]) (SFUNC = histogram_add, STYPE = bigint[], "
                      "INITCOND = '{}', PARALLEL = SAFE)"),
])
def test_a_function_that_somebody_changed_in_the_database_is_loaded_again(migrated, name, change):
    before = schema_of(migrated.stack, migrated.dsn)
    migrated.sql(change)
    done = migrated.migrate()
    assert done.returncode == 0, done.stderr
    assert f"warning: somebody changed {name} in the database" in done.stderr
    assert "functions: 1 loaded, 0 dropped" in done.stdout
    assert schema_of(migrated.stack, migrated.dsn) == before
    assert migrated.migrate().stderr == ""


def test_a_view_may_change_its_columns_and_comes_back_when_a_migration_drops_it(migrated):
    migrated.write("test_view", "CREATE OR REPLACE VIEW test_view AS SELECT id, name FROM organizations;")
    migrated.lines()
    migrated.write("test_view", "CREATE OR REPLACE VIEW test_view AS SELECT name FROM organizations;")
    assert "functions: 1 loaded, 0 dropped" in migrated.lines()
    (migrated.migrations / "900_test.sql").write_text("DROP VIEW test_view")
    assert {"applied 900_test", "functions: 1 loaded, 0 dropped"} <= set(migrated.lines())
    assert [row.name for row in migrated.sql("SELECT name FROM test_view")] == ["default"]


def test_functions_may_need_one_another_in_any_order(migrated):
    """test_a needs the view test_b, which needs test_c, and all three are dropped again."""
    migrated.write("test_a", "CREATE OR REPLACE FUNCTION test_a() RETURNS SETOF test_b LANGUAGE sql "
                             "AS $$ SELECT * FROM test_b $$;")
    migrated.write("test_b", "CREATE OR REPLACE VIEW test_b AS SELECT test_c() AS one;")
    migrated.write("test_c", "CREATE OR REPLACE FUNCTION test_c() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;")
    assert "functions: 3 loaded, 0 dropped" in migrated.lines()
    assert [tuple(row) for row in migrated.sql("SELECT one FROM test_a()")] == [(1,)]
    for name in ("test_a", "test_b", "test_c"):
        (migrated.functions / f"{name}.sql").unlink()
    assert "functions: 0 loaded, 3 dropped" in migrated.lines()
    assert migrated.sql("SELECT 1 FROM pg_proc WHERE proname IN ('test_a', 'test_c')") == []


def test_migrations_and_functions_come_together_or_not_at_all(migrated):
    """The second migration fails: the first, the new function and the changed one are not there either."""
    before = schema_of(migrated.stack, migrated.dsn)
    changed = migrated.functions / "sign_in_wait_s.sql"
    kept = changed.read_text()
    changed.write_text(kept.replace("over <= 0 THEN 0", "over <= 0 THEN 0 + 0 + 0"))
    migrated.write("test_new", "CREATE OR REPLACE FUNCTION test_new() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;")
    first, second = (migrated.migrations / f"{name}.sql" for name in ("980_first", "981_second"))
    first.write_text("CREATE TABLE test_first ()")
    second.write_text("SELECT 1 / 0")
    done = migrated.migrate()
    assert done.returncode == 1 and "981_second was not applied" in done.stderr and "applied" not in done.stdout
    assert schema_of(migrated.stack, migrated.dsn) == before
    second.write_text("CREATE TABLE test_second ()")
    assert {"applied 980_first", "applied 981_second", "functions: 2 loaded, 0 dropped"} <= set(migrated.lines())
    changed.write_text(kept)
    for path in (first, second, migrated.functions / "test_new.sql"):
        path.unlink()
    migrated.sql("DROP TABLE test_first, test_second")
    migrated.lines()
    assert schema_of(migrated.stack, migrated.dsn) == before


def test_a_migration_refers_to_functions_that_come_with_it(migrated):
    migrated.write("test_note", "CREATE OR REPLACE FUNCTION test_note() RETURNS trigger LANGUAGE plpgsql AS "
                                "$$ BEGIN NEW.note := 'noted'; RETURN NEW; END $$;")
    (migrated.migrations / "901_test.sql").write_text(
        "CREATE TABLE test_notes (note text);"
        "CREATE TRIGGER test_note BEFORE INSERT ON test_notes FOR EACH ROW EXECUTE FUNCTION test_note()")
    assert {"applied 901_test", "functions: 1 loaded, 0 dropped"} <= set(migrated.lines())
    migrated.sql("INSERT INTO test_notes DEFAULT VALUES")
    assert [row.note for row in migrated.sql("SELECT note FROM test_notes")] == ["noted"]


@pytest.mark.parametrize("name, text, complaint", [
    ("test_broken", "CREATE OR REPLACE FUNCTION test_broken() RETURNS int LANGUAGE sql AS $$ SELECT FROM nowhere $$;",
     'relation "nowhere" does not exist'),
    ("test_broken", "CREATE OR REPLACE FUNCTION test_other() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;",
     "named as the file"),
    ("potto_user", "CREATE OR REPLACE FUNCTION potto_user() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;",
     "other objects depend on it"),
])
def test_a_function_that_cannot_be_loaded_is_named_and_nothing_changes(migrated, name, text, complaint):
    before = schema_of(migrated.stack, migrated.dsn)
    file = migrated.functions / f"{name}.sql"
    kept = file.read_text() if file.exists() else None
    migrated.write(name, text)
    try:
        done = migrated.migrate()
        assert done.returncode == 1
        assert f"functions/{name}.sql was not loaded" in done.stderr and complaint in done.stderr
    finally:
        file.write_text(kept) if kept else file.unlink()
    migrated.lines()
    assert schema_of(migrated.stack, migrated.dsn) == before


def test_a_privileged_function_is_never_open_to_everybody(migrated):
    for result in ("int", "text"):  # the second is another function to PostgreSQL
        migrated.write(
            "test_privileged",
            f"CREATE OR REPLACE FUNCTION test_privileged() RETURNS {result} LANGUAGE sql SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $$ SELECT NULL::{result} $$;",
        )
        migrated.lines()
        (function,) = migrated.sql(
            "SELECT ARRAY (SELECT unnest(proacl)::text ORDER BY 1) AS acl FROM pg_proc "
            "WHERE proname = 'test_privileged'"
        )
        assert function.acl == ["potto=X/potto", "potto_api=X/potto"]


def test_a_database_with_another_migration_of_a_number_is_refused(migrated):
    migrated.sql("UPDATE schema_migrations SET name = '007_rollups' WHERE version = 7")
    try:
        done = migrated.migrate()
        assert done.returncode == 1 and "its version 7 is 007_rollups" in done.stderr
    finally:
        migrated.sql("UPDATE schema_migrations SET name = '007_sign_in' WHERE version = 7")


def test_a_directory_without_functions_drops_none(migrated):
    aside = migrated.migrations / "aside"
    migrated.functions.rename(aside)
    try:
        done = migrated.migrate()
        assert done.returncode == 1 and "functions" in done.stderr
    finally:
        aside.rename(migrated.functions)
    assert re.fullmatch(r"0 applied, \d+ in all", "\n".join(migrated.lines()))
