"""Numbers at the ends of their types are added up; a database whose numbers cannot be is set aside, and the others go
on at once."""

import csv
import io
import json
import uuid
from datetime import timedelta

import ingest_client
import psycopg2
import pytest
import servers
from accounts import unique
from fed import Fed, health, metric

INT64_MAX = 2**63 - 1


@pytest.fixture()
def pair(stack):
    """(hostile, neighbour) in two organizations."""
    return Fed(stack), Fed(stack)


@pytest.fixture()
def failing(stack):
    """failing(table, connection_id): rows of that connection can't be written to the table; None: nobody's. The result
    ends it."""
    made = []

    def make(table, connection_id=None, event="INSERT OR UPDATE"):
        name = "test_fail_" + uuid.uuid4().hex[:8]
        row = "OLD" if event == "DELETE" else "NEW"
        condition = "true" if connection_id is None else f"{row}.database_connection_id = {connection_id}"
        stack.sql(f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                          IF {condition} THEN RAISE 'bigint out of range' USING ERRCODE = '22003'; END IF;
                          RETURN {row}; END $$""")
        stack.sql(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        made.append(name)
        return lambda: remove(name)

    def remove(name):
        if name in made:
            made.remove(name)
            stack.sql(f"DROP FUNCTION {name}() CASCADE")

    yield make
    for name in list(made):
        remove(name)
    stack.cli("rollup", "retry")


# ---- the ends of the types ----

EXTREMES = [
    {"counter_calls": INT64_MAX, "counter_ms": 1e308, "counter_slow_calls": INT64_MAX, "rows_examined": INT64_MAX,
     "rows_returned": INT64_MAX, "blocks_hit": INT64_MAX, "blocks_read": INT64_MAX, "lock_us": INT64_MAX,
     "errors": INT64_MAX},
    {"counter_calls": 1, "counter_ms": float("inf"), "measures": [(1 << 56) - 1, *((number << 56) + (1 << 56) - 1
                                                                                   for number in range(1, 56))]},
    {"counter_calls": 1, "counter_ms": 1, "measures": [-INT64_MAX - 1, -1, INT64_MAX, 0, 0]},
    {"counter_calls": 1, "counter_ms": float("nan")},
    {"counter_calls": -INT64_MAX - 1, "counter_ms": -1e308, "rows_returned": -INT64_MAX - 1},
    {"counter_calls": 1, "counter_ms": float("-inf")},
    {"sample_calls": INT64_MAX, "sample_ms": 1e308, "max_ms": 1e308, "rows_examined": INT64_MAX,
     "rows_returned": INT64_MAX, "histogram": [315 << 40 | (1 << 40) - 1]},
    {"sample_calls": 1, "sample_ms": float("nan"), "max_ms": float("inf"), "histogram": [(1 << 40) - 1]},
    {"sample_calls": 1, "sample_ms": float("inf"), "max_ms": float("nan"), "histogram": [5 << 40 | 1]},
]

LISTS = [
    "/api/v1/slow-queries", "/api/v1/slow-queries/fingerprints", "/api/v1/slow-queries/fingerprints?sort=-calls",
    "/api/v1/slow-queries/fingerprints?sort=-max_ms", "/api/v1/slow-queries/fingerprints?sort=-rows",
    "/api/v1/stats/overview", "/api/v1/stats/trends", "/api/v1/stats/top-queries", "/api/v1/stats/top-tables",
    "/api/v1/stats/by-database", "/api/v1/stats/by-engine", "/api/v1/stats/improvements", "/api/v1/statistics/daily",
    "/api/v1/statistics/fingerprints", "/api/v1/statistics/databases", "/api/v1/monitoring/status",
    "/api/v1/monitoring/queries", "/api/v1/dashboard/stats", "/api/v1/dashboard/activity",
    "/api/v1/database-connections", "/api/v1/collectors", "/api/v1/collectors/status",
]
PAGES = ["/", "/queries", "/databases", "/collectors"]


def read_everything(fed):
    """Every list and page of a database; JSON without NaN or Infinity."""
    def refuse(constant):
        raise AssertionError(constant)

    one = f"/api/v1/slow-queries/fingerprints/{fed.hash}"
    for path in [*LISTS, one, f"{one}/plans", f"/api/v1/database-connections/{fed.id}"]:
        answer = fed.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        json.loads(answer.text, parse_constant=refuse)
    for path in [*PAGES, f"/databases/{fed.id}", f"/queries/{fed.hash}"]:
        for period in ("", "?period=1h", "?period=7d", "?period=30d"):
            answer = fed.browser.get(path + period)
            assert "Sign in" not in answer.text, path
            assert answer.status_code == 200, f"{path}{period}: {answer.status_code}"
            assert "NaN" not in answer.text and "Infinity" not in answer.text, path
    for path in ("/api/v1/slow-queries/fingerprints", "/api/v1/slow-queries"):
        answer = fed.client.get(path, headers={"Accept": "text/csv"})
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv"):
            rows = list(csv.reader(io.StringIO(answer.text)))
            assert {len(row) for row in rows} == {len(rows[0])}


def test_numbers_at_the_ends_of_their_types_are_added_up_and_shown(pair):
    """In the current five minutes and in some that have ended, whose segments and chunks are made; twice, so that sums
    pass the ends of their types."""
    hostile, neighbour = pair
    for _ in range(2):
        for extreme in EXTREMES:
            for ago in (timedelta(), timedelta(minutes=10), timedelta(hours=3), timedelta(days=2)):
                hostile.add_delta(ago, **extreme)
        neighbour.add_calls(3, timedelta(minutes=10))
        hostile.settle(60)
        neighbour.settle()
    assert hostile.aside() is None and neighbour.aside() is None
    assert hostile.calls() >= 9 * 10**18
    assert neighbour.calls() == 6
    assert hostile.stack.sql(
        """SELECT count(*) FROM query_fingerprint_metrics WHERE database_connection_id = %s
           AND (total_ms < 0 OR NOT total_ms < 1e18 OR calls < 0 OR NOT max_ms <= 1e15)""", hostile.id)[0][0] == 0
    read_everything(hostile)
    read_everything(neighbour)
    assert neighbour.total_calls() == 6


def test_an_agents_impossible_numbers_are_refused_by_name(stack):
    fed = Fed(stack)
    queries = [ingest_client.query(rows_examined=INT64_MAX), ingest_client.query(rows_examined=INT64_MAX),
               ingest_client.query(rows_returned=10**15 + 1), ingest_client.query(duration_ms=1.1e11),
               ingest_client.query(rows_examined=10**15, rows_returned=10**15, duration_ms=1e11)]
    answer = fed.agent.post(ingest_client.PATH, json={"queries": queries})
    assert answer.status_code == 207 or answer.status_code == 200, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [
        "rows_examined", "rows_examined", "rows_returned", "duration_ms"]
    assert answer.json()["accepted"] == 1
    assert ingest_client.Stored(stack.sql, fed.id).wait_for_rollup(1)[0] == 1
    read_everything(fed)


# ---- growth that no server has ----

def hostile_database(target):
    """A database whose pg_stat_statements shows what the table `shown` says."""
    name = unique("hostile").replace("-", "_")
    target.execute(f"CREATE DATABASE {name}")
    target.execute("CREATE EXTENSION pg_stat_statements", database=name)
    target.execute(
        "CREATE TABLE shown (queryid bigint, calls bigint, total_exec_time float8, rows bigint)", database=name)
    target.execute(f"GRANT SELECT ON shown TO {target.user}", database=name)
    columns = target.execute(
        """SELECT argument.name, format_type(argument.type, NULL)
           FROM pg_proc, unnest(proargnames, proallargtypes, proargmodes) AS argument (name, type, mode)
           WHERE proname = 'pg_stat_statements' AND argument.mode = 'o'""", database=name)
    values = {"userid": "10", "dbid": "(SELECT oid FROM pg_database WHERE datname = current_database())",
              "toplevel": "true", "queryid": "queryid", "query": "'SELECT ' || queryid || ' FROM hostile'",
              "calls": "calls", "total_exec_time": "total_exec_time", "rows": "rows"}
    shown = ", ".join(f"({values.get(column, '0')})::{kind}" for column, kind in columns)
    out = ", ".join(f"OUT {column} {kind}" for column, kind in columns)
    target.execute(
        f"""CREATE OR REPLACE FUNCTION pg_stat_statements(IN showtext boolean, {out}) RETURNS SETOF record
            LANGUAGE sql AS $$ SELECT {shown.replace('(queryid)', '(shown.queryid)')} FROM public.shown $$""",
        database=name)
    return name


def test_growth_that_no_server_has_is_left_out_and_said(stack, target_postgres):
    fed = Fed(stack)
    database = hostile_database(target_postgres)

    def show(calls, ms, rows):
        target_postgres.execute("TRUNCATE shown", database=database)
        target_postgres.execute(
            "INSERT INTO shown VALUES (1, %s, %s, %s), (2, 5, 5, 5)", calls, ms, rows, database=database)

    show(1, 1.0, 1)
    made = fed.client.post("/api/v1/database-connections", json={
        **target_postgres.connection_body(unique("hostile"), interval_s=86400, min_duration_ms=0),
        "database": database, "tls_mode": "disable"})
    assert made.status_code == 201, made.text
    connection_id = made.json()["id"]

    def state():
        return stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s", connection_id)[0]

    def collect():
        before = servers.wait_until(lambda: state().last_run_at and not state().lease_owner and state(), 30).last_run_at
        stack.sql(
            "UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s", connection_id)
        return servers.wait_until(
            lambda: state().last_run_at > before and not state().lease_owner and state(), 30, what="a run")

    def counted():
        servers.wait_until(lambda: not stack.sql(
            "SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s LIMIT 1", connection_id), what="the fold")
        return stack.sql("""SELECT coalesce(sum(calls), 0)::bigint FROM query_metrics
                            WHERE database_connection_id = %s AND resolution_s = 86400""", connection_id)[0][0]

    collect()
    for calls, ms, rows in ((INT64_MAX, 1.0, 1), (1, 1.0, 1), (INT64_MAX, 1e308, INT64_MAX), (3, float("nan"), 1),
                            (5, float("inf"), 1), (7, 1e308, 1)):
        show(calls, ms, rows)
        run = collect()
        # What is no time is no answer, and the whole look fails.
        assert run.state in ("ok", "warning") or not ms < 1e15, run.problem
        if calls == INT64_MAX and ms < 1e15:
            assert run.state == "warning" and "than any server can" in run.problem
    assert counted() < 100
    show(7, 10.0, 1)
    collect()
    show(17, 20.0, 1)
    run = collect()
    assert run.state == "ok", run.problem
    assert counted() >= 10, "counting goes on"
    read_everything(fed)


# ---- set aside ----

def test_a_database_that_cannot_be_folded_is_set_aside_and_the_others_go_on(stack, pair, failing):
    hostile, neighbour = pair
    bystanders = [Fed(stack, neighbour.admin) for _ in range(6)]
    mend = failing("query_fingerprint_metrics", hostile.id)
    for fed in (hostile, neighbour, *bystanders):
        fed.add_calls(5)
    for fed in (neighbour, *bystanders):
        fed.settle()
        assert fed.calls() == 5 and fed.aside() is None
    servers.wait_until(hostile.aside, what="setting aside")
    assert "bigint out of range" in hostile.aside().reason and not hostile.aside().holds_segments

    # What comes later is set aside too, and does not hold up the others.
    hostile.add_calls(7, timedelta(minutes=20))
    neighbour.add_calls(2)
    hostile.settle()
    neighbour.settle()
    assert neighbour.calls() == 7 and hostile.calls() == 0 and hostile.aside().deltas == 2

    # It is said to those who may know it, and to everybody only that there is one.
    seen = servers.wait_until(lambda: health(stack) if health(stack)["status"] == "degraded" else None, what="/health")
    assert seen["rollups"]["status"] == "degraded" and "one database" in seen["rollups"]["problem"]
    assert hostile.agent.name not in json.dumps(seen)
    servers.wait_until(lambda: metric(stack, "potto_rollup_set_aside") == 1, what="/metrics")
    assert hostile.shown()["state"] == "warning" and "set aside" in hostile.shown()["problem"]
    assert neighbour.shown()["problem"] is None
    for path in (f"/databases/{hostile.id}", "/collectors"):
        assert "cannot be added up" in hostile.browser.get(path).text
    assert "cannot be added up" not in neighbour.browser.get("/collectors").text
    read_everything(hostile)

    # A retry that fails changes nothing; one that succeeds counts everything once.
    failed = stack.cli("rollup", "retry", "--connection", hostile.id, check=False)
    assert failed.returncode != 0 and "bigint out of range" in failed.stderr
    assert hostile.aside().deltas == 2
    mend()
    done = json.loads(stack.cli("rollup", "retry", "--connection", hostile.id).stdout)
    assert done == {"databases": 1, "deltas": 2, "still_set_aside": 0}
    assert hostile.aside() is None and hostile.calls() == 12
    hostile.add_calls(1)
    hostile.settle()
    assert hostile.calls() == hostile.total_calls() == 13
    assert hostile.shown()["problem"] is None
    servers.wait_until(lambda: health(stack)["status"] == "healthy", what="/health")


def test_a_database_whose_late_facts_spoil_segments_is_set_aside(pair, failing):
    hostile, neighbour = pair
    mend = failing("query_segments", hostile.id)
    for fed in pair:
        fed.add_calls(4, timedelta(hours=1))
    neighbour.settle()
    servers.wait_until(hostile.aside, what="setting aside")
    assert not hostile.aside().holds_segments
    assert neighbour.calls() == neighbour.total_calls() == 4
    mend()
    hostile.stack.cli("rollup", "retry", "--connection", hostile.id)
    assert hostile.calls() == hostile.total_calls() == 4


def test_segments_of_what_was_folded_before_are_left_out_and_made_again(stack, pair, failing):
    """The rollups of one database cannot be made into segments, though none of its facts is new."""
    hostile, neighbour = pair
    for fed in pair:
        fed.add_calls(4, timedelta(hours=1))
        fed.settle()
    mend = failing("query_segments", hostile.id)
    stack.sql("UPDATE query_fingerprint_metrics SET max_ms = max_ms + 1 WHERE database_connection_id = %s", hostile.id)
    neighbour.add_calls(2, timedelta(hours=1))
    neighbour.settle()
    servers.wait_until(hostile.aside, what="setting aside")
    assert hostile.aside().holds_segments
    assert neighbour.calls() == neighbour.total_calls() == 6
    assert neighbour.aside() is None
    mend()
    stack.cli("rollup", "retry", "--connection", hostile.id)
    assert hostile.aside() is None and hostile.total_calls() == 4


def test_samples_that_are_set_aside_count_once_after_a_rebuild_and_a_retry(pair, failing):
    hostile, neighbour = pair
    mend = failing("query_fingerprint_metrics", hostile.id)
    sent = hostile.agent.post(ingest_client.PATH, json={"queries": [ingest_client.query() for _ in range(3)]})
    assert sent.status_code == 200, sent.text
    neighbour.add_calls(1)
    servers.wait_until(hostile.aside, what="setting aside")
    mend()
    hostile.stack.cli("rollup", "rebuild", "--connection", hostile.id)
    assert hostile.calls() == 3
    done = json.loads(hostile.stack.cli("rollup", "retry", "--connection", hostile.id).stdout)
    assert done["deltas"] == 0 and hostile.calls() == 3


def test_a_fault_of_everybody_sets_nobody_aside(pair, failing):
    hostile, neighbour = pair
    mend = failing("query_fingerprint_metrics")
    for fed in pair:
        fed.add_calls(3)
    servers.wait_until(lambda: '"rollup_failed"' in hostile.stack.log_end("collector.log", 50), 30, what="the log line")
    assert hostile.aside() is None and neighbour.aside() is None
    assert hostile.waiting() == neighbour.waiting() == 1
    mend()
    for fed in pair:
        fed.settle()
        assert fed.calls() == 3


def add_reports(*feds):
    """For each a delta of one report of a MongoDB node, as ingest would leave it."""
    feds[0].stack.sql(
        """INSERT INTO mongodb_deltas (organization_id, database_connection_id, node_id, bucket_at, reports, totals,
                                       counts)
           SELECT organization_id, id, 'rs0-a', date_bin('5 minutes', now(), '2000-01-01 00:00:00+00'), 1,
                  array_fill(7, '{14}'), array_fill(1, '{14}')
           FROM database_connections WHERE id = ANY (%s)""", [fed.id for fed in feds])


def reports(fed):
    """(those that wait, those that are added up)"""
    return tuple(fed.stack.sql(
        """SELECT (SELECT count(*) FROM mongodb_deltas WHERE database_connection_id = %s),
                  (SELECT coalesce(sum(reports), 0)::int FROM mongodb_stats
                   WHERE database_connection_id = %s AND resolution_s = 300)""", fed.id, fed.id)[0])


def test_reports_of_mongodb_that_cannot_be_added_up_wait_and_those_of_others_do_not(stack, pair, failing):
    hostile, neighbour = pair
    mend = failing("mongodb_stats", hostile.id)
    add_reports(*pair)
    servers.wait_until(hostile.aside, what="setting aside")
    servers.wait_until(lambda: reports(neighbour) == (0, 1), what="the neighbour's sums")
    assert neighbour.aside() is None and "out of range" in hostile.aside().reason
    add_reports(*pair)
    servers.wait_until(lambda: reports(neighbour) == (0, 2), what="the neighbour's next report")
    assert reports(hostile) == (2, 0)
    servers.wait_until(lambda: metric(stack, "potto_rollup_set_aside") >= 1, what="/metrics")
    mend()
    stack.cli("rollup", "retry", "--connection", hostile.id)
    servers.wait_until(lambda: reports(hostile) == (0, 2), what="the sums of what was set aside")


def test_reports_of_mongodb_that_wait_are_counted(stack, pair):
    connection = psycopg2.connect(stack.owner_dsn)
    try:
        connection.cursor().execute("SELECT pg_advisory_xact_lock(x'706f74746f0d'::bigint)")
        add_reports(pair[0])
        servers.wait_until(lambda: metric(stack, "potto_rollup_backlog") >= 1, what="/metrics")
    finally:
        connection.close()


def test_a_deleted_database_leaves_nothing_set_aside(stack, pair, failing):
    hostile, neighbour = pair
    failing("query_fingerprint_metrics", hostile.id)
    hostile.add_calls(3)
    neighbour.add_calls(1)
    servers.wait_until(hostile.aside, what="setting aside")
    assert hostile.client.delete(f"/api/v1/database-connections/{hostile.id}").status_code in (200, 204)
    servers.wait_until(lambda: not hostile.aside() and not stack.sql(
        "SELECT 1 FROM rollup_deltas_set_aside WHERE database_connection_id = %s LIMIT 1", hostile.id), 30,
        what="the purge")


# ---- other work for all databases ----

def test_a_deleted_database_that_cannot_be_removed_does_not_keep_the_later_ones(stack, pair, failing):
    hostile, neighbour = pair
    for fed in pair:
        fed.add_calls(3)
        fed.settle()
    mend = failing("query_metrics", hostile.id, "DELETE")
    for fed in pair:
        assert fed.client.delete(f"/api/v1/database-connections/{fed.id}").status_code in (200, 204)

    def is_there(fed):
        return stack.sql("SELECT 1 FROM database_connections WHERE id = %s", fed.id)

    servers.wait_until(lambda: not is_there(neighbour), 40, what="the removal of the later one")
    assert is_there(hostile)
    mend()
    servers.wait_until(lambda: not is_there(hostile), 60, what="the removal of the earlier one")


def test_literals_that_cannot_be_removed_do_not_keep_those_of_others(stack, pair, failing):
    hostile, neighbour = pair
    for fed in pair:
        sent = fed.agent.post(ingest_client.PATH, json={"queries": [ingest_client.query() for _ in range(3)]})
        assert sent.status_code == 200, sent.text
    failing("slow_queries_raw", hostile.id)

    def texts(fed):
        return stack.sql("SELECT count(full_sql) FROM slow_queries_raw WHERE database_connection_id = %s", fed.id)[0][0]

    for fed in pair:
        changed = fed.client.request("PATCH", f"/api/v1/database-connections/{fed.id}", json={"keep_literals": False})
        assert changed.status_code == 200, changed.text
    servers.wait_until(lambda: texts(neighbour) == 0, 40, what="the removal of the other's literals")
    assert texts(hostile) == 3


@pytest.mark.parametrize("payload", ["{}", '{"connection_ids": 7}', '{"connection_ids": ["x", null, {}, 1e300]}'])
def test_a_job_that_is_none_does_not_keep_those_of_others(stack, pair, payload):
    hostile, neighbour = pair
    stack.sql("INSERT INTO jobs (organization_id, user_id, kind, payload) VALUES (%s, %s, 'collect', %s)",
              hostile.organization_id, hostile.admin.id, payload)
    started = neighbour.client.post("/api/v1/collectors/postgres/collect")
    assert started.status_code in (200, 202), started.text
    servers.wait_until(lambda: not stack.sql(
        "SELECT 1 FROM jobs WHERE organization_id = ANY (%s) AND state IN ('queued', 'running')",
        [hostile.organization_id, neighbour.organization_id]), 30, what="the end of both jobs")
