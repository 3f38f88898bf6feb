"""potto-collector with a real PostgreSQL and a real MariaDB: what it counts, what it reports, which collector works."""

import datetime
import json
import os
import signal
import socket
import subprocess
import threading
import time
import types
import uuid

import pytest
import requests
import servers

CONNECTIONS = "/api/v1/database-connections"
NEVER_S = 86400  # an interval in which nothing runs by itself


@pytest.fixture(autouse=True)
def within_five_minutes():
    """Wait until the test fits into one bucket. A sample counts in the bucket of its start, a counter in the bucket of
    its snapshot, so a test that compares them must stay within one bucket."""
    left_s = 300 - time.time() % 300
    if left_s < 25:
        time.sleep(left_s + 0.1)


def marker():
    return "m" + uuid.uuid4().hex[:12]


class Watched:
    """A connection whose runs the test starts, and its data in the store."""

    def __init__(self, api, store_sql, body):
        answer = api.post(CONNECTIONS, json=body)
        assert answer.status_code == 201, answer.text
        self.id, self.sql = answer.json()["id"], store_sql

    def state(self):
        return self.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s", self.id)[0]

    def wait_first_run(self):
        return servers.wait_until(self._idle_after(None), 20, what="the first run")

    def collect(self):
        """One more run, from start to end."""
        before = self.wait_first_run().last_run_at
        self.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s", self.id)
        return servers.wait_until(self._idle_after(before), 30, what="a run")

    def _idle_after(self, moment):
        def condition():
            row = self.state()
            has_run = row.last_run_at is not None and (moment is None or row.last_run_at > moment)
            return row if has_run and row.lease_owner is None and row.last_duration_ms is not None else None

        return condition

    def settle(self):
        """Wait until everything is rolled up."""
        servers.wait_until(
            lambda: not self.sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s LIMIT 1", self.id),
            what="the rollup",
        )

    def counted(self, text):
        """(calls, counter_calls, sample_calls) of SELECTs that contain the text; checked in all resolutions."""
        self.settle()
        rows = self.sql(
            "SELECT resolution_s, sum(calls)::int AS calls, sum(counter_calls)::int AS counters, "
            "sum(sample_calls)::int AS samples FROM query_fingerprint_metrics JOIN query_fingerprints "
            "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0 "
            "AND statement_kind = 'select' GROUP BY 1",
            self.id,
            text,
        )
        found = {(row.calls, row.counters, row.samples) for row in rows}
        assert len(rows) in (0, 3) and len(found) <= 1, rows
        return found.pop() if found else (0, 0, 0)

    def samples(self, text=None):
        return self.sql(
            "SELECT sample.*, fingerprint FROM slow_queries_raw AS sample JOIN query_fingerprints "
            "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0",
            self.id,
            text or "",
        )

    def plans(self, text=""):
        return self.sql(
            "SELECT plan.*, fingerprint, statement_kind FROM query_plans AS plan JOIN query_fingerprints "
            "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0",
            self.id,
            text,
        )

    def fingerprints(self):
        return [
            row.fingerprint
            for row in self.sql(
                "SELECT fingerprint FROM query_fingerprint_connections JOIN query_fingerprints "
                "USING (organization_id, sql_hash) WHERE database_connection_id = %s",
                self.id,
            )
        ]


@pytest.fixture()
def watch(api, store_sql):
    """watch(target, **fields) makes a connection to the target; monitoring ends with the test."""
    made = []

    def make(target, **fields):
        body = target.connection_body(f"watched {uuid.uuid4().hex[:8]}", interval_s=NEVER_S, min_duration_ms=0)
        made.append(Watched(api, store_sql, {**body, "tls_mode": "disable", **fields}))
        return made[-1]

    yield make
    for watched in made:
        store_sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
        servers.wait_until(lambda: watched.state().lease_owner is None, 20, what="the end of a run")


@pytest.fixture()
def silent_port():
    """A port that accepts connections and sends nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


def new_table(target, rows=1):
    """Make a table. A statement on a new table has an entry of its own in the statistics, which ignore aliases and
    literals."""
    name = marker()
    columns = "AS SELECT i AS id, 0 AS hits FROM generate_series(1, %d) AS i" % rows
    if target.engine == "mysql":
        columns = "(id int PRIMARY KEY, hits int DEFAULT 0) SELECT seq AS id FROM seq_1_to_%d" % rows
    target.execute(f"CREATE TABLE {name} {columns}")
    return name


def in_background(function, *arguments, **options):
    thread = threading.Thread(target=function, args=arguments, kwargs=options)
    thread.start()
    return thread


# ---- PostgreSQL ----


def test_each_execution_is_counted_once_across_cycles(watch, target_postgres):
    name = new_table(target_postgres)
    statement = f"SELECT id FROM {name} WHERE hits = 3"
    for _ in range(5):
        target_postgres.execute(statement)  # before the first snapshot, so not counted
    watched = watch(target_postgres)
    watched.wait_first_run()
    total = 0
    for executions in (3, 0, 7, 1):
        for _ in range(executions):
            target_postgres.execute(statement)
        total += executions
        watched.collect()
        assert watched.counted(name) == (total, total, 0)


def test_a_statement_seen_for_the_first_time_is_counted_whole(watch, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    for _ in range(4):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (4, 4, 0)


def test_a_reset_is_neither_growth_nor_loss(watch, target_postgres):
    name = new_table(target_postgres)
    watched = watch(target_postgres)
    watched.wait_first_run()
    for _ in range(6):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute("SELECT pg_stat_statements_reset()")
    watched.collect()
    for _ in range(8):  # more than before the reset, so the totals alone do not show it
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute("SELECT pg_stat_statements_reset()")
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    watched.collect()
    assert watched.counted(name) == (15, 15, 0)


def test_a_reset_of_one_entry_is_noticed(watch, target_postgres):
    name = new_table(target_postgres)
    watched = watch(target_postgres)
    watched.wait_first_run()
    for _ in range(5):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute(
        "SELECT pg_stat_statements_reset(0, 0, queryid) FROM pg_stat_statements WHERE strpos(query, %s) > 0 "
        "AND query NOT LIKE '%%reset%%'",
        f"FROM {name}",
    )
    for _ in range(2):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (7, 7, 0)


def test_a_restarted_server_is_said_to_be_away_and_then_counted_on(watch, target_postgres, target_mariadb):
    name = new_table(target_postgres)
    watched, other = watch(target_postgres), watch(target_mariadb)
    watched.wait_first_run()
    for _ in range(3):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.stop()
    try:
        row = watched.collect()
        assert row.state == "failed"
        assert "refuses connections" in row.problem and str(target_postgres.port) in row.problem
        assert row.remedy
        assert other.collect().state != "failed"
    finally:
        target_postgres.start()
    assert watched.collect().state == "ok"
    for _ in range(2):
        target_postgres.execute(f"SELECT id FROM {name}")
    assert watched.collect().problem is None
    assert watched.counted(name) == (5, 5, 0)


def test_other_databases_of_the_server_are_not_counted(watch, target_postgres):
    name = marker()
    watched = watch(target_postgres)
    watched.wait_first_run()
    target_postgres.execute(f"SELECT 5 AS {name}", database="postgres")
    watched.collect()
    assert watched.counted(name) == (0, 0, 0)


def test_a_running_statement_is_one_sample_however_often_it_is_seen(watch, target_postgres):
    name, literal = new_table(target_postgres), "private " + marker()
    keeping, dropping = watch(target_postgres), watch(target_postgres, keep_literals=False)
    keeping.wait_first_run()
    dropping.wait_first_run()
    running = in_background(target_postgres.execute, f"SELECT pg_sleep(6), id, '{literal}' FROM {name}")
    time.sleep(0.3)
    for _ in range(3):
        keeping.collect()
        dropping.collect()
    running.join()
    keeping.collect()
    assert keeping.counted(name) == (1, 1, 1)
    (sample,) = keeping.samples(name)
    assert literal in sample.full_sql and sample.provenance == 3 and sample.user_host.startswith("postgres@")
    assert 0 < sample.duration_ms < 6000
    (sample,) = dropping.samples(name)
    assert sample.full_sql is None
    everything = dropping.sql("SELECT string_agg(fingerprint, ' ') AS text FROM query_fingerprints")[0].text
    assert literal not in everything


def test_the_collectors_own_statements_are_not_in_its_statistics(watch, target_postgres):
    watched = watch(target_postgres)
    target_postgres.execute("SELECT count(*) FROM pg_class WHERE relpages > 1")
    for _ in range(4):
        watched.collect()
    watched.settle()
    for fingerprint in watched.fingerprints():
        for ours in ("pg_stat_statements_info", "pg_stat_activity", "EXPLAIN", "potto", "search_path"):
            assert ours not in fingerprint
    own = target_postgres.execute("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%%/* potto */%%'")
    assert own[0][0] > 0  # there were some to find


def test_the_longest_execution_is_known_where_it_raised_the_servers_maximum(watch, api, stack, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)

    def run(seconds):
        target_postgres.execute(f"SELECT pg_sleep({seconds}) FROM {name}")
        watched.collect()
        watched.settle()

    def discovered():
        items = api.get("/api/v1/monitoring/queries", params={"connection_id": watched.id}).json()["items"]
        return [item for item in items if name in item["sql_text"] and item["statement_kind"] == "select"]

    run(0.06)
    ((longest,),) = target_postgres.execute(
        "SELECT max_exec_time FROM pg_stat_statements WHERE query LIKE %s", f"SELECT pg_sleep%{name}")
    (found,) = discovered()
    assert longest >= 60 and found["max_exec_time"] == round(longest, 3)
    run(0.01)
    (found,) = discovered()
    assert (found["calls"], found["max_exec_time"]) == (2, round(longest, 3))
    # Samples do not lower it, neither when they come nor when rollups are made of them again.
    token = api.get(f"/api/v1/database-connections/{watched.id}/agent-token").json()["agent_token"]
    agent = servers.Agent(api.url, {"id": watched.id, "name": ""}, token)
    sample = {"full_sql": f"SELECT pg_sleep(0.02) FROM {name}", "duration_ms": 20.5,
              "captured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    assert agent.post("/api/v1/collectors/ingest/slow-queries", {"queries": [sample]}).json()["accepted"] == 1
    watched.settle()
    rebuilt = json.loads(stack.cli("rollup", "rebuild", "--connection", watched.id).stdout.splitlines()[-1])
    assert rebuilt["rows_changed"] == 0
    assert discovered()[0]["max_exec_time"] == round(longest, 3)


def test_catalogue_queries_are_out_of_lists_unless_asked_for(watch, api, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {name}")
    catalog = "SELECT count(*) FROM pg_class c JOIN information_schema.tables t ON t.table_name = c.relname"
    target_postgres.execute(catalog)
    target_postgres.execute(f"SELECT count(*) FROM pg_catalog.pg_class, {name}")  # not of catalogues alone
    watched.collect()
    watched.settle()

    def listed(path, text, **params):
        answer = api.get(f"/api/v1/{path}", params={"connection_id": watched.id, "limit": 500, **params})
        assert answer.status_code == 200, answer.text
        return [item[text] for item in answer.json()["items"]]

    lists = {"slow-queries/fingerprints": "fingerprint", "stats/top-queries": "fingerprint",
             "statistics/fingerprints": "fingerprint", "monitoring/queries": "sql_text"}
    for path, text in lists.items():
        found = listed(path, text)
        assert f"SELECT id FROM {name}" in found and f"SELECT count(*) FROM pg_catalog.pg_class, {name}" in found
        assert catalog not in found
        assert catalog in listed(path, text, include_catalog="true")
    assert api.get("/api/v1/stats/top-queries", params={"include_catalog": "maybe"}).status_code == 422
    for address, is_shown in (("/queries", False), ("/queries?catalog=all", True)):
        params = {"connection_id": watched.id, "q": "information_schema.tables"}
        page = requests.get(api.url + address, params=params, cookies={"potto_access": api.token}, timeout=60).text
        assert ("No query matches" in page) != is_shown


def test_rows_examined_are_unknown_where_the_server_does_not_tell_them(watch, api, agent, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    watched.settle()
    mysql = agent(engine="mysql")
    sample = {"full_sql": f"SELECT id FROM {name}", "duration_ms": 1, "rows_examined": 0,
              "captured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    assert mysql.post("/api/v1/collectors/ingest/slow-queries", {"queries": [sample]}).json()["accepted"] == 1
    Watched.settle(types.SimpleNamespace(sql=watched.sql, id=mysql.connection_id))
    for connection_id, examined in ((watched.id, None), (mysql.connection_id, 0)):
        for path in ("slow-queries/fingerprints", "stats/top-queries", "statistics/fingerprints",
                     "statistics/databases"):
            answer = api.get(f"/api/v1/{path}", params={"connection_id": connection_id, "limit": 500}).json()
            found = [item for item in answer["items"] if name in item.get("fingerprint", name)]
            assert found and {item["rows_examined"] for item in found if item["calls"]} == {examined}, path
    rows = api.get("/api/v1/statistics/fingerprints", params={"connection_id": watched.id},
                   headers={"Accept": "text/csv"}).text.splitlines()
    at = rows[0].split(",").index("rows_examined") - len(rows[0].split(","))
    assert {row.split(",")[at] for row in rows[1:]} == {""}


def test_only_selects_are_explained(watch, target_postgres):
    table = new_table(target_postgres, 20000)
    target_postgres.execute(f"GRANT SELECT ON {table} TO {target_postgres.user}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    for i in range(5):
        target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = {i}")
        target_postgres.execute(f"UPDATE {table} SET hits = hits + 1 WHERE id % 7 = {i}")
    for _ in range(3):
        watched.collect()
    (plan,) = watched.plans(table)
    assert plan.statement_kind == "select" and plan.provenance == "generic_plan" and plan.total_cost > 0
    assert plan.plan[0]["Plan"]["Node Type"] == "Aggregate"
    assert {row.statement_kind for row in watched.plans()} == {"select"}
    hits = target_postgres.execute(f"SELECT sum(hits) FROM {table}")[0][0]
    target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = 1")
    watched.collect()
    again = [row for row in watched.plans(table) if row.sql_hash == plan.sql_hash]
    assert [row.last_seen_at for row in again] == [plan.last_seen_at]  # not again within the hour
    assert target_postgres.execute(f"SELECT sum(hits) FROM {table}")[0][0] == hits
    target_postgres.execute(f"DROP TABLE {table}")


def test_a_missing_grant_on_tables_is_a_hint_with_the_grant(watch, target_postgres):
    table = new_table(target_postgres, 200000)
    target_postgres.execute(f"REVOKE ALL ON {table} FROM {target_postgres.user}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = 3")
    row = watched.collect()
    assert row.state == "ok" and "Plans are missing" in row.problem and "GRANT" in row.remedy
    assert watched.counted(table)[0] >= 1 and not watched.plans(table)
    target_postgres.execute(f"DROP TABLE {table}")


# ---- MariaDB ----


def test_rows_of_the_slow_log_are_stored_once(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    for i in range(9):
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, {i}")
    for _ in range(4):
        watched.collect()
    assert watched.counted(name) == (9, 0, 9)
    samples = watched.samples(name)
    assert len(samples) == 9
    assert {sample.provenance for sample in samples} == {2}
    assert all(25 < sample.duration_ms < 1000 for sample in samples)
    assert {sample.full_sql for sample in samples} == {f"SELECT SLEEP(0.03) AS {name}, {i}" for i in range(9)}
    assert all(sample.rows_returned == 1 and "root" in sample.user_host for sample in samples)


def test_a_statement_that_ends_after_later_ones_is_not_lost(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    long_one = in_background(target_mariadb.execute, f"SELECT SLEEP(13) AS {name}, 'long'")
    time.sleep(0.2)
    for _ in range(3):
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, 'short'")
    watched.collect()
    time.sleep(11)  # longer than the overlap; the time of a statement's end counts
    watched.collect()
    long_one.join()
    watched.collect()
    watched.collect()
    assert watched.counted(name) == (4, 0, 4)
    assert max(sample.duration_ms for sample in watched.samples(name)) >= 13000


def test_a_log_longer_than_one_look_is_read_to_its_end(watch, target_mariadb):
    name = marker()
    target_mariadb.execute("SET GLOBAL slow_query_log = OFF")
    try:
        target_mariadb.execute(f"CREATE TABLE mysql.{name} LIKE mysql.slow_log")
        # Fifty statements end in each microsecond; together more than the 5,000 of one snapshot.
        target_mariadb.execute(
            f"INSERT INTO mysql.{name} (start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, "
            "last_insert_id, insert_id, server_id, sql_text, thread_id, rows_affected) "
            "SELECT NOW(6) - INTERVAL 600 SECOND + INTERVAL (seq DIV 50) MICROSECOND, 'app[app] @ host []', "
            f"'00:00:01.5', 0, 1, 2, 'shop', 0, 0, 1, CONCAT('SELECT ', seq, ' AS {name}'), seq, 0 FROM seq_1_to_12000"
        )
        target_mariadb.execute(f"RENAME TABLE mysql.slow_log TO mysql.old_{name}, mysql.{name} TO mysql.slow_log")
        watched = watch(target_mariadb)
        servers.wait_until(lambda: len(watched.samples(name)) == 12000, 60, what="12,000 samples")
        watched.collect()
        assert watched.counted(name) == (12000, 0, 12000)
        assert "off" in watched.state().problem and "SET GLOBAL slow_query_log = ON" in watched.state().remedy
    finally:
        target_mariadb.execute("SET GLOBAL slow_query_log = ON")
        target_mariadb.execute("TRUNCATE mysql.slow_log")


def test_more_text_than_one_look_may_hold_is_read_in_several(watch, target_mariadb):
    name = marker()
    target_mariadb.execute("SET GLOBAL slow_query_log = OFF")
    try:
        target_mariadb.execute(f"CREATE TABLE mysql.{name} LIKE mysql.slow_log")
        # Like the restore of a dump: statements of a megabyte each, 80 MB together.
        target_mariadb.execute(
            f"INSERT INTO mysql.{name} (start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, "
            "last_insert_id, insert_id, server_id, sql_text, thread_id, rows_affected) "
            "SELECT NOW(6) - INTERVAL 600 SECOND + INTERVAL seq SECOND, 'app[app] @ host []', "
            "'00:00:01.5', 0, 0, 0, 'shop', 0, 0, 1, "
            f"CONCAT('INSERT INTO {name} VALUES (', seq, ', \"', REPEAT('x', 1000000), '\")'), seq, 0 FROM seq_1_to_80"
        )
        target_mariadb.execute(f"RENAME TABLE mysql.slow_log TO mysql.old_{name}, mysql.{name} TO mysql.slow_log")
        watched = watch(target_mariadb, keep_literals=False)
        servers.wait_until(lambda: len(watched.samples(name)) == 80, 40, what="80 samples")
        assert watched.collect().state == "warning"
        assert len(watched.samples(name)) == 80
    finally:
        target_mariadb.execute("SET GLOBAL slow_query_log = ON")
        target_mariadb.execute("TRUNCATE mysql.slow_log")


@pytest.mark.parametrize("zone", ["-05:00", "+05:30"])
def test_a_server_of_another_time_zone_is_read_by_its_own(watch, target_mariadb, zone):
    name = marker()
    target_mariadb.execute(f"SET GLOBAL time_zone = '{zone}'")
    try:
        watched = watch(target_mariadb)
        watched.wait_first_run()
        before = time.time()
        target_mariadb.execute(f"SELECT SLEEP(3) AS {name}")
        watched.collect()
        (sample,) = watched.samples(name)
        assert before - 1 < sample.captured_at.timestamp() < before + 2  # when it began
    finally:
        target_mariadb.execute("SET GLOBAL time_zone = 'SYSTEM'")


def test_a_clock_of_the_server_that_went_back_hides_nothing(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    assert watched.wait_first_run().state == "ok"
    # As if the server's clock had been an hour ahead at the last snapshot.
    watched.sql("UPDATE connection_collection SET cursor = cursor || jsonb_build_object("
                "'read_from', (extract(epoch FROM now() + interval '1 hour') * 1e6)::bigint, "
                "'snapshot_at', (extract(epoch FROM now() + interval '1 hour 10 seconds') * 1e6)::bigint) "
                "WHERE database_connection_id = %s", watched.id)
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    time.sleep(11)  # past the overlap
    for _ in range(2):
        watched.collect()
    assert watched.counted(name) == (1, 0, 1)


def test_a_run_that_asks_for_slower_statements_loses_none_of_the_others(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    time.sleep(11)  # past the overlap
    watched.sql("UPDATE connection_collection SET requested_at = now(), requested_min_duration_ms = 60000 "
                "WHERE database_connection_id = %s", watched.id)
    servers.wait_until(lambda: watched.state().requested_at is None, 20, what="the run that was asked for")
    watched.collect()
    assert watched.counted(name) == (1, 0, 1)


def test_bytes_that_are_no_utf8_do_not_stop_the_collection(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    connection = target_mariadb.connect()
    with connection.cursor() as cursor:
        cursor.execute(b"SELECT SLEEP(0.03) AS " + name.encode() + b", _binary '\xff\xfe\xf0\x28', '\xf0\x9f\x90\x92'")
    connection.close()
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (1, 0, 1)


def test_plans_of_mariadb_are_of_selects_and_our_statements_are_not_samples(watch, target_mariadb):
    table = new_table(target_mariadb, 5000)
    target_mariadb.execute("SET GLOBAL long_query_time = 0, GLOBAL log_queries_not_using_indexes = ON")
    try:
        watched = watch(target_mariadb)
        for i in range(3):
            target_mariadb.execute(f"SELECT count(*) FROM {table} WHERE hits + id > {i}")
            target_mariadb.execute(f"UPDATE {table} SET hits = hits + 1 WHERE id % 3 = {i}")
        for _ in range(3):
            watched.collect()
    finally:
        target_mariadb.execute("SET GLOBAL long_query_time = 0.02, GLOBAL log_queries_not_using_indexes = OFF")
    assert watched.counted(table) == (3, 0, 3)
    plans = watched.plans(table)
    assert [plan.statement_kind for plan in plans] == ["select"] and plans[0].provenance == "explain"
    assert table in str(plans[0].plan)
    fingerprints = [row.fingerprint for row in watched.samples()]
    assert any("UPDATE" in fingerprint for fingerprint in fingerprints)
    assert not [text for text in fingerprints if "FROM mysql.slow_log" in text or "EXPLAIN" in text or "USE " in text]
    target_mariadb.execute(f"DROP TABLE {table}")


# ---- problems and remedies ----


def expect_problem(watched, state, problem, remedy):
    row = watched.wait_first_run()
    assert row.state == state, row
    assert problem in row.problem, row.problem
    assert remedy in row.remedy, row.remedy
    return row


def test_wrong_passwords_are_said_and_never_shown(stack, watch, target_postgres, target_mariadb):
    secret = "wrong-" + marker()
    for target in (target_postgres, target_mariadb):
        row = expect_problem(watch(target, password=secret), "failed", "wrong password", "password")
        assert secret not in str(row)
    for log in (stack.state / "logs").glob("*.log"):
        assert secret not in log.read_text(errors="replace")


def test_a_missing_database_is_said(watch, target_postgres, target_mariadb):
    for target in (target_postgres, target_mariadb):
        expect_problem(watch(target, database="nowhere"), "failed", "no database nowhere", "GRANT")


def test_an_unknown_host_is_said(watch, target_postgres):
    expect_problem(watch(target_postgres, host="no-such-host.invalid"), "failed", "was not found", "spelling")


def test_a_server_without_tls_is_said(watch, target_postgres, target_mariadb):
    for target in (target_postgres, target_mariadb):
        expect_problem(watch(target, tls_mode="require"), "failed", "TLS mode require", "prefer")
        assert watch(target, tls_mode="prefer").wait_first_run().state != "failed"


def test_a_database_without_the_extension_is_told_how_to_get_it(watch, target_postgres):
    database = marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    expect_problem(
        watch(target_postgres, database=database),
        "warning",
        f"not installed in the database {database}",
        "CREATE EXTENSION pg_stat_statements",
    )


def test_an_extension_in_another_schema_is_found(watch, target_postgres):
    database, name = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    target_postgres.execute('CREATE SCHEMA "Odd one"', database=database)
    target_postgres.execute('CREATE EXTENSION pg_stat_statements SCHEMA "Odd one"', database=database)
    target_postgres.execute(f"CREATE TABLE {name} (id int)", database=database)
    watched = watch(target_postgres, database=database)
    row = expect_problem(watched, "warning", 'schema "Odd one"', 'GRANT USAGE ON SCHEMA "Odd one" TO')
    target_postgres.execute(row.remedy, database=database)
    watched.collect()
    target_postgres.execute(f"SELECT id FROM {name}", database=database)
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (1, 1, 0)


def test_a_role_without_pg_monitor_is_told_the_grant_and_no_spike_follows_it(watch, target_postgres):
    role, name = marker(), new_table(target_postgres)
    target_postgres.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    for _ in range(20):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched = watch(target_postgres, username=role, password="secret")
    expect_problem(watched, "warning", "hidden from", f'GRANT pg_monitor TO "{role}"')
    target_postgres.execute(f"GRANT pg_monitor TO {role}")
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (0, 0, 0)
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (1, 1, 0)


def test_remedies_quote_names_as_the_server_wants_them(watch, target_postgres, target_mariadb):
    name = marker()
    for target, user, account, remedy in (
        (target_postgres, f'we"ird {name}', f'"we""ird {name}"', f'GRANT pg_monitor TO "we""ird {name}";'),
        (
            target_mariadb,
            f"we'ird {name}",
            f"'we''ird {name}'@'%'",
            f"GRANT SELECT ON mysql.slow_log TO 'we''ird {name}'@'%';",
        ),
    ):
        if target.engine == "mysql":
            target.execute(f"CREATE USER {account} IDENTIFIED BY 'secret'")
        else:
            target.execute(f"CREATE ROLE {account} LOGIN PASSWORD 'secret'")
        watched = watch(
            target, username=user, password="secret", database=target.database if target.engine == "postgresql" else ""
        )
        watched.wait_first_run()
        assert watched.state().remedy == remedy
        target.execute(remedy)  # the remedy works
        if target.engine == "mysql":
            watched.collect()
            assert watched.state().state == "ok", watched.state().problem
        watched.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
        servers.wait_until(lambda: watched.state().lease_owner is None, 20)
        target.execute(f"DROP {'USER' if target.engine == 'mysql' else 'ROLE'} {account}")


def test_a_superuser_gets_counts_but_no_plans(watch, target_postgres):
    watched = watch(target_postgres, username=target_postgres.admin_user, password=target_postgres.admin_password)
    expect_problem(watched, "warning", "superuser", "CREATE ROLE")
    assert not watched.plans()


def test_a_mariadb_user_without_the_slow_log_is_told_the_grant(watch, target_mariadb):
    user = marker()
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
    target_mariadb.execute(f"GRANT SELECT ON shop.* TO {user}@'127.0.0.1'")
    watched = watch(target_mariadb, username=user, password="secret")
    expect_problem(watched, "failed", "mysql.slow_log", f"GRANT SELECT ON mysql.slow_log TO '{user}'@'127.0.0.1';")
    target_mariadb.execute(f"GRANT SELECT ON mysql.slow_log TO {user}@'127.0.0.1'")
    assert watched.collect().state == "ok"


@pytest.mark.parametrize(
    "setting, bad, good, problem, remedy",
    [
        ("slow_query_log", "OFF", "ON", "switched off", "SET GLOBAL slow_query_log = ON"),
        ("log_output", "'FILE'", "'TABLE'", "without TABLE", "SET GLOBAL log_output = 'TABLE'"),
        ("long_query_time", "10", "0.02", "10 s on", "SET GLOBAL long_query_time"),
    ],
)
def test_a_slow_log_that_records_nothing_is_said(watch, target_mariadb, setting, bad, good, problem, remedy):
    target_mariadb.execute(f"SET GLOBAL {setting} = {bad}")
    try:
        watched = watch(target_mariadb, min_duration_ms=100)
        expect_problem(watched, "warning", problem, remedy)
    finally:
        target_mariadb.execute(f"SET GLOBAL {setting} = {good}")
    assert watched.collect().state == "ok"


def test_a_silent_server_times_out_and_the_others_go_on(watch, target_postgres, silent_port):
    silent = [watch(target_postgres, port=silent_port), watch(target_postgres, port=silent_port, engine="mysql")]
    healthy = watch(target_postgres)
    assert healthy.wait_first_run().state == "ok"
    for watched in silent:
        row = expect_problem(watched, "failed", "did not answer in time", "firewall")
        assert row.last_duration_ms < 8000


# ---- several collectors ----


class SecondCollector:
    """Another potto-collector on the same store."""

    def __init__(self, stack):
        environment = {**os.environ, **stack.env, "ASAN_OPTIONS": "detect_leaks=0"}
        self.log = open(stack.state / "logs" / "collector-second.log", "ab")
        self.process = subprocess.Popen([str(stack.program("potto-collector"))], env=environment, stderr=self.log)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        try:
            return self.process.wait(20)
        finally:
            self.log.close()


@pytest.fixture()
def second_collector(stack):
    second = SecondCollector(stack)
    yield second
    if second.process.poll() is None:
        second.stop(signal.SIGKILL)


def daemons(store_sql):
    return store_sql(
        "SELECT *, (detail->>'cycles')::int AS cycles, (detail->>'pid')::int AS pid FROM collectors "
        "WHERE organization_id IS NULL AND kind = 'daemon' AND detail->>'process' IS NOT NULL "
        "AND last_seen_at > now() - interval '25 seconds'"
    )


def test_a_new_connection_is_collected_from_at_once(watch, target_postgres):
    started = time.monotonic()
    watch(target_postgres).wait_first_run()
    assert time.monotonic() - started < 4


def test_runs_follow_the_interval_and_do_not_overlap(watch, store_sql, target_postgres):
    watched = watch(target_postgres, interval_s=5)
    due_after = {}  # by the begin of a run: when the next one is due

    def look():
        row = watched.state()
        if row.last_run_at and row.lease_owner is None:
            due_after[row.last_run_at] = row.next_run_at
        return len(due_after) == 4

    servers.wait_until(look, 60, 0.1, what="four runs")
    begins = sorted(due_after)
    for earlier, begin in zip(begins, begins[1:]):
        due, interval = due_after[earlier], datetime.timedelta(seconds=5)
        assert begin >= due
        # Late by more than half of it on a busy machine, an interval counts from the begin.
        expected = (due if begin - due < interval / 2 else begin) + interval
        assert abs(due_after[begin] - expected) < datetime.timedelta(milliseconds=1), due_after
    # The first interval is up to half shorter: databases that were added together spread out.
    assert due_after[begins[0]] - begins[0] <= datetime.timedelta(seconds=5)


def test_two_collectors_share_the_work_and_count_once(watch, store_sql, stack, second_collector, target_postgres):
    servers.wait_until(lambda: len(daemons(store_sql)) == 2, 20, what="two collectors")
    assert len({row.hostname for row in daemons(store_sql)}) == 2
    name = new_table(target_postgres)
    all_watched = [watch(target_postgres, interval_s=5) for _ in range(4)]
    for watched in all_watched:
        watched.wait_first_run()
    owners = set()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        target_postgres.execute(f"SELECT id FROM {name}")
        store_sql(
            "UPDATE connection_collection SET next_run_at = now() WHERE next_run_at < now() + interval '10 seconds'"
        )
        for row in store_sql("SELECT lease_owner FROM connection_collection WHERE lease_owner IS NOT NULL"):
            owners.add(row.lease_owner.split("/")[0])
        if len(owners) == 2 and time.monotonic() > until - 12:
            break
    assert len(owners) == 2, owners
    total = target_postgres.execute(
        "SELECT sum(calls)::int FROM pg_stat_statements WHERE query = %s",
        f"SELECT id FROM {name}",
    )[0][0]
    for watched in all_watched:
        watched.collect()
        assert watched.counted(name)[:2] == (total, total)  # a running one may be a sample too
    assert second_collector.stop() == 0
    servers.wait_until(lambda: len(daemons(store_sql)) == 1, 5, what="the second collector's farewell")


def test_the_work_of_a_killed_collector_is_taken_over(watch, stack, second_collector, store_sql, target_postgres):
    servers.wait_until(lambda: len(daemons(store_sql)) == 2, 20, what="two collectors")
    watched = watch(target_postgres, interval_s=5)
    watched.wait_first_run()
    stack.kill("collector", signal.SIGKILL)
    try:
        killed = watched.state().last_run_at
        servers.wait_until(lambda: watched.state().last_run_at > killed, 25, what="a run by the other collector")
        assert watched.collect().state == "ok"
    finally:
        stack.up()


def test_a_lease_is_respected_until_it_runs_out(watch, target_postgres):
    watched = watch(target_postgres)
    before = watched.wait_first_run().last_run_at
    watched.sql(
        "UPDATE connection_collection SET lease_owner = 'killed', lease_until = now() + interval '3 seconds', "
        "next_run_at = now() WHERE database_connection_id = %s",
        watched.id,
    )
    time.sleep(2)
    assert watched.state().lease_owner == "killed"
    row = servers.wait_until(watched._idle_after(before), 10, what="the take-over")
    assert (row.last_run_at - before).total_seconds() > 2


def test_a_run_that_lost_its_lease_writes_nothing(watch, target_postgres, silent_port):
    watched = watch(target_postgres, port=silent_port)
    servers.wait_until(lambda: watched.state().lease_owner, 10, 0.02, what="a run")
    watched.sql(
        "UPDATE connection_collection SET lease_owner = 'another', lease_until = now() + interval '8 seconds' "
        "WHERE database_connection_id = %s",
        watched.id,
    )
    time.sleep(5)
    row = watched.state()
    assert (row.lease_owner, row.state, row.problem) == ("another", "waiting", None)
    watched.sql("UPDATE connection_collection SET lease_owner = NULL WHERE database_connection_id = %s", watched.id)


def test_a_collector_stops_cleanly_in_the_middle_of_a_run(watch, stack, store_sql, target_postgres, silent_port):
    stack.kill("collector", signal.SIGTERM)
    second = SecondCollector(stack)
    try:
        watched = watch(target_postgres, port=silent_port)
        servers.wait_until(lambda: watched.state().lease_owner, 15, 0.02, what="a run")
        started = time.monotonic()
        assert second.stop() == 0
        assert time.monotonic() - started < 5
        row = watched.state()
        assert (row.lease_owner, row.state, row.problem) == (None, "waiting", None)
    finally:
        if second.process.poll() is None:
            second.stop(signal.SIGKILL)
        stack.up()


def test_a_restart_of_the_store_is_survived(watch, api, stack, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name, pid = new_table(target_postgres), stack.pids()["collector"]
    stack.stop_store()
    for _ in range(3):
        target_postgres.execute(f"SELECT id FROM {name}")
    time.sleep(1)
    stack.start_store()
    watched.collect()
    assert watched.counted(name) == (3, 3, 0)
    assert stack.pids()["collector"] == pid
    servers.wait_until(lambda: all(api.get(CONNECTIONS).status_code == 200 for _ in range(9)), what="the API's return")


# ---- rollups ----


def test_deltas_are_folded_once_into_every_resolution(watch, store_sql, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    store_sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
    watched.settle()
    store_sql("DELETE FROM query_fingerprint_metrics WHERE database_connection_id = %s", watched.id)
    store_sql("DELETE FROM query_metrics WHERE database_connection_id = %s", watched.id)
    organization = store_sql("SELECT organization_id FROM database_connections WHERE id = %s", watched.id)[0][0]
    version = store_sql("SELECT data_version FROM organizations WHERE id = %s", organization)[0][0]
    hashes = [str(uuid.uuid4()) for _ in range(3)]
    for sql_hash in hashes:
        for _ in range(2):  # in two folds, so that the second one adds to the first
            store_sql(
                "INSERT INTO rollup_deltas (organization_id, database_connection_id, "
                "sql_hash, bucket_at, sample_calls, "
                "sample_ms, max_ms, rows_examined) SELECT %s, %s, %s, '2025-11-02 00:00:00+00'::timestamptz + bucket * "
                "interval '5 minutes', 2, 10.5, bucket, 9223372036854775807 FROM generate_series(0, 599) AS bucket",
                organization,
                watched.id,
                sql_hash,
            )
            watched.settle()
    rows = store_sql(
        "SELECT resolution_s, count(*)::int AS buckets, sum(calls)::int AS calls, "
        "sum(total_ms) AS ms, max(max_ms) AS max_ms, "
        "max(rows_examined) AS rows FROM query_fingerprint_metrics "
        "WHERE database_connection_id = %s GROUP BY 1 ORDER BY 1",
        watched.id,
    )
    assert [(row.resolution_s, row.buckets, row.calls, row.max_ms) for row in rows] == [
        (300, 1800, 7200, 599),
        (3600, 150, 7200, 599),
        (86400, 9, 7200, 599),
    ]
    assert all(abs(row.ms - 37800) < 1e-6 and row.rows <= 9223372036854775807 for row in rows)
    rows = store_sql(
        "SELECT resolution_s, count(*)::int AS buckets, sum(calls)::int AS calls, "
        "min(bucket_at AT TIME ZONE 'UTC')::text AS "
        "first FROM query_metrics WHERE database_connection_id = %s GROUP BY 1 ORDER BY 1",
        watched.id,
    )
    assert [tuple(row) for row in rows] == [
        (300, 600, 7200, "2025-11-02 00:00:00"),
        (3600, 50, 7200, "2025-11-02 00:00:00"),
        (86400, 3, 7200, "2025-11-02 00:00:00"),
    ]
    assert store_sql("SELECT data_version FROM organizations WHERE id = %s", organization)[0][0] > version


def test_nothing_is_written_when_there_is_nothing_to_fold(stack, store_sql):
    def versions():
        return store_sql("SELECT sum(data_version) AS versions FROM organizations")[0].versions

    servers.wait_until(lambda: not store_sql("SELECT 1 FROM rollup_deltas LIMIT 1"), what="the rollup")
    before = versions()
    time.sleep(1.5)  # several folds
    assert versions() == before


def test_partitions_for_the_week_are_there(store_sql):
    days = store_sql(
        "SELECT count(*)::int AS days FROM generate_series((now() AT TIME ZONE 'UTC')::date - 1, "
        "(now() AT TIME ZONE 'UTC')::date + 7, interval '1 day') AS day "
        "WHERE EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid "
        "WHERE inhparent = 'slow_queries_raw'::regclass AND relname LIKE '%%' || to_char(day, 'YYYYMMDD'))"
    )[0].days
    assert days == 9
