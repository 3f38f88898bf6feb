"""How much of a database's time is attributed to statements, why the rest is not, and what looking costs."""

import contextlib

import psycopg2
import psycopg2.errors
import pytest
import servers

from test_collection_postgresql import setting
from test_pages import browser  # noqa: F401
from watched import in_background, marker, watch, within_five_minutes  # noqa: F401


@pytest.fixture()
def database(target_postgres):
    """A database of its own, in which nobody else is at work."""
    name = marker()
    target_postgres.execute(f"CREATE DATABASE {name}")
    target_postgres.execute("CREATE EXTENSION pg_stat_statements", database=name)
    return name


@pytest.fixture()
def coverage(api):
    def read(watched):
        answer = api.get(f"/api/v1/monitoring/connections/{watched.id}/coverage")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        body["by_cause"] = {gap["cause"]: gap for gap in body["gaps"]}
        return body

    return read


def test_time_of_statements_is_attributed_once_there_were_two_looks(
    browser, watch, target_postgres, database, coverage
):
    watched = watch(target_postgres, database=database)
    watched.wait_first_run()
    first = coverage(watched)
    assert (first["basis"], first["attributed_share"], first["first_looks"]) == ("unknown", None, 1), first
    assert first["server_s"] is None and first["look_cost_share"] > 0, first
    target_postgres.execute("SELECT pg_sleep(0.6)", database=database)
    watched.collect()
    now = coverage(watched)
    assert now["basis"] == "active_time" and now["look_count"] == 2, now
    assert 0.6 <= now["attributed_s"] <= now["server_s"] < 5, now
    assert now["attributed_share"] > 0.5 and now["points"], now
    page = browser.get(f"/databases/{watched.id}").text
    assert "Potto attributes" in page and "of the time that its sessions were at work" in page


def sleep_until_cancelled(connection):
    with contextlib.suppress(psycopg2.errors.QueryCanceled), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


def test_what_still_runs_is_a_gap_until_it_ends(watch, target_postgres, database, coverage):
    watched = watch(target_postgres, database=database)
    watched.wait_first_run()
    with contextlib.closing(target_postgres.connect(database=database)) as other:
        thread = in_background(sleep_until_cancelled, other)
        is_running = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active' AND "
        is_running += "clock_timestamp() - query_start > interval '0.5 seconds'"
        servers.wait_until(lambda: target_postgres.execute(is_running), what="the statement to run")
        watched.collect()
        assert coverage(watched)["by_cause"]["running"]["seconds"] > 0.4
        target_postgres.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"
        )
        thread.join()


def test_statements_that_may_not_be_read_are_a_gap(watch, target_postgres, database, coverage):
    role = marker()
    target_postgres.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'potto-secret'")
    watched = watch(target_postgres, database=database, username=role, password="potto-secret")
    watched.wait_first_run()
    target_postgres.execute("SELECT pg_sleep(0.4)", database=database)
    watched.collect()
    gap = coverage(watched)["by_cause"]["no_right"]
    assert gap["seconds"] >= 0.4 and "pg_monitor" in gap["remedy"], gap


def test_what_the_server_does_not_count_is_said(watch, target_postgres, database, coverage):
    with setting(target_postgres, "pg_stat_statements.track", "'none'"):
        watched = watch(target_postgres, database=database)
        watched.wait_first_run()
        target_postgres.execute("SELECT pg_sleep(0.4)", database=database)
        watched.collect()
    now = coverage(watched)
    assert now["by_cause"]["not_counted"]["seconds"] >= 0.4 and now["attributed_share"] == 0, now


def test_a_cycle_makes_an_idle_server_write_no_wal(watch, target_postgres, database):
    watched = watch(target_postgres, database=database)
    watched.wait_first_run()
    watched.collect()  # by now what pages remember of their rows is written
    with setting(target_postgres, "autovacuum", "off"):
        target_postgres.execute("CHECKPOINT", database=database)
        where = "SELECT pg_current_wal_insert_lsn() AS lsn"
        before = target_postgres.execute(where, database=database)[0]
        for _ in range(3):
            watched.collect()
        assert target_postgres.execute(where, database=database)[0] == before
