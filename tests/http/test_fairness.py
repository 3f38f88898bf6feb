"""Lanes: whatever the databases of one organization do, those of the others are collected from in time. And the
breaker: a database during whose runs collectors die is left alone for a while."""

import os
import signal
import socket
import time

import pytest
import servers
from accounts import Account, unique
from conftest import STACK_NAME, _build_dir

CONNECTIONS = "/api/v1/database-connections"
THREADS = 4


@pytest.fixture(scope="module")
def fair_stack():
    """A Potto whose collector does nothing but what these tests ask for."""
    settings = {"POTTO_COLLECTOR_THREADS": str(THREADS)}
    with servers.running(servers.Stack(f"{STACK_NAME}-fair", _build_dir(), settings)) as stack:
        yield stack


@pytest.fixture()
def silent_port():
    """A port that accepts connections and never answers: each run there takes until the connect timeout."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        yield listening.getsockname()[1]


class Organization:
    def __init__(self, stack):
        self.stack = stack
        self.admin = Account(stack, role="admin", organization=unique("organization"))

    def connect(self, body, **fields):
        answer = self.admin.client.post(CONNECTIONS, json={**body, "tls_mode": "disable", "interval_s": 5, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def connect_silent(self, port, count, **fields):
        body = {"engine": "postgresql", "host": "127.0.0.1", "port": port, "username": "nobody", "password": "none",
                "visibility_scope": "ORG_WIDE"}
        return [self.connect({"name": unique("silent"), **body, **fields}) for _ in range(count)]

    def shown(self, connection_id):
        return self.admin.client.get(f"{CONNECTIONS}/{connection_id}").json()["collection"]


@pytest.fixture()
def organizations(fair_stack):
    """Two organizations; their monitoring ends with the test."""
    made = [Organization(fair_stack), Organization(fair_stack)]
    yield made
    ids = [one.admin.organization_id for one in made]
    fair_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE organization_id = ANY (%s)", ids)
    servers.wait_until(
        lambda: not fair_stack.sql(
            "SELECT 1 FROM connection_collection WHERE organization_id = ANY (%s) AND lease_owner IS NOT NULL", ids),
        60, what="the end of runs")


def collection(stack, connection_id):
    return stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s", connection_id)[0]


def runs_of(stack, ids):
    return stack.sql(
        "SELECT count(*) FROM connection_collection WHERE database_connection_id = ANY (%s) "
        "AND lease_owner IS NOT NULL", list(ids))[0][0]


def watch_runs(stack, honest_id, others, seconds=60):
    """(starts of the honest one's runs, most runs of the others at once), until it has run four times."""
    starts, most, until = [], 0, time.monotonic() + seconds
    while time.monotonic() < until and len(starts) < 4:
        row = collection(stack, honest_id)
        if row.last_run_at is not None and (not starts or row.last_run_at != starts[-1]):
            starts.append(row.last_run_at)
        most = max(most, runs_of(stack, others))
        time.sleep(0.05)
    return starts, most


def assert_interval_kept(starts, interval_s, late_s=2.0):
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(starts, starts[1:])]
    assert len(gaps) >= 2 and max(gaps) < interval_s + late_s, gaps


def first_runs_end(stack, ids, timeout_s=90):
    servers.wait_until(
        lambda: stack.sql(
            "SELECT count(*) FROM connection_collection WHERE database_connection_id = ANY (%s) "
            "AND last_duration_ms IS NOT NULL", list(ids))[0][0] == len(ids),
        timeout_s, what="the first runs")


def silent_beside_honest(hostile, honest, silent_port, target):
    """(ids of three connections to a silent port, after their first runs; id of one to an honest server)."""
    silent = hostile.connect_silent(silent_port, 3)
    made = honest.connect(target.connection_body(unique("honest")))
    first_runs_end(hostile.stack, silent)
    return silent, made


def test_a_new_database_is_collected_at_once_while_others_hang(organizations, fair_stack, silent_port, target_postgres):
    hostile, honest = organizations
    hostile.connect_silent(silent_port, 32)
    servers.wait_until(lambda: fair_stack.sql(
        "SELECT 1 FROM connection_collection WHERE organization_id = %s AND lease_owner IS NOT NULL",
        hostile.admin.organization_id), 10, what="a run of a silent one")
    added_at = time.monotonic()
    made = honest.connect(target_postgres.connection_body(unique("honest")))
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at, 10, what="the first data")
    assert time.monotonic() - added_at < 8


def test_new_databases_share_a_quarter_of_the_threads(organizations, fair_stack, silent_port, target_postgres):
    hostile, honest = organizations
    made = honest.connect(target_postgres.connection_body(unique("honest")))
    servers.wait_until(lambda: collection(fair_stack, made).lane == "trusted", 40, what="trust")
    silent = hostile.connect_silent(silent_port, 12)
    starts, most, lanes = [], 0, set()
    until = time.monotonic() + 60
    while time.monotonic() < until and (len(starts) < 4 or "slow" not in lanes):
        rows = fair_stack.sql("SELECT database_connection_id AS id, lane, last_run_at FROM connection_collection "
                              "WHERE lease_owner IS NOT NULL")
        most = max(most, sum(row.lane == "new" for row in rows))
        lanes |= {row.lane for row in rows}
        starts += {row.last_run_at for row in rows if row.id == made} - set(starts)
        time.sleep(0.02)
    assert most == THREADS // 4 and {"new", "slow"} <= lanes
    assert_interval_kept(starts, 5)
    assert [row.lane for row in map(lambda one: collection(fair_stack, one), silent)].count("new") > 0


def test_a_run_counts_its_interval_from_when_it_was_due(organizations, fair_stack, target_postgres):
    made = organizations[0].connect(target_postgres.connection_body(unique("punctual")), interval_s=30)
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at, 10, what="the first run")
    for late_s, counted_s in ((10, 20), (20, 30), (-10, 30)):
        row = servers.wait_until(
            lambda late_s=late_s: fair_stack.sql(
                "UPDATE connection_collection SET next_run_at = now() - make_interval(secs => %s), "
                "requested_at = now() WHERE database_connection_id = %s AND lease_owner IS NULL RETURNING last_run_at",
                late_s, made), 10, what="a moment without a run")[0]
        after = servers.wait_until(
            lambda before=row.last_run_at: (row := collection(fair_stack, made)).last_run_at > before
            and row.lease_owner is None and row, 10, what="the run")
        assert abs((after.next_run_at - after.last_run_at).total_seconds() - counted_s) < 3


def test_databases_that_fail_share_a_quarter_of_the_threads(
    organizations, fair_stack, silent_port, target_postgres
):
    silent, made = silent_beside_honest(*organizations, silent_port, target_postgres)
    starts, most = watch_runs(fair_stack, made, silent)
    assert most == THREADS // 4
    assert_interval_kept(starts, 5)


def test_the_slow_lane_holds_for_an_only_organization_too(organizations, fair_stack, silent_port, target_postgres):
    alone = organizations[0]
    silent, made = silent_beside_honest(alone, alone, silent_port, target_postgres)
    starts, most = watch_runs(fair_stack, made, silent)
    assert most == THREADS // 4
    assert_interval_kept(starts, 5)


def run_now(stack, connection_id):
    stack.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s "
              "AND lease_owner IS NULL", connection_id)


def pretend_good(stack, ids):
    """As if these had answered well until now: they may use any lane."""
    stack.sql(
        "UPDATE connection_collection SET slow_points = 0, last_success_at = now() "
        "WHERE database_connection_id = ANY (%s) AND lease_owner IS NULL", list(ids))


def test_an_organization_has_half_of_the_threads_while_others_need_some(
    organizations, fair_stack, silent_port, target_postgres
):
    silent, made = silent_beside_honest(*organizations, silent_port, target_postgres)
    starts, most, until = [], 0, time.monotonic() + 60
    while time.monotonic() < until and (len(starts) < 4 or most < THREADS // 2):
        pretend_good(fair_stack, silent)
        found, running = watch_runs(fair_stack, made, silent, 1)
        starts += [start for start in found if start not in starts]
        most = max(most, running)
    assert most == THREADS // 2
    assert_interval_kept(starts, 5)


def test_an_organization_alone_may_use_every_thread_but_a_host_gets_two_runs(organizations, fair_stack, silent_port):
    alone = organizations[0]
    here = alone.connect_silent(silent_port, 4)
    there = alone.connect_silent(silent_port, 4, host="LocalHost")
    most_here = most_there = most = 0
    until = time.monotonic() + 60
    while time.monotonic() < until and most < THREADS:
        pretend_good(fair_stack, here + there)
        running_here, running_there = runs_of(fair_stack, here), runs_of(fair_stack, there)
        most_here, most_there = max(most_here, running_here), max(most_there, running_there)
        most = max(most, running_here + running_there)
        time.sleep(0.05)
    assert (most_here, most_there, most) == (2, 2, THREADS)


def test_one_good_run_does_not_make_up_for_bad_ones(organizations, fair_stack, target_postgres):
    made = organizations[0].connect(target_postgres.connection_body(unique("mended"), password="wrong"))
    first_runs_end(fair_stack, [made])
    run_now(fair_stack, made)
    servers.wait_until(lambda: collection(fair_stack, made).slow_points >= 4, 60, what="two failures")
    organizations[0].admin.client.patch(f"{CONNECTIONS}/{made}", json={"password": target_postgres.password})
    row = servers.wait_until(
        lambda: (row := collection(fair_stack, made)).last_success_at and row.lease_owner is None and row, 30,
        what="a good run")
    assert row.slow_points > 0
    while (points := collection(fair_stack, made).slow_points) > 0:
        run_now(fair_stack, made)
        servers.wait_until(lambda: collection(fair_stack, made).slow_points < points, 30, what="a step to trust")


def test_collect_now_does_not_wait_for_those_that_hang(organizations, fair_stack, silent_port, target_postgres):
    hostile, honest = organizations
    silent = hostile.connect_silent(silent_port, 5)
    made = honest.connect(target_postgres.connection_body(unique("honest")), interval_s=3600)
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at, 15, what="the first run")
    before = collection(fair_stack, made).last_run_at
    for _ in silent:
        hostile.admin.client.post("/api/v1/collectors/postgres/collect")
    asked_at = time.monotonic()
    assert honest.admin.client.post("/api/v1/collectors/postgres/collect").status_code in (200, 202)
    servers.wait_until(lambda: collection(fair_stack, made).last_run_at > before, 15, what="the run asked for")
    assert time.monotonic() - asked_at < 6


# ---- the breaker ----


def lose_lease(stack, connection_id, blame):
    """As if the collector that holds the connection had died."""
    servers.wait_until(
        lambda: stack.sql(
            "UPDATE connection_collection SET lease_owner = 'the dead', lease_until = now() - interval '1 second', "
            "lease_blame = %s WHERE database_connection_id = %s AND lease_owner IS NULL RETURNING 1",
            blame, connection_id),
        30, what="a moment without a run")
    servers.wait_until(
        lambda: collection(stack, connection_id).lease_owner != "the dead", 5, what="the lease taken back")


@pytest.fixture()
def quiet(organizations, fair_stack, target_postgres):
    """A connection of which nothing runs by itself."""
    made = organizations[0].connect(target_postgres.connection_body(unique("quiet")), interval_s=86400)
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at, 20, what="the first run")
    return made


def test_after_three_lost_runs_a_connection_pauses(organizations, fair_stack, quiet):
    for _ in range(2):
        lose_lease(fair_stack, quiet, 20)
        assert collection(fair_stack, quiet).paused_until is None
    lose_lease(fair_stack, quiet, 20)
    pause = fair_stack.sql("SELECT paused_until - now() AS left FROM connection_collection "
                           "WHERE database_connection_id = %s", quiet)[0].left.total_seconds()
    assert 290 < pause <= 300
    shown = organizations[0].shown(quiet)
    assert shown["state"] == "failed" and "collector ended" in shown["problem"]
    assert shown["paused_until"] is not None and shown["next_run_at"] >= shown["paused_until"]
    page = organizations[0].admin.client.get(f"/databases/{quiet}", cookies={
        "potto_access": organizations[0].admin.client.token}).text
    assert "The collector ended several times" in page and "Next look" in page
    organizations[0].admin.client.post("/api/v1/collectors/postgres/collect")  # does not end the pause
    before = collection(fair_stack, quiet).last_run_at
    time.sleep(3)
    assert collection(fair_stack, quiet).last_run_at == before


def test_each_further_lost_run_pauses_twice_as_long_up_to_an_hour(fair_stack, quiet):
    pauses = []
    for _ in range(9):
        lose_lease(fair_stack, quiet, 20)
        left = fair_stack.sql("SELECT extract(epoch FROM paused_until - now()) AS left FROM connection_collection "
                              "WHERE database_connection_id = %s", quiet)[0].left
        pauses += [] if left is None else [round(float(left) / 60)]
    assert pauses == [5, 10, 20, 40, 60, 60, 60]


def test_a_run_that_ends_forgets_the_lost_ones(fair_stack, quiet):
    for _ in range(3):
        lose_lease(fair_stack, quiet, 20)
    fair_stack.sql("UPDATE connection_collection SET paused_until = now(), next_run_at = now() "
                   "WHERE database_connection_id = %s", quiet)
    servers.wait_until(lambda: collection(fair_stack, quiet).state == "ok", 10, what="a run")
    row = collection(fair_stack, quiet)
    assert (row.lost_points, row.paused_until) == (0, None)


def test_a_collector_that_is_killed_every_second_pauses_nobody(
    organizations, fair_stack, silent_port, target_postgres
):
    """Even a run that never ends within a second, so that each kill hits it, does not count as the cause."""
    alone = organizations[0]
    made = alone.connect(target_postgres.connection_body(unique("honest")))
    silent = alone.connect_silent(silent_port, 1)[0]
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at, 20, what="the first run")
    first_runs_end(fair_stack, [silent])
    program = fair_stack.program("potto-collector")
    until, kills = time.monotonic() + 35, 0
    fair_stack.kill("collector", signal.SIGTERM)  # this one is settled: its death would count
    try:
        while time.monotonic() < until:
            log = open(fair_stack.state / "logs" / "collector-killed.log", "ab")
            process = servers.subprocess.Popen([program], env={**os.environ, **fair_stack.env}, stdout=log, stderr=log)
            time.sleep(1)
            process.kill()
            process.wait()
            kills += 1
    finally:
        fair_stack.up()
    lost = collection(fair_stack, silent).lost_points
    assert kills > 15 and lost < 20, (kills, lost)
    assert collection(fair_stack, silent).paused_until is None
    assert collection(fair_stack, made).paused_until is None
    killed = collection(fair_stack, made).last_success_at
    servers.wait_until(lambda: collection(fair_stack, made).last_success_at > killed, 25, what="a run after the kills")


def test_the_death_of_a_settled_collector_counts(organizations, fair_stack, silent_port):
    silent = organizations[0].connect_silent(silent_port, 1)[0]
    first_runs_end(fair_stack, [silent])
    time.sleep(10)  # a younger collector's death would not count
    run_now(fair_stack, silent)
    servers.wait_until(lambda: collection(fair_stack, silent).lease_owner, 90, 0.02, what="a run")
    fair_stack.kill("collector", signal.SIGKILL)
    fair_stack.up()
    servers.wait_until(lambda: collection(fair_stack, silent).lost_points == 20, 30, what="the lease taken back")
