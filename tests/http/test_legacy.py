"""A predecessor's database becomes Potto's: every sample is kept and seen by everybody in the organization, even if
`potto migrate` is killed and repeated."""

import os
import random
import shutil
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
import servers
from accounts import Account
from ingest_client import PATH, query
from legacy_dump import TRIPLES, write
from restored import RestoredStack

UTC = timezone.utc
SAMPLES, FEW = 40_000, 10_000


def dump_file(directory, count, seed=1):
    path = directory / f"dump-{count}-{seed}.sql"
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        write(out, count, seed)
    return path


class Predecessor(RestoredStack):
    def content(self):
        """Everything that was made from the dump, without the ids that sequences gave."""
        named = ("(SELECT name FROM database_connections AS c WHERE c.organization_id = t.organization_id "
                 "AND c.id = t.database_connection_id)")
        queries = [
            "SELECT engine::text, name, host, database_name, visibility_scope::text, is_legacy, monitoring_enabled "
            "FROM database_connections ORDER BY name",
            f"SELECT {named}, source_db_type, source_db_host, source_db_name FROM legacy_connections AS t ORDER BY 1",
            f"SELECT {named}, count(*), md5(string_agg(concat_ws('|', id, captured_at, sql_hash, "
            "sample_digest, duration_ms, rows_examined, "
            "rows_returned, md5(full_sql), user_host, database_name, plan_hash, provenance, "
            "source_db_type, source_db_host, "
            "source_db_name), ',' ORDER BY id)) FROM slow_queries_raw AS t GROUP BY 1 ORDER BY 1",
            "SELECT sql_hash, fingerprint, statement_kind, tables FROM query_fingerprints ORDER BY 1",
            f"SELECT {named}, sql_hash, first_seen_at, "
            "last_seen_at FROM query_fingerprint_connections AS t ORDER BY 1, 2",
            f"SELECT {named}, sql_hash, plan_hash, plan::text, first_seen_at, "
            "last_seen_at FROM query_plans AS t ORDER BY 1, 2, 3",
            f"SELECT {named}, sql_hash, resolution_s, bucket_at, calls, total_ms, max_ms, "
            "rows_examined, rows_returned, histogram "
            "FROM query_fingerprint_metrics AS t ORDER BY 1, 2, 3, 4",
            f"SELECT {named}, resolution_s, bucket_at, calls, total_ms, "
            "histogram FROM query_metrics AS t ORDER BY 1, 2, 3",
            "SELECT count(*) FROM legacy_slow_queries",
            "SELECT id, slow_query_id, problem, analysis_metadata::text FROM analysis_result ORDER BY id",
            "SELECT name FROM migration_tasks",
            "SELECT version, name FROM schema_migrations ORDER BY 1",
        ]
        return [[tuple(row) for row in self.stack.sql(statement)] for statement in queries]


@pytest.fixture(scope="module")
def predecessor(stack):
    """A Potto of its own that keeps everything, so that data which is compared is not removed meanwhile."""
    own = servers.Stack(
        stack.state.name + "-legacy", stack.build_dir, {"POTTO_RETENTION_5M_DAYS": "0", "POTTO_RETENTION_1H_DAYS": "0"}
    )
    with servers.running(own):
        yield Predecessor(own)


@pytest.fixture(scope="module")
def migrated(predecessor, tmp_path_factory):
    """All samples, migrated and served."""
    predecessor.load(dump_file(tmp_path_factory.mktemp("dump"), SAMPLES))
    begun = time.monotonic()
    output = predecessor.migrate()
    print(f"{SAMPLES} samples in {time.monotonic() - begun:.1f} s")
    assert f"{SAMPLES} samples rolled up" in output
    predecessor.before_programs = predecessor.content()
    (predecessor.stack.state / "admin.json").unlink()  # the database has no admin yet
    predecessor.stack.up()
    return predecessor


@pytest.fixture(scope="module")
def admin(migrated):
    return servers.SignedInClient(migrated.stack.url, migrated.stack.admin_email, migrated.stack.admin_password)


# ---- every row is there ----


def test_every_row_is_there_with_its_content(migrated):
    sql = migrated.stack.sql
    assert sql("SELECT count(*) FROM legacy_slow_queries")[0][0] == SAMPLES
    assert sql("SELECT count(*) FROM slow_queries_raw WHERE provenance = 4")[0][0] == SAMPLES
    different = sql(
        "SELECT old.id FROM legacy_slow_queries AS old LEFT "
        "JOIN slow_queries_raw AS new ON new.id = old.id AND new.provenance = 4 "
        "WHERE new.id IS NULL OR new.full_sql IS DISTINCT FROM old.full_sql "
        "OR new.user_host IS DISTINCT FROM old.user_host "
        "OR new.source_db_type IS DISTINCT FROM old.source_db_type "
        "OR new.source_db_host IS DISTINCT FROM old.source_db_host "
        "OR new.source_db_name IS DISTINCT FROM old.source_db_name "
        "OR new.duration_ms <> coalesce(old.duration_ms, 0)::float8 "
        "OR new.rows_examined IS DISTINCT FROM old.rows_examined "
        "OR new.rows_returned IS DISTINCT FROM old.rows_returned "
        "OR new.captured_at <> (CASE WHEN old.captured_at < 'infinity' THEN old.captured_at ELSE "
        "old.created_at END) AT TIME ZONE 'UTC' "
        "OR (new.plan_hash IS NULL) <> (old.plan_json IS NULL) "
        "OR new.database_connection_id <> old.database_connection_id"
    )
    assert different == []


def test_each_triple_has_a_connection_of_its_own(migrated):
    rows = migrated.stack.sql(
        "SELECT c.id, c.name, c.engine::text, c.host, c.database_name, "
        "c.visibility_scope::text AS scope, c.monitoring_enabled, "
        "l.source_db_type, l.source_db_host, l.source_db_name, "
        "(SELECT count(*) FROM slow_queries_raw AS s WHERE s.database_connection_id = c.id) AS samples, "
        "(SELECT count(DISTINCT (s.source_db_type, s.source_db_host, s.source_db_name)) FROM slow_queries_raw AS s "
        " WHERE s.database_connection_id = c.id) AS triples "
        "FROM database_connections AS c JOIN legacy_connections AS l ON "
        "l.database_connection_id = c.id WHERE c.is_legacy"
    )
    assert {(row.source_db_type, row.source_db_host, row.source_db_name) for row in rows} == set(TRIPLES)
    assert len(rows) == len(TRIPLES)
    assert len({row.name.lower() for row in rows}) == len(TRIPLES)
    for row in rows:
        assert (row.host, row.database_name, row.scope, row.monitoring_enabled) == (
            row.source_db_host, row.source_db_name, "ORG_WIDE", False)
        assert row.engine == ("postgresql" if row.source_db_type == "postgres" else "mysql")
        assert (row.samples, row.triples) == (SAMPLES // len(TRIPLES), 1)


def test_statements_have_the_fingerprints_of_those_seen_since(migrated, admin):
    sql = migrated.stack.sql
    assert sql("SELECT count(*) FROM query_fingerprints WHERE statement_kind = 'legacy'")[0][0] == 0
    # A statement from the predecessors and the same one from an agent, on databases of one dialect.
    sender = servers.AgentFactory(admin)(engine="mysql")
    sent = query(full_sql="SELECT * FROM users WHERE id = 5 AND name = 'Jane'")
    assert sender.post(PATH, {"queries": [sent]}).json()["accepted"] == 1
    (new,) = sql("SELECT sql_hash FROM slow_queries_raw WHERE database_connection_id = %s", sender.connection_id)
    old = sql(
        "SELECT DISTINCT sql_hash FROM slow_queries_raw WHERE provenance = 4 "
        "AND full_sql LIKE 'SELECT * FROM users WHERE id = %%' "
        "AND source_db_type = 'mysql'"
    )
    assert [row.sql_hash for row in old] == [new.sql_hash]
    (kind,) = sql("SELECT statement_kind, tables FROM query_fingerprints WHERE sql_hash = %s", new.sql_hash)
    assert (kind.statement_kind, kind.tables) == ("select", ["users"])
    assert sql("SELECT 1 FROM query_fingerprints WHERE fingerprint ~ 'John [0-9]'") == []
    # Every statement was run, and none that was run is missing.
    assert (
        sql(
            "SELECT 1 FROM slow_queries_raw AS s WHERE NOT EXISTS (SELECT "
            "FROM query_fingerprints AS q WHERE q.sql_hash = s.sql_hash)"
        )
        == []
    )


def test_seen_first_and_last_are_those_of_the_samples(migrated):
    assert (
        migrated.stack.sql(
            "SELECT 1 FROM (SELECT database_connection_id, sql_hash, "
            "min(captured_at) AS first, max(captured_at) AS last "
            "               FROM slow_queries_raw WHERE provenance = 4 GROUP BY 1, 2) AS s "
            "FULL JOIN (SELECT k.* FROM query_fingerprint_connections AS k "
            "JOIN database_connections AS c ON c.id = k.database_connection_id "
            "           AND c.is_legacy) AS k USING (database_connection_id, sql_hash) "
            "WHERE s.first IS DISTINCT FROM k.first_seen_at OR s.last IS DISTINCT FROM k.last_seen_at"
        )
        == []
    )


def test_rollups_are_what_the_samples_add_up_to(migrated):
    for seconds in (300, 3600, 86400):
        wrong = migrated.stack.sql(
            "SELECT 1 FROM (SELECT database_connection_id, sql_hash, date_bin(%s * interval '1 s', captured_at, "
            "'2000-01-01 00:00:00+00') AS bucket_at, "
            "               count(*) AS calls, sum(duration_ms) AS ms, "
            "max(duration_ms) AS max_ms FROM slow_queries_raw "
            "               WHERE provenance = 4 GROUP BY 1, 2, 3) AS s "
            "FULL JOIN (SELECT m.* FROM query_fingerprint_metrics AS m "
            "JOIN database_connections AS c ON c.id = m.database_connection_id "
            "           WHERE c.is_legacy AND m.resolution_s = %s) AS m USING "
            "(database_connection_id, sql_hash, bucket_at) "
            "WHERE s.calls IS DISTINCT FROM m.calls OR abs(s.ms - m.total_ms) > 0.001 * s.calls "
            "OR s.max_ms IS DISTINCT FROM m.max_ms",
            seconds,
            seconds,
        )
        assert wrong == []


def test_findings_still_belong_to_their_samples(migrated):
    rows = migrated.stack.sql(
        "SELECT count(*) AS all, count(*) FILTER (WHERE s.id IS NOT NULL "
        "AND s.database_connection_id = a.database_connection_id) AS right, "
        "count(*) FILTER (WHERE a.analysis_metadata->>'by' = 'rules') AS metadata "
        "FROM analysis_result AS a LEFT JOIN slow_queries_raw AS s ON s.id = a.slow_query_id"
    )
    assert tuple(rows[0]) == (SAMPLES // 100,) * 3


def test_a_sample_has_its_findings_and_a_statement_its_old_name(migrated, admin):
    sql = migrated.stack.sql
    (old,) = sql("SELECT a.slow_query_id AS id, l.sql_hash FROM analysis_result AS a "
                 "JOIN legacy_slow_queries AS l ON l.id = a.slow_query_id WHERE l.sql_hash ~ '^[0-9a-f]{32}$' "
                 "AND l.fingerprint LIKE 'SELECT%%' ORDER BY a.id LIMIT 1")
    sample = admin.get(f"/api/v1/slow-queries/{old.id}").json()
    (finding,) = sample["analysis_result"]
    assert (finding["problem"], finding["suggestions"]) == ("full scan", [{"type": "index"}])
    assert (finding["confidence_score"], finding["analysis_metadata"]) == (0.9, {"by": "rules"})
    found = admin.get(f"/api/v1/slow-queries/fingerprints/{old.sql_hash}")
    assert found.status_code == 200 and found.json()["sql_hash"] == sample["sql_hash"]


# ---- seen by everybody in the organization ----


def test_everybody_in_the_organization_sees_every_sample(migrated, admin):
    viewer = Account(migrated.stack, role="viewer", team=None).client
    connections = {
        item["id"]: item for item in viewer.get("/api/v1/database-connections", params={"limit": 100}).json()["items"]
    }
    legacy = migrated.stack.sql("SELECT database_connection_id AS id FROM legacy_connections ORDER BY 1")
    assert {row.id for row in legacy} <= connections.keys()
    ends = [
        ("1999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        ((datetime.now(UTC) - timedelta(days=3000)).isoformat(), (datetime.now(UTC) + timedelta(days=30)).isoformat()),
    ]
    total = 0
    for row in legacy:
        for from_, to in ends:
            answer = viewer.get("/api/v1/slow-queries/fingerprints",
                                params={"connection_id": row.id, "from": from_, "to": to, "limit": 500})
            assert answer.status_code == 200, answer.text
            total += answer.json()["totals"]["calls"]
    assert total == SAMPLES


def test_the_samples_of_one_triple_are_listed_one_by_one(migrated, admin):
    (connection,) = migrated.stack.sql(
        "SELECT database_connection_id AS id FROM legacy_connections WHERE source_db_host IS NULL "
        "AND source_db_name IS NULL"
    )
    viewer = Account(migrated.stack, role="viewer", team=None).client
    seen = set()
    for from_, to in (
        ("1999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "2029-01-01T00:00:00Z"),
    ):
        params = {"connection_id": connection.id, "from": from_, "to": to, "limit": 500}
        while True:
            answer = viewer.get("/api/v1/slow-queries", params=params)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            seen.update(item["id"] for item in page["items"])
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
    stored = {
        row.id
        for row in migrated.stack.sql(
            "SELECT id FROM slow_queries_raw WHERE database_connection_id = %s", connection.id
        )
    }
    assert seen == stored
    assert len(seen) == SAMPLES // len(TRIPLES)


def test_odd_samples_are_shown_as_they_are(migrated, admin):
    odd = migrated.stack.sql(
        "SELECT id, full_sql, duration_ms FROM slow_queries_raw WHERE provenance = 4 "
        "AND (full_sql IS NULL OR full_sql ~ '[[:cntrl:]]' "
        "OR full_sql LIKE '<script>%%' OR position(U&'\\FFFD' in full_sql) > 0 OR length(full_sql) > 1000 "
        "OR full_sql LIKE '%%never closed%%') "
        "ORDER BY md5(id::text) LIMIT 60"
    )
    assert len({row.full_sql is None for row in odd}) == 2
    for row in odd:
        shown = admin.get(f"/api/v1/slow-queries/{row.id}").json()
        assert (shown["full_sql"], shown["duration_ms"], shown["provenance"]) == (
            row.full_sql,
            pytest.approx(row.duration_ms),
            "legacy",
        )
        assert shown["fingerprint"]


def test_percentiles_of_the_predecessors_samples_are_there(migrated, admin):
    items = admin.get(
        "/api/v1/slow-queries/fingerprints",
        params={"from": (datetime.now(UTC) - timedelta(days=60)).isoformat(), "limit": 10},
    ).json()["items"]
    assert items and all(item["sampled_calls"] == item["calls"] and item["p95_ms"] > 0 for item in items)


# ---- repeated runs ----


def test_a_second_run_changes_nothing(migrated):
    before = migrated.content()
    output = migrated.migrate()
    assert output.splitlines()[-1].startswith("0 applied")
    assert migrated.content() == before


def test_the_running_programs_change_nothing_of_it(migrated):
    """Above all retention, which must keep the predecessors' data."""
    rows = migrated.stack.sql("SELECT count(*) FROM slow_queries_raw WHERE provenance = 4")
    migrated.stack.restart_collector()
    time.sleep(3)
    assert migrated.stack.sql("SELECT count(*) FROM slow_queries_raw WHERE provenance = 4") == rows
    migrated.stack.cli("rollup", "rebuild")
    after = migrated.content()
    # Another test's agent has added rollups (6, 7) and statements (3).
    assert [row for row in after[2] if row in migrated.before_programs[2]] == migrated.before_programs[2]
    legacy = {row[1] for row in migrated.before_programs[0]}
    for table in (4, 5, 6, 7):
        assert [row for row in after[table] if row[0] in legacy] == migrated.before_programs[table]


@pytest.fixture(scope="module")
def few(predecessor, tmp_path_factory):
    """A smaller dump, and the result of an undisturbed run. The larger one is removed."""
    dump = dump_file(tmp_path_factory.mktemp("few"), FEW, seed=2)
    predecessor.load(dump)
    begun = time.monotonic()
    predecessor.migrate()
    return dump, predecessor.content(), time.monotonic() - begun


def kill_runs(predecessor, duration_s, dice):
    """Kill up to six runs before they are done; each continues where the one before stopped. Returns their number."""
    for kills in range(6):
        process = predecessor.start_migrate()
        time.sleep(duration_s * dice.random() * 0.6)
        if process.poll() is not None:
            return kills
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # The killed run's session may still work; the next run waits for its lock.
    return 6


def test_a_killed_run_repeated_gives_the_same(predecessor, few):
    dump, expected, duration_s = few
    dice = random.Random(3)
    for _ in range(4): # the machine may be faster than when the duration was taken
        predecessor.load(dump)
        kills = kill_runs(predecessor, duration_s, dice)
        if kills >= 3:
            break
        duration_s /= 2
    predecessor.migrate()
    assert kills >= 3
    assert predecessor.content() == expected


def test_a_run_whose_postgresql_is_killed_repeated_gives_the_same(predecessor, few):
    dump, expected, duration_s = few
    predecessor.load(dump)
    dice, kills = random.Random(4), 0
    for _ in range(40):
        process = predecessor.start_migrate()
        time.sleep(duration_s * (0.1 + dice.random() * 0.5))
        backend = predecessor.stack.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'potto%%' AND backend_type = 'client backend'"
        )
        if process.poll() is not None or not backend:
            process.communicate()
            break
        os.kill(backend[0].pid, signal.SIGKILL)  # PostgreSQL ends every session and recovers
        process.communicate(timeout=60)
        assert process.returncode == 1
        kills += 1
        servers.wait_until(lambda: is_back(predecessor.stack), 30, what="PostgreSQL")
        if kills == 4:
            break
    predecessor.migrate()
    assert kills >= 2
    assert predecessor.content() == expected


def is_back(stack):
    try:
        return stack.sql("SELECT 1")
    except psycopg2.OperationalError:
        return False


def test_rows_added_between_two_runs_are_migrated_too(predecessor, tmp_path):
    """The first run stops after 005 while the old collectors still write: new rows, also of a new triple."""
    predecessor.load(dump_file(tmp_path, 80, seed=5))
    held = tmp_path / "migrations"
    shutil.copytree(servers.PROJECT / "migrations", held)
    (held / "006_partitions.sql").write_text("SELECT 1 / 0")
    predecessor.stack.cli("migrate", check=False)  # a complete run shows that the environment works
    predecessor.load(dump_file(tmp_path, 80, seed=5))
    done = subprocess.run(
        [str(predecessor.stack.program("potto")), "migrate"],
        env={**os.environ, **predecessor.stack.env, "POTTO_MIGRATIONS": str(held), "ASAN_OPTIONS": "detect_leaks=0"},
        capture_output=True,
        text=True,
    )
    assert "applied 005" in done.stdout and "applied 006" not in done.stdout
    predecessor.stack.sql(
        "INSERT INTO slow_queries_raw (source_db_type, source_db_host, source_db_name, "
        "fingerprint, full_sql, duration_ms) "
        "VALUES ('mysql', 'late.example.com', 'shop', 'SELECT ?', 'SELECT 1', 5), ('mysql', "
        "'', '', NULL, 'SELECT 2', 6), "
        "('mysql', NULL, NULL, NULL, 'SELECT 3', 7), ('mysql', 'db1.example.com', 'shop', NULL, 'SELECT 4', 8)"
    )
    predecessor.migrate()
    sql = predecessor.stack.sql
    assert sql("SELECT count(*) FROM slow_queries_raw")[0][0] == 84
    assert sql("SELECT count(*) FROM database_connections WHERE is_legacy")[0][0] == len(TRIPLES) + 3
    late = sql(
        "SELECT s.full_sql, c.host, c.database_name FROM slow_queries_raw AS s JOIN database_connections AS c "
        "ON c.id = s.database_connection_id WHERE s.full_sql IN ('SELECT 1', 'SELECT 2', "
        "'SELECT 3', 'SELECT 4') ORDER BY 1"
    )
    assert [tuple(row) for row in late] == [
        ("SELECT 1", "late.example.com", "shop"),
        ("SELECT 2", "", ""),
        ("SELECT 3", None, None),
        ("SELECT 4", "db1.example.com", "shop"),
    ]


def test_an_old_writer_that_goes_on_is_told_by_an_error(predecessor):
    with pytest.raises(psycopg2.Error):
        predecessor.stack.sql(
            "INSERT INTO slow_queries_raw (source_db_type, source_db_host, fingerprint, "
            "sql_hash, full_sql, duration_ms) "
            "VALUES ('mysql', 'db1.example.com', 'SELECT ?', 'x', 'SELECT 1', 5)"
        )


def test_tables_with_fewer_and_other_columns_are_taken(predecessor):
    """The fewest columns that a predecessor's table had, with other types."""
    predecessor.empty()
    predecessor.stack.sql(
        "CREATE TYPE db_type AS ENUM ('mysql', "
        "'postgres'); CREATE TABLE slow_queries_raw (id varchar(36) PRIMARY KEY, source_db_type db_type NOT NULL, "
        "source_db_host inet, fingerprint varchar(500), full_sql varchar(5000), duration_ms real, plan_json text, "
        "captured_at timestamptz)"
    )
    predecessor.stack.sql(
        "INSERT INTO slow_queries_raw VALUES ('0b8f', 'mysql', '10.0.0.1', 'SELECT ?', 'SELECT 1', 5.5, "
        "'no json', '2025-11-01 10:00+02'), "
        "('0b90', 'postgres', NULL, NULL, 'SELECT 2', NULL, '{\"a\": 1}', NULL), ('7', 'postgres', NULL, NULL, "
        "NULL, 'NaN', NULL, '0044-03-15 BC')"
    )
    assert "3 samples rolled up" in predecessor.migrate()
    rows = predecessor.stack.sql(
        "SELECT full_sql, duration_ms, captured_at, source_db_host, plan_hash IS NOT NULL AS has_plan "
        "FROM slow_queries_raw ORDER BY full_sql NULLS LAST"
    )
    assert [(row.full_sql, row.duration_ms, row.source_db_host, row.has_plan) for row in rows] == [
        ("SELECT 1", 5.5, "10.0.0.1/32", True), ("SELECT 2", 0, None, True), (None, 0, None, False)]
    assert rows[0].captured_at == datetime(2025, 11, 1, 8, tzinfo=UTC)
    assert all(abs(row.captured_at - datetime.now(UTC)) < timedelta(minutes=10) for row in rows[1:])


def test_an_empty_layout_is_taken(predecessor, tmp_path):
    predecessor.load(dump_file(tmp_path, 0))
    assert "legacy" not in predecessor.migrate().replace("_legacy", "")
    assert predecessor.stack.sql("SELECT count(*) FROM database_connections")[0][0] == 0
