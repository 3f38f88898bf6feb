"""What is wrong with a database or its rights, as its connection says it, and what helps."""

import pytest
import servers

from watched import (  # noqa: F401
    marker,
    new_table,
    silent_port,
    watch,
    within_five_minutes,
)


def expect_problem(watched, state, problem, remedy):
    row = watched.wait_first_run()
    assert row.state == state, row
    assert problem in row.problem, row.problem
    assert remedy in row.remedy, row.remedy
    return row


def test_wrong_passwords_are_said_and_never_shown(stack, watch, target_postgres, target_mariadb):
    secret = "wrong-" + marker()
    for target in (target_postgres, target_mariadb):
        row = expect_problem(watch(target, password=secret), "failed", "wrong password", "password")
        assert secret not in str(row)
    for log in (stack.state / "logs").glob("*.log"):
        assert secret not in log.read_text(errors="replace")


def test_a_missing_database_is_said(watch, target_postgres, target_mariadb):
    for target in (target_postgres, target_mariadb):
        expect_problem(watch(target, database="nowhere"), "failed", "no database nowhere", "GRANT")


def test_an_unknown_host_is_said(watch, target_postgres):
    expect_problem(watch(target_postgres, host="no-such-host.invalid"), "failed", "was not found", "spelling")


def test_a_server_without_tls_is_said(watch, target_postgres, target_mariadb):
    for target in (target_postgres, target_mariadb):
        expect_problem(watch(target, tls_mode="require"), "failed", "TLS mode require", "prefer")
        assert watch(target, tls_mode="prefer").wait_first_run().state != "failed"


def test_a_database_without_the_extension_is_told_how_to_get_it(watch, target_postgres):
    database = marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    expect_problem(
        watch(target_postgres, database=database),
        "warning",
        f"not installed in the database {database}",
        "CREATE EXTENSION pg_stat_statements",
    )


def test_an_extension_in_another_schema_is_found(watch, target_postgres):
    database, name = marker(), marker()
    target_postgres.execute(f"CREATE DATABASE {database}")
    target_postgres.execute('CREATE SCHEMA "Odd one"', database=database)
    target_postgres.execute('CREATE EXTENSION pg_stat_statements SCHEMA "Odd one"', database=database)
    target_postgres.execute(f"CREATE TABLE {name} (id int)", database=database)
    watched = watch(target_postgres, database=database)
    row = expect_problem(watched, "warning", 'schema "Odd one"', 'GRANT USAGE ON SCHEMA "Odd one" TO')
    target_postgres.execute(row.remedy, database=database)
    watched.collect()
    target_postgres.execute(f"SELECT id FROM {name}", database=database)
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (1, 1, 0)


def test_a_role_without_pg_monitor_is_told_the_grant_and_no_spike_follows_it(watch, target_postgres):
    role, name = marker(), new_table(target_postgres)
    target_postgres.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    for _ in range(20):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched = watch(target_postgres, username=role, password="secret")
    expect_problem(watched, "warning", "hidden from", f'GRANT pg_monitor TO "{role}"')
    target_postgres.execute(f"GRANT pg_monitor TO {role}")
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (0, 0, 0)
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (1, 1, 0)


def test_remedies_quote_names_as_the_server_wants_them(watch, target_postgres, target_mariadb):
    name = marker()
    for target, user, account, remedy in (
        (target_postgres, f'we"ird {name}', f'"we""ird {name}"', f'GRANT pg_monitor TO "we""ird {name}";'),
        (
            target_mariadb,
            f"we'ird {name}",
            f"'we''ird {name}'@'%'",
            f"GRANT SELECT ON mysql.slow_log TO 'we''ird {name}'@'%';",
        ),
    ):
        if target.engine == "mysql":
            target.execute(f"CREATE USER {account} IDENTIFIED BY 'secret'")
        else:
            target.execute(f"CREATE ROLE {account} LOGIN PASSWORD 'secret'")
        watched = watch(
            target, username=user, password="secret", database=target.database if target.engine == "postgresql" else ""
        )
        watched.wait_first_run()
        assert watched.state().remedy == remedy
        target.execute(remedy)  # the remedy works
        if target.engine == "mysql":
            watched.collect()
            assert watched.state().state == "ok", watched.state().problem
        watched.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
        servers.wait_until(lambda: watched.state().lease_owner is None, 20)
        target.execute(f"DROP {'USER' if target.engine == 'mysql' else 'ROLE'} {account}")


def test_a_superuser_gets_counts_but_no_plans(watch, target_postgres):
    watched = watch(target_postgres, username=target_postgres.admin_user, password=target_postgres.admin_password)
    expect_problem(watched, "warning", "superuser", "CREATE ROLE")
    assert not watched.plans()


def test_a_mariadb_user_without_the_slow_log_is_told_the_grant(watch, target_mariadb):
    user = marker()
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
    target_mariadb.execute(f"GRANT SELECT ON shop.* TO {user}@'127.0.0.1'")
    watched = watch(target_mariadb, username=user, password="secret")
    expect_problem(watched, "failed", "mysql.slow_log", f"GRANT SELECT ON mysql.slow_log TO '{user}'@'127.0.0.1';")
    target_mariadb.execute(f"GRANT SELECT ON mysql.slow_log TO {user}@'127.0.0.1'")
    assert watched.collect().state == "ok"


def test_without_the_right_to_the_slow_log_digests_are_counted(watch, target_mariadb):
    name, user = marker(), marker()
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
    target_mariadb.execute(f"GRANT SELECT ON performance_schema.* TO {user}@'127.0.0.1'")
    watched = watch(target_mariadb, username=user, password="secret", database="")
    remedy = f"GRANT SELECT ON mysql.slow_log TO '{user}'@'127.0.0.1';"
    try:
        expect_problem(watched, "warning", "may not read mysql.slow_log", remedy)
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
        assert watched.collect().state == "warning"
        assert watched.counted(name)[0] == 1 and not watched.samples(name)
        target_mariadb.execute(remedy)
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
        assert watched.collect().state == "ok"
        servers.wait_until(lambda: len(watched.samples(name)) == 2, what="the log's rows")
        assert watched.counted(name)[0] == 2
    finally:
        watched.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
        servers.wait_until(lambda: watched.state().lease_owner is None, 20)
        target_mariadb.execute(f"DROP USER {user}@'127.0.0.1'")


@pytest.mark.parametrize(
    "setting, bad, good, problem, remedy",
    [
        ("slow_query_log", "OFF", "ON", "switched off", "SET GLOBAL slow_query_log = ON"),
        ("log_output", "'FILE'", "'TABLE'", "without TABLE", "SET GLOBAL log_output = 'TABLE'"),
        ("long_query_time", "10", "0.02", "10 s on", "SET GLOBAL long_query_time"),
    ],
)
def test_a_slow_log_that_records_nothing_is_said(watch, target_mariadb, setting, bad, good, problem, remedy):
    target_mariadb.execute(f"SET GLOBAL {setting} = {bad}")
    try:
        watched = watch(target_mariadb, min_duration_ms=100)
        expect_problem(watched, "warning", problem, remedy)
    finally:
        target_mariadb.execute(f"SET GLOBAL {setting} = {good}")
    assert watched.collect().state == "ok"


def test_a_silent_server_times_out_and_the_others_go_on(watch, target_postgres, silent_port):
    silent = [watch(target_postgres, port=silent_port), watch(target_postgres, port=silent_port, engine="mysql")]
    healthy = watch(target_postgres)
    assert healthy.wait_first_run().state == "ok"
    for watched in silent:
        row = expect_problem(watched, "failed", "did not answer in time", "firewall")
        assert row.last_duration_ms < 8000


def test_why_mariadb_counts_no_statements_is_said_with_what_helps(watch, target_mariadb):
    name, user = marker(), marker()
    switches = "UPDATE performance_schema.setup_consumers SET ENABLED = '{}' WHERE NAME = 'statements_digest'"
    watched = watch(target_mariadb)
    watched.wait_first_run()
    target_mariadb.execute(switches.format("NO"))
    try:
        row = watched.collect()
        assert row.state == "ok" and "Only statements in the slow log are counted" in row.problem, row
        assert "consumer" in row.problem and "performance_schema_consumer_statements_digest = ON" in row.remedy
        target_mariadb.execute(row.remedy.split(";")[0])
    finally:
        target_mariadb.execute(switches.format("YES"))
    assert watched.collect().problem is None
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
    try:
        target_mariadb.execute(f"GRANT SELECT ON mysql.slow_log TO {user}@'127.0.0.1'")
        poor = watch(target_mariadb, username=user, password="secret", database="")
        row = poor.wait_first_run()
        assert row.state == "ok" and "may not read performance_schema" in row.problem, row
        assert row.remedy == f"GRANT SELECT ON performance_schema.* TO '{user}'@'127.0.0.1';"
        target_mariadb.execute(row.remedy)
        assert "performance_schema" not in (poor.collect().problem or "")
        target_mariadb.execute(f"SELECT 1 AS {name}")
        poor.collect()
        assert poor.counted(name) == (1, 1, 0)
    finally:
        poor.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", poor.id)
        servers.wait_until(lambda: poor.state().lease_owner is None, 20)
        target_mariadb.execute(f"DROP USER {user}@'127.0.0.1'")
