"""What sessions of monitored databases wait for: who waits, for what, and behind whom."""

import contextlib
import datetime
import html
import json
import os
import re
import threading
import time
import uuid

import hostile_field
import psycopg2
import pytest
import servers
from hostile_postgres import endless_rows, one_column, resets, silent
from hostile_postgres_server import HostilePostgres
from hostile_server import HONEST, Attack
from test_pages import HOSTILE, Browser

from conftest import _build_dir
from watched import marker

SETTINGS = {"POTTO_WAITS": "1", "POTTO_WAITS_STRETCH_S": "2", "POTTO_UPKEEP_INTERVAL_S": "1"}


@pytest.fixture(scope="module")
def waits_stack():
    with servers.running(servers.Stack(f"waits-{os.getpid()}", _build_dir(), SETTINGS)) as stack:
        yield stack


@pytest.fixture(scope="module")
def waits_api(waits_stack):
    return servers.SignedInClient(waits_stack.url, waits_stack.admin_email, waits_stack.admin_password)


@pytest.fixture(scope="module")
def pages(waits_stack):
    browser = Browser(waits_stack.url)
    assert browser.sign_in(waits_stack.admin_email, waits_stack.admin_password).status_code == 303

    def read(path):
        """What somebody reads there."""
        answer = browser.get(path)
        assert answer.status_code == 200, answer.text[:500]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", answer.text)))

    read.browser = browser
    return read


INSERT = """
    INSERT INTO session_waits (organization_id, database_connection_id, resolution_s, bucket_at, watched_ms, look_count,
        cost_us, session_ms, wait_classes, wait_events, wait_statements, wait_users, wait_hosts, wait_applications,
        wait_ms, block_states, block_roots, block_users, block_applications, block_statements, block_ms, block_depths,
        block_waiters)
    SELECT organization_id, id, 300, date_bin('5 minutes', now(), '2000-01-01'), 100000, 100, 5000, 400000,
        '{2,1,4}', '{transactionid,"",DataFileRead}', ARRAY[%(waiter)s, %(root)s, NULL]::uuid[],
        ARRAY[%(name)s, %(name)s, 'b'], ARRAY[%(name)s, 'h', 'h'], ARRAY[%(name)s, '', 'y'], '{300000,60000,40000}',
        '{2,2}', ARRAY[%(root)s, %(root)s]::uuid[], ARRAY[%(name)s, %(name)s], ARRAY[%(name)s, %(name)s],
        ARRAY[%(waiter)s, NULL]::uuid[], '{240000,60000}', '{1,3}', '{3,1}'
    FROM database_connections WHERE id = %(id)s"""


def named(stack, statement, values):
    with contextlib.closing(psycopg2.connect(stack.owner_dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values)


class Looked:
    """A connection whose sessions are looked at."""

    def __init__(self, stack, api, body):
        answer = api.post("/api/v1/database-connections", json=body)
        assert answer.status_code == 201, answer.text
        self.stack, self.api, self.id = stack, api, answer.json()["id"]

    def answer(self, **params):
        answer = self.api.get(f"/api/v1/monitoring/connections/{self.id}/waits", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def looks(self):
        return self.answer()["look_count"]

    def wait_for(self, find, what):
        """What `find` finds in an answer, once it finds something."""
        return servers.wait_until(find, 60, what=what)

    def group(self, group_by, condition, **params):
        return next((group for group in self.answer(group_by=group_by, **params)["groups"] if condition(group)), None)

    def watch_row(self):
        rows = self.stack.sql("SELECT * FROM session_watches WHERE database_connection_id = %s", self.id)
        return rows[0] if rows else None


@pytest.fixture()
def look(waits_stack, waits_api):
    made = []

    def make(target, **fields):
        body = target.connection_body(f"looked {uuid.uuid4().hex[:8]}", interval_s=60)
        made.append(Looked(waits_stack, waits_api, {**body, "tls_mode": "disable", **fields}))
        return made[-1]

    yield make
    for looked in made:
        waits_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", looked.id)


@contextlib.contextmanager
def session_at(connection, sql, before, end):
    """The session runs the statement meanwhile, until end() ends it."""
    with connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)

    def run():
        with contextlib.suppress(Exception), connection.cursor() as cursor:
            cursor.execute(sql)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        end()
        thread.join()
        with contextlib.suppress(Exception):
            connection.close()


@contextlib.contextmanager
def running(target, sql, before=(), database=None):
    """A session of PostgreSQL that runs the statement meanwhile, until it is cancelled."""
    connection = target.connect(database=database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with session_at(connection, sql, before, lambda: target.execute(f"SELECT pg_cancel_backend({pid})")):
        yield pid


def test_a_session_that_waits_is_seen_with_its_statement_user_and_program(look, target_postgres):
    database, name = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    looked = look(target_postgres, database=database)
    with running(target_postgres, f"SELECT pg_sleep(100) AS {name}", database=database):
        group = looked.wait_for(
            lambda: looked.group("statement", lambda group: name in (group["fingerprint"] or "")), "the statement"
        )
        kinds = looked.answer(group_by="wait", sql_hash=group["sql_hash"])["groups"]
        assert [(kind["wait_class"], kind["wait_event"]) for kind in kinds] == [("timeout", "PgSleep")]
        assert kinds[0]["average_active_sessions"] == pytest.approx(1, abs=0.6)
        user = looked.group("user", lambda group: True, sql_hash=group["sql_hash"])
        assert user["name"] == target_postgres.admin_user
        assert looked.group("application", lambda group: True, sql_hash=group["sql_hash"])["name"] == "shop"
    answer = looked.answer()
    assert answer["points"] and answer["watched_s"] > 0
    assert len(answer["points"][0]["average_active_sessions"]) == len(answer["groups"])


def test_who_waits_for_a_lock_counts_for_the_session_at_the_end_of_the_chain(look, target_postgres, pages):
    database, table = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    target_postgres.execute(f"CREATE TABLE {table} AS SELECT i AS id, 0 AS hits FROM generate_series(1, 3) AS i",
                            database=database)
    looked = look(target_postgres, database=database)
    with contextlib.closing(target_postgres.connect(database=database)) as root:
        root.autocommit = False
        with root.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET hits = hits + 1 WHERE id = 1")
        # One waits for the root and holds a row that the other one waits for.
        with running(target_postgres, f"UPDATE {table} SET hits = 0 WHERE id = 1", database=database,
                     before=("BEGIN", f"SELECT id FROM {table} WHERE id = 2 FOR UPDATE")):
            with running(target_postgres, f"DELETE FROM {table} WHERE id = 2", database=database):
                def found():
                    blockers = looked.answer()["blockers"]
                    return blockers if {blocker["max_depth"] for blocker in blockers} >= {1, 2} else None

                blockers = looked.wait_for(found, "the chain")
        root.rollback()
    for blocker in blockers:
        assert blocker["root_state"] == "idle_in_transaction", blocker
        assert "hits + ?" in blocker["root_fingerprint"] and blocker["root_application"] == "shop"
        assert blocker["session_s"] > 0 and blocker["max_waiters"] == 1
    by_depth = {blocker["max_depth"]: blocker["fingerprint"] for blocker in blockers}
    assert by_depth[1].startswith("UPDATE") and by_depth[2].startswith("DELETE")
    assert looked.group("wait_class", lambda group: group["wait_class"] == "lock")["session_s"] > 0
    page = pages(f"/databases/{looked.id}/waits")
    assert "idle in transaction" in page and "hits = hits + ?" in page and "application shop" in page
    assert "behind a session that was idle in transaction" in pages(f"/queries/{blockers[0]['sql_hash']}")


def test_a_chain_is_followed_through_a_session_of_another_database(look, target_postgres):
    database, other = marker(), marker()
    for name in (database, other):
        target_postgres.execute(f"CREATE DATABASE {name}")
    # Tables that all databases share, and that nobody needs.
    first, second = (f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE" for name in ("pg_shdescription", "pg_shseclabel"))
    looked = look(target_postgres, database=database)
    with contextlib.closing(target_postgres.connect(database=database)) as root:
        root.autocommit = False
        with root.cursor() as cursor:
            cursor.execute(first)
        with running(target_postgres, first, database=other, before=("BEGIN", second)):
            with running(target_postgres, second, database=database, before=("BEGIN",)):
                blockers = looked.wait_for(lambda: looked.answer()["blockers"], "the chain")
        root.rollback()
    for blocker in blockers:
        assert blocker["root_state"] == "idle_in_transaction" and blocker["max_depth"] == 2, blocker
        assert "pg_shdescription" in blocker["root_fingerprint"] and "pg_shseclabel" in blocker["fingerprint"]


@pytest.fixture(scope="module")
def told(waits_stack, waits_api, target_postgres):
    """A connection whose waits and blockers are rows of ours, with hostile names."""
    body = target_postgres.connection_body(f"told {uuid.uuid4().hex[:8]}", monitoring_enabled=False)
    made = waits_api.post("/api/v1/database-connections", json=body).json()
    agent = servers.Agent(waits_stack.url, made, made["agent_token"])
    told = Looked.__new__(Looked)
    told.stack, told.api, told.id = waits_stack, waits_api, made["id"]
    for role, sql in (("root", "UPDATE stock SET n = n - 1"), ("waiter", "DELETE FROM stock WHERE id = 7")):
        sample = {"full_sql": sql, "duration_ms": 900, "captured_at": datetime.datetime.now(datetime.timezone.utc)
                  .strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip
        answer = agent.post("/api/v1/collectors/ingest/slow-queries", {"queries": [sample]})
        assert answer.json()["accepted"] == 1, answer.text
        setattr(told, role, waits_stack.sql("SELECT sql_hash FROM slow_queries_raw WHERE database_connection_id = %s "
                                            "ORDER BY id DESC LIMIT 1", told.id)[0].sql_hash.replace("-", ""))
    named(waits_stack, INSERT, {"id": told.id, "root": told.root, "waiter": told.waiter, "name": HOSTILE})
    return told


def test_a_page_tells_what_sessions_wait_for_and_behind_whom(told, pages):
    text = pages(f"/databases/{told.id}/waits")
    assert "On average 4.0 sessions were active; 75 % of their time they waited for locks, 15 % they worked" in text
    assert "idle in transaction; this was its last statement" in text and "kept others waiting for 5.0 min" in text
    assert "sessions at once at least 3" in text and "behind up to 2 that waited too" in text
    assert text.index("UPDATE stock") < text.index("DELETE FROM stock"), "the root is above those that wait"
    assert "transactionid" in text and "DataFileRead" in text and "Statement not known" in text
    kept = pages(f"/databases/{told.id}")
    assert "75 % of their time they waited for locks" in kept and "kept others waiting for locks for 5.0 min" in kept


def test_a_chart_of_waits_has_its_layers_for_scripts_and_without(told, pages):
    page = pages.browser.get(f"/databases/{told.id}/waits?period=1h").text
    data = json.loads(re.search(r"data-chart-data>(.*?)</script>", page, re.S).group(1))
    assert [layer["key"] for layer in data["layers"]][:2] == ["cpu", "io"] and data["units"] == {"sessions": "mean"}
    assert [data["values"][key][-1] for key in ("lock", "cpu", "io", "client")] == [3.0, 0.6, 0.4, 0]
    drawn = re.findall(r'<path class="layer layer-(\w+)" d="(M[^"]+Z)"', page)
    assert [key for key, _ in drawn] == ["lock", "io", "cpu"], "the sum is drawn first"
    assert data["value_marks"]["sessions"][-1]["at"] == 4


@pytest.mark.parametrize("by", ["user", "host", "application"])
def test_names_of_sessions_are_only_text(told, pages, by):
    for path in (f"/databases/{told.id}/waits?by={by}", f"/databases/{told.id}", f"/queries/{told.waiter}"):
        answer = pages.browser.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text and "<img" not in answer.text and "onerror='" not in answer.text
    assert "&lt;script&gt;alert(" in pages.browser.get(f"/databases/{told.id}/waits?by={by}").text
    assert pages.browser.get(f"/databases/{told.id}/waits?by=sql").status_code == 422


def test_a_query_tells_what_it_waited_for_and_whom_it_kept_waiting(told, pages):
    waiter, root = pages(f"/queries/{told.waiter}"), pages(f"/queries/{told.root}")
    assert "It waited for locks for 100 % of its time, the longest behind a session that was idle in trans" in waiter
    assert "Seen at work 300 times; 100 % of its time it waited for locks." in waiter
    assert "It kept others waiting for locks for 5.0 min in all." in root and "It waited for locks" not in root


def test_a_page_without_waits_says_why(look, target_postgres, waits_stack, waits_api, pages):
    never = look(target_postgres, monitoring_enabled=False)
    fed = servers.AgentFactory(waits_api)()
    other = servers.AgentFactory(waits_api)(engine="mongodb")
    assert "Monitoring of this database is off" in pages(f"/databases/{never.id}/waits")
    assert "An agent feeds this database" in pages(f"/databases/{fed.connection_id}/waits")
    assert "does not look at sessions of MongoDB" in pages(f"/databases/{other.connection_id}/waits")
    waits_stack.sql("UPDATE database_connections SET monitoring_enabled = true WHERE id = %s", never.id)
    waits_stack.sql("INSERT INTO session_watches (organization_id, database_connection_id, lease_owner, lease_until, "
                    "state, problem, remedy, ended_at) SELECT organization_id, id, 'test', now() + interval '1 hour', "
                    "'failed', 'It <b>refused</b> us.', 'GRANT <it>', now() FROM database_connections WHERE id = %s",
                    never.id)
    for path in (f"/databases/{never.id}/waits", f"/databases/{never.id}"):
        assert "It <b>refused</b> us." in pages(path) and "GRANT <it>" in pages(path), path
    watch = never.answer()["watch"]
    assert (watch["state"], watch["problem"], watch["remedy"]) == ("failed", "It <b>refused</b> us.", "GRANT <it>")
    named(waits_stack, INSERT.replace("400000", "0").replace("'{300000,60000,40000}'", "'{0,0,0}'"),
                    {"id": never.id, "root": None, "waiter": None, "name": "n"})
    assert "No session was at work at any of 100 looks." in pages(f"/databases/{never.id}/waits")


@contextlib.contextmanager
def at_work(target, sql, before=()):
    """A session of MariaDB that runs the statement meanwhile, until it is killed."""
    connection = target.connect()

    def kill():
        with contextlib.suppress(Exception):
            target.execute(f"KILL {connection.thread_id()}")

    with session_at(connection, sql, before, kill):
        yield connection


@pytest.fixture()
def metadata_locks(target_mariadb):
    """MariaDB shows them where that is switched on, of locks that are taken later."""
    switch = "UPDATE performance_schema.setup_instruments SET ENABLED = '{}' WHERE NAME = 'wait/lock/metadata/sql/mdl'"
    target_mariadb.execute(switch.format("YES"))
    yield
    target_mariadb.execute(switch.format("NO"))


def test_waits_and_chains_of_mariadb(look, target_mariadb, metadata_locks):
    table = marker()
    target_mariadb.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, hits int)")
    target_mariadb.execute(f"INSERT INTO {table} VALUES (1, 0), (2, 0)")
    looked = look(target_mariadb)
    with contextlib.closing(target_mariadb.connect()) as root, contextlib.closing(target_mariadb.connect()) as reader:
        for connection, sql in ((root, f"UPDATE {table} SET hits = hits + 1 WHERE id = 1"),
                                (reader, f"SELECT hits FROM {table} WHERE id = 7")):
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(sql)
        # One waits for the root's row and holds one that another one waits for; a third waits for all of them, and
        # a fourth waits for that.
        with at_work(target_mariadb, f"UPDATE {table} SET hits = 0 WHERE id = 1",
                     before=("BEGIN", f"SELECT id FROM {table} WHERE id = 2 FOR UPDATE")), \
                at_work(target_mariadb, f"DELETE FROM {table} WHERE id = 2"), \
                at_work(target_mariadb, "SELECT SLEEP(100)"):
            looked.wait_for(lambda: {blocker["max_depth"] for blocker in looked.answer()["blockers"]
                                     if blocker["root_user"]} >= {1, 2}, "the chain of rows")
            with at_work(target_mariadb, f"ALTER TABLE {table} ADD COLUMN more int, ALGORITHM = COPY"), \
                    at_work(target_mariadb, f"SELECT count(*) FROM {table}"):
                looked.wait_for(lambda: any((blocker["fingerprint"] or "").startswith("ALTER")
                                            for blocker in looked.answer()["blockers"]), "the chain of tables")
        for connection in (root, reader):
            connection.rollback()
    answer = looked.answer(group_by="wait")
    waits = {(group["wait_class"], group["wait_event"]): group["session_s"] for group in answer["groups"]}
    assert {("lock", "row"), ("lock", "metadata"), ("timeout", "sleep")} <= waits.keys(), waits
    for blocker in answer["blockers"]:
        assert blocker["root_state"] == "idle_in_transaction" and blocker["session_s"] > 0, blocker
        # Without a user: the root was read so late that it may have done something else by then.
        assert blocker["root_user"] in (target_mariadb.admin_user, ""), blocker
    assert looked.watch_row().problem is None
    group = looked.group("statement", lambda group: "SLEEP" in (group["fingerprint"] or ""))
    assert looked.group("host", lambda group: True, sql_hash=group["sql_hash"])["name"] == "127.0.0.1"


def test_what_mariadb_does_not_show_is_said(look, target_mariadb, waits_stack):
    with at_work(target_mariadb, f"SELECT GET_LOCK('{marker()}', 100)"):
        looked = look(target_mariadb)
        looked.wait_for(lambda: looked.watch_row() and looked.watch_row().state, "a look")
    row = looked.watch_row()
    assert row.state == "ok" and "metadata" in row.problem and "wait/lock/metadata/sql/mdl" in row.remedy, row
    user, password = marker(), uuid.uuid4().hex
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{password}'")
    target_mariadb.execute(f"GRANT SELECT ON mysql.slow_log TO {user}@'127.0.0.1'")
    denied = look(target_mariadb, username=user, password=password, database="mysql")
    row = denied.wait_for(lambda: (row := denied.watch_row()) and row.state and row, "a look")
    assert (row.state, row.remedy) == ("failed", f"GRANT PROCESS ON *.* TO '{user}'@'127.0.0.1';"), row
    assert denied.answer()["average_active_sessions"] is None


def test_no_literal_of_a_session_is_kept_where_none_may_be(look, target_postgres, waits_stack):
    database, secret = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    looked = look(target_postgres, database=database, keep_literals=False)
    with running(target_postgres, f"SELECT pg_sleep(100), '{secret}' AS visible_{secret[:5]}", database=database):
        looked.wait_for(lambda: looked.group("wait_class", lambda group: group["wait_class"] == "timeout"), "the wait")
    statements = waits_stack.sql("SELECT fingerprint FROM query_fingerprints WHERE strpos(fingerprint, %s) > 0", secret)
    assert not statements


def test_a_database_that_is_not_watched_any_more_is_left_alone(look, target_postgres, waits_stack):
    database = marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    looked = look(target_postgres, database=database)
    looked.wait_for(lambda: looked.looks() > 0, "a look")
    waits_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", looked.id)
    looked.wait_for(lambda: looked.watch_row().lease_owner is None, "the end of the last stretch")
    ended_at = looked.watch_row().ended_at
    time.sleep(2.5)
    assert looked.watch_row().ended_at == ended_at
    sessions = target_postgres.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'")
    assert sessions[0][0] == 0


def test_hours_are_made_of_their_five_minutes(look, target_postgres, waits_stack):
    looked = look(target_postgres, monitoring_enabled=False)
    for minutes, ms in ((0, 4000), (5, 6000)):
        waits_stack.sql(
            "INSERT INTO session_waits (organization_id, database_connection_id, resolution_s, bucket_at, watched_ms, "
            "look_count, cost_us, session_ms, wait_classes, wait_events, wait_statements, wait_users, wait_hosts, "
            "wait_applications, wait_ms, block_states, block_roots, block_users, block_applications, "
            "block_statements, block_ms, block_depths, block_waiters) "
            "SELECT organization_id, id, 300, "
            "date_trunc('hour', now()) - interval '2 hours' + make_interval(mins => %s), "
            "10000, 10, 5, %s, '{2,1}', '{relation,\"\"}', '{NULL,NULL}', '{a,b}', '{\"\",\"\"}', '{x,y}', "
            "ARRAY[%s, 0], '{2}', '{NULL}', '{a}', '{x}', '{NULL}', ARRAY[%s], '{1}', '{3}' "
            "FROM database_connections WHERE id = %s",
            *(minutes, ms, ms, ms, looked.id),
        )
    row = servers.wait_until(
        lambda: waits_stack.sql("SELECT * FROM session_waits WHERE database_connection_id = %s AND resolution_s = 3600 "
                                "AND look_count = 20", looked.id), what="the hour of both")[0]
    assert (row.watched_ms, row.look_count, row.session_ms) == (20000, 20, 10000)
    assert row.wait_ms == [10000, 0] and row.block_ms == [10000] and row.block_waiters == [3]
    answer = looked.answer(group_by="wait", **{"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"})
    assert answer["groups"] == [] and answer["average_active_sessions"] is None


def test_a_connection_switches_looking_at_its_sessions_off(look, target_postgres, waits_stack, pages):
    looked = look(target_postgres, waits_enabled=False)
    other = look(target_postgres)
    other.wait_for(lambda: other.looks() > 0, "a look at another one")
    assert looked.api.get(f"/api/v1/database-connections/{looked.id}").json()["waits_enabled"] is False
    servers.wait_until(lambda: waits_stack.sql("SELECT 1 FROM connection_collection WHERE database_connection_id = %s "
                                               "AND state = 'ok'", looked.id), 60, what="a run of collection")
    before = other.looks()
    other.wait_for(lambda: other.looks() > before, "one more look at the other one")
    assert looked.watch_row() is None
    assert "switched off for this database" in pages(f"/databases/{looked.id}/waits")
    for word, is_on in (("on", True), ("off", False)):
        switched = pages.browser.submit(f"/databases/{looked.id}/waits", {"csrf": pages.browser.csrf(), "looks": word})
        assert switched.headers["Location"] == f"/databases/{looked.id}/waits", switched.text
        shown = looked.api.get(f"/api/v1/database-connections/{looked.id}").json()
        assert shown["waits_enabled"] is is_on
    changed = looked.api.patch(f"/api/v1/database-connections/{looked.id}", json={"waits_enabled": True})
    assert changed.json()["waits_enabled"] is True
    looked.wait_for(lambda: looked.looks() > 0, "a look")


def test_looks_that_are_held_back_stand_for_the_time_between_them(look, target_postgres, waits_stack):
    looked = look(target_postgres, overhead_budget_percent=10)

    def sums():
        return waits_stack.sql(
            "SELECT sum(watched_ms) AS watched, sum(look_count) AS looks, sum(session_ms) AS session "
            "FROM session_waits WHERE resolution_s = 300 AND database_connection_id = %s", looked.id)[0]

    def statistics():
        return target_postgres.execute("SELECT sum(calls), sum(wal_records) FROM pg_stat_statements "
                                       "WHERE query LIKE '%/* potto */%'")[0]

    with running(target_postgres, "SELECT pg_sleep(120)"):
        looked.wait_for(lambda: looked.looks() > 0, "a look")
        waits_stack.sql("UPDATE connection_overhead SET stage = 2, held_back_since = now(), counted_at = now(), "
                        "level_us = 1.15 * 10 * 1e4 * 600 WHERE database_connection_id = %s", looked.id)
        ended_at = looked.watch_row().ended_at
        looked.wait_for(lambda: looked.watch_row().ended_at > ended_at, "the end of the looks that were not held back")
        before, (calls_before, wal_before) = sums(), statistics()
        after = looked.wait_for(lambda: (now := sums()).looks >= before.looks + 2 and now, "rarer looks")
    watched_ms, looks = after.watched - before.watched, after.looks - before.looks
    assert watched_ms / looks >= 1000, (watched_ms, looks)
    assert abs((after.session - before.session) / watched_ms - 1) < 0.1  # one session was at work
    shown = looked.api.get(f"/api/v1/database-connections/{looked.id}").json()["overhead"]
    assert shown["held_back"] == ["plans", "sessions"] and shown["look_pause_s"] == 2
    assert shown["recent"]["sessions_percent"] > 0 and shown["recent"]["look_distance_s"] > 0
    calls, wal_records = statistics()
    assert calls > calls_before and wal_records == wal_before  # what is looked at writes nothing for it


@pytest.mark.parametrize("params", [{"group_by": "x"}, {"sql_hash": "7"}, {"limit": "0"}, {"other": "1"}])
def test_bad_parameters_are_refused(look, target_postgres, params):
    looked = look(target_postgres, monitoring_enabled=False)
    answer = looked.api.get(f"/api/v1/monitoring/connections/{looked.id}/waits", params=params)
    assert answer.status_code == 422 and next(iter(params)) in answer.text


def session(pid, wait="Lock", user="u", sql="SELECT 1", total=1):
    return [pid, wait, "relation", user, "h", "a", sql, "f", "10/5/7", total]


def circle(session_):
    """500 processes, of which 40 wait for one another."""
    if session_.kind == "waits":
        session_.answer([session(pid) for pid in range(500)])
    elif session_.kind == "blockers":
        session_.answer([[waiter, blocker, "active", "u", "h", "a", "SELECT 1", "f", "1/1/1"]
                         for waiter in range(40) for blocker in range(40)])
    else:
        return HONEST


# By name, what a server answers when its sessions are looked at, and how the look then ends.
ATTACKS = {
    "one_column": (one_column, "failed"),
    "silent": (silent, "failed"),
    "endless_rows": (endless_rows(lambda width: ["7"] * width), "failed"),
    "resets": (resets, "failed"),
    "noise": (lambda session_: session_.link.flood(os.urandom(65536)), "failed"),
    "new_names_in_each_row": (lambda session_: session_.answer(
        [session(n, user=os.urandom(60).hex(), sql=f"SELECT {'x' * 9000}{n}") for n in range(400)]), "ok"),
    "a_billion_sessions": (lambda session_: session_.answer([session(1, total=(1 << 63) - 1)]), "ok"),
    "statements_that_are_none": (lambda session_: session_.answer(
        [session(n, None, b"\xff\x01" * 20, b"\xc0'\"/*$$" * 500) for n in range(300)]), "ok"),
    "everybody_waits_for_everybody": (circle, "ok"),
}


def test_a_server_that_attacks_looks_harms_its_own_alone(look, waits_stack, target_postgres):
    honest = look(target_postgres)
    honest.wait_for(lambda: honest.looks() > 0, "a look")
    pid, attacked = waits_stack.pids()["collector"], {}
    try:
        for name, (act, _) in ATTACKS.items():
            server = HostilePostgres(Attack("statement" if act is circle else "waits", act), "secret")
            body = {"name": name, "engine": "postgresql", "host": server.host, "port": server.port, "database": "shop",
                    "username": "potto_monitor", "password": "secret", "visibility_scope": "ORG_WIDE",
                    "tls_mode": "disable"}
            attacked[name] = (server, Looked(waits_stack, hostile_field.member(waits_stack), body))
        for name, (server, looked) in attacked.items():
            row = servers.wait_until(lambda: (row := looked.watch_row()) and row.state and row, 60, what=name)
            assert server.reached > 0 and not server.unknown, server.unknown
            assert row.state == ATTACKS[name][1], (name, row)
            if row.state == "failed":
                hostile_field.check_sentence(row.problem)
            sizes = waits_stack.sql(
                "SELECT cardinality(wait_ms) AS n, cardinality(block_ms) AS blocks, session_ms FROM session_waits "
                "WHERE database_connection_id = %s", looked.id)
            assert all(size.n <= 300 and size.blocks <= 60 and size.session_ms < 1e12 for size in sizes), sizes
            looked.answer(group_by="user")
        before = honest.looks()
        honest.wait_for(lambda: honest.looks() > before, "one more look")
        assert waits_stack.pids()["collector"] == pid, "the collector died"
    finally:
        for server, looked in attacked.values():
            waits_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", looked.id)
            server.stop()
