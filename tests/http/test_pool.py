"""The worker pool: workers that die, are replaced, or are told to stop."""

import json
import os
import signal
import threading
import time

import pytest
import servers


def log_lines(stack):
    return [json.loads(line) for line in (stack.state / "logs/fcgi.log").read_text().splitlines() if line[:1] == "{"]


@pytest.fixture()
def pool_ready(stack):
    """As many workers as there should be, before and after, with the one for /health."""
    wanted = int(stack.env.get("POTTO_WORKERS", 4)) + 1
    servers.wait_until(lambda: len(stack.children("fcgi")) == wanted, 20, what="all workers")
    yield wanted
    servers.wait_until(lambda: len(stack.children("fcgi")) == wanted, 20, what="all workers")


def test_killed_worker_is_replaced_and_its_signal_is_logged(stack, anonymous, pool_ready):
    victim = stack.children("fcgi")[0]
    os.kill(victim, signal.SIGKILL)
    servers.wait_until(lambda: len(stack.children("fcgi")) == pool_ready and victim not in stack.children("fcgi"), 20)
    assert anonymous.get("/health").status_code == 200
    died = [line for line in log_lines(stack) if line["event"] == "worker_died" and str(victim) in line["message"]]
    assert len(died) == 1
    assert "signal 9" in died[0]["message"] and died[0]["level"] == "error"


def seconds_to_replace(stack, pool_ready, number, times):
    """How long each of a slot's next workers took to come, when the one before got the signal."""
    slot_starts = []
    victim = stack.children("fcgi")[0]
    for _ in range(times):
        others = set(stack.children("fcgi")) - {victim}
        os.kill(victim, number)
        killed_at = time.monotonic()
        # The dead worker is counted until it is reaped.
        servers.wait_until(
            lambda: victim not in stack.children("fcgi") and len(stack.children("fcgi")) == pool_ready, 20, 0.01
        )
        slot_starts.append(time.monotonic() - killed_at)
        # Process ids start anew now and then, so the youngest worker is the one that was not there before.
        (victim,) = set(stack.children("fcgi")) - others
    return slot_starts


def test_worker_that_keeps_dying_is_started_less_and_less_often(stack, pool_ready):
    slot_starts = seconds_to_replace(stack, pool_ready, signal.SIGABRT, 4)
    # The first one is replaced at once (as fast as the machine can), the last one only after a pause.
    assert slot_starts[-1] > max(0.3, slot_starts[0])


def test_worker_that_others_keep_killing_is_replaced_each_time(stack, pool_ready):
    # The pauses of one that fails by itself would take 0.1 + 0.2 + … + 6.4 s.
    assert sum(seconds_to_replace(stack, pool_ready, signal.SIGKILL, 8)) < 12


def test_hangup_replaces_every_worker_while_requests_go_on(stack, anonymous, pool_ready):
    before, failures, is_done = set(stack.children("fcgi")), [], threading.Event()

    def ask():
        client = servers.Client(stack.url)
        while not is_done.is_set():
            answer = client.get("/health")
            if answer.status_code != 200:
                failures.append(answer.text)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        os.kill(stack.pids()["fcgi"], signal.SIGHUP)
        servers.wait_until(lambda: not before & set(stack.children("fcgi")), 30, what="new workers")
    finally:
        is_done.set()
        asking.join()
    assert failures == []


def test_request_at_hand_is_finished_when_the_pool_stops(stack, anonymous, pool_ready):
    # A lock on the users makes the request wait in the store.
    import psycopg2

    holder = psycopg2.connect(stack.owner_dsn)
    answers = []
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        body = {"email": stack.admin_email, "password": stack.admin_password}
        asking = threading.Thread(target=lambda: answers.append(anonymous.post("/api/v1/auth/login", json=body)))
        asking.start()
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"
        servers.wait_until(lambda: stack.sql(waiting), what="the request that waits")
        stack.do_not_restart("fcgi")
        os.kill(stack.pids()["fcgi"], signal.SIGTERM)
        time.sleep(0.3)
    finally:
        holder.close()
    asking.join()
    assert [answer.status_code for answer in answers] == [200]
    servers.wait_until(lambda: "fcgi" not in stack.pids(), 15, what="the end of the manager")
    stack.up()
    assert anonymous.get("/health").status_code == 200


def test_workers_do_not_outlive_a_killed_manager(stack, anonymous):
    workers = stack.children("fcgi")
    assert workers
    stack.kill("fcgi", signal.SIGKILL)
    servers.wait_until(lambda: not any(map(servers.is_alive, workers)), 15, what="the end of the workers")
    stack.up()
    assert anonymous.get("/health").status_code == 200


def test_second_manager_on_the_same_socket_is_refused(stack, pool_ready):
    import subprocess

    done = subprocess.run(
        [stack.program("potto-fcgi")], env={**os.environ, **stack.env}, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert "Another potto-fcgi listens" in done.stderr


def test_missing_settings_are_named_and_nothing_starts(stack):
    import subprocess

    done = subprocess.run(
        [stack.program("potto-fcgi")], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    for name in ("DATABASE_URL", "POTTO_SOCKET", "JWT_SECRET", "ENCRYPTION_KEY"):
        assert name in done.stderr


def test_store_that_is_away_is_said_and_the_worker_goes_on(stack, anonymous, api, pool_ready):
    api.get("/api/v1/slow-queries")
    workers = stack.children("fcgi")
    stack.stop_store()
    try:
        # Each worker checks the store at most once a second.
        servers.wait_until(
            lambda: all(anonymous.get("/health").status_code == 503 for _ in range(10)), what="an unhealthy store"
        )
        health = anonymous.get("/health").json()
        assert health["status"] == "unhealthy" and health["store"]["status"] == "unhealthy"
        answer = api.get("/api/v1/slow-queries")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        stack.start_store()
    servers.wait_until(
        lambda: all(anonymous.get("/health").status_code == 200 for _ in range(10)), what="a healthy store"
    )
    assert api.get("/api/v1/slow-queries").status_code == 200
    assert stack.children("fcgi") == workers


def connect_anew(stack, worker_count):
    before = set(stack.children("fcgi"))
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    servers.wait_until(lambda: len(set(stack.children("fcgi")) - before) == worker_count, 20, what="other workers")


def test_a_store_that_takes_no_changes_is_away_for_writes_and_read_as_ever(stack, api, agent, pool_ready):
    feeder = agent()
    batch = {"agent_token": feeder.token, "queries": [
        {"full_sql": "SELECT 1 FROM standby", "duration_ms": 7, "captured_at": "2026-01-01T00:00:00Z"}]}
    stack.sql("ALTER DATABASE potto SET default_transaction_read_only = on")  # as a standby after a failover
    try:
        connect_anew(stack, pool_ready)
        answer = feeder.post("/api/v1/collectors/ingest/slow-queries", json=batch)
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        # Reading samples is not possible, because showing literals must be written to the audit log.
        assert api.get("/api/v1/slow-queries/fingerprints").status_code == 200
    finally:
        stack.sql("SET TRANSACTION READ WRITE; ALTER DATABASE potto RESET default_transaction_read_only")
        connect_anew(stack, pool_ready)
    assert feeder.post("/api/v1/collectors/ingest/slow-queries", json=batch).status_code in (200, 201, 202)
