#!/usr/bin/env python3
"""Makes the corpus again: plans of statements to which something was done, labelled with what was done, and plans of
the same statements without it. Every plan is a real server's.

    tests/plans/corpus.py make OUT postgresql-13|…|postgresql-18|postgresql-debian|mariadb|mysql [tune|held|fresh]
    tests/plans/corpus.py join PART…            writes tests/plans/corpus.jsonl.gz

A part is made on one server: the case's fault is made, the plan is taken, the fault is undone, and the plan of the
healthy twin is taken. Each case has its version and its data by rule, not by chance; times differ from run to run. The
cases stand in three groups over different tables: rules were tuned with the first, then with the second, and never with
the third. A fault that did not make the statement slower (HARM, HARM_MS) is none and is told on standard error; where
the harm is another one than time, the case says so.

PostgreSQL 13 to 18 come from npm's registry and MySQL 8.0.15 from Maven's, as tests/far fetches them; PostgreSQL 15
with JIT and MariaDB are Debian's.
"""

import contextlib
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "http"), str(TESTS / "far")]

import corpus_mysql  # noqa: E402
import corpus_postgresql  # noqa: E402
import far_mysql  # noqa: E402
import far_servers  # noqa: E402
import make  # noqa: E402

CORPUS = Path(__file__).resolve().parent / "corpus.jsonl.gz"
GROUPS = ("tune", "held", "fresh")
VERSIONS = (13, 14, 15, 16, 17, 18)
HARM, HARM_MS = 1.2, 1.0  # times as long as before, and longer by so much
# Other harm, as the plan shows it, and none where it does not. Harm of other names is of another kind than speed.
HARMS = {
    "disk": r'"Temp Written Blocks":[1-9]|"r_sort_passes": [1-9]',
    "lossy": r'"Lossy Heap Blocks":[1-9]',
    "blocks": r'"Heap Fetches":[1-9]\d\d\d',
    "undo": r'"old_rows_read": [1-9]',
}


def number_of(words):
    """The same for the same words on every machine."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big")


def one_line(words):
    return re.sub(r"\s+", " ", words).strip()


def what_was_done(case):
    if "what" in case:
        return case["what"]
    done = [*case.get("done", ()), *(f"SET {each}" for each in case.get("set", ()))]
    return one_line("; ".join(done)) if done else "the statement was written otherwise"


def record(case, number, server, mode, plan, fault_ms, healthy_ms, is_healthy):
    statement = case.get("healthy", case["statement"]) if is_healthy else case["statement"]
    name = f"{case['group']}-{server.engine}{server.version}-{number:03}-{mode}"
    return {
        "id": f"{name}-{'healthy' if is_healthy else case['label']}",
        "group": case["group"],
        "engine": server.engine,
        "version": server.version,
        "mode": mode,
        "label": None if is_healthy else case["label"],
        "table": None if is_healthy else case["table"],
        "done": "nothing" if is_healthy else what_was_done(case),
        "statement": one_line(statement),
        "ms": round(healthy_ms if is_healthy else fault_ms, 1),
        "plan": plan,
    }


# ---- PostgreSQL ----


class Postgres:
    def __init__(self, server, version, is_debian):
        self.server, self.engine, self.version, self.is_debian = server, "postgresql", version, is_debian

    def session(self, settings=()):
        session = make.postgresql_session(self.server)
        for setting in settings:
            session.cursor().execute(f"SET {setting}")
        return session

    def run(self, statements):
        session = self.session(["client_min_messages = error"])
        for statement in statements:
            session.cursor().execute(statement)
        session.close()

    def tables(self, group):
        return corpus_postgresql.TABLES[group]

    def cases(self):
        """A case is made by one version, and its plan without ANALYZE by another; by Debian's server where it needs
        what npm's lacks."""
        for number, case in enumerate(corpus_postgresql.CASES):
            least = case.get("since", 13)
            versions = [each for each in VERSIONS if each >= least]
            for at, mode in enumerate(case.get("modes", ("analyze",))):
                words = f"{case['group']} {case['label']} {case['statement']}"
                chosen = versions[(number_of(words) + at * 2) % len(versions)]
                if self.is_debian == bool(case.get("debian")) and (self.is_debian or chosen == self.version):
                    yield number, case, mode

    def explain(self, statement, settings, mode, lock):
        """The plan, and the statement's time of the quicker of two runs."""
        options = {"analyze": "ANALYZE, BUFFERS, SETTINGS", "explain": "SETTINGS"}[mode]
        session = self.session(settings)
        best = plan = None
        with session.cursor() as cursor:
            for command in ("ANALYZE, BUFFERS, SETTINGS", "ANALYZE, BUFFERS, SETTINGS", options):
                with make.locked(self.server, lock):
                    cursor.execute("BEGIN")
                    cursor.execute(f"EXPLAIN ({command}, FORMAT JSON) {statement}")
                    plan = cursor.fetchone()[0]
                    cursor.execute("ROLLBACK")
                if "Execution Time" in plan[0]:
                    took = plan[0]["Execution Time"] + plan[0]["Planning Time"]
                    best = took if best is None else min(best, took)
        session.close()
        return json.dumps(plan, separators=(",", ":"), ensure_ascii=False), best


# ---- MariaDB, MySQL ----


class Mysql:
    def __init__(self, server, engine, version):
        self.server, self.engine, self.version = server, engine, version

    def run(self, statements):
        session = make.mysql_session(self.server)
        for statement in statements:
            with contextlib.closing(session.cursor()) as cursor:
                cursor.execute(statement)
        session.close()

    def tables(self, group):
        more = corpus_mysql.MARIADB_MORE if self.engine == "mariadb" else {}
        return [*corpus_mysql.NUMBERS, *corpus_mysql.TABLES[group], *more.get(group, ()), "DROP TABLE numbers, digits"]

    def cases(self):
        for number, case in enumerate(corpus_mysql.CASES):
            if self.engine not in case.get("engines", ("mariadb", "mysql")):
                continue
            for mode in case.get("modes", ("analyze", "explain")) if self.engine == "mariadb" else ("explain",):
                if self.engine == "mariadb" or "explain" in case.get("modes", ("explain",)):
                    yield number, case, mode

    def explain(self, statement, settings, mode, meanwhile):
        verb = {"analyze": "ANALYZE FORMAT=JSON ", "explain": "EXPLAIN FORMAT=JSON "}[mode]
        session = make.mysql_session(self.server)
        with session.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting if setting.startswith("START") else f"SET {setting}")
            if meanwhile:
                self.run(meanwhile)
            took = []
            for _ in range(2):
                start = time.monotonic()
                cursor.execute(statement)
                cursor.fetchall()
                took.append((time.monotonic() - start) * 1000)
            cursor.execute(verb + statement)
            plan = cursor.fetchone()[0]
        session.close()
        return plan, min(took)


# ---- both ----


def is_harmed(case, plan, healthy, is_slower):
    """`statistics` do harm where they change the plan's shape, too."""
    kind = case.get("harms", "time")
    if kind in HARMS:
        return re.search(HARMS[kind], plan) is not None
    if kind == "statistics" and shape(plan) == shape(healthy):
        return False
    return kind not in ("time", "statistics") or is_slower


def shape(plan):
    return re.findall(r'"(?:Node Type|Relation Name|Index Name|table_name|access_type|key)": *"([^"]*)"', plan)


def take(server, number, case, mode):
    """The plans of a case with its fault and without it."""
    always = list(case.get("always", ()))
    twin = case.get("healthy", case["statement"])
    server.run(case.get("done", ()))
    try:
        settings = [*always, *case.get("set", ())]
        plan, fault_ms = server.explain(case["statement"], settings, mode, case.get("meanwhile"))
    finally:
        server.run(case.get("undone", ()))
    if case["label"] is None:
        return [record(case, number, server, mode, plan, 0, fault_ms, True)]
    healthy, healthy_ms = server.explain(twin, [*always, *case.get("healthy_set", ())], mode, None)
    times = fault_ms / max(healthy_ms, 0.01)
    is_slower = times >= HARM and fault_ms - healthy_ms >= HARM_MS
    if not is_harmed(case, plan, healthy, is_slower):
        print(f"no harm ({times:.2f}): {server.engine} {server.version} {case['group']} {case['label']} {mode}: "
              f"{one_line(case['statement'])[:100]}", file=sys.stderr)  # fmt: skip
        return []
    made = [record(case, number, server, mode, plan, fault_ms, healthy_ms, False)]
    if case.get("twin", True):
        made.append(record(case, number, server, mode, healthy, fault_ms, healthy_ms, True))
    return made


def make_part(server, out, groups):
    made = 0
    with out.open("w") as file:
        for group in groups:
            server.run(server.tables(group))
            for number, case, mode in server.cases():
                if case["group"] != group:
                    continue
                try:
                    for each in take(server, number, case, mode):
                        file.write(json.dumps(each, ensure_ascii=False) + "\n")
                        made += 1
                except Exception as wrong:
                    print(f"{server.engine} {server.version} {case['label']}: {one_line(case['statement'])[:90]}: "
                          f"{one_line(str(wrong))}", file=sys.stderr)  # fmt: skip
    print(f"{server.engine} {server.version}: {made} plans")


def make_postgresql(version, out, groups):
    place = f"corpus-{version}-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        server = far_servers.FarPostgres(version, place).make()
        stack.callback(shutil.rmtree, server.directory, ignore_errors=True)
        server.configure(shared_buffers="128MB", max_connections=40, wal_level="minimal", max_wal_senders=0)
        server.start()
        stack.callback(server.stop, "immediate")
        session = server.connect(database="postgres")
        session.cursor().execute("CREATE DATABASE shop")
        session.close()
        address = {name: getattr(server, name) for name in ("host", "port", "database")}
        address |= {"admin_user": server.admin_user, "admin_password": server.admin_password}
        make_part(Postgres(address, version, False), out, groups)


def make_mysql(out, groups):
    server = far_mysql.FarMysql(f"corpus-mysql-{os.getpid()}")
    try:
        server.start()
        address = {name: getattr(server, name) for name in ("host", "port", "database")}
        address |= {"admin_user": server.admin_user, "admin_password": server.admin_password}
        make_part(Mysql(address, "mysql", 8), out, groups)
    finally:
        far_mysql.remove(server)


def make_kind(kind, out, groups):
    if kind == "mysql":
        make_mysql(out, groups)
    elif kind == "mariadb":
        with make.target("mariadb") as address:
            make_part(Mysql(address, "mariadb", 10), out, groups)
    elif kind == "postgresql-debian":
        with make.target("postgresql") as address:
            make_part(Postgres(address, 15, True), out, groups)
    else:
        make_postgresql(int(kind.removeprefix("postgresql-")), out, groups)


def place_of(each):
    """MariaDB's and MySQL's plans tell aliases in place of tables."""
    if each["engine"] == "postgresql" or not each["table"]:
        return each["table"]
    alias = re.search(rf"(?:FROM|JOIN|,) {each['table']} (?:AS )?([a-z]+)\b", each["statement"])
    return alias.group(1) if alias else each["table"]


def join(parts):
    """Every faulty plan, and healthy ones in the order of a number of their names, no plan of a statement twice."""
    made = [json.loads(line) for part in parts for line in Path(part).read_text().splitlines()]
    for each in made:
        each["table"] = place_of(each)
    faulty = [each for each in made if each["label"]]
    healthy, seen = [], set()
    for each in sorted((each for each in made if not each["label"]), key=lambda each: number_of(each["id"])):
        key = (each["engine"], each["mode"], each["statement"])
        if key not in seen:
            seen.add(key)
            healthy.append(each)
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in
             sorted(faulty + healthy, key=lambda each: each["id"])]  # fmt: skip
    with CORPUS.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(("\n".join(lines) + "\n").encode())
    print(f"{len(faulty)} faulty, {len(healthy)} healthy, {CORPUS.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) < 4 and sys.argv[1:2] != ["join"]:
        sys.exit(__doc__)
    if sys.argv[1] == "join":
        join(sys.argv[2:])
    else:
        make_kind(sys.argv[3], Path(sys.argv[2]), sys.argv[4:] or GROUPS)
