"""What Potto takes from a database that is at work: throughput with Potto off and on in turn. --state DIR: a running
Potto. --pairs N and --seconds N bound it (each pair has two sides of N seconds, and a little more); --engines LIST.
POTTO_BENCH_PAIRS, POTTO_BENCH_SECONDS and POTTO_BENCH_ENGINES say the same to dev/bench.

A database of 5,000 distinct statements is loaded by as many clients as keep it busy: pgbench (select-only) on
PostgreSQL, sessions of the server's own BENCHMARK() on MariaDB. In each pair one side is off and one is on, in an order
that changes; collection and looks at sessions are part of "on", at the interval that a side lasts, so each side has
one cycle. The server and its clients have one processor, Potto and its store another: what Potto takes of its own
machine is no overhead of the database.

One JSON object a line: value is the median of (on / off), with an interval of the medians that holds with 97.9 % at 10
pairs (order statistics); cost_share is what Potto itself measured.
"""

import argparse
import contextlib
import json
import math
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/http"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import psycopg2
import pymysql
import requests
from bench_cycle import Store, distinct_statement, start, stop

STATEMENTS = 5000
CONFIDENCE = 0.95
ENGINES = {"postgresql": "postgresql", "mariadb": "mysql"}


# ---- processors ----


def tree(pid):
    """A process and its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
    found, fresh = [], [pid]
    while fresh:
        found += fresh
        fresh = [child for child, parent in parents.items() if parent in fresh]
    return found


def pin(directory, processor):
    """Give all processes of a state one processor; those that they start inherit it. False: there is but one."""
    if os.cpu_count() < 2:
        return False
    for file in (directory / "run").glob("*.pid"):
        with contextlib.suppress(OSError, ValueError):
            for pid in tree(int(file.read_text().split()[0])):
                subprocess.run(["taskset", "-apc", str(processor), str(pid)], check=False, capture_output=True)
    return True


# ---- load ----


class Postgres:
    def __init__(self, directory):
        self.directory, self.target = directory, start("postgresql", directory)
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET pg_stat_statements.max = 10000")
        stop("postgresql", directory)
        self.target = start("postgresql", directory)
        self.pgbench("-i", "-s", "5", "-q")
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            for i in range(STATEMENTS):
                cursor.execute(distinct_statement(i))
            cursor.execute("SELECT count(*) FROM pg_stat_statements")
            assert cursor.fetchone()[0] >= STATEMENTS

    def connect(self):
        target = self.target
        connection = psycopg2.connect(host=target["host"], port=target["port"], dbname=target["database"],
                                      user=target["admin_user"], password=target["admin_password"])
        connection.autocommit = True
        return connection

    def pgbench(self, *options):
        target = self.target
        environment = {**os.environ, "PGPASSWORD": target["admin_password"]}
        command = ["pgbench", "-h", target["host"], "-p", str(target["port"]), "-U", target["admin_user"], *options]
        if options[0] != "-i" and os.cpu_count() > 1:
            command = ["taskset", "-c", "0", *command]
        return subprocess.run([*command, target["database"]], check=True, capture_output=True, text=True,
                              env=environment).stdout

    def load(self, seconds):
        """Transactions a second."""
        said = self.pgbench("-S", "-n", "-c", "4", "-j", "1", "-T", str(seconds))
        return float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])


class Mariadb:
    """Without pgbench's like, the load is made in the server: each call takes it the same work."""

    ROUNDS = 5_000

    def __init__(self, directory):
        self.directory, self.target = directory, start("mariadb", directory)
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            for i in range(STATEMENTS):
                cursor.execute(distinct_statement(i))

    def connect(self):
        target = self.target
        return pymysql.connect(host=target["host"], port=target["port"], database=target["database"],
                               user=target["admin_user"], password=target["admin_password"], autocommit=True)

    def load(self, seconds):
        """Statements a second, of some 10 ms each, of which all time is the server's."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            from_s, count = time.monotonic(), 0
            while (took_s := time.monotonic() - from_s) < seconds:
                cursor.execute(f"SELECT BENCHMARK({self.ROUNDS}, MD5('potto'))")
                count += 1
        return count / took_s


# ---- Potto ----


class Potto:
    def __init__(self, state):
        admin = json.loads((state / "admin.json").read_text())
        self.state, self.url, self.store = state, admin["url"].rstrip("/"), Store(state)
        self.login = {"email": admin["email"], "password": admin["password"]}
        self.id, self.session = None, requests.Session()

    def sign_in(self):
        signed_in = self.session.post(f"{self.url}/api/v1/auth/login", json=self.login, timeout=30)
        signed_in.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"

    def call(self, method, path, **options):
        answer = self.session.request(method, self.url + path, timeout=30, **options)
        if answer.status_code == 401:
            self.sign_in()
            answer = self.session.request(method, self.url + path, timeout=30, **options)
        answer.raise_for_status()
        return answer.json()

    def watch(self, name, engine, target, interval_s):
        body = {"name": f"overhead {name}", "engine": engine, "interval_s": interval_s, "tls_mode": "disable",
                **{key: target[key] for key in ("host", "port", "password", "database")}, "username": target["user"]}
        self.id = self.call("POST", "/api/v1/database-connections", json=body)["id"]

    def wait(self, condition, what):
        deadline = time.monotonic() + 120
        while not self.store.run(condition, self.id):
            if time.monotonic() > deadline:
                raise SystemExit(f"never {what}")
            time.sleep(0.1)

    def is_idle(self):
        self.wait("SELECT 1 FROM connection_collection WHERE database_connection_id = %s AND lease_owner IS NULL",
                  "idle")
        self.store.run("UPDATE session_watches SET next_at = now() + interval '1 day' "
                       "WHERE database_connection_id = %s", self.id)
        watched = "NOT EXISTS (SELECT FROM session_watches WHERE database_connection_id = %s AND lease_until > now())"
        self.wait(f"SELECT 1 WHERE {watched}", "unwatched")

    def switch(self, is_on):
        self.store.run("UPDATE database_connections SET monitoring_enabled = %s WHERE id = %s", is_on, self.id)
        if is_on:
            self.store.run("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s",
                           self.id)
            self.store.run("UPDATE session_watches SET next_at = now() WHERE database_connection_id = %s", self.id)
        else:
            self.is_idle()

    def coverage(self):
        return self.call("GET", f"/api/v1/monitoring/connections/{self.id}/coverage")


# ---- numbers ----


def interval_of(ratios):
    """The narrowest pair of order statistics that has the median between them with 95 % or more, and with how much."""
    count, found = len(ratios), (0, 0)
    for cut in range(count // 2):
        outside = 2 * sum(math.comb(count, i) for i in range(cut + 1)) / 2**count
        if 1 - outside >= CONFIDENCE or cut == 0:
            found = (cut, 1 - outside)
    ordered = sorted(ratios)
    return ordered[found[0]], ordered[count - 1 - found[0]], found[1]


def measure(name, potto, pairs, seconds):
    directory = potto.state / f"overhead-{name}"
    try:
        load = {"postgresql": Postgres, "mariadb": Mariadb}[name](directory)
        is_pinned = pin(directory, 0) and pin(potto.state, 1)
        potto.watch(name, ENGINES[name], load.target, max(5, seconds))
        potto.wait("SELECT 1 FROM connection_collection WHERE database_connection_id = %s AND state IN "
                   "('ok', 'warning')", "collected from")
        potto.switch(False)
        load.load(min(seconds, 5))
        ratios, off, looks = [], [], potto.coverage()["look_count"]
        for _ in range(pairs):
            order, rates = [False, True], {}
            random.shuffle(order)
            for is_on in order:
                potto.switch(is_on)
                rates[is_on] = load.load(seconds)
            potto.switch(False)
            ratios.append(rates[True] / rates[False])
            off.append(rates[False])
        low, high, confidence = interval_of(ratios)
        covered = potto.coverage()
        print(json.dumps({
            "bench": f"overhead_{name}", "value": round(statistics.median(ratios), 5), "unit": "of the throughput off",
            "interval": [round(low, 5), round(high, 5)], "confidence": round(confidence, 3), "pairs": pairs,
            "seconds": seconds, "off_per_s": round(statistics.median(off), 1), "cycles": covered["look_count"] - looks,
            "cost_share": covered["look_cost_share"], "attributed_share": covered["attributed_share"],
            "has_own_processor": is_pinned}), flush=True)
    finally:
        stop(name, directory)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=int(os.environ.get("POTTO_BENCH_PAIRS", "10")))
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("POTTO_BENCH_SECONDS", "60")))
    parser.add_argument("--engines", default=os.environ.get("POTTO_BENCH_ENGINES", "postgresql,mariadb"))
    arguments = parser.parse_args()
    for name in arguments.engines.split(","):
        measure(name, Potto(arguments.state.resolve()), arguments.pairs, arguments.seconds)


if __name__ == "__main__":
    main()
