"""Connections that are collected from when a test says so, and what the store has of them."""

import socket
import threading
import time
import uuid

import pytest
import servers

CONNECTIONS = "/api/v1/database-connections"
NEVER_S = 86400  # an interval in which nothing runs by itself
# What GET of one connection has beside what lists have, where nothing was collected.
UNUSED = {
    "budget_used": 0,
    "overhead": {"recent": None, "day": None, "held_back": [], "held_back_since": None, "look_pause_s": 1,
                 "interval_factor": 1},
}  # fmt: skip


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

    def wait_first_run(self, timeout_s=20):
        return servers.wait_until(self._idle_after(None), timeout_s, what="the first run")

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
    # Who tries every operation stops the schedule, too, and starts it with an interval that holds for all connections.
    store_sql("UPDATE collector_schedules SET is_running = true, interval_minutes = NULL, is_usual_interval = false")
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
