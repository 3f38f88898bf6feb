"""What sessions wait for by Potto's looks, beside pg_wait_sampling's samples of the same sessions every 10 ms.

    bench_waits.py [--stretches-min N] [--stretches-max N]

pgbench has sessions that wait for rows, for an advisory lock, for one another's short updates, and that sleep.
waits_watch.c looks once a second, for ten seconds at a time, as a child of the collector does. A stretch's numbers are
compared with the truth of the same ten seconds, so the spread of the differences says how sure their mean is. One JSON
object a line for each wait that has 5 % of the load or more: `interval` is the 95 % interval of the ratio. Stretches
are added until all intervals are within 2.5 %, or there are enough of them.
"""

# packages: waits

import argparse
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/http"))

import servers

BUILD = Path(os.environ.get("POTTO_BUILD_DIR", PROJECT / "build"))
BIN = Path("/usr/lib/postgresql/15/bin")
TRUTH_MS = 10
STRETCH_S = 10
SHARE_MIN = 0.05  # of the load
SURE = 0.025
CLASSES = {"Lock": "lock", "LWLock": "lwlock", "IO": "io", "BufferPin": "buffer_pin", "IPC": "ipc",
           "Timeout": "timeout", "Extension": "extension"}  # fmt: skip
# By name: sessions, and what each does over and over.
SCRIPTS = {
    "rows": (6, r"""\set r random(1, 2)
        BEGIN;
        UPDATE hot SET n = n + 1 WHERE id = :r;
        SELECT pg_sleep(0.02);
        COMMIT;"""),
    "advisory": (4, """BEGIN;
        SELECT pg_advisory_xact_lock(7);
        SELECT pg_sleep(0.05);
        COMMIT;"""),
    "short": (4, r"""BEGIN;
        UPDATE hot SET n = n + 1 WHERE id = 3;
        SELECT pg_sleep(0.002);
        COMMIT;
        \sleep 3 ms"""),
    "work": (2, """SELECT sum(i) FROM generate_series(1, 100000) AS i;
        SELECT pg_sleep(0.2);"""),
}  # fmt: skip


def make_server():
    target = servers.PostgresTarget(f"waits-{os.getpid()}-postgresql", "postgresql").start()
    target.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements', 'pg_wait_sampling'")
    target.stop()
    target.start()
    target.execute(f"ALTER SYSTEM SET pg_wait_sampling.profile_period = {TRUTH_MS}")
    target.execute("SELECT pg_reload_conf()")
    target.execute("CREATE EXTENSION pg_wait_sampling")
    target.execute("CREATE TABLE hot AS SELECT i AS id, 0 AS n FROM generate_series(1, 100) AS i")
    return target


@contextlib.contextmanager
def load(target):
    processes = []
    environment = {**os.environ, "PGPASSWORD": target.admin_password, "PGAPPNAME": "load"}
    with tempfile.TemporaryDirectory() as directory:
        try:
            for name, (sessions, text) in SCRIPTS.items():
                script = Path(directory) / name
                script.write_text("\n".join(line.strip() for line in text.splitlines()) + "\n")
                command = (BIN / "pgbench", "-n", "-h", target.host, "-p", target.port, "-U", target.admin_user,
                           "-c", sessions, "-T", 100000, "-f", script, target.database)  # fmt: skip
                processes.append(subprocess.Popen(list(map(str, command)), env=environment,
                                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            everybody = sum(sessions for sessions, _ in SCRIPTS.values())
            count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'load'"
            servers.wait_until(lambda: target.execute(count)[0][0] == everybody, 60, what="the load")
            time.sleep(2)
            yield
        finally:
            for process in processes:
                process.kill()
                process.wait()


class Truth:
    """Samples so far, of the load's sessions at work."""

    def __init__(self, target):
        self.connection = target.connect()

    def read(self):
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_type, event, sum(count)::float8 FROM pg_wait_sampling_profile AS p "
                "WHERE EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = p.pid AND a.application_name = 'load') "
                "AND event_type <> 'Client' GROUP BY 1, 2"
            )
            samples = {(CLASSES.get(row[0], row[0]), row[1]): row[2] for row in cursor.fetchall()}
            # Some process of the server's own always waits, so it is in every sample.
            cursor.execute("SELECT max(samples)::float8 FROM (SELECT sum(count) AS samples FROM "
                           "pg_wait_sampling_profile GROUP BY pid) AS each")  # fmt: skip
            return cursor.fetchone()[0], samples


def look(target):
    command = (BUILD / "tests/bench/waits_watch", "postgresql", target.host, target.port, target.database,
               target.admin_user, target.admin_password, STRETCH_S, 1000000)  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["problem"] == "", result
    seen = {}
    for wait in result["waits"]:
        if wait["application"] == "load":
            key = wait["class"], wait["event"]
            seen[key] = seen.get(key, 0) + wait["session_ms"] / result["watched_ms"]
    return seen, result["look_count"], result["cost_us"], result["watched_ms"]


class Stretches:
    def __init__(self):
        self.count = self.looks = 0
        self.cost_us = self.watched_ms = 0
        self.waits = {}  # by class and event: (average sessions by the looks, by the truth) of each stretch
        self.load = 0.0  # average sessions at work, of all stretches together

    def add(self, target, truth):
        ticks_before, before = truth.read()
        seen, looks, cost_us, watched_ms = look(target)
        ticks, after = truth.read()
        true = {key: (samples - before.get(key, 0)) / (ticks - ticks_before) for key, samples in after.items()}
        for key in {*true, *seen}:
            self.waits.setdefault(key, [(0.0, 0.0)] * self.count)
        self.count += 1
        for key, pairs in self.waits.items():
            pairs.append((seen.get(key, 0.0), true.get(key, 0.0)))
        self.load += sum(seen.values())
        self.looks += looks
        self.cost_us += cost_us
        self.watched_ms += watched_ms

    def results(self):
        """(class, event, by the looks, by the truth, half of the ratio's interval) of what is 5 % of the load."""
        for (wait_class, event), pairs in sorted(self.waits.items()):
            true = statistics.fmean(pair[1] for pair in pairs)
            if wait_class == "cpu" or true * self.count < SHARE_MIN * self.load:
                continue
            spread = statistics.stdev(pair[0] - pair[1] for pair in pairs) if self.count > 1 else math.inf
            # Student's t, 95 %, for so many stretches.
            half = 2.1 * spread / math.sqrt(self.count) / true
            yield wait_class, event, statistics.fmean(pair[0] for pair in pairs), true, half

    def is_sure(self):
        return all(half <= SURE for *_, half in self.results())


def report(stretches):
    for wait_class, event, seen, true, half in stretches.results():
        ratio = seen / true
        print(json.dumps({
            "bench": f"waits: {wait_class} {event}", "value": round(seen, 4), "unit": "average sessions",
            "peer": f"pg_wait_sampling, {TRUTH_MS} ms", "peer_value": round(true, 4), "ratio": round(ratio, 4),
            "interval": [round(ratio - half, 4), round(ratio + half, 4)],
            "share_of_load": round(true * stretches.count / stretches.load, 3), "stretches": stretches.count,
            "looks": stretches.looks, "cost_share": round(stretches.cost_us / 1000 / stretches.watched_ms, 5),
        }), flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stretches-min", type=int, default=20)
    parser.add_argument("--stretches-max", type=int, default=60)
    options = parser.parse_args()
    target = make_server()
    try:
        with load(target):
            truth, stretches = Truth(target), Stretches()
            while stretches.count < options.stretches_min or (
                stretches.count < options.stretches_max and not stretches.is_sure()
            ):
                stretches.add(target, truth)
                print(f"{stretches.count} stretches", file=sys.stderr)
            report(stretches)
    finally:
        target.stop()
        target.remove()


if __name__ == "__main__":
    main()
