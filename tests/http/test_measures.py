"""What PostgreSQL counts of statements beside calls, time, rows and blocks: as it counts it, and unknown where it does
not tell it."""

import pytest
import servers
from ingest_client import PATH, query

from test_pages import browser  # noqa: F401
from watched import marker, watch  # noqa: F401

# The columns of each measure in PostgreSQL 15; blocks have 8 kB.
COLUMNS = {
    "plans": "plans",
    "plan_ms": "total_plan_time",
    "read_ms": "blk_read_time",
    "write_ms": "blk_write_time",
    "temp_read_bytes": "temp_blks_read * 8192",
    "temp_written_bytes": "temp_blks_written * 8192",
    "temp_read_ms": "temp_blk_read_time",
    "temp_write_ms": "temp_blk_write_time",
    "wal_records": "wal_records",
    "wal_full_page_images": "wal_fpi",
    "wal_bytes": "wal_bytes::bigint",
    "jit_functions": "jit_functions",
    "jit_ms": "jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time",
}
NEWER = {"workers_planned", "workers_launched"}  # from PostgreSQL 18 on
TIMED = {"read_ms", "write_ms", "temp_read_ms", "temp_write_ms"}
PLANNED = {"plans", "plan_ms"}


@pytest.fixture()
def database(target_postgres):
    """database(**settings) makes a database of its own with a table `item`, whose blocks the server's cache does not
    have yet."""

    def make(version="1.10", **settings):
        model, name = marker(), marker()
        target_postgres.execute(f"CREATE DATABASE {model}")
        target_postgres.execute(f"CREATE EXTENSION pg_stat_statements VERSION '{version}'", database=model)
        target_postgres.execute(
            "CREATE TABLE item AS SELECT i AS id, repeat(md5(i::text), 8) AS note FROM generate_series(1, 3000) AS i",
            database=model,
        )
        target_postgres.execute(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY file_copy")
        for setting, value in settings.items():
            target_postgres.execute(f"ALTER DATABASE {name} SET {setting} = {value}")
        return name

    return make


def of_statement(api, watched, part):
    """The measures of the one statement that contains `part`."""
    watched.settle()
    hashes = [
        row.sql_hash.replace("-", "")
        for row in watched.sql(
            "SELECT sql_hash::text FROM query_fingerprint_connections JOIN query_fingerprints "
            "USING (organization_id, sql_hash) WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0",
            watched.id,
            part,
        )
    ]
    assert len(hashes) == 1, hashes
    answer = api.get(f"/api/v1/slow-queries/fingerprints/{hashes[0]}?connection_id={watched.id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["measures"], hashes[0]


def of_server(target, database, part):
    row = target.execute(
        f"SELECT {', '.join(COLUMNS.values())} FROM pg_stat_statements WHERE starts_with(query, %s) AND calls > 0 "
        "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
        part,
        database=database,
    )
    assert len(row) == 1, row
    return dict(zip(COLUMNS, row[0]))


def check_equal(found, wanted):
    assert found.keys() == COLUMNS.keys() | NEWER
    for name, value in wanted.items():
        # Totals are kept in whole microseconds.
        assert found[name] == pytest.approx(value, abs=0.003 if name.endswith("_ms") else 0), name
    assert {found[name] for name in NEWER} == {None}


SORT = "SELECT note FROM item ORDER BY note OFFSET 2999"
OTHER_SORT = "SELECT note FROM item ORDER BY id, note OFFSET 2999"  # a statement of its own
UPDATE = "UPDATE item SET id = id + 1"


def test_measures_are_those_of_the_server(browser, api, watch, target_postgres, database):
    name = database(
        work_mem="'64kB'", track_io_timing="on", jit_above_cost="0", **{"pg_stat_statements.track_planning": "on"}
    )
    watched = watch(target_postgres, database=name)
    watched.wait_first_run()
    for _ in range(2):
        for statement in (SORT, UPDATE):
            target_postgres.execute(statement, database=name)
        watched.collect()
    sorted_, sort_hash = of_statement(api, watched, "ORDER BY note")
    check_equal(sorted_, of_server(target_postgres, name, SORT[:30]))
    assert sorted_["plans"] == 2 and sorted_["plan_ms"] > 0 and sorted_["read_ms"] > 0, sorted_
    assert sorted_["temp_written_bytes"] > 0 and sorted_["temp_read_bytes"] > 0, sorted_
    assert sorted_["temp_write_ms"] > 0, sorted_
    updated, update_hash = of_statement(api, watched, "UPDATE item")
    check_equal(updated, of_server(target_postgres, name, UPDATE[:20]))
    assert updated["wal_records"] >= 6000 and updated["wal_bytes"] > 100_000, updated
    assert updated["temp_written_bytes"] == 0, updated
    page = browser.get(f"/queries/{sort_hash}").text
    assert "What else it costs" in page and "Temporary files, written" in page and "Reading blocks" in page
    assert "from PostgreSQL 18 on" in page and "track_planning = on" not in page
    page = browser.get(f"/queries/{update_hash}").text
    assert "records" in page and "None: " in page


def test_what_the_server_does_not_tell_is_unknown_and_not_0(browser, api, watch, target_postgres, database):
    name = database(version="1.9", track_io_timing="off", **{"pg_stat_statements.track_planning": "off"})
    watched = watch(target_postgres, database=name)
    watched.wait_first_run()
    target_postgres.execute(OTHER_SORT, database=name)
    watched.collect()
    found, sql_hash = of_statement(api, watched, "ORDER BY id, note")
    unknown = PLANNED | TIMED | NEWER | {"jit_functions", "jit_ms"}
    assert {key for key, value in found.items() if value is None} == unknown, found
    assert found["wal_bytes"] == 0
    page = browser.get(f"/queries/{sql_hash}").text
    for needed in ("track_planning = on", "track_io_timing = on", "from PostgreSQL 15 on", "from PostgreSQL 18 on"):
        assert needed in page, needed
    # What was counted before anybody looked at it is no growth, and what came after it is.
    target_postgres.execute("ALTER EXTENSION pg_stat_statements UPDATE", database=name)
    target_postgres.execute(f"ALTER DATABASE {name} SET pg_stat_statements.track_planning = on")
    target_postgres.execute(OTHER_SORT, database=name)
    watched.collect()
    found, _ = of_statement(api, watched, "ORDER BY id, note")
    assert found["plans"] == 1 and found["jit_functions"] is None and found["read_ms"] is None, found
    target_postgres.execute(OTHER_SORT, database=name)
    watched.collect()
    found, _ = of_statement(api, watched, "ORDER BY id, note")
    assert found["plans"] == 2 and found["jit_functions"] is not None and found["read_ms"] is None, found


def test_of_an_agents_statements_no_measure_is_known(browser, api, agent):
    sender = agent()
    name = marker()
    assert sender.post(PATH, {"queries": [query(full_sql=f"SELECT id FROM {name}")]}).status_code == 200
    path = f"/api/v1/slow-queries/fingerprints?q={name}"
    items = servers.wait_until(lambda: api.get(path).json()["items"], what="the rollup")
    detail = api.get(f"/api/v1/slow-queries/fingerprints/{items[0]['sql_hash']}").json()
    assert detail["calls"] == 1 and set(detail["measures"].values()) == {None}
    assert "What else it costs" not in browser.get(f"/queries/{items[0]['sql_hash']}").text
