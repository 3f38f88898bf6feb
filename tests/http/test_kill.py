"""Kill -9 of every process under ingest load: each acknowledged batch is stored once."""

import os
import random
import signal
import threading
import time
import uuid

import pytest
import requests
import servers

from ingest_client import PATH, Stored, query

CLIENTS = 4
ROWS = 20
LOAD_S = 6.0


class Sender(threading.Thread):
    """Sends batches until told to stop; repeats each batch, with its id, until it is acknowledged."""

    def __init__(self, agent, stop):
        super().__init__(daemon=True)
        self.agent, self.stop = agent, stop
        self.acknowledged = {}  # batch id: its queries
        self.refused = []
        self.retries = 0

    def run(self):
        session = requests.Session()
        session.trust_env = False
        while not self.stop.is_set():
            batch = {
                "agent_token": self.agent.token,
                "batch_id": uuid.uuid4().hex,
                "queries": [query(duration_ms=random.randint(1, 1000)) for _ in range(ROWS)],
            }
            self.send(session, batch)

    def send(self, session, batch):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                answer = session.post(self.agent.url + PATH, json=batch, timeout=10)
            except requests.RequestException:
                self.retries += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                self.acknowledged[batch["batch_id"]] = batch["queries"]
                return
            if answer.status_code < 500:
                self.refused.append((answer.status_code, answer.text))
                return
            self.retries += 1
            time.sleep(0.05)
        self.refused.append((0, "never acknowledged"))


def children_of(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                        found.append(int(entry))
            except OSError:
                continue
    return found


def backends_of_the_api(stack):
    rows = stack.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'potto_api' AND pid <> pg_backend_pid()")
    return [row.pid for row in rows]


def kill_one(pids):
    if not pids:
        return False
    try:
        os.kill(random.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill_worker(stack):
    return kill_one(stack.children("fcgi"))


def kill_manager(stack):
    stack.kill("fcgi")
    stack.up()
    return True


def kill_collector(stack):
    stack.kill("collector")
    stack.up()
    return True


def kill_backend(stack):
    # When one backend is killed, PostgreSQL ends all of them and recovers.
    return kill_one(backends_of_the_api(stack))


def kill_postmaster(stack):
    postmaster = stack.pids()["store"]
    orphans = children_of(postmaster)
    stack.kill("store")
    servers.wait_until(lambda: not any(servers.is_alive(pid) for pid in orphans), 30, what="the end of the backends")
    stack.up()
    return True


def is_up(stack):
    try:
        return requests.get(stack.url + "/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False


@pytest.mark.parametrize(
    "kill, kills",
    [
        (kill_worker, 12),
        (kill_manager, 2),
        (kill_collector, 2),
        (kill_backend, 3),
        (kill_postmaster, 2),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_acknowledged_batch_is_there_exactly_once(stack, agent, store_sql, kill, kills):
    agents = [agent() for _ in range(CLIENTS)]
    stop = threading.Event()
    senders = [Sender(one, stop) for one in agents]
    for sender in senders:
        sender.start()
    killed = 0
    try:
        for _ in range(kills):
            time.sleep(LOAD_S / (kills + 1))
            killed += servers.wait_until(lambda: is_up(stack), 60, what="health") and bool(kill(stack))
        servers.wait_until(lambda: is_up(stack), 60, what="health")
        time.sleep(0.5)
    finally:
        stop.set()
        stack.up()
        for sender in senders:
            sender.join(120)
    assert killed > 0
    assert [sender.refused for sender in senders] == [[]] * CLIENTS
    servers.wait_until(lambda: is_up(stack), 60, what="health")
    assert sum(len(sender.acknowledged) for sender in senders) > CLIENTS
    for one, sender in zip(agents, senders):
        assert_stored_once(one, sender, store_sql)


def assert_stored_once(agent, sender, store_sql):
    """The senders stop between two batches, so exactly the acknowledged batches must be stored."""
    stored = Stored(store_sql, agent.connection_id)
    wanted = sorted(item["full_sql"] for queries in sender.acknowledged.values() for item in queries)
    duration_ms = sum(item["duration_ms"] for queries in sender.acknowledged.values() for item in queries)
    assert sorted(sample.full_sql for sample in stored.samples()) == wanted
    kept = store_sql(
        "SELECT batch_id, accepted FROM ingest_batches WHERE database_connection_id = %s", agent.connection_id
    )
    assert {row.batch_id: row.accepted for row in kept} == {batch_id: ROWS for batch_id in sender.acknowledged}
    calls, ms = stored.wait_for_rollup(len(wanted))
    assert calls == len(wanted)
    assert ms == pytest.approx(duration_ms)
    known = store_sql(
        """SELECT count(*) FROM (SELECT DISTINCT organization_id, sql_hash FROM slow_queries_raw
                                 WHERE database_connection_id = %s) AS sample
           LEFT JOIN query_fingerprints USING (organization_id, sql_hash) WHERE fingerprint IS NULL""",
        agent.connection_id,
    )
    assert known[0][0] == 0


def test_store_that_is_away_is_503_and_nothing_is_lost(stack, agent, store_sql):
    one = agent()
    batch = {"batch_id": uuid.uuid4().hex, "queries": [query() for _ in range(10)]}
    stack.stop_store()
    try:
        for _ in range(6):
            answer = one.post(PATH, batch)
            assert answer.status_code == 503
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert int(answer.headers["Retry-After"]) > 0
    finally:
        stack.start_store()
    assert one.post(PATH, batch).json()["accepted"] == 10
    assert Stored(store_sql, one.connection_id).sample_count() == 10


def test_store_that_restarts_between_requests_fails_none(stack, agent):
    one = agent()
    for _ in range(8):
        assert one.post(PATH, {"queries": [query()]}).status_code == 200
    stack.stop_store()
    stack.start_store()
    answers = [one.post(PATH, {"queries": [query()]}) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 12


def test_two_senders_of_one_batch_at_once_store_it_once(stack, agent, store_sql):
    one = agent()
    for _ in range(10):
        batch = {"batch_id": uuid.uuid4().hex, "queries": [query() for _ in range(200)]}
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(one_post(one, batch))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 4
        assert sorted(answer.json()["accepted"] for answer in answers) == [0, 0, 0, 200]
    assert Stored(store_sql, one.connection_id).sample_count() == 2000


def test_two_senders_of_the_same_samples_without_ids_store_them_once(stack, agent, store_sql):
    one = agent()
    for _ in range(10):
        queries = [query() for _ in range(200)]
        answers = []
        batches = [{"queries": random.sample(queries, len(queries))} for _ in range(4)]
        threads = [
            threading.Thread(target=lambda batch=batch: answers.append(one_post(one, batch))) for batch in batches
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 4
        assert sum(answer.json()["accepted"] for answer in answers) == 200
    stored = Stored(store_sql, one.connection_id)
    assert stored.sample_count() == 2000
    assert stored.wait_for_rollup(2000)[0] == 2000


def one_post(agent, body):
    return requests.post(agent.url + PATH, json={**body, "agent_token": agent.token}, timeout=60)
