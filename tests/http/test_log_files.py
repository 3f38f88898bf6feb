"""Log files of servers that the collector follows: each execution once, whatever happens to files and collector."""

import contextlib
import datetime
import os
import shutil
import signal
import threading

import psycopg2
import pymysql
import pytest
import servers

from watched import new_table, watch, within_five_minutes  # noqa: F401

PREFIX = "prefix='%m [%p] %q%u@%d '"
MONITORING = "/api/v1/monitoring/connections"


@pytest.fixture()
def follow(stack):
    """follow(lines…) makes the operator's list; it is empty again after the test."""

    def write(*lines):
        stack.log_list.write_text("".join(f"{line}\n" for line in lines))

    yield write
    write()


@pytest.fixture()
def folder(stack):
    """A directory whose files the collector may read."""
    path = stack.state / "log-files"
    path.mkdir()
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture()
def logging_postgres(target_postgres):
    """A PostgreSQL that logs every execution, with plans where a session asks for them; and its log."""
    target_postgres.execute("ALTER SYSTEM SET log_min_duration_statement = 0")
    target_postgres.execute("SELECT pg_reload_conf()")
    path = target_postgres.directory / "logs" / "shop_postgresql.log"
    path.chmod(0o644)
    yield target_postgres, path
    target_postgres.execute("ALTER SYSTEM RESET log_min_duration_statement")
    target_postgres.execute("SELECT pg_reload_conf()")


def log_files(api, watched):
    answer = api.get(f"{MONITORING}/{watched.id}/log-files")
    assert answer.status_code == 200, answer.text
    return answer.json()["log_files"]


def wait_followed(api, watched, state="ok", timeout_s=20):
    """The file's row once it is in this state."""

    def found():
        return next((file for file in log_files(api, watched) if file["state"] == state), None)

    return servers.wait_until(found, timeout_s, what=f"a log file that is {state}")


def selects(watched, text):
    """The samples of SELECTs on the table; MariaDB's slow log has how it was made, too."""
    return [row for row in watched.samples(text) if row.fingerprint.lower().startswith("select")]


def wait_samples(watched, text, count, timeout_s=40):
    """Exactly so many samples, none of which comes twice."""
    with contextlib.suppress(AssertionError):
        servers.wait_until(lambda: len(selects(watched, text)) >= count, timeout_s, what=f"{count} samples")
    found = selects(watched, text)
    numbers = {int(row.full_sql.rsplit(" ", 1)[1]) for row in found if row.full_sql}
    assert len(found) == count, sorted(set(range(count)) - numbers) if numbers else len(found)
    watched.settle()
    assert watched.counted(text)[2] == count


@contextlib.contextmanager
def session(target):
    connection = target.connect()
    try:
        with connection.cursor() as cursor:
            yield cursor
            # On stderr an entry is complete when the next one of its process comes.
            cursor.execute("SELECT 'the end'")
    finally:
        connection.close()


def test_each_execution_counts_once_through_kills_and_rotation(
    stack, api, watch, follow, logging_postgres  # noqa: F811
):
    target, path = logging_postgres
    table = new_table(target, 10)
    keeping, hiding = watch(target), watch(target, keep_literals=False)
    follow(f"{keeping.id} {path} {PREFIX}", f"{hiding.id} {path} {PREFIX} format=stderr")
    wait_followed(api, keeping)
    wait_followed(api, hiding)

    def running():
        return servers.wait_until(lambda: stack.pids().get("collector"), what="the collector")

    with session(target) as cursor:
        cursor.execute("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on")
        for number in range(1000):
            cursor.execute(f"SELECT hits FROM {table} WHERE id = {number}")
            if number in (200, 500):
                running()
                stack.kill_supervised("collector")
        # logrotate's copytruncate, while nobody reads; then what comes next. The collector dies before it reads on.
        os.kill(running(), signal.SIGSTOP)
        for number in range(1000, 1200):
            cursor.execute(f"SELECT hits FROM {table} WHERE id = {number}")
        shutil.copy(path, path.with_name(path.name + ".1"))
        os.truncate(path, 0)
        for number in range(1200, 1500):
            cursor.execute(f"SELECT hits FROM {table} WHERE id = {number}")
        stack.kill_supervised("collector")
    try:
        for watched in (keeping, hiding):
            wait_samples(watched, table, 1500)
    finally:
        path.with_name(path.name + ".1").unlink()
    kept, hidden = keeping.samples(table), hiding.samples(table)
    assert {row.full_sql for row in kept} == {f"SELECT hits FROM {table} WHERE id = {i}" for i in range(1500)}
    assert {row.database_name for row in kept} == {"shop"} and all(row.plan_hash for row in kept)
    assert {(row.full_sql, row.plan_hash) for row in hidden} == {(None, None)} and not hiding.plans(table)
    (plan,) = keeping.plans(table)
    assert plan.provenance == "log" and "Actual Rows" in str(plan.plan)
    servers.wait_until(lambda: log_files(api, keeping)[0]["format"], what="what is known of the file")
    file = wait_followed(api, keeping)
    assert file["name"] == path.name and file["format"] == "stderr" and file["is_followed"]
    assert file["executions"] >= 1500 and file["samples"] >= 1500 and file["plans"] >= 1500
    assert file["lines_of_no_entry"] == file["entries_not_read"] == file["skipped_bytes"] == 0


def deadlock(target, table):
    """Two sessions that wait for each other, until the server cancels one of them."""
    failures, gate = [], threading.Barrier(2)

    def update(first, second):
        connection = target.connect()
        try:
            with connection.cursor() as cursor:
                if target.engine == "postgresql":
                    cursor.execute("SET deadlock_timeout = '50ms'")
                cursor.execute("BEGIN")
                cursor.execute(f"UPDATE {table} SET hits = 7 WHERE id = {first}")
                gate.wait(20)
                cursor.execute(f"UPDATE {table} SET hits = 8 WHERE id = {second}")
                cursor.execute("COMMIT")
        except (psycopg2.errors.DeadlockDetected, pymysql.err.OperationalError) as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=update, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(failures) == 1


def the_deadlock(api, watched, table, wait):
    """The only one that is told; its processes wait for each other, and no value of a statement is told."""

    def told():
        return api.get(f"{MONITORING}/{watched.id}/deadlocks").json()["deadlocks"]

    (found,) = servers.wait_until(told, 30, what="the deadlock")
    one, other = found["processes"]
    assert (one["blocked_by"], other["blocked_by"]) == (other["process"], one["process"])
    assert found["victim"] in (one["process"], other["process"])
    for process in found["processes"]:
        assert wait in process["wait"]
        assert table in process["fingerprint"] and "7" not in process["fingerprint"].replace(table, "")
        assert api.get(f"/api/v1/slow-queries/fingerprints/{process['sql_hash']}").status_code == 200
    return found


def test_a_deadlock_says_who_waited_for_whom(
    stack, api, store_sql, watch, follow, logging_postgres  # noqa: F811
):
    target, path = logging_postgres
    table = new_table(target, 2)
    watched = watch(target, keep_literals=False)
    follow(f"{watched.id} {path} {PREFIX}")
    wait_followed(api, watched)
    deadlock(target, table)
    found = the_deadlock(api, watched, table, "ShareLock on transaction")
    assert found["user"] == target.admin_user and found["database"] == "shop"
    assert api.get(f"{MONITORING}/{watched.id}/deadlocks?limit=0").status_code == 422
    assert api.get(f"{MONITORING}/{2**40}/deadlocks").status_code == 404


def test_the_error_log_of_mariadb_tells_deadlocks(
    stack, api, watch, follow, target_mariadb  # noqa: F811
):
    path = target_mariadb.directory / "logs" / "shop_mariadb.log"
    path.chmod(0o644)
    table = new_table(target_mariadb, 2)
    watched = watch(target_mariadb, keep_literals=False)
    follow(f"{watched.id} {path}")
    wait_followed(api, watched)
    target_mariadb.execute("SET GLOBAL innodb_print_all_deadlocks = ON")
    try:
        deadlock(target_mariadb, table)
    finally:
        target_mariadb.execute("SET GLOBAL innodb_print_all_deadlocks = OFF")
    lock = f"lock_mode X locks rec but not gap on index PRIMARY of table `shop`.`{table}`"
    found = the_deadlock(api, watched, table, lock)
    assert found["user"] == target_mariadb.admin_user and found["database"] is None
    servers.wait_until(lambda: log_files(api, watched)[0]["format"], what="what is known of the file")
    file = wait_followed(api, watched)
    assert file["format"] == "error" and file["deadlocks"] == 1 and file["entries_not_read"] == 0


def test_a_slow_log_wins_over_the_table_and_is_followed_through_renaming(
    stack, api, watch, follow, folder, target_mariadb  # noqa: F811
):
    path = folder / "slow.log"
    table = new_table(target_mariadb, 10)
    watched = watch(target_mariadb)
    watched.wait_first_run()
    if os.geteuid() == 0:
        shutil.chown(folder, "potto-demo", "potto-demo")
    before = target_mariadb.execute(
        "SELECT @@GLOBAL.slow_query_log_file, @@GLOBAL.log_output, @@GLOBAL.long_query_time"
    )[0]
    follow(f"{watched.id} {folder}/slow.log*")
    wait_followed(api, watched, "failed")
    try:
        target_mariadb.execute("SET GLOBAL log_output = 'TABLE,FILE'")
        target_mariadb.execute("SET GLOBAL slow_query_log_file = %s", str(path))
        target_mariadb.execute("SET GLOBAL long_query_time = 0")
        path.chmod(0o644)
        for part in range(3):
            with contextlib.closing(target_mariadb.connect()) as connection, connection.cursor() as cursor:
                for number in range(100):
                    cursor.execute(f"SELECT hits FROM {table} WHERE id = {part * 100 + number}")
                cursor.execute("SELECT 'the end'")
            if part == 0:
                wait_samples(watched, table, 100)
            if part < 2:
                path.rename(folder / f"slow.log.{part}")
                target_mariadb.execute("FLUSH SLOW LOGS")
                path.chmod(0o644)
        watched.collect()  # mysql.slow_log has them, too
        wait_samples(watched, table, 300)
    finally:
        target_mariadb.execute("SET GLOBAL long_query_time = %s", before[2])
        target_mariadb.execute("SET GLOBAL log_output = %s", before[1])
        target_mariadb.execute("SET GLOBAL slow_query_log_file = %s", before[0])
    assert {row.provenance for row in selects(watched, table)} == {2}
    servers.wait_until(lambda: log_files(api, watched)[0]["file_count"] == 3, what="three files")
    file = wait_followed(api, watched)
    assert file["format"] == "slow" and file["name"] == "slow.log*"


def entry(mark, number):
    """An execution of a statement, as PostgreSQL logs it."""
    at = datetime.datetime.now(datetime.UTC)
    return (f"{at:%Y-%m-%d %H:%M:%S}.{number:03d} UTC [5] LOG:  duration: 150.000 ms  statement: "
            f"SELECT hits FROM {mark} WHERE id = {number}\n")


def test_files_that_are_no_logs_say_so_and_stop_nobody(
    stack, api, watch, follow, folder, target_postgres  # noqa: F811
):
    names = ("absent", "directory", "pipe", "link", "zero", "noise", "long", "closed")
    watched = {name: watch(target_postgres) for name in names}
    mark = new_table(target_postgres)
    (folder / "directory").mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "long").write_text(entry(mark, 1) + "x" * 9_000_000 + "\n" + entry(mark, 2))
    (folder / "link").symlink_to(folder / "long")
    (folder / "noise").write_bytes(b"\n".join(os.urandom(50).replace(b"\n", b"") for _ in range(2000)) + b"\n")
    (folder / "closed").write_text(entry(mark, 3))
    (folder / "closed").chmod(0)
    paths = {name: folder / name for name in names} | {"zero": "/dev/zero"}
    follow(*(f"{watched[name].id} {paths[name]} from=start" for name in names), f"{2**40} /dev/null")
    problems = {
        "absent": "There is no such file.",
        "directory": "It is no regular file.",
        "pipe": "It is no regular file.",
        "link": "It is no regular file.",
        "zero": "It is no regular file.",
    }
    for name, problem in problems.items():
        assert wait_followed(api, watched[name], "failed")["problem"] == problem
    if os.geteuid() == 0:
        closed = wait_followed(api, watched["closed"], "failed")
        assert "Permission denied" in closed["problem"] and "adm" in closed["remedy"]
    (folder / "closed").chmod(0o644)
    assert "None of its lines" in wait_followed(api, watched["noise"], "warning")["problem"]
    for name, count in (("long", 2), ("closed", 1)):
        wait_samples(watched[name], mark, count)
    servers.wait_until(lambda: log_files(api, watched["long"])[0]["unread_bytes"] == 0, what="that all is read")
    long = wait_followed(api, watched["long"])
    assert long["entries_not_read"] >= 1 and long["lag_s"] == 0


def test_a_wrong_list_is_told_and_the_one_before_stays(
    stack, api, watch, follow, folder, target_postgres  # noqa: F811
):
    watched = watch(target_postgres)
    mark = new_table(target_postgres)
    path = folder / "postgresql.log"
    path.write_text("")
    path.chmod(0o644)
    follow(f"{watched.id} {path}")
    wait_followed(api, watched)
    follow(f"{watched.id} {path} format=xml")
    servers.wait_until(lambda: "Line 1: format is one of" in stack.log_end("collector.log", 50), what="the refusal")
    with path.open("a") as log:
        log.writelines(entry(mark, i) for i in range(10))
    wait_samples(watched, mark, 10)


def test_a_read_that_another_collector_made_is_not_stored_again(
    stack, api, store_sql, watch, follow, folder, target_postgres  # noqa: F811
):
    watched = watch(target_postgres)
    mark = new_table(target_postgres)
    path = folder / "postgresql.log"
    path.write_text("".join(entry(mark, i) for i in range(10)))
    path.chmod(0o644)
    follow(f"{watched.id} {path} from=start")
    wait_samples(watched, mark, 10)
    wait_followed(api, watched)
    # The place moves as if another collector had read on, and back as if it had a copy of the file.
    store_sql("UPDATE log_file_places SET told = 0, read_from = 0 WHERE database_connection_id = %s", watched.id)
    with path.open("a") as log:
        log.writelines(entry(mark, i) for i in range(10, 20))
    wait_samples(watched, mark, 20)
