"""kill -9 of one process a second, each kind in turn, under ingest and collection.

Agents send batches with ids until each is acknowledged. A real PostgreSQL and a real MariaDB do work that is counted
here too. Printed for each kind: how often it was killed, and the longest time until it ran again, which must be at most
5 seconds. Then: whether every acknowledged sample is stored exactly once, whether the counters' growth is the server's
own, and whether anything restarts again and again or is left as a zombie.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
import uuid
from pathlib import Path

import hostile_field
import ingest_client
import psycopg2
import requests
import servers
import soak_stack

AGENTS = 4
ROWS = 20  # in a batch
AWAY_S_MAX = 5.0
GIVE_UP_S = 60
INTERVAL_S = 5
WAIT_S_MAX = 8
LOOKED_AT = 5  # further connections of each server: most of the children that are killed are theirs
SERVICES = ("store", "fcgi", "collector", "nginx")


def tell(**members):
    print(json.dumps({"soak": "kill", **members}), flush=True)
    return "fault" not in members


# ---- processes ----


def stat_of(pid):
    """(name, state, parent, start time); None if it is gone."""
    with contextlib.suppress(OSError):
        head, fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)
        fields = fields.split()
        return head.split("(", 1)[1], fields[0], int(fields[1]), int(fields[19])
    return None


def children_of(pid, name=None):
    """Living children with that name, the oldest first. A child of the collector lives for some 20 ms, so this does not
    look at all processes of the machine."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                stat = stat_of(child)
                if stat and stat[1] != "Z" and name in (None, stat[0]):
                    found.append((stat[3], child))
    return [child for _, child in sorted(found)]


def command_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


class Processes:
    """The processes of a stack, by kind."""

    def __init__(self, stack):
        self._stack = stack

    def _service(self, name):
        pid = self._stack.pids().get(name)
        return [pid] if pid is not None and servers.is_alive(pid) else []

    def _backends(self):
        return [pid for store in self._service("store") for pid in children_of(store)
                if command_of(pid).startswith("postgres: potto")]

    def _targets(self):
        return [pid for collector in self._service("collector") for pid in children_of(collector, "potto-target")]

    def _supervisors(self, name):
        directory = str(self._stack.state / "service" / name)
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (entry / "comm").read_text() == "runsv\n" and os.readlink(entry / "cwd") == directory:
                    found.append(int(entry.name))
        return found

    def _store_answers(self):
        with contextlib.suppress(psycopg2.Error):
            return bool(self._stack.sql("SELECT 1"))
        return False

    def find(self, kind):
        if kind in SERVICES:
            return self._service(kind)
        if kind.startswith("runsv "):
            return self._supervisors(kind[6:])
        if kind == "backend":
            return self._backends()
        if kind == "target":
            return self._targets()[:1]
        if kind == "child":
            return self._targets()[1:]
        return [pid for parent in self._service(kind.split()[0]) for pid in children_of(parent)]

    def is_back(self, kind, victim, count):
        """As many as before, without the victim. One backend is enough; a child is made when its database is due."""
        if kind == "child":
            return not is_running(victim)
        if kind == "store":
            return victim not in self._service(kind) and self._store_answers()
        others = [pid for pid in self.find(kind) if pid != victim]
        if kind.startswith("runsv "):  # and its program
            name = kind[6:]
            parents = {stat[2] for pid in self._service(name) if (stat := stat_of(pid))}
            return bool(parents & set(others)) and (name != "store" or self._store_answers())
        return len(others) >= (1 if kind == "backend" else count) and not is_running(victim)


def is_running(pid):
    stat = stat_of(pid)
    return stat is not None and stat[1] != "Z"


class Killer(threading.Thread):
    """Kills one process a second until the time is over, and notes how long each was away."""

    def __init__(self, processes, kinds, seconds):
        super().__init__(daemon=True)
        self._processes, self._kinds, self._seconds = processes, kinds, seconds
        self.kills, self.away_s = collections.Counter(), collections.defaultdict(float)
        self.missing = collections.Counter()  # there was none to kill
        self._away = set()
        self._watchers = []

    def run(self):
        until = time.monotonic() + self._seconds
        number = 0
        while time.monotonic() < until:
            began = time.monotonic()
            self._kill(self._kinds[number % len(self._kinds)])
            number += 1
            time.sleep(max(0, began + 1 - time.monotonic()))
        for watcher in self._watchers:
            watcher.join()

    def _kill(self, kind):
        if kind in self._away:
            self.missing[kind] += 1
            return
        self._away.add(kind)
        self._watchers.append(threading.Thread(target=self._kill_and_watch, args=(kind,)))
        self._watchers[-1].start()

    def _kill_and_watch(self, kind):
        """One that is absent just now, such as a backend of a store that was killed before, is waited for."""
        until = time.monotonic() + WAIT_S_MAX
        while not (pids := self._processes.find(kind)) and time.monotonic() < until:
            time.sleep(0.002)
        if not pids:
            self.missing[kind] += 1
        else:
            victim = random.choice(pids)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.kills[kind] += 1
                self._watch(kind, victim, len(pids))
        self._away.discard(kind)

    def _watch(self, kind, victim, count):
        began_s = time.monotonic()
        while not self._processes.is_back(kind, victim, count) and time.monotonic() < began_s + GIVE_UP_S:
            time.sleep(0.02)
        self.away_s[kind] = max(self.away_s[kind], time.monotonic() - began_s)


# ---- load ----


class Sender(threading.Thread):
    """Sends batches, each until it is acknowledged."""

    def __init__(self, agent, is_over):
        super().__init__(daemon=True)
        self.agent, self._is_over = agent, is_over
        self.samples = self.duration_ms = self.repeated = 0
        self.refused = []

    def run(self):
        while not self._is_over.wait(0.1):
            queries = [ingest_client.query(duration_ms=random.randint(1, 1000)) for _ in range(ROWS)]
            self._send({"batch_id": uuid.uuid4().hex, "queries": queries, "agent_token": self.agent.token})

    def _send(self, batch):
        for _ in range(2000):
            try:
                answer = requests.post(self.agent.url + ingest_client.PATH, json=batch, timeout=30)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code == 200:
                self.samples += ROWS
                self.duration_ms += sum(item["duration_ms"] for item in batch["queries"])
                return
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                self.refused.append((answer.status_code, answer.text))
                return
            self.repeated += 1
            time.sleep(0.1)
        self.refused.append((0, "never acknowledged"))


class Health(threading.Thread):
    """The longest time without a good answer of /health."""

    def __init__(self, stack, is_over):
        super().__init__(daemon=True)
        self._url, self._is_over = stack.url + "/health", is_over
        self.away_s = 0.0

    def run(self):
        good_s = time.monotonic()
        while not self._is_over.wait(0.2):
            with contextlib.suppress(requests.RequestException):
                if requests.get(self._url, timeout=5).status_code == 200:
                    self.away_s = max(self.away_s, time.monotonic() - good_s)
                    good_s = time.monotonic()


class Work(threading.Thread):
    """Statements on a monitored server, which count them themselves or end up in its slow log."""

    def __init__(self, target, statement, pause_s, is_over):
        super().__init__(daemon=True)
        self._target, self._statement, self._pause_s, self._is_over = target, statement, pause_s, is_over
        self.done = 0

    def run(self):
        connection = self._target.connect()
        while not self._is_over.wait(self._pause_s):
            with connection.cursor() as cursor:
                cursor.execute(self._statement.format(self.done))
                cursor.fetchall()
            self.done += 1
        connection.close()


# ---- what must be true afterwards ----


def patiently(function):
    """The result, once the store answers."""
    until = time.monotonic() + GIVE_UP_S
    while True:
        try:
            return function()
        except Exception:  # noqa: BLE001
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def check_agents(stack, senders):
    is_good = True
    for sender in senders:
        stored = ingest_client.Stored(stack.sql, sender.agent.connection_id)
        calls, ms = stored.wait_for_rollup(sender.samples, 60)
        found = {"stored": stored.sample_count(), "counted": int(calls), "off_ms": round(abs(ms - sender.duration_ms))}
        wanted = {"stored": sender.samples, "counted": sender.samples, "off_ms": 0}
        fault = {} if found == wanted and not sender.refused else {"fault": f"{wanted} expected {sender.refused[:2]}"}
        is_good &= tell(measure="acknowledged samples", sent=sender.samples, repeated=sender.repeated, **found, **fault)
    return is_good


def calls_of(stack, connection_id, marker):
    rows = stack.sql(
        "SELECT coalesce(sum(calls), 0)::bigint AS calls FROM query_fingerprint_metrics JOIN query_fingerprints "
        "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND resolution_s = 300 "
        "AND strpos(fingerprint, %s) > 0 AND statement_kind = 'select'", connection_id, marker)
    return rows[0].calls


def check_work(stack, name, connection_id, marker, done):
    """The calls that Potto knows of are those that the server did, once it was looked at again: a connection whose
    child was killed waits for minutes, unless somebody asks for a run."""
    until = time.monotonic() + GIVE_UP_S
    while (counted := calls_of(stack, connection_id, marker)) != done and time.monotonic() < until:
        time.sleep(0.5)
    fault = {} if counted == done else {"fault": f"{done} expected"}
    return tell(measure=f"calls of {name}", done=done, counted=counted, **fault)


def check_rest(stack, processes, kinds):
    """Nothing starts again and again, and nothing is left as a zombie."""
    steady = [kind for kind in kinds if kind not in ("backend", "child")]
    before = {kind: processes.find(kind) for kind in steady}
    time.sleep(10)
    restarted = [kind for kind in steady if processes.find(kind) != before[kind]]
    names = ("potto", "nginx", "postgres", "runsv")
    # The children of process 1 are orphans, whoever left them: it reaps them when it likes.
    zombies = [stat for entry in Path("/proc").glob("[0-9]*") if (stat := stat_of(entry.name)) and stat[1] == "Z"
               and stat[2] != 1 and stat[0].startswith(names)]
    fault = {"fault": "unrest"} if restarted or zombies else {}
    return tell(measure="rest", restarted=restarted, zombies=zombies, **fault)


# ---- the run ----


def connect(client, target, name):
    body = target.connection_body(f"{name} {target.engine}", interval_s=INTERVAL_S, min_duration_ms=0,
                                  tls_mode="disable")
    answer = client.post(hostile_field.CONNECTIONS, json=body)
    assert answer.status_code == 201, answer.text
    connection_id = answer.json()["id"]
    return connection_id


def wait_first_run(stack, connection_id):
    servers.wait_until(lambda: stack.sql("SELECT 1 FROM connection_collection WHERE last_success_at IS NOT NULL AND "
                                         "database_connection_id = %s", connection_id), 60, what="a first run")


def kinds_of(processes):
    kinds = ["store", "backend", "fcgi", "fcgi worker", "collector", "target", "child", "nginx", "nginx worker"]
    kinds += [f"runsv {service}" for service in SERVICES]
    return [kind for kind in kinds if kind == "child" or processes.find(kind)]


def soak(stack, postgres, mariadb, seconds):
    client, marker, is_over = hostile_field.member(stack, "worked"), "m" + uuid.uuid4().hex[:12], threading.Event()
    postgres.execute(f"CREATE TABLE {marker} (id int)")
    ids = [connect(client, target, "worked") for target in (postgres, mariadb)]
    for connection_id in ids:
        wait_first_run(stack, connection_id)
    for number in range(LOOKED_AT):
        for target in (postgres, mariadb):
            connect(client, target, f"looked at {number}")
    works = [Work(postgres, f"SELECT id FROM {marker} WHERE id = {{}}", 0.02, is_over),
             Work(mariadb, f"SELECT SLEEP(0.03) AS {marker}, {{}}", 0.2, is_over)]
    agents = servers.AgentFactory(client)
    senders = [Sender(agents(), is_over) for _ in range(AGENTS)]
    health = Health(stack, is_over)
    processes = Processes(stack)
    kinds = kinds_of(processes)
    killer = Killer(processes, kinds, seconds)
    for thread in (*works, *senders, health, killer):
        thread.start()
    killer.join()
    time.sleep(2)
    is_over.set()
    for thread in (*works, *senders, health):
        thread.join(120)
    is_good = True
    for kind in kinds:
        fault = {"fault": f"more than {AWAY_S_MAX} s"} if killer.away_s[kind] > AWAY_S_MAX else {}
        is_good &= tell(measure="away", kind=kind, kills=killer.kills[kind], missing=killer.missing[kind],
                        most_s=round(killer.away_s[kind], 2), **fault)
    is_good &= tell(measure="longest time without /health", value=round(health.away_s, 1), unit="s")
    for engine in ("postgres", "mysql"):
        answer = patiently(lambda engine=engine: client.post(f"/api/v1/collectors/{engine}/collect"))
        assert answer.status_code in (200, 202), answer.text
    is_good &= patiently(lambda: check_agents(stack, senders))
    is_good &= patiently(lambda: check_work(stack, "PostgreSQL", ids[0], marker, works[0].done))
    own = postgres.execute("SELECT sum(calls)::bigint FROM pg_stat_statements WHERE strpos(query, %s) > 0 "
                           "AND query LIKE 'SELECT id%%'", marker)[0][0]
    is_good &= tell(measure="PostgreSQL's own count", value=int(own))
    is_good &= patiently(lambda: check_work(stack, "MariaDB", ids[1], marker, works[1].done))
    return check_rest(stack, processes, kinds) & is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=600)
    arguments = parser.parse_args()
    with soak_stack.running("kill") as (stack, *targets):
        is_good = soak(stack, *targets, arguments.seconds)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
