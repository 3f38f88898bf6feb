"""PostgreSQL servers that are not in good order: old extensions, texts that cannot be read, poolers, settings."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest
import servers

from test_jobs import checks, run_test
from watched import (  # noqa: F401
    in_background,
    marker,
    new_table,
    watch,
    within_five_minutes,
)


@contextlib.contextmanager
def setting(target, name, value):
    """The server has the setting meanwhile."""

    def reload(statement):
        target.execute(statement)
        target.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)  # sessions that begin now may still have the old setting

    reload(f"ALTER SYSTEM SET {name} = {value}")
    try:
        yield
    finally:
        reload(f"ALTER SYSTEM RESET {name}")


@contextlib.contextmanager
def database_without_encoding(target):
    name = marker()
    target.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    try:
        yield name
    finally:
        target.execute(f"SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = '{name}'")


def latin1_statement(target, database, name):
    """A statement with a byte that is no UTF-8, in a database that has no encoding."""
    connection = target.connect(database=database)
    try:
        connection.set_client_encoding("SQL_ASCII")
        with connection.cursor() as cursor:
            cursor.execute(b'CREATE TABLE IF NOT EXISTS "%s_caf\xe9" (a int)' % name.encode())
            cursor.execute(b'SELECT count(*) FROM "%s_caf\xe9" WHERE a > 5' % name.encode())
    finally:
        connection.close()


def test_statements_within_functions_are_added_up_where_the_extension_is_old(watch, target_postgres):
    database, name = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    target_postgres.execute("CREATE EXTENSION pg_stat_statements VERSION '1.8'", database=database)
    target_postgres.execute(f"CREATE TABLE {name} (a int)", database=database)
    target_postgres.execute(
        f"CREATE FUNCTION f_{name}() RETURNS bigint LANGUAGE plpgsql AS "
        f"$$ DECLARE r bigint; BEGIN SELECT count(*) INTO r FROM {name} WHERE a > 5; RETURN r; END $$",
        database=database,
    )
    with setting(target_postgres, "pg_stat_statements.track", "'all'"):
        watched = watch(target_postgres, database=database)
        watched.wait_first_run()
        target_postgres.execute(f"SELECT count(*) FROM {name} WHERE a > 5", database=database)
        target_postgres.execute(f"SELECT f_{name}()", database=database)
        row = watched.collect()
        assert row.state == "warning" and "ALTER EXTENSION pg_stat_statements UPDATE" in row.remedy, row
        assert watched.counted(f"FROM {name}") == (2, 2, 0)
        for _ in range(3):
            target_postgres.execute(f"SELECT f_{name}()", database=database)
        watched.collect()
        assert watched.counted(f"FROM {name}") == (5, 5, 0)
        # The newer version tells them apart: fewer calls than before, and none of them new.
        target_postgres.execute("ALTER EXTENSION pg_stat_statements UPDATE", database=database)
        assert watched.collect().state == "ok"
        target_postgres.execute(f"SELECT count(*) FROM {name} WHERE a > 5", database=database)
        watched.collect()
        assert watched.counted(f"FROM {name}") == (6, 6, 0)


def test_a_text_of_another_database_that_cannot_be_read_hides_no_numbers(watch, target_postgres):
    known, name = new_table(target_postgres), new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {known}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    with database_without_encoding(target_postgres) as legacy:
        latin1_statement(target_postgres, legacy, name)
        target_postgres.execute(f"SELECT id FROM {known}")
        for _ in range(2):
            target_postgres.execute(f"SELECT id FROM {name}")
            row = watched.collect()
            assert row.state == "warning" and "cannot read the texts" in row.problem, row
            assert "pg_stat_statements_reset" in row.remedy
        assert watched.counted(known) == (1, 1, 0)
        assert watched.counted(name) == (0, 0, 0)
    # The entry is forgotten, and what waited for its text is counted.
    target_postgres.execute(f"SELECT id FROM {name}")
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (3, 3, 0)
    assert watched.counted(known) == (1, 1, 0)


def test_a_damaged_file_of_texts_hides_no_numbers(watch, target_postgres):
    known, name = new_table(target_postgres), new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {known}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    directory = target_postgres.execute("SHOW data_directory")[0][0]
    texts = os.path.join(directory, "pg_stat_tmp/pgss_query_texts.stat")
    with open(texts, "r+b") as file:
        file.write(b"\xff\0" * (os.path.getsize(texts) // 2))
    try:
        target_postgres.execute(f"SELECT id FROM {known}")
        target_postgres.execute(f"SELECT id FROM {name}")
        row = watched.collect()
        assert row.state == "warning" and "cannot read the texts" in row.problem, row
        assert watched.counted(known) == (1, 1, 0)
    finally:
        target_postgres.execute("SELECT pg_stat_statements_reset()")
    target_postgres.execute(f"SELECT id FROM {name}")
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (1, 1, 0)


def test_a_database_without_an_encoding_is_collected_from(watch, target_postgres):
    with database_without_encoding(target_postgres) as legacy:
        target_postgres.execute("CREATE EXTENSION pg_stat_statements", database=legacy)
        name = marker()
        watched = watch(target_postgres, database=legacy)
        watched.wait_first_run()
        latin1_statement(target_postgres, legacy, name)
        assert watched.collect().state == "ok"
        assert watched.counted(f"{name}_caf\ufffd") == (1, 1, 0)


def test_what_only_a_literal_may_be_has_a_plan(watch, target_postgres):
    name = marker()
    target_postgres.execute(
        f"CREATE TABLE {name} AS SELECT now() - i * interval '1 hour' AS at FROM generate_series(1, 9) i"
    )
    statements = [
        f"SELECT * FROM {name} WHERE at > now() - interval '2 days' LIMIT 1",
        f"SELECT * FROM {name} AS dated WHERE at >= date '2024-01-01' ORDER BY at",
        f"SELECT extract(year FROM at), count(*) FROM {name} GROUP BY 1 HAVING count(*) > 1",
    ]
    watched = watch(target_postgres)
    watched.wait_first_run()
    for statement in statements:
        target_postgres.execute(statement)
    watched.collect()
    planned = [plan.fingerprint for plan in watched.plans(name)]
    assert len(planned) == len(statements), planned


def test_a_plan_that_flipped_is_found_at_the_next_run_and_marked(api, watch, target_postgres):
    table = marker()
    index = f"{table}_item"
    target_postgres.execute(f"CREATE TABLE {table} AS SELECT i AS id, i % 5000 AS item, repeat('x', 200) AS note "
                            "FROM generate_series(1, 60000) i")
    target_postgres.execute(f"CREATE INDEX {index} ON {table} (item); ANALYZE {table}; "
                            f"GRANT SELECT ON {table} TO {target_postgres.user}")

    def run():
        for item in range(40):
            target_postgres.execute(f"SELECT count(note) FROM {table} WHERE item = {item}")
        watched.collect()

    watched = watch(target_postgres)
    watched.wait_first_run()
    run()
    (first,) = watched.plans(table)
    target_postgres.execute(f"DROP INDEX {index}")
    run()  # well within the hour
    plans = {row.plan_hash: row for row in watched.plans(table)}
    assert len(plans) == 2, "the second plan is not there"
    (second,) = (row for plan_hash, row in plans.items() if plan_hash != first.plan_hash)
    watched.settle()
    group = f"/api/v1/slow-queries/fingerprints/{str(first.sql_hash).replace('-', '')}"
    change = api.get(group, params={"connection_id": watched.id}).json()["plan_change"]
    assert (change["plan_count"], change["is_back_and_forth"]) == (2, False)
    names = {"before": first.plan_hash, "after": second.plan_hash}
    compared = api.get(f"{group}/plans/compare", params={k: str(v).replace("-", "") for k, v in names.items()}).json()
    assert [reason["kind"] for reason in compared["reasons"]] == ["index_missing"], compared
    assert index in compared["reasons"][0]["sentence"] and table in compared["changes"][0]["sentence"]
    target_postgres.execute(f"CREATE INDEX {index} ON {table} (item)")
    run()  # and back
    again = {row.plan_hash: row for row in watched.plans(table)}
    assert len(again) == 2 and again[first.plan_hash].last_seen_at > again[second.plan_hash].last_seen_at
    target_postgres.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize(
    "name, value, remedy",
    [("compute_query_id", "off", "compute_query_id = 'auto'"), ("pg_stat_statements.track", "'none'", "track = 'top'")],
)
def test_a_server_that_counts_nothing_is_said(api, watch, target_postgres, name, value, remedy):
    with setting(target_postgres, name, value):
        watched = watch(target_postgres)
        row = watched.wait_first_run()
        assert row.state == "warning" and "counts nothing" in row.problem and remedy in row.remedy, row
        check = checks(run_test(api, watched.id))["pg_stat_statements"]
        assert not check["is_ok"] and check["is_required"] and remedy in check["remedy"], check
    assert watched.collect().state == "ok"


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture()
def pooler(target_postgres, tmp_path):
    """PgBouncer before the target, which drops the options that a session asks for."""
    port = servers.free_port()
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={target_postgres.host} port={target_postgres.port} user={target_postgres.user} "
        f"password={target_postgres.password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
        "pool_mode = session\nignore_startup_parameters = extra_float_digits,options\n"
    )
    command = [shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), "-q"]
    if os.geteuid() == 0:  # PgBouncer does not run as root
        command += ["-u", "nobody"]
        tmp_path.chmod(0o755)
    process = subprocess.Popen([*command, settings], stderr=subprocess.DEVNULL)
    try:
        servers.wait_until(lambda: is_listening(port), 20, what="PgBouncer")
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def test_a_pooler_that_drops_the_limits_of_the_session_is_said(api, watch, target_postgres, pooler):
    watched = watch(target_postgres, port=pooler)
    row = watched.wait_first_run()
    assert row.state == "failed" and "pooler" in row.problem, row
    assert "the address of PostgreSQL itself" in row.remedy, row
    test = run_test(api, watched.id)
    assert not test["success"] and "pooler" in test["problem"], test


def test_a_session_of_several_statements_belongs_to_the_one_that_runs(watch, target_postgres):
    name = new_table(target_postgres)
    running = f"SELECT id AS m_{name}, pg_sleep(1.5) FROM {name}"
    target_postgres.execute(running)  # its entry is there
    watched = watch(target_postgres)
    watched.wait_first_run()
    message = in_background(target_postgres.execute, f"SELECT 1 AS a_{name}; {running}; SELECT 2 AS b_{name}")
    try:
        servers.wait_until(
            lambda: target_postgres.execute(
                "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE %s", f"%a_{name}%"
            )
        )
        watched.collect()
    finally:
        message.join()
    (sample,) = watched.samples(name)
    assert "pg_sleep" in sample.fingerprint and f"a_{name}" not in sample.fingerprint, sample.fingerprint
    assert f"a_{name}" in sample.full_sql  # what was sent is kept as it was
    watched.collect()
    assert not any(f"a_{name}" in text and "pg_sleep" in text for text in watched.fingerprints())
