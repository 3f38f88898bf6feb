"""A fleet on one collector: 500 databases at 60 s. --state DIR: a running Potto. --databases, --interval and --seconds
bound it.

The connections are to a few databases of one real PostgreSQL, which costs the collector what as many servers would: a
sign-in, a process and a session for each look. What sessions wait for is looked at as well, on as many databases as
the collector looks at once.

One JSON object a line: the processor time of the collector and its descendants as a share of one processor, their
memory (PSS), and how late runs begin after the time at which they were due.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import psycopg2
from bench_cycle import Peak, Processes, start, stop
from bench_overhead import Potto

DATABASES = 10  # on the server


def make_databases(target):
    connection = psycopg2.connect(host=target["host"], port=target["port"], dbname="postgres",
                                  user=target["admin_user"], password=target["admin_password"])
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        for i in range(DATABASES):
            cursor.execute(f"CREATE DATABASE fleet_{i} TEMPLATE shop")


def add_connections(potto, target, count, interval_s):
    ids = []
    for i in range(count):
        named = {**target, "database": f"fleet_{i % DATABASES}"}
        potto.watch(f"fleet {i}", "postgresql", named, interval_s)
        ids.append(potto.id)
    return ids


class Runs:
    """When runs were due, and when they began."""

    def __init__(self, store, ids):
        self.store, self.ids, self.due, self.late_s = store, ids, {}, []

    def look(self):
        for connection_id, last, due in self.store.run(
            "SELECT database_connection_id, last_run_at, next_run_at FROM connection_collection "
            "WHERE database_connection_id = ANY (%s) AND lease_owner IS NULL", self.ids
        ):
            before = self.due.get(connection_id)
            if before is not None and before[0] != last:
                self.late_s.append((last - before[1]).total_seconds())
            self.due[connection_id] = (last, due)


def measure(potto, processes, arguments):
    directory = potto.state / "fleet-target"
    target = start("postgresql", directory)
    try:
        make_databases(target)
        ids = add_connections(potto, target, arguments.databases, arguments.interval)
        potto.store.run("SELECT 1")
        deadline = time.monotonic() + 600
        done = ("SELECT count(*) FROM connection_collection WHERE database_connection_id = ANY (%s) "
                "AND state IN ('ok', 'warning') AND lane = 'trusted'")
        while potto.store.run(done, ids)[0][0] < len(ids):
            if time.monotonic() > deadline:
                raise SystemExit("not all were collected from")
            time.sleep(0.5)
        time.sleep(arguments.interval)
        runs, peak = Runs(potto.store, ids), Peak(processes, pause_s=0.2)
        peak.start()
        before_ms, from_s = processes.cpu_ms(), time.monotonic()
        while time.monotonic() - from_s < arguments.seconds:
            runs.look()
            time.sleep(0.5)
        took_s = time.monotonic() - from_s
        share = (processes.cpu_ms() - before_ms) / 1000 / took_s
        peak.ends.set()
    finally:
        stop("postgresql", directory)
    late = sorted(runs.late_s) or [float("nan")]
    for name, value, unit in (
        ("processor", share, "of one processor"),
        ("memory", peak.all_mb() or float("nan"), "MB of the collector and its descendants, PSS, most"),
        ("runs", len(runs.late_s) / (took_s / arguments.interval * len(ids)), "of those that were to be"),
        ("late_median", statistics.median(late), "s"),
        ("late_p99", late[min(len(late) - 1, int(len(late) * 0.99))], "s"),
        ("late_most", late[-1], "s"),
    ):
        print(json.dumps({"bench": f"fleet_{name}", "value": round(value, 4), "unit": unit,
                          "databases": len(ids), "interval_s": arguments.interval, "seconds": round(took_s)}),
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    for name, usual in (("databases", 500), ("interval", 60), ("seconds", 300)):
        parser.add_argument(f"--{name}", type=int, default=int(os.environ.get(f"POTTO_BENCH_{name.upper()}", usual)))
    arguments = parser.parse_args()
    potto = Potto(arguments.state.resolve())
    measure(potto, Processes(int((potto.state / "run/collector.pid").read_text())), arguments)


if __name__ == "__main__":
    main()
