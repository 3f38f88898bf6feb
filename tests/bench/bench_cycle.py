"""What a collection cycle costs, on a real PostgreSQL and a real MariaDB. --state DIR: a running Potto.

One JSON object a line: the wall time of a cycle (median and least; with the reading of what is known, without the
writing), the processor time of a cycle (of the collector and all its descendants, without what they take when nothing
is collected), and the largest memory of all these processes together (PSS: a shared page counts once), with the part of
each. No children look at sessions beside them.
"""
# setting: POTTO_WAITS=0

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/http"))

import psycopg2
import requests

CYCLES = 60
STATEMENTS = 200  # different ones, so that the server has statistics to read
TICKS = 100  # clock ticks a second in /proc


def start(kind, state):
    said = subprocess.run([str(PROJECT / "dev/target"), "start", kind, str(state)], check=True, capture_output=True)
    return json.loads(said.stdout)


def stop(kind, state):
    subprocess.run([str(PROJECT / "dev/target"), "stop", kind, str(state)], check=True, capture_output=True)


class Processes:
    """The collector and its descendants. Waited-for children count with their parent."""

    def __init__(self, collector):
        self.collector = collector

    def all(self):
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(stat.parent.name)] = int(fields[1])
        found, fresh = [], [self.collector]
        while fresh:
            found += fresh
            fresh = [pid for pid, parent in parents.items() if parent in fresh]
        return found

    def cpu_ms(self):
        total = 0
        for pid in self.all():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += sum(map(int, fields[11:15]))
        return total * 1000 / TICKS

    def pss_kb(self):
        """Of each process that runs; of none if one came or went meanwhile, with which others share their pages."""
        found, pids = {}, self.all()
        for pid in pids:
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            found[pid] = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return found if self.all() == pids else {}


class Peak(threading.Thread):
    """The memory of each process at the moment when all together have most."""

    def __init__(self, processes, pause_s=0.001):
        super().__init__(daemon=True)
        self.pause_s = pause_s
        self.processes, self.kb, self.ends = processes, {}, threading.Event()
        self.lasting = set(processes.all())  # the collector and potto-target

    def run(self):
        while not self.ends.is_set():
            self.kb = max(self.kb, self.processes.pss_kb(), key=lambda kb: sum(kb.values()))
            time.sleep(self.pause_s)

    def all_mb(self):
        return round(sum(self.kb.values()) / 1024, 2)

    def parts_mb(self):
        names = {"collector": [self.processes.collector], "children": self.kb.keys() - self.lasting}
        names["potto_target"] = self.lasting - {self.processes.collector}
        return {name: round(sum(self.kb.get(pid, 0) for pid in pids) / 1024, 2) for name, pids in names.items()}


class Store:
    def __init__(self, state):
        env = dict(line.split("=", 1) for line in (state / "potto.env").read_text().splitlines() if "=" in line)
        self.connection = psycopg2.connect(env["POTTO_OWNER_DATABASE_URL"])
        self.connection.autocommit = True

    def run(self, sql, *arguments):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchall() if cursor.description else []


def cycle(store, connection_id):
    """Run a cycle; its wall time in ms."""
    read = ("SELECT last_run_at, last_duration_ms, state FROM connection_collection "
            "WHERE database_connection_id = %s AND lease_owner IS NULL AND last_duration_ms IS NOT NULL")
    before = store.run(read, connection_id)
    if before:
        store.run("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s",
                  connection_id)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        row = store.run(read, connection_id)
        if row and (not before or row[0][0] > before[0][0]):
            if row[0][2] == "failed":
                raise SystemExit("a cycle failed")
            return row[0][1]
        time.sleep(0.005)
    raise SystemExit("no cycle ran")


def distinct_statement(number):
    """Statements that differ in their operators, since names of columns and constants tell none apart."""
    digits = []
    while number > 0 or not digits:
        digits.append("+-*/"[number % 4])
        number //= 4
    return "SELECT 1 " + " 1 ".join(digits) + " 1"


def fill(target):
    """Statistics as a server has them after a while."""
    connection = psycopg2.connect(host=target["host"], port=target["port"], user=target["admin_user"],
                                  password=target["admin_password"], dbname=target["database"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        for i in range(STATEMENTS):
            cursor.execute(distinct_statement(i))
    connection.close()


def measure(kind, engine, url, token, state, processes, store):
    target = start(kind, state / "cycle-target")
    try:
        if kind == "postgresql":
            fill(target)
        answer = requests.post(
            url + "/api/v1/database-connections", headers={"Authorization": f"Bearer {token}"}, timeout=30,
            json={"name": f"cycle {kind}", "engine": engine, "host": target["host"], "port": target["port"],
                  "username": target["user"], "password": target["password"], "database": target["database"],
                  "interval_s": 86400, "tls_mode": "disable"})
        answer.raise_for_status()
        connection_id = answer.json()["id"]
        for _ in range(5):
            cycle(store, connection_id)
        idle_ms, from_s = processes.cpu_ms(), time.monotonic()
        time.sleep(10)
        idle_rate = (processes.cpu_ms() - idle_ms) / (time.monotonic() - from_s)
        before_ms, from_s = processes.cpu_ms(), time.monotonic()
        wall_ms = [cycle(store, connection_id) for _ in range(CYCLES)]
        cpu_ms = processes.cpu_ms() - before_ms - idle_rate * (time.monotonic() - from_s)
        # Reading it stops the processes for moments, so it has cycles of its own.
        peak = Peak(processes)
        peak.start()
        for _ in range(CYCLES):
            cycle(store, connection_id)
        peak.ends.set()
        peak.join()
        for name, value, unit, parts in (
            ("wall", statistics.median(wall_ms), "ms a cycle, median", {}),
            ("wall_least", min(wall_ms), "ms a cycle, least", {}),
            ("processor", cpu_ms / CYCLES, "ms a cycle", {}),
            ("memory", peak.all_mb(), "MB of the collector and its descendants, PSS, most",
             peak.parts_mb()),
        ):
            print(json.dumps({"bench": f"cycle_{kind}_{name}", "value": round(value, 2), "unit": unit,
                              "cycles": CYCLES} | parts), flush=True)
    finally:
        stop(kind, state / "cycle-target")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    state = parser.parse_args().state.resolve()
    admin = json.loads((state / "admin.json").read_text())
    url = admin["url"].rstrip("/")
    signed_in = requests.post(url + "/api/v1/auth/login", timeout=30,
                              json={"email": admin["email"], "password": admin["password"]})
    signed_in.raise_for_status()
    token = signed_in.json()["access_token"]
    processes = Processes(int((state / "run/collector.pid").read_text()))
    for kind, engine in (("postgresql", "postgresql"), ("mariadb", "mysql")):
        measure(kind, engine, url, token, state, processes, Store(state))


if __name__ == "__main__":
    main()
