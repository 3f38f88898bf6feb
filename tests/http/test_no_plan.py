"""A statement without a plan says why, in the API and on its page. The server's own words are shown nowhere: they may
hold values of the statement."""

import datetime
import html

import pytest
import servers
from facts import UTC, iso
from test_pages import Browser, browser  # noqa: F401
from watched import marker, new_table, watch  # noqa: F401

GROUPS = "/api/v1/slow-queries/fingerprints"


def hashes(watched, text):
    """{kind: [hash]} of the connection's fingerprints with the text."""
    rows = watched.sql(
        "SELECT sql_hash, statement_kind FROM query_fingerprint_connections JOIN query_fingerprints "
        "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0",
        watched.id, text)
    return {row.statement_kind: str(row.sql_hash).replace("-", "") for row in rows}


def why(api, watched, text, kind="select"):
    answer = api.get(f"{GROUPS}/{hashes(watched, text)[kind]}", params={"connection_id": watched.id})
    assert answer.status_code == 200, answer.text
    return answer.json()["no_plan"]


def told(api, watched, text, *expected):
    """The reason and code, of a statement that was tried on this connection."""
    found = why(api, watched, text)
    assert (found["reason"], found["code"]) == expected, (text, found)
    assert found["database_connection_id"] == watched.id and found["tried_at"] is not None
    return found


def test_postgresql_each_reason_is_said(api, browser, watch, target_postgres):  # noqa: F811
    names = [marker() for _ in range(5)]
    closed, temporary, function, untyped, writes = names
    table = new_table(target_postgres)
    target_postgres.execute(f"CREATE TABLE {closed} (id int); REVOKE ALL ON {closed} FROM {target_postgres.user}")
    target_postgres.execute(f"GRANT SELECT ON {table} TO {target_postgres.user}")
    target_postgres.execute(f"CREATE FUNCTION {function}(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1'")
    watched = watch(target_postgres)
    watched.wait_first_run()
    for _ in range(3):  # five statements are tried in each run
        target_postgres.execute(f"SELECT 'a value' AS secret, id FROM {closed}")
        target_postgres.execute(f"CREATE TEMP TABLE {temporary} (id int); SELECT id FROM {temporary} WHERE id = 7")
        target_postgres.execute(f"SELECT count(*) AS {untyped} FROM generate_series(1, 3)")
        target_postgres.execute(f"SELECT {writes}.id FROM {table} AS {writes} FOR UPDATE")
        target_postgres.execute(f"UPDATE {table} SET hits = hits + 1")
        target_postgres.execute(f"SELECT sum(hits) FROM {table}")
        watched.collect()
    told(api, watched, closed, "no_right", "42501")
    told(api, watched, temporary, "objects_missing", "42P01")
    told(api, watched, untyped, "parameters", "42725")
    told(api, watched, writes, "not_safe", None)
    kind = why(api, watched, f"UPDATE {table}", "update")
    assert (kind["reason"], kind["tried_at"], kind["database_connection_id"]) == ("statement_kind", None, None)
    assert why(api, watched, f"sum(hits) FROM {table}") is None  # it has a plan
    shown = html.unescape(browser.get(f"/queries/{hashes(watched, untyped)['select']}").text)
    assert "cannot tell from the rest of the text which types" in shown and "42725" in shown
    assert f'Last tried on <a href="/databases/{watched.id}">watched ' in shown and "has not tried" not in shown
    assert watched.sql("SELECT count(*) AS n FROM query_plans_refused WHERE database_connection_id = %s "
                       "AND strpos(query_plans_refused::text, 'value') > 0", watched.id)[0].n == 0


def test_mariadb_each_reason_is_said(api, watch, target_mariadb):  # noqa: F811
    temporary, writes = marker(), marker()
    table = new_table(target_mariadb)
    target_mariadb.execute("SET GLOBAL long_query_time = 0")
    try:
        watched = watch(target_mariadb)
        connection = target_mariadb.connect()
        with connection.cursor() as cursor:
            cursor.execute("SET long_query_time = 0")
            cursor.execute(f"CREATE TEMPORARY TABLE {temporary} (id int)")
            for _ in range(3):
                cursor.execute(f"SELECT id FROM {temporary} WHERE id = 7")
                cursor.execute(f"SELECT {writes}.id FROM {table} AS {writes} FOR UPDATE")
                watched.collect()
        connection.close()
    finally:
        target_mariadb.execute("SET GLOBAL long_query_time = 0.02")
    told(api, watched, temporary, "objects_missing", "1146")
    told(api, watched, writes, "not_safe", None)


def test_what_holds_for_a_whole_connection_is_said(api, watch, target_postgres, target_mariadb):  # noqa: F811
    user, name = marker(), marker()
    target_postgres.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'secret'; GRANT pg_monitor TO {user}; "
                            f"ALTER ROLE {user} SET potto.plans = 'off'")
    connections = {
        "plans_off": watch(target_postgres, username=user, password="secret"),
        "superuser": watch(target_postgres, username=target_postgres.admin_user,
                           password=target_postgres.admin_password),
        "literals_off": watch(target_mariadb, keep_literals=False),
    }
    for watched in connections.values():
        watched.wait_first_run()
    # PostgreSQL tells statements apart by their tables, not by the names of their columns.
    target_postgres.execute(f"CREATE TABLE {name} (id int)")
    target_postgres.execute(f"SELECT id FROM {name}")
    target_mariadb.execute(f"SELECT sleep(0.03) AS {name}")
    for reason, watched in connections.items():
        # A run that had begun before the statement did not see it.
        servers.wait_until(lambda: watched.collect() and hashes(watched, name).get("select"), 30, what="the statement")
        found = why(api, watched, name)
        assert (found["reason"], found["code"], found["tried_at"]) == (reason, None, None)
        assert found["database_connection_id"] == watched.id
    # It can be otherwise tomorrow: the last run decides.
    target_postgres.execute(f"ALTER ROLE {user} RESET potto.plans")
    connections["plans_off"].collect()
    assert why(api, connections["plans_off"], name)["reason"] == "waiting"
    watched = connections["plans_off"]
    watched.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
    assert why(api, watched, name)["reason"] == "not_collected"
    servers.wait_until(lambda: watched.state().lease_owner is None, 20, what="the end of a run")
    target_postgres.execute(f"DROP TABLE {name}; DROP ROLE {user}")


@pytest.mark.parametrize("sql, reason", [("SELECT id FROM {}", "not_collected"), ("DELETE FROM {}", "statement_kind")])
def test_an_agents_statement_does_not_wait_for_potto(api, agent, store_sql, sql, reason):
    sender, name = agent(), marker()
    sample = {"full_sql": sql.format(name), "duration_ms": 5, "captured_at": iso(datetime.datetime.now(UTC))}
    assert sender.post("/api/v1/collectors/ingest/slow-queries", json={"queries": [sample]}).json()["accepted"] == 1
    (row,) = store_sql("SELECT sql_hash FROM query_fingerprints WHERE strpos(fingerprint, %s) > 0", name)
    found = api.get(f"{GROUPS}/{str(row.sql_hash).replace('-', '')}").json()["no_plan"]
    assert found["reason"] == reason and found["message"]
