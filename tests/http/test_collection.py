"""potto-collector with a real PostgreSQL and a real MariaDB: what it counts and what it stores."""

import json
import subprocess
import time
import types

import pytest
import requests
import servers

from watched import (  # noqa: F401
    Watched,
    in_background,
    marker,
    new_table,
    watch,
    within_five_minutes,
)


# ---- PostgreSQL ----


def test_each_execution_is_counted_once_across_cycles(watch, target_postgres):
    name = new_table(target_postgres)
    statement = f"SELECT id FROM {name} WHERE hits = 3"
    for _ in range(5):
        target_postgres.execute(statement)  # before the first snapshot, so not counted
    watched = watch(target_postgres)
    watched.wait_first_run()
    total = 0
    for executions in (3, 0, 7, 1):
        for _ in range(executions):
            target_postgres.execute(statement)
        total += executions
        watched.collect()
        assert watched.counted(name) == (total, total, 0)


def test_a_statement_seen_for_the_first_time_is_counted_whole(watch, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    for _ in range(4):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (4, 4, 0)


def test_a_reset_is_neither_growth_nor_loss(watch, target_postgres):
    name = new_table(target_postgres)
    watched = watch(target_postgres)
    watched.wait_first_run()
    for _ in range(6):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute("SELECT pg_stat_statements_reset()")
    watched.collect()
    for _ in range(8):  # more than before the reset, so the totals alone do not show it
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute("SELECT pg_stat_statements_reset()")
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    watched.collect()
    assert watched.counted(name) == (15, 15, 0)


def test_a_reset_of_one_entry_is_noticed(watch, target_postgres):
    name = new_table(target_postgres)
    watched = watch(target_postgres)
    watched.wait_first_run()
    for _ in range(5):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.execute(
        "SELECT pg_stat_statements_reset(0, 0, queryid) FROM pg_stat_statements WHERE strpos(query, %s) > 0 "
        "AND query NOT LIKE '%%reset%%'",
        f"FROM {name}",
    )
    for _ in range(2):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    assert watched.counted(name) == (7, 7, 0)


def test_a_restarted_server_is_said_to_be_away_and_then_counted_on(watch, target_postgres, target_mariadb):
    name = new_table(target_postgres)
    watched, other = watch(target_postgres), watch(target_mariadb)
    watched.wait_first_run()
    for _ in range(3):
        target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    target_postgres.stop()
    try:
        row = watched.collect()
        assert row.state == "failed"
        assert "refuses connections" in row.problem and str(target_postgres.port) in row.problem
        assert row.remedy
        assert other.collect().state != "failed"
    finally:
        target_postgres.start()
    assert watched.collect().state == "ok"
    for _ in range(2):
        target_postgres.execute(f"SELECT id FROM {name}")
    assert watched.collect().problem is None
    assert watched.counted(name) == (5, 5, 0)


def test_other_databases_of_the_server_are_not_counted(watch, target_postgres):
    name = marker()
    watched = watch(target_postgres)
    watched.wait_first_run()
    target_postgres.execute(f"SELECT 5 AS {name}", database="postgres")
    watched.collect()
    assert watched.counted(name) == (0, 0, 0)


def test_a_running_statement_is_one_sample_however_often_it_is_seen(watch, target_postgres):
    name, literal = new_table(target_postgres), "private " + marker()
    keeping, dropping = watch(target_postgres), watch(target_postgres, keep_literals=False)
    keeping.wait_first_run()
    dropping.wait_first_run()
    running = in_background(target_postgres.execute, f"SELECT pg_sleep(6), id, '{literal}' FROM {name}")
    time.sleep(0.3)
    for _ in range(3):
        keeping.collect()
        dropping.collect()
    running.join()
    keeping.collect()
    assert keeping.counted(name) == (1, 1, 1)
    (sample,) = keeping.samples(name)
    assert literal in sample.full_sql and sample.provenance == 3 and sample.user_host.startswith("postgres@")
    assert 0 < sample.duration_ms < 6000
    (sample,) = dropping.samples(name)
    assert sample.full_sql is None
    everything = dropping.sql("SELECT string_agg(fingerprint, ' ') AS text FROM query_fingerprints")[0].text
    assert literal not in everything


def test_the_collectors_own_statements_are_not_in_its_statistics(watch, target_postgres):
    watched = watch(target_postgres)
    target_postgres.execute("SELECT count(*) FROM pg_class WHERE relpages > 1")
    for _ in range(4):
        watched.collect()
    watched.settle()
    for fingerprint in watched.fingerprints():
        for ours in ("pg_stat_statements_info", "pg_stat_activity", "EXPLAIN", "potto", "search_path"):
            assert ours not in fingerprint
    own = target_postgres.execute("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%%/* potto */%%'")
    assert own[0][0] > 0  # there were some to find


def test_the_longest_execution_is_known_where_it_raised_the_servers_maximum(watch, api, stack, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)

    def run(seconds):
        target_postgres.execute(f"SELECT pg_sleep({seconds}) FROM {name}")
        watched.collect()
        watched.settle()

    def discovered():
        items = api.get("/api/v1/monitoring/queries", params={"connection_id": watched.id}).json()["items"]
        return [item for item in items if name in item["sql_text"] and item["statement_kind"] == "select"]

    run(0.06)
    ((longest,),) = target_postgres.execute(
        "SELECT max_exec_time FROM pg_stat_statements WHERE query LIKE %s", f"SELECT pg_sleep%{name}")
    (found,) = discovered()
    assert longest >= 60 and found["max_exec_time"] == round(longest, 3)
    run(0.01)
    (found,) = discovered()
    assert (found["calls"], found["max_exec_time"]) == (2, round(longest, 3))
    # Samples do not lower it, neither when they come nor when rollups are made of them again.
    token = api.get(f"/api/v1/database-connections/{watched.id}/agent-token").json()["agent_token"]
    agent = servers.Agent(api.url, {"id": watched.id, "name": ""}, token)
    sample = {"full_sql": f"SELECT pg_sleep(0.02) FROM {name}", "duration_ms": 20.5,
              "captured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    assert agent.post("/api/v1/collectors/ingest/slow-queries", {"queries": [sample]}).json()["accepted"] == 1
    watched.settle()
    rebuilt = json.loads(stack.cli("rollup", "rebuild", "--connection", watched.id).stdout.splitlines()[-1])
    assert rebuilt["rows_changed"] == 0
    assert discovered()[0]["max_exec_time"] == round(longest, 3)


def test_catalogue_queries_are_out_of_lists_unless_asked_for(watch, api, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {name}")
    catalog = "SELECT count(*) FROM pg_class c JOIN information_schema.tables t ON t.table_name = c.relname"
    target_postgres.execute(catalog)
    target_postgres.execute(f"SELECT count(*) FROM pg_catalog.pg_class, {name}")  # not of catalogues alone
    watched.collect()
    watched.settle()

    def listed(path, text, **params):
        answer = api.get(f"/api/v1/{path}", params={"connection_id": watched.id, "limit": 500, **params})
        assert answer.status_code == 200, answer.text
        return [item[text] for item in answer.json()["items"]]

    lists = {"slow-queries/fingerprints": "fingerprint", "stats/top-queries": "fingerprint",
             "statistics/fingerprints": "fingerprint", "monitoring/queries": "sql_text"}
    for path, text in lists.items():
        found = listed(path, text)
        assert f"SELECT id FROM {name}" in found and f"SELECT count(*) FROM pg_catalog.pg_class, {name}" in found
        assert catalog not in found
        assert catalog in listed(path, text, include_catalog="true")
    assert api.get("/api/v1/stats/top-queries", params={"include_catalog": "maybe"}).status_code == 422
    for address, is_shown in (("/queries", False), ("/queries?catalog=all", True)):
        params = {"connection_id": watched.id, "q": "information_schema.tables"}
        page = requests.get(api.url + address, params=params, cookies={"potto_access": api.token}, timeout=60).text
        assert ("No query matches" in page) != is_shown
        assert ("show them too" in page) != is_shown


def test_what_psql_asks_is_of_catalogues(watch, api, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    target_postgres.execute(f"SELECT hits FROM {name}")
    asked = marker()
    commands = ["\\d", f"\\d+ {name}", "\\dt+", "\\di+", "\\du", "\\dn+", "\\df", "\\dx", "\\l", "\\dp"]
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *(f"--command={command}" for command in commands),
         f"--command=SELECT count(*) AS {asked} FROM pg_class, information_schema.tables"],
        env={"PATH": "/usr/bin:/bin", "PGHOST": target_postgres.host, "PGPORT": str(target_postgres.port),
             "PGDATABASE": target_postgres.database, "PGUSER": target_postgres.admin_user,
             "PGPASSWORD": target_postgres.admin_password},
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    watched.collect()
    watched.settle()

    def listed(**params):
        params = {"connection_id": watched.id, "limit": 500, **params}
        answer = api.get("/api/v1/slow-queries/fingerprints", params=params).json()
        return {item["fingerprint"] for item in answer["items"]}

    default, everything = listed(), listed(include_catalog="true")
    assert f"SELECT hits FROM {name}" in default
    assert not [text for text in default if "pg_catalog" in text or asked in text]
    assert [text for text in everything if asked in text]
    assert len([text for text in everything - default if "pg_catalog." in text]) >= len(commands)


def test_rows_examined_are_unknown_where_the_server_does_not_tell_them(watch, api, agent, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    name = new_table(target_postgres)
    target_postgres.execute(f"SELECT id FROM {name}")
    watched.collect()
    watched.settle()
    mysql = agent(engine="mysql")
    sample = {"full_sql": f"SELECT id FROM {name}", "duration_ms": 1, "rows_examined": 0,
              "captured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    assert mysql.post("/api/v1/collectors/ingest/slow-queries", {"queries": [sample]}).json()["accepted"] == 1
    Watched.settle(types.SimpleNamespace(sql=watched.sql, id=mysql.connection_id))
    for connection_id, examined in ((watched.id, None), (mysql.connection_id, 0)):
        for path in ("slow-queries/fingerprints", "stats/top-queries", "statistics/fingerprints",
                     "statistics/databases"):
            answer = api.get(f"/api/v1/{path}", params={"connection_id": connection_id, "limit": 500}).json()
            found = [item for item in answer["items"] if name in item.get("fingerprint", name)]
            assert found and {item["rows_examined"] for item in found if item["calls"]} == {examined}, path
            assert {(item["lock_ms"], item["errors"]) for item in found} == {(None, None)}, path
    rows = api.get("/api/v1/statistics/fingerprints", params={"connection_id": watched.id},
                   headers={"Accept": "text/csv"}).text.splitlines()
    at = rows[0].split(",").index("rows_examined") - len(rows[0].split(","))
    assert {row.split(",")[at] for row in rows[1:]} == {""}


def test_only_selects_are_explained(watch, target_postgres):
    table = new_table(target_postgres, 20000)
    target_postgres.execute(f"GRANT SELECT ON {table} TO {target_postgres.user}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    for i in range(5):
        target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = {i}")
        target_postgres.execute(f"UPDATE {table} SET hits = hits + 1 WHERE id % 7 = {i}")
    for _ in range(3):
        watched.collect()
    (plan,) = watched.plans(table)
    assert plan.statement_kind == "select" and plan.provenance == "generic_plan" and plan.total_cost > 0
    assert plan.plan[0]["Plan"]["Node Type"] == "Aggregate"
    assert {row.statement_kind for row in watched.plans()} == {"select"}
    hits = target_postgres.execute(f"SELECT sum(hits) FROM {table}")[0][0]
    target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = 1")
    watched.collect()
    again = [row for row in watched.plans(table) if row.sql_hash == plan.sql_hash]
    assert [row.last_seen_at for row in again] == [plan.last_seen_at]  # not again within the hour
    assert target_postgres.execute(f"SELECT sum(hits) FROM {table}")[0][0] == hits
    target_postgres.execute(f"DROP TABLE {table}")


def test_a_missing_grant_on_tables_is_a_hint_with_the_grant(watch, target_postgres):
    table = new_table(target_postgres, 200000)
    target_postgres.execute(f"REVOKE ALL ON {table} FROM {target_postgres.user}")
    watched = watch(target_postgres)
    watched.wait_first_run()
    target_postgres.execute(f"SELECT count(*) FROM {table} WHERE id % 7 = 3")
    row = watched.collect()
    assert row.state == "ok" and "Plans are missing" in row.problem and "GRANT" in row.remedy
    assert watched.counted(table)[0] >= 1 and not watched.plans(table)
    target_postgres.execute(f"DROP TABLE {table}")


# ---- MariaDB ----


def test_rows_of_the_slow_log_are_stored_once(watch, target_mariadb):
    name = marker()
    for i in range(9):
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, {i}")
    watched = watch(target_mariadb)
    for _ in range(4):
        watched.collect()
    assert watched.counted(name) == (9, 9, 9)  # also what ran before the first snapshot
    samples = watched.samples(name)
    assert len(samples) == 9
    assert {sample.provenance for sample in samples} == {2}
    assert {(sample.source_db_type, sample.source_db_host) for sample in samples} == {("mysql", "127.0.0.1")}
    assert all(25 < sample.duration_ms < 1000 for sample in samples)
    assert {sample.full_sql for sample in samples} == {f"SELECT SLEEP(0.03) AS {name}, {i}" for i in range(9)}
    assert all(sample.rows_returned == 1 and "root" in sample.user_host for sample in samples)


@pytest.mark.parametrize("before", [0, 1, 3])
def test_the_longest_execution_of_mariadb_is_that_of_its_slow_log_and_digests(watch, api, target_mariadb, before):
    """However many of the executions ran before the first snapshot."""
    name, seconds = marker(), (0.03, 0.09, 0.04)
    for each in seconds[:before]:
        target_mariadb.execute(f"SELECT SLEEP({each}) AS {name}")
    watched = watch(target_mariadb)
    watched.wait_first_run()
    for each in seconds[before:]:
        target_mariadb.execute(f"SELECT SLEEP({each}) AS {name}")
    watched.collect()
    watched.settle()
    ((longest_us,),) = target_mariadb.execute(
        "SELECT max(TIME_TO_SEC(query_time) * 1000000) FROM mysql.slow_log WHERE sql_text LIKE %s", f"%SLEEP%{name}")
    ((raised_us,),) = target_mariadb.execute(
        "SELECT MAX_TIMER_WAIT / 1000000 FROM performance_schema.events_statements_summary_by_digest "
        "WHERE DIGEST_TEXT LIKE %s", f"%SLEEP%AS `{name}`%")
    longest_us = max(longest_us, raised_us) if before < 3 else longest_us  # by a known execution
    items = api.get("/api/v1/monitoring/queries", params={"connection_id": watched.id}).json()["items"]
    (found,) = [item for item in items if name in item["sql_text"]]
    assert longest_us >= 90000 and found["calls"] == 3
    assert found["max_exec_time"] == pytest.approx(float(longest_us) / 1000, abs=0.001)
    assert watched.counted(name) == (3, 3, 3)


def test_statements_too_fast_for_the_slow_log_are_counted_by_their_digests(watch, target_mariadb):
    table = new_table(target_mariadb, 20)
    watched = watch(target_mariadb)
    watched.wait_first_run()
    total = 0
    for executions in (3, 0, 7, 1):
        for number in range(executions):
            target_mariadb.execute(f"SELECT id FROM {table} WHERE id <= {number % 5 + 1}")
        total += executions
        watched.collect()
        assert watched.counted(table) == (total, total, 0)
    ((calls, ms, rows),) = target_mariadb.execute(
        "SELECT COUNT_STAR, SUM_TIMER_WAIT / 1e9, SUM_ROWS_SENT FROM "
        "performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE %s",
        f"SELECT ID FROM `{table}`%")
    (stored,) = watched.sql(
        "SELECT sum(counter_calls)::int AS calls, sum(counter_ms) AS ms, sum(counter_rows)::int AS rows "
        "FROM query_fingerprint_metrics JOIN query_fingerprints USING (organization_id, sql_hash) "
        "WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0 AND statement_kind = 'select' "
        "AND resolution_s = 300", watched.id, table)
    assert (stored.calls, stored.rows) == (calls, rows) and stored.ms == pytest.approx(float(ms), abs=0.01)
    target_mariadb.execute(f"DROP TABLE {table}")


def test_what_digests_of_mariadb_tell_is_on_the_page_and_in_the_api(watch, api, stack, target_mariadb):
    table = new_table(target_mariadb, 3000)
    statement = f"SELECT hits % 7 AS rest, max(id) FROM {table} GROUP BY rest ORDER BY max(id)"
    watched = watch(target_mariadb)
    watched.wait_first_run()
    for _ in range(4):
        target_mariadb.execute(statement)
    with pytest.raises(Exception, match="no_such_function"):
        target_mariadb.execute(f"SELECT no_such_function(id) FROM {table}")
    watched.collect()
    watched.settle()
    columns = ("SUM_ROWS_EXAMINED", "SUM_ROWS_SENT", "SUM_CREATED_TMP_TABLES", "SUM_CREATED_TMP_DISK_TABLES",
               "SUM_SORT_MERGE_PASSES", "SUM_NO_INDEX_USED", "SUM_ERRORS")
    (truth,) = target_mariadb.execute(
        f"SELECT SUM_LOCK_TIME / 1e9, {', '.join(columns)} FROM performance_schema."
        "events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE %s AND COUNT_STAR = 4", f"SELECT `hits`%{table}%")
    answer = api.get("/api/v1/slow-queries/fingerprints", params={"connection_id": watched.id, "q": table}).json()
    (found,) = [item for item in answer["items"] if "GROUP BY" in item["fingerprint"]]
    names = ("rows_examined", "rows_returned", "temp_tables", "temp_disk_tables", "sort_passes", "no_index_calls",
             "errors")
    assert tuple(found[name] for name in names) == truth[1:] and found["calls"] == 4
    assert found["rows_examined"] >= 12000 and found["temp_tables"] == 4 and found["no_index_calls"] == 4
    assert found["lock_ms"] == pytest.approx(float(truth[0]), abs=0.002) and found["lock_ms"] > 0
    (wrong,) = [item for item in answer["items"] if "no_such_function" in item["fingerprint"].lower()]
    assert (wrong["calls"], wrong["errors"]) == (1, 1)
    cookies = {"potto_access": api.token}
    page = requests.get(f"{api.url}/queries/{found['sql_hash']}", cookies=cookies, timeout=60).text
    assert "Waited for locks for" in page and "calls without an index" in page and "temporary tables" in page
    page = requests.get(f"{api.url}/queries?sort=locks&connection_id={watched.id}", cookies=cookies, timeout=60).text
    assert table in page and ">Locks</a>" in page
    rebuilt = json.loads(stack.cli("rollup", "rebuild", "--connection", watched.id).stdout.splitlines()[-1])
    assert rebuilt["rows_changed"] == 0
    target_mariadb.execute(f"DROP TABLE {table}")


def test_time_of_waiting_for_locks_is_that_of_the_slow_log_and_the_digests(watch, api, stack, target_mariadb):
    table = new_table(target_mariadb)
    watched = watch(target_mariadb)
    watched.wait_first_run()
    holder = target_mariadb.connect()
    with holder.cursor() as cursor:
        cursor.execute(f"LOCK TABLES {table} WRITE")
        waiting = in_background(target_mariadb.execute, f"SELECT max(hits + SLEEP(0.05)) FROM {table}")
        servers.wait_until(lambda: target_mariadb.execute(
            "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata%%' "
            "AND INFO LIKE %s", f"%{table}"), 20, what="a session that waits")
        time.sleep(0.3)
        cursor.execute("UNLOCK TABLES")
    waiting.join()
    holder.close()
    watched.collect()
    watched.settle()
    ((logged_ms,),) = target_mariadb.execute(
        "SELECT TIME_TO_SEC(lock_time) * 1000 FROM mysql.slow_log WHERE sql_text LIKE %s",
        f"SELECT max(hits + SLEEP%{table}")
    ((digest_ms,),) = target_mariadb.execute(
        "SELECT SUM_LOCK_TIME / 1e9 FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE "
        "%s", f"SELECT MAX%{table}%")
    answer = api.get("/api/v1/slow-queries/fingerprints", params={"connection_id": watched.id, "q": table}).json()
    (found,) = [item for item in answer["items"] if item["statement_kind"] == "select"]
    assert found["lock_ms"] == pytest.approx(float(max(logged_ms, digest_ms)), abs=0.01)
    assert 300 <= found["lock_ms"] <= found["total_ms"] and found["calls"] == 1
    before = watched.sql("SELECT * FROM query_fingerprint_metrics WHERE database_connection_id = %s ORDER BY "
                         "resolution_s, sql_hash", watched.id)
    rebuilt = json.loads(stack.cli("rollup", "rebuild", "--connection", watched.id).stdout.splitlines()[-1])
    assert rebuilt["rows_changed"] == 0
    assert watched.sql("SELECT * FROM query_fingerprint_metrics WHERE database_connection_id = %s ORDER BY "
                       "resolution_s, sql_hash", watched.id) == before
    target_mariadb.execute(f"DROP TABLE {table}")


def test_digests_that_were_emptied_are_counted_from_their_beginning(watch, target_mariadb):
    table = new_table(target_mariadb)
    watched = watch(target_mariadb)
    watched.wait_first_run()
    for executions in (6, 2):
        for _ in range(executions):
            target_mariadb.execute(f"SELECT hits FROM {table}")
        watched.collect()
        target_mariadb.execute("TRUNCATE performance_schema.events_statements_summary_by_digest")
    target_mariadb.execute(f"SELECT hits FROM {table}")
    watched.collect()
    assert watched.counted(table) == (9, 9, 0)
    target_mariadb.execute(f"DROP TABLE {table}")


def test_a_full_table_of_digests_is_said_with_what_it_costs(watch, api, target_mariadb):
    watched = watch(target_mariadb)
    watched.wait_first_run()
    ((size,),) = target_mariadb.execute("SELECT @@performance_schema_digests_size")
    connection = target_mariadb.connect()
    try:
        with connection.cursor() as cursor:
            for number in range(size + 50):
                cursor.execute(f"SELECT 1 AS c{number}")
        row = watched.collect()
        assert row.state == "warning" and f"performance_schema_digests_size = {size}" in row.problem, row
        assert "TRUNCATE TABLE performance_schema.events_statements_summary_by_digest" in row.remedy
        coverage = api.get(f"/api/v1/monitoring/connections/{watched.id}/coverage").json()
        assert coverage["basis"] == "statements" and 0 < coverage["attributed_share"] < 1, coverage
        assert [gap["cause"] for gap in coverage["gaps"] if gap["cause"] == "evicted"], coverage
    finally:
        connection.close()
        target_mariadb.execute("TRUNCATE performance_schema.events_statements_summary_by_digest")
    assert watched.collect().state == "ok"


def test_the_collectors_own_statements_are_no_digests_of_mariadb(watch, api, target_mariadb):
    watched = watch(target_mariadb)
    target_mariadb.execute("SELECT SLEEP(0.03)")  # something to explain
    for _ in range(3):
        watched.collect()
    watched.settle()
    own = target_mariadb.execute("SELECT count(*) FROM performance_schema.events_statements_summary_by_digest "
                                 "WHERE DIGEST_TEXT LIKE '%%AS `potto`%%' AND COUNT_STAR > 0")
    assert own[0][0] > 5  # there were some to find
    ours = ("slow_log", "potto", "EXPLAIN", "setup_consumers", "MAX_STATEMENT_TIME", "SESSION TRANSACTION READ ONLY")
    assert not [text for text in watched.fingerprints() for word in ours if word.lower() in text.lower()]


def test_a_statement_that_ends_after_later_ones_is_not_lost(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    long_one = in_background(target_mariadb.execute, f"SELECT SLEEP(3) AS {name}, 'long'")
    time.sleep(0.2)
    for _ in range(3):
        target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, 'short'")
    watched.collect()
    assert watched.counted(name) == (3, 3, 3)
    long_one.join()
    watched.collect()
    watched.collect()
    assert watched.counted(name) == (4, 4, 4)
    assert max(sample.duration_ms for sample in watched.samples(name)) >= 3000


def test_a_session_with_a_clock_of_its_own_is_counted_when_it_ran(watch, target_mariadb):
    name, before = marker(), time.time()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    connection = target_mariadb.connect()
    with connection.cursor() as cursor:
        for clock in ("- INTERVAL 20 SECOND", "- INTERVAL 3 YEAR", "+ INTERVAL 60 DAY"):
            cursor.execute(f"SET timestamp = UNIX_TIMESTAMP(SYSDATE() {clock})")
            cursor.execute(f"SELECT SLEEP(0.03) AS {name}, '{clock}'")
        cursor.execute("SET timestamp = DEFAULT")
        for zone in ("-11:00", "+13:00"):
            cursor.execute(f"SET time_zone = '{zone}'")
            cursor.execute(f"SELECT SLEEP(0.03) AS {name}, '{zone}'")
    connection.close()
    for _ in range(3):
        watched.collect()
    assert watched.counted(name) == (5, 5, 5)
    for sample in watched.samples(name):
        assert before - 1 < sample.captured_at.timestamp() < time.time(), sample


def test_a_log_that_was_emptied_is_read_from_its_beginning(watch, target_mariadb):
    name = marker()
    target_mariadb.execute("TRUNCATE mysql.slow_log")
    watched = watch(target_mariadb)
    watched.wait_first_run()
    # Each time the new log is longer than what was read of the old one.
    for total, executions in ((1, 1), (4, 3), (11, 7)):
        for _ in range(executions):
            target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
        watched.collect()
        watched.collect()
        assert watched.counted(name) == (total, total, total)
        target_mariadb.execute("TRUNCATE mysql.slow_log")


def test_old_rows_of_another_table_in_the_logs_place_are_passed_over(watch, target_mariadb):
    name = marker()
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    watched = watch(target_mariadb)
    watched.collect()
    target_mariadb.execute(f"CREATE TABLE mysql.{name} LIKE mysql.slow_log")
    target_mariadb.execute(
        f"INSERT INTO mysql.{name} (start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, "
        "last_insert_id, insert_id, server_id, sql_text, thread_id, rows_affected) "
        "SELECT NOW(6) - INTERVAL 600 SECOND, 'app[app] @ host []', '00:00:01.5', 0, 1, 2, 'shop', 0, 0, 1, "
        f"CONCAT('SELECT ', seq, ' AS {name}'), seq, 0 FROM seq_1_to_9"
    )
    target_mariadb.execute(f"RENAME TABLE mysql.slow_log TO mysql.old_{name}, mysql.{name} TO mysql.slow_log")
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    for _ in range(2):
        watched.collect()
    assert watched.counted(name) == (2, 2, 2)


def test_a_log_longer_than_one_look_is_read_to_its_end(watch, target_mariadb):
    name = marker()
    target_mariadb.execute("SET GLOBAL slow_query_log = OFF")
    try:
        target_mariadb.execute(f"CREATE TABLE mysql.{name} LIKE mysql.slow_log")
        # Fifty statements end in each microsecond; together more than the 5,000 of one snapshot.
        target_mariadb.execute(
            f"INSERT INTO mysql.{name} (start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, "
            "last_insert_id, insert_id, server_id, sql_text, thread_id, rows_affected) "
            "SELECT NOW(6) - INTERVAL 600 SECOND + INTERVAL (seq DIV 50) MICROSECOND, 'app[app] @ host []', "
            f"'00:00:01.5', 0, 1, 2, 'shop', 0, 0, 1, CONCAT('SELECT ', seq, ' AS {name}'), seq, 0 FROM seq_1_to_12000"
        )
        target_mariadb.execute(f"RENAME TABLE mysql.slow_log TO mysql.old_{name}, mysql.{name} TO mysql.slow_log")
        watched = watch(target_mariadb)
        servers.wait_until(lambda: len(watched.samples(name)) == 12000, 60, what="12,000 samples")
        watched.collect()
        assert watched.counted(name) == (12000, 0, 12000)
        assert "off" in watched.state().problem and "SET GLOBAL slow_query_log = ON" in watched.state().remedy
    finally:
        target_mariadb.execute("SET GLOBAL slow_query_log = ON")
        target_mariadb.execute("TRUNCATE mysql.slow_log")


def test_more_text_than_one_look_may_hold_is_read_in_several(watch, target_mariadb):
    name = marker()
    target_mariadb.execute("SET GLOBAL slow_query_log = OFF")
    try:
        target_mariadb.execute(f"CREATE TABLE mysql.{name} LIKE mysql.slow_log")
        # Like the restore of a dump: statements of a megabyte each, 40 MB together.
        target_mariadb.execute(
            f"INSERT INTO mysql.{name} (start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, "
            "last_insert_id, insert_id, server_id, sql_text, thread_id, rows_affected) "
            "SELECT NOW(6) - INTERVAL 600 SECOND + INTERVAL seq SECOND, 'app[app] @ host []', "
            "'00:00:01.5', 0, 0, 0, 'shop', 0, 0, 1, "
            f"CONCAT('INSERT INTO {name} VALUES (', seq, ', \"', REPEAT('x', 1000000), '\")'), seq, 0 FROM seq_1_to_40"
        )
        target_mariadb.execute(f"RENAME TABLE mysql.slow_log TO mysql.old_{name}, mysql.{name} TO mysql.slow_log")
        watched = watch(target_mariadb, keep_literals=False)
        watched.wait_first_run(120)
        # On a busy machine a look may take longer than it may. The next one goes on.
        servers.wait_until(lambda: len(watched.samples(name)) == 40 or not watched.collect(), 120, what="40 samples")
        servers.wait_until(lambda: watched.collect().state == "warning", 120, what="a look in time")
        assert len(watched.samples(name)) == 40
    finally:
        target_mariadb.execute("SET GLOBAL slow_query_log = ON")
        target_mariadb.execute("TRUNCATE mysql.slow_log")


@pytest.mark.parametrize("zone", ["-05:00", "+05:30"])
def test_a_server_of_another_time_zone_is_read_by_its_own(watch, target_mariadb, zone):
    name = marker()
    target_mariadb.execute(f"SET GLOBAL time_zone = '{zone}'")
    try:
        watched = watch(target_mariadb)
        watched.wait_first_run()
        before = time.time()
        target_mariadb.execute(f"SELECT SLEEP(3) AS {name}")
        watched.collect()
        (sample,) = watched.samples(name)
        assert before - 1 < sample.captured_at.timestamp() < before + 2  # when it began
    finally:
        target_mariadb.execute("SET GLOBAL time_zone = 'SYSTEM'")


def test_a_clock_of_the_server_that_went_back_hides_nothing(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    assert watched.wait_first_run().state == "ok"
    # As if the server's clock had been an hour ahead at the last snapshot.
    watched.sql("UPDATE connection_collection SET cursor = cursor || jsonb_build_object("
                "'log_read_at', (extract(epoch FROM now() + interval '1 hour') * 1e6)::bigint) "
                "WHERE database_connection_id = %s", watched.id)
    before = time.time()
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    for _ in range(2):
        watched.collect()
    assert watched.counted(name) == (1, 1, 1)
    (sample,) = watched.samples(name)
    assert before - 1 < sample.captured_at.timestamp() < time.time()


def test_what_an_older_version_had_read_is_not_read_again(watch, target_mariadb):
    name = marker()
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, 'read by it'")
    time.sleep(1)
    watched = watch(target_mariadb)
    watched.wait_first_run()
    watched.sql("DELETE FROM slow_queries_raw WHERE database_connection_id = %s", watched.id)
    # It remembered until when it had read, by the server's clock.
    watched.sql("UPDATE connection_collection SET cursor = jsonb_build_object("
                "'read_from', (extract(epoch FROM now()) * 1e6)::bigint, "
                "'snapshot_at', (extract(epoch FROM now()) * 1e6)::bigint) "
                "WHERE database_connection_id = %s", watched.id)
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}, 'not read'")
    for _ in range(2):
        watched.collect()
    (sample,) = watched.samples(name)
    assert "not read" in sample.full_sql


def test_a_run_that_asks_for_slower_statements_loses_none_of_the_others(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    target_mariadb.execute(f"SELECT SLEEP(0.03) AS {name}")
    watched.sql("UPDATE connection_collection SET requested_at = now(), requested_min_duration_ms = 60000 "
                "WHERE database_connection_id = %s", watched.id)
    servers.wait_until(lambda: watched.state().requested_at is None, 20, what="the run that was asked for")
    watched.collect()
    assert watched.counted(name) == (1, 1, 1)


def test_bytes_that_are_no_utf8_do_not_stop_the_collection(watch, target_mariadb):
    name = marker()
    watched = watch(target_mariadb)
    watched.wait_first_run()
    connection = target_mariadb.connect()
    with connection.cursor() as cursor:
        cursor.execute(b"SELECT SLEEP(0.03) AS " + name.encode() + b", _binary '\xff\xfe\xf0\x28', '\xf0\x9f\x90\x92'")
    connection.close()
    assert watched.collect().state == "ok"
    assert watched.counted(name) == (1, 1, 1)


def test_plans_of_mariadb_are_of_selects_and_our_statements_are_not_samples(watch, target_mariadb):
    table = new_table(target_mariadb, 5000)
    target_mariadb.execute("SET GLOBAL long_query_time = 0, GLOBAL log_queries_not_using_indexes = ON")
    try:
        watched = watch(target_mariadb)
        watched.wait_first_run()
        for i in range(3):
            target_mariadb.execute(f"SELECT count(*) FROM {table} WHERE hits + id > {i}")
            target_mariadb.execute(f"UPDATE {table} SET hits = hits + 1 WHERE id % 3 = {i}")
        for _ in range(3):
            watched.collect()
    finally:
        target_mariadb.execute("SET GLOBAL long_query_time = 0.02, GLOBAL log_queries_not_using_indexes = OFF")
    assert watched.counted(table) == (3, 3, 3)
    plans = watched.plans(table)
    assert [plan.statement_kind for plan in plans] == ["select"] and plans[0].provenance == "explain"
    assert table in str(plans[0].plan)
    fingerprints = [row.fingerprint for row in watched.samples()]
    assert any("UPDATE" in fingerprint for fingerprint in fingerprints)
    assert not [text for text in fingerprints if "FROM mysql.slow_log" in text or "EXPLAIN" in text or "USE " in text]
    target_mariadb.execute(f"DROP TABLE {table}")
