"""Who waits for whom, on a real PostgreSQL and a real MariaDB: generated chains of waiting sessions.

    bench_chains.py [--chains N] [--seed N] [ENGINE …]

Each chain is of 1 to 6 waiters behind a root, which is idle in its transaction, at work, or a prepared transaction. On
MariaDB some chains begin with a metadata lock. A waiter begins when the one before it is seen to wait. Half of the
chains end at their last waiter, so that each has one root at any moment. The others end at the root: each waiter then
goes on, holds its lock for a while, idle in its transaction, and is the root of those behind it. waits_watch.c looks
once a second meanwhile, as a child of the collector does. One JSON object a line: the share of waiting statements
whose root is right in all that was seen, and their session time by the time that they really waited. `passing` is
session time behind a waiter that had got its lock and was still at work, `unknown` behind a root whose statement is not
known.
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
AT_ONCE = 25  # chains
DEPTH_MAX = 6
WATCH_S = 15  # a look comes at least every 1.5 s, so the last one is after the end of every chain
BEGIN_S, END_S = (1.5, 3.0), (5.0, 8.0)
HOLD_S = (0.0, 0.7)  # a waiter that has got its lock
STEP_S = 0.02
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

    def kill(self, cursor, id_):
        """When this returns, the session is gone."""
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (id_,))

    def does(self, cursor, id_, what):
        condition = {"wait": "wait_event_type = 'Lock'", "work": "state = 'active' AND wait_event = 'PgSleep'"}[what]
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND {condition}", (id_,))
        return cursor.fetchone()[0] == 1

    def is_there(self, cursor, id_):
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (id_,))
        return cursor.fetchone()[0] == 1

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

    def kill(self, cursor, id_):
        """When this returns, the session is gone."""
        with contextlib.suppress(Exception):
            cursor.execute(f"KILL {id_}")
        until(lambda: not self.is_there(cursor, id_))

    def does(self, cursor, id_, what):
        # INNODB_TRX would say it, but it does not change as long as somebody asks ten times a second.
        condition = {
            "wait": "(STATE LIKE 'Waiting for%%lock' OR STATE IN ('Updating', 'Statistics')) AND TIME_MS > 50",
            "work": "STATE = 'User sleep'",
        }[what]
        cursor.execute("SELECT count(*) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Query' AND ID = %s AND "
                       + condition, (id_,))  # fmt: skip
        return cursor.fetchone()[0] == 1

    def is_there(self, cursor, id_):
        cursor.execute("SELECT count(*) FROM information_schema.PROCESSLIST WHERE ID = %s", (id_,))
        return cursor.fetchone()[0] == 1

    def prepare(self, connection, name):
        # It belongs to no session once its own has ended.
        return [f"XA START '{name}'"], [f"XA END '{name}'", f"XA PREPARE '{name}'"], [f"XA ROLLBACK '{name}'"]

    def sleep(self, table):
        return f"SELECT SLEEP(100), count(*) FROM {table}"


def until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "a session does not do what it was told"
        time.sleep(STEP_S)


class Chain:
    """The sessions of one chain. Its statements name its own table and columns, so that they are known by their text.
    """

    def __init__(self, server, number, seed):
        self.server, self.name = server, f"chain{number}x"
        self.depth, self.root = seed.randint(1, DEPTH_MAX), seed.choice(server.roots)
        self.begin_s, self.end_s = seed.uniform(*BEGIN_S), seed.uniform(*END_S)
        self.ends_at_root = seed.random() < 0.5
        self.holds_s = [seed.uniform(*HOLD_S) for _ in range(DEPTH_MAX + 1)]
        self.threads, self.waited_s = {}, {}  # by place; 0: the root
        self.connections = []  # by place
        self.failure = None
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

    def begin_root(self, cursor):
        connection = self.connections[0]
        begin, prepare, self.after = ["BEGIN"], [], []
        if self.root == "prepared":
            begin, prepare, self.after = self.server.prepare(connection, self.name)
        lock = f"UPDATE {self.name} SET p0 = 1 WHERE id = 0"
        if self.root == "reads":
            lock = f"SELECT p0 FROM read_{self.name} WHERE id = 0"
        self.run(0, (*begin, lock, *prepare))
        if self.root == "prepared":
            connection.close()
            until(lambda: not self.server.is_there(cursor, self.ids[0]))
        if self.root == "active":
            self.start(0, self.server.sleep(self.name))
            until(lambda: self.server.does(cursor, self.ids[0], "work"))

    def run(self, place, statements):
        with self.connections[place].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def start(self, place, sql):
        def work():
            started = time.monotonic()
            with contextlib.suppress(Exception):
                self.run(place, [sql])
            self.waited_s[place] = time.monotonic() - started

        self.threads[place] = threading.Thread(target=work)
        self.threads[place].start()

    def live(self, started):
        try:
            with contextlib.closing(self.server.target.connect()) as watching, watching.cursor() as cursor:
                self.connections = [self.server.target.connect() for _ in range(self.depth + 1)]
                self.ids = [self.server.id_of(connection) for connection in self.connections]
                time.sleep(max(0, started + self.begin_s - time.monotonic()))
                self.begin(cursor)
                time.sleep(max(0, started + self.end_s - time.monotonic()))
                self.end_from_root(cursor) if self.ends_at_root else self.end_from_last(cursor)
        except Exception as failure:
            self.failure = failure
        for connection in self.connections:
            with contextlib.suppress(Exception):
                connection.close()

    def begin(self, cursor):
        self.begin_root(cursor)
        for place in range(1, self.depth + 1):
            before, sql = self.statement(place)
            self.run(place, ("BEGIN", *before))
            self.start(place, sql)
            until(lambda place=place: self.server.does(cursor, self.ids[place], "wait"))

    def end_from_last(self, cursor):
        for place in range(self.depth, 0, -1):
            self.server.kill(cursor, self.ids[place])
            self.threads[place].join()
        self.end_root(cursor)

    def end_root(self, cursor):
        for statement in self.after:
            cursor.execute(statement)
        if self.root == "active":
            self.server.kill(cursor, self.ids[0])
            self.threads[0].join()
        elif not self.after:
            self.run(0, ["COMMIT"])

    def end_from_root(self, cursor):
        self.end_root(cursor)
        for place in range(1, self.depth + 1):
            self.threads[place].join()
            time.sleep(self.holds_s[place])
            self.run(place, ["COMMIT"])

    def kind_of(self, block, place):
        """What a block of the waiter says: its root is right, or "passing", "unknown", "wrong"."""
        states = {"idle": "idle_in_transaction", "reads": "idle_in_transaction", "active": "active",
                  "prepared": "prepared_transaction"}  # fmt: skip
        text, state = block["root"] or "", block["root_state"]
        if self.root == "prepared" and state == states["prepared"]:
            return "right"
        if self.root == "prepared" and state == "active" and "ROLLBACK" in text:
            return "passing"  # the session that rolls it back has its locks
        if state == "unknown" or (not text and state in (states[self.root], "idle_in_transaction")):
            return "unknown"
        at = self.place_of(text)
        if at == 0 and self.name in text and state == states[self.root]:
            return "right"
        if not self.ends_at_root or not 0 < at < place:
            return "wrong"
        return {"idle_in_transaction": "right", "active": "passing"}.get(state, "wrong")

    def place_of(self, text):
        """Which of the chain's waiters runs the statement; 0: none."""
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
        self.true_s = 0.0
        self.kinds_s = {"right": 0.0, "passing": 0.0, "unknown": 0.0, "wrong": 0.0}
        self.by_root = {}
        self.examples = []

    def add(self, chains, result):
        assert result["problem"] == "", result
        self.looks += result["look_count"]
        self.cost_us += result["cost_us"]
        for chain in chains:
            assert chain.failure is None, (chain.name, chain.failure)
            for place in range(1, chain.depth + 1):
                blocks = [block for block in result["blocks"] if chain.place_of(block["statement"] or "") == place]
                self.add_waiter(chain, place, [(chain.kind_of(block, place), block) for block in blocks])

    def add_waiter(self, chain, place, blocks):
        wrong = [block for kind, block in blocks if kind == "wrong"]
        self.waiters += 1
        self.seen += bool(blocks)
        self.wrong += bool(wrong)
        self.true_s += chain.waited_s[place]
        kind = f"{chain.root}, ends at its {'root' if chain.ends_at_root else 'last waiter'}"
        sums = self.by_root.setdefault(kind, [0, 0, 0.0, 0.0])
        for i, value in enumerate((1, bool(wrong), chain.waited_s[place])):
            sums[i] += value
        for kind, block in blocks:
            self.kinds_s[kind] += block["session_ms"] / 1000
            sums[3] += block["session_ms"] / 1000
            if kind == "wrong" or (kind != "right" and len(self.examples) < 20):
                self.examples.append((kind, chain.name, chain.root, chain.ends_at_root, chain.depth, place, block))


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
        print(*example, file=sys.stderr)
    for name, value, unit, peer, peer_value in (
        ("root", 1 - sums.wrong / sums.waiters, "share of waiters", "all of them", 1),
        ("time", sums.kinds_s["right"], "session-seconds", "waited", sums.true_s),
    ):
        print(json.dumps({
            "bench": f"chains: {server.kind}, {name}", "value": round(value, 4), "unit": unit, "peer": peer,
            "peer_value": round(peer_value, 4), "ratio": round(value / peer_value, 4), "chains": chains,
            "waiters": sums.waiters, "seen": sums.seen, "wrong": sums.wrong, "looks": sums.looks,
            **{f"{kind}_s": round(seconds, 3) for kind, seconds in sums.kinds_s.items()},
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
