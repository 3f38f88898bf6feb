"""Who waits for whom, on a real PostgreSQL and a real MariaDB: generated chains of waiting sessions.

    bench_chains.py [--chains N] [--seed N] [ENGINE …]

Each chain is of 1 to 6 waiters behind a root, which is idle in its transaction, at work, or a prepared transaction. On
MariaDB some chains begin with a metadata lock. Chains begin and end at random moments while waits_watch.c looks once a
second, as a child of the collector does. One JSON object a line: the share of waiting statements whose root is right
in all that was seen, and their session time by the time that they really waited.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/http"))

import servers

BUILD = Path(os.environ.get("POTTO_BUILD_DIR", PROJECT / "build"))
AT_ONCE = 20  # chains
DEPTH_MAX = 6
WATCH_S = 9  # a look comes at least every 1.5 s, so the last one is after the end of every chain
BEGIN_S, END_S = (0.3, 2.0), (4.0, 7.0)
SESSIONS_MAX = 400


class PostgreSQL:
    engine = kind = "postgresql"
    roots = ("idle", "active", "prepared")

    def __init__(self):
        self.target = servers.PostgresTarget(f"chains-{os.getpid()}-postgresql", self.kind).start()
        self.target.execute(f"ALTER SYSTEM SET max_connections = {SESSIONS_MAX}")
        self.target.execute("ALTER SYSTEM SET max_prepared_transactions = 64")
        self.target.stop()
        self.target.start()

    def id_of(self, connection):
        return connection.get_backend_pid()

    def kill(self, ids):
        self.target.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", ids)

    def prepare(self, connection, name):
        return ["BEGIN"], [f"PREPARE TRANSACTION '{name}'"], [f"ROLLBACK PREPARED '{name}'"]

    def sleep(self, table):
        return f"SELECT pg_sleep(100), count(*) FROM {table}"


class MariaDB:
    engine, kind = "mysql", "mariadb"
    roots = ("idle", "active", "prepared", "reads")

    def __init__(self):
        self.target = servers.MariadbTarget(f"chains-{os.getpid()}-mariadb", self.kind).start()
        for statement in (
            f"SET GLOBAL max_connections = {SESSIONS_MAX}",
            "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/lock/metadata/sql/mdl'",
            "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_statements_current'",
            "SET GLOBAL innodb_lock_wait_timeout = 100",
        ):
            self.target.execute(statement)

    def id_of(self, connection):
        return connection.thread_id()

    def kill(self, ids):
        with contextlib.closing(self.target.connect()) as connection, connection.cursor() as cursor:
            for one in ids:
                with contextlib.suppress(Exception):
                    cursor.execute(f"KILL {one}")

    def prepare(self, connection, name):
        # It belongs to no session once its own has ended.
        return [f"XA START '{name}'"], [f"XA END '{name}'", f"XA PREPARE '{name}'"], [f"XA ROLLBACK '{name}'"]

    def sleep(self, table):
        return f"SELECT SLEEP(100), count(*) FROM {table}"


class Chain:
    """The sessions of one chain. Its statements name its own table and columns, so that they are known by their text.
    """

    def __init__(self, server, number, seed):
        self.server, self.name = server, f"chain{number}x"
        self.depth, self.root = seed.randint(1, DEPTH_MAX), seed.choice(server.roots)
        self.begin_s, self.end_s = seed.uniform(*BEGIN_S), seed.uniform(*END_S)
        self.waiters, self.threads, self.waited_s = [], [], {}
        self.kept = []  # the root's connection
        self.after = []  # ends the root
        columns = ", ".join(f"p{i} int" for i in range(DEPTH_MAX + 1))
        for table in (self.name, f"read_{self.name}"):
            server.target.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, {columns})")
            rows = ", ".join(f"({i})" for i in range(DEPTH_MAX + 1))
            server.target.execute(f"INSERT INTO {table} (id) VALUES {rows}")

    def statement(self, place):
        """What waiter `place` waits with, and locks before."""
        before = [f"SELECT p{place} FROM {self.name} WHERE id = {place} FOR UPDATE"]
        if self.root == "reads" and place == 1:
            return [], f"TRUNCATE TABLE read_{self.name}"
        if self.root == "reads" and place == 2:
            return before, f"SELECT p{place} FROM read_{self.name}"
        return before, f"UPDATE {self.name} SET p{place} = 1 WHERE id = {place - 1}"

    def begin_root(self):
        connection = self.server.target.connect()
        self.kept.append(connection)
        begin, prepare, after = ["BEGIN"], [], []
        if self.root == "prepared":
            begin, prepare, after = self.server.prepare(connection, self.name)
        lock = f"UPDATE {self.name} SET p0 = 1 WHERE id = 0"
        if self.root == "reads":
            lock = f"SELECT p0 FROM read_{self.name} WHERE id = 0"
        with connection.cursor() as cursor:
            for statement in (*begin, lock, *prepare):
                cursor.execute(statement)
        if self.root == "prepared":
            connection.close()
        self.after = after
        if self.root == "active":
            self.run(connection, self.server.sleep(self.name), None)

    def run(self, connection, sql, place):
        def work():
            started = time.monotonic()
            with contextlib.suppress(Exception), connection.cursor() as cursor:
                cursor.execute(sql)
            if place:
                self.waited_s[place] = time.monotonic() - started

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def live(self, started):
        connections = [self.server.target.connect() for _ in range(self.depth)]
        time.sleep(max(0, started + self.begin_s - time.monotonic()))
        self.begin_root()
        for place, connection in enumerate(connections, 1):
            before, sql = self.statement(place)
            with connection.cursor() as cursor:
                for statement in ("BEGIN", *before):
                    cursor.execute(statement)
            self.run(connection, sql, place)
            time.sleep(0.02)  # the table's lock is asked for in this order
        time.sleep(max(0, started + self.end_s - time.monotonic()))
        ids = [self.server.id_of(connection) for connection in (*connections, *self.kept) if self.is_open(connection)]
        self.server.kill(ids)
        for thread in self.threads:
            thread.join()
        for statement in self.after:
            self.server.target.execute(statement)
        for connection in (*connections, *self.kept):
            with contextlib.suppress(Exception):
                connection.close()

    def is_open(self, connection):
        return not (self.root == "prepared" and connection in self.kept)

    def is_root(self, block):
        states = {"idle": "idle_in_transaction", "reads": "idle_in_transaction", "active": "active",
                  "prepared": "prepared_transaction"}
        if block["root_state"] != states[self.root]:
            return False
        return self.root == "prepared" or self.name in (block["root"] or "")

    def place_of(self, text):
        """Which of the chain's waiters runs the statement."""
        if f"TRUNCATE TABLE read_{self.name}" == text:
            return 1
        return next((place for place in range(1, DEPTH_MAX + 1)
                     if f" {self.name} SET p{place} " in text or f"SELECT p{place} FROM read_{self.name}" == text), 0)


def watch(server, results):
    target = server.target
    command = (BUILD / "tests/bench/waits_watch", server.engine, target.host, target.port, target.database,
               target.admin_user, target.admin_password, WATCH_S, 1000000)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    results.append(json.loads(done.stdout))


class Sums:
    def __init__(self):
        self.waiters = self.seen = self.wrong = self.looks = self.cost_us = 0
        self.true_s = self.seen_s = self.right_s = 0.0
        self.by_root = {}
        self.examples = []

    def add(self, chains, result):
        assert result["problem"] == "", result
        self.looks += result["look_count"]
        self.cost_us += result["cost_us"]
        for chain in chains:
            for place in range(1, chain.depth + 1):
                blocks = [block for block in result["blocks"] if chain.place_of(block["statement"] or "") == place]
                wrong = [block for block in blocks if not chain.is_root(block)]
                seen_s = sum(block["session_ms"] for block in blocks) / 1000
                self.waiters += 1
                self.seen += bool(blocks)
                self.wrong += bool(wrong)
                self.true_s += chain.waited_s[place]
                self.seen_s += seen_s
                self.right_s += sum(block["session_ms"] for block in blocks if chain.is_root(block)) / 1000
                sums = self.by_root.setdefault(chain.root, [0, 0, 0.0, 0.0])
                for i, value in enumerate((1, bool(wrong), chain.waited_s[place], seen_s)):
                    sums[i] += value
                if wrong and len(self.examples) < 5:
                    self.examples.append((chain.name, chain.root, chain.depth, place, wrong))


def measure(server, chain_count, seed):
    sums, done = Sums(), 0
    while done < chain_count:
        chains = [Chain(server, done + i, seed) for i in range(min(AT_ONCE, chain_count - done))]
        results, started = [], time.monotonic()
        threads = [threading.Thread(target=watch, args=(server, results))]
        threads += [threading.Thread(target=chain.live, args=(started,)) for chain in chains]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sums.add(chains, results[0])
        done += len(chains)
        print(f"{server.kind}: {done} chains", file=sys.stderr)
        for chain in chains:
            server.target.execute(f"DROP TABLE {chain.name}")
            server.target.execute(f"DROP TABLE read_{chain.name}")
    return sums


def report(server, chains, sums):
    for example in sums.examples:
        print("wrong:", *example, file=sys.stderr)
    for name, value, unit, peer, peer_value in (
        ("root", 1 - sums.wrong / sums.waiters, "share of waiters", "all of them", 1),
        ("time", sums.right_s, "session-seconds", "waited", sums.true_s),
    ):
        print(json.dumps({
            "bench": f"chains: {server.kind}, {name}", "value": round(value, 4), "unit": unit, "peer": peer,
            "peer_value": round(peer_value, 4), "ratio": round(value / peer_value, 4), "chains": chains,
            "waiters": sums.waiters, "seen": sums.seen, "looks": sums.looks,
            "us_per_look": round(sums.cost_us / max(1, sums.looks)),
            "by_root": {root: {"waiters": count, "wrong": wrong, "ratio": round(seen_s / true_s, 4)}
                        for root, (count, wrong, true_s, seen_s) in sorted(sums.by_root.items())},
        }), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engines", nargs="*", default=["postgresql", "mariadb"])
    parser.add_argument("--chains", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    for kind in options.engines:
        server = {"postgresql": PostgreSQL, "mariadb": MariaDB}[kind]()
        try:
            report(server, options.chains, measure(server, options.chains, random.Random(options.seed)))
        finally:
            server.target.stop()
            server.target.remove()


if __name__ == "__main__":
    main()
