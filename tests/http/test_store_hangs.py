"""A store that hangs: its processes are stopped, so that connections stay open and nothing is answered. Unlike a store
that is down, only time tells."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest
import requests
import servers

from ingest_client import PATH, Stored, query
from test_kill import Sender, assert_stored_once, backends_of_the_api, children_of
from test_pool import connect_anew

HEALTH_MAX_S = 2
STATEMENT_MAX_S, STORE_MAX_S = 16, 20  # lib/db/db.h with a second of grace; fcgi/server/worker.c
GRACE_S = 10  # of a busy machine


def processes_of(stack, what):
    postmaster = stack.pids()["store"]
    return {
        "backends": backends_of_the_api(stack),
        "postmaster": [postmaster],
        "all": [postmaster, *children_of(postmaster)],
    }[what]


@contextlib.contextmanager
def stopped(pids):
    def tell(sig):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)

    tell(signal.SIGSTOP)
    try:
        yield
    finally:
        tell(signal.SIGCONT)


class Asking(threading.Thread):
    """Asks for a page of samples again and again."""

    def __init__(self, api, stop):
        super().__init__(daemon=True)
        self.url, self.headers = api.url, dict(api.session.headers)
        self.stop, self.answers = stop, []

    def run(self):
        while not self.stop.is_set():
            from_s = time.monotonic()
            answer = requests.get(self.url + "/api/v1/slow-queries", headers=self.headers, timeout=120)
            self.answers.append((answer.status_code, answer.headers.get("Retry-After"), time.monotonic() - from_s))


def ask_all(api, count):
    """`count` requests at once, more than there are workers; their answers when all are there."""
    stop = threading.Event()
    asking = [Asking(api, stop) for _ in range(count)]
    for one in asking:
        one.start()
    return stop, asking


def health_of(stack):
    from_s = time.monotonic()
    answer = requests.get(stack.url + "/health", timeout=60)
    return answer, time.monotonic() - from_s


def assert_well_soon(stack, api):
    """Each worker asks the store again within two seconds."""
    servers.wait_until(lambda: health_of(stack)[0].json()["status"] == "healthy", 30, 0.2, "a healthy store")
    servers.wait_until(
        lambda: all(api.get("/api/v1/slow-queries").status_code == 200 for _ in range(9)), 20, 0.2, "answers of all"
    )


@pytest.mark.parametrize("what", ["backends", "postmaster", "all"])
def test_health_answers_while_every_worker_waits_for_the_store(stack, api, what):
    for _ in range(12):
        api.get("/api/v1/auth/me")  # every worker has a connection
    codes, took_s = [], []
    with stopped(processes_of(stack, what)):
        stop, asking = ask_all(api, 8)
        until = time.monotonic() + 9
        while time.monotonic() < until:
            answer, seconds = health_of(stack)
            codes.append(answer.status_code)
            took_s.append(seconds)
            time.sleep(0.3)
        busy = answer.json()["workers"]
        stop.set()
    for one in asking:
        one.join(60)
    assert max(took_s) < HEALTH_MAX_S
    if what == "all":
        assert set(codes[4:]) == {503}
        assert busy["status"] == "busy" and busy["busy"] == busy["count"] == int(stack.env["POTTO_WORKERS"])
    answers = [answer for one in asking for answer in one.answers]
    assert len(answers) >= 8
    assert {code for code, _, _ in answers} <= {200, 503, 504}
    assert all(retry for code, retry, _ in answers if code == 503)
    assert_well_soon(stack, api)


def test_request_to_a_store_that_hangs_is_answered_and_the_next_one_soon(stack, api):
    for _ in range(12):
        api.get("/api/v1/auth/me")
    with stopped(processes_of(stack, "all")):
        stop, asking = ask_all(api, 3)
        stop.set()
        for one in asking:
            one.join(STORE_MAX_S + GRACE_S)
        first = [answer for one in asking for answer in one.answers]
        second = api.get("/api/v1/slow-queries")
        second_s = second.elapsed.total_seconds()
    assert [code for code, _, _ in first] == [503] * 3
    assert all(retry for _, retry, _ in first)
    assert max(seconds for _, _, seconds in first) < STATEMENT_MAX_S + GRACE_S
    assert second.status_code == 503
    assert second_s < 3 + GRACE_S / 2
    assert_well_soon(stack, api)


def test_acknowledged_batches_are_stored_once_though_the_store_hangs_on_the_way(stack, api, agent, store_sql):
    agents = [agent() for _ in range(3)]
    stop = threading.Event()
    senders = [Sender(one, stop) for one in agents]
    for sender in senders:
        sender.start()
    try:
        for seconds in (1, 2, STATEMENT_MAX_S + 3):
            time.sleep(1)
            with stopped(processes_of(stack, "all")):
                time.sleep(seconds)
        time.sleep(2)
    finally:
        stop.set()
        for sender in senders:
            sender.join(120)
    assert_well_soon(stack, api)
    assert [sender.refused for sender in senders] == [[]] * len(senders)
    assert any(sender.retries for sender in senders)
    for one, sender in zip(agents, senders):
        assert sender.acknowledged
        assert_stored_once(one, sender, store_sql)


def test_collector_goes_on_after_the_store_hung(stack, api, agent, store_sql):
    one, collector = agent(), stack.pids()["collector"]

    def beat():
        return store_sql("SELECT max(last_seen_at) AS at FROM collectors WHERE kind = 'daemon'")[0].at

    with stopped(processes_of(stack, "all")):
        time.sleep(STATEMENT_MAX_S + 4)
    before = beat()
    servers.wait_until(lambda: beat() > before, 40, what="a heartbeat")
    assert_well_soon(stack, api)
    batch = {"batch_id": uuid.uuid4().hex, "queries": [query() for _ in range(5)]}
    assert one.post(PATH, batch).status_code == 200
    assert Stored(store_sql, one.connection_id).wait_for_rollup(5)[0] == 5
    assert stack.pids()["collector"] == collector


def test_programs_stop_in_time_though_the_store_hangs(stack, api):
    for _ in range(12):
        api.get("/api/v1/auth/me")
    try:
        with stopped(processes_of(stack, "all")):
            from_s = time.monotonic()
            ending = {name: stack.pids()[name] for name in ("fcgi", "collector")}
            for name, pid in ending.items():
                stack.do_not_restart(name)
                os.kill(pid, signal.SIGSTOP)
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)
            for name, pid in ending.items():
                servers.wait_until(lambda pid=pid: not servers.is_alive(pid), 15 + GRACE_S, what=f"the end of {name}")
            assert time.monotonic() - from_s < 15 + GRACE_S
    finally:
        stack.up()
    assert_well_soon(stack, api)


@pytest.fixture()
def silent_server():
    """Accepts connections and never says anything."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


def test_server_that_accepts_and_says_nothing_is_away(stack, silent_server):
    url = f"host=127.0.0.1 port={silent_server} user=potto dbname=potto"
    environment = {**os.environ, **stack.env, "POTTO_OWNER_DATABASE_URL": url, "DATABASE_URL": url}
    environment.pop("POTTO_ENV_FILE", None)
    from_s = time.monotonic()
    done = subprocess.run(
        [stack.program("potto"), "migrate"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "The store is away" in done.stdout + done.stderr
    assert time.monotonic() - from_s < 3 + GRACE_S


# ---- the logs ----


def assert_json_lines(stack, name):
    for line in (stack.state / "logs" / name).read_text().splitlines():
        assert isinstance(json.loads(line), dict), line


def test_warnings_of_the_store_while_connecting_do_not_reach_the_logs_as_they_are(stack, api):
    stack.sql("ALTER DATABASE potto SET default_tablespace = 'none_such'")  # the server warns at each sign-in
    try:
        connect_anew(stack, int(stack.env["POTTO_WORKERS"]) + 1)
        stack.restart_collector()
        assert_well_soon(stack, api)
    finally:
        stack.sql("ALTER DATABASE potto RESET default_tablespace")
    assert_json_lines(stack, "fcgi.log")
    assert_json_lines(stack, "collector.log")
