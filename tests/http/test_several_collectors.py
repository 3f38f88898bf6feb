"""When runs begin, who does them where several collectors share one store, and what is left when one ends."""

import datetime
import os
import signal
import subprocess
import time

import pytest
import servers

from watched import (  # noqa: F401
    CONNECTIONS,
    new_table,
    silent_port,
    watch,
    within_five_minutes,
)


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
