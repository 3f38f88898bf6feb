"""keep_literals=false: no literal of the connection is stored anywhere, and literals stored before are removed.

Literals are planted and then searched for in a dump of the whole store and in every log."""

import ctypes
import shutil
import subprocess
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import servers
from ingest_client import PATH, query
from watched import Watched

CONNECTIONS = "/api/v1/database-connections"
NEVER_S = 86400


def planted():
    return "planted" + uuid.uuid4().hex[:16]


def pg_dump():
    return shutil.which("pg_dump") or str(sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1])


def where_found(stack, word):
    """Lines of the dump and names of logs that hold the word."""
    done = subprocess.run([pg_dump(), "--dbname", stack.owner_dsn], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    found = [line[:300].decode(errors="replace") for line in done.stdout.splitlines() if word.encode() in line]
    for log in (stack.state / "logs").iterdir():
        if log.is_file() and word.encode() in log.read_bytes():
            found.append(str(log.name))
    return found


def statements(word):
    """Texts that hold the literal in every possible way; names are not literals."""
    return [
        f"SELECT * FROM users WHERE email = '{word}'",
        f"SELECT * FROM users WHERE email = '{word}' AND note = 'it''s {word}' -- {word}",
        f"SELECT /* {word} */ 1 /* {word}",
        f"SELECT * FROM users WHERE email = 'never closed {word}",
        f"SELECT E'it\\'s {word}', $${word}$$, $a${word}$a$, N'{word}'",
        f"SELECT * FROM users WHERE email = 'it\\'s {word}' AND id = 1",
        f"INSERT INTO users (email) VALUES ('{word}'), ('{word} 2')",
        f"SET SESSION AUTHORIZATION '{word}'",
        f"ALTER USER app PASSWORD '{word}'",
        f"no sql '{word}' at all",
        f"'{word}'",
    ]


ENGINES = {
    "postgresql": [],
    "mysql": ['SELECT * FROM users WHERE email = "{word}" # {word}', 'SELECT "never closed {word}'],
    "mssql": ["SELECT * FROM [users] WHERE email = N'{word}'"],
    "oracle": ["SELECT q'[it's {word}]' FROM dual", "SELECT nq'!it's {word}!', 'x' FROM dual"],
    "mongodb": ['{{"find": "users", "filter": {{"email": "{word}"}}}}', 'db.users.find({{email: "{word}"}})'],
}


@pytest.mark.parametrize("engine", ENGINES)
def test_data_from_agents_leaves_no_literal(stack, agent, engine):
    word = planted()
    sender = agent(engine=engine, keep_literals=False)
    texts = statements(word) + [text.format(word=word) for text in ENGINES[engine]]
    plan = {"Plan": {"Node Type": "Seq Scan", "Filter": f"(email = '{word}')", "Total Cost": 1}}
    queries = [query(full_sql=text, plan=plan) for text in texts]
    queries += [query(full_sql=None, fingerprint=text) for text in texts]
    # Errors about refused items do not show the items.
    queries += [
        query(full_sql=texts[0], duration_ms=-1),
        query(full_sql=texts[0], **{word: 1}),
        query(full_sql=texts[0], captured_at=word),
    ]
    answer = sender.post(PATH, {"batch_id": uuid.uuid4().hex, "queries": queries})
    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2 * len(texts), 3)
    assert sender.post(PATH, {"queries": queries[: len(texts)]}).json()["duplicates"] == len(texts)
    # Bodies that cannot be parsed do not get into a log either.
    broken = f'{{"queries": [{{"full_sql": "SELECT \'{word}\'"'.encode()
    assert sender.post(PATH, data=broken, headers={"Content-Type": "application/json"}).status_code == 400
    servers.wait_until(
        lambda: not stack.sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s", sender.connection_id)
    )
    assert stack.sql("SELECT count(*) FROM slow_queries_raw WHERE database_connection_id = %s", sender.connection_id)[
        0
    ][0] == 2 * len(texts)
    assert where_found(stack, word) == []


def test_kept_literals_are_found(stack, agent):
    """Without this, the other tests would prove nothing."""
    word = planted()
    assert agent().post(PATH, {"queries": [query(full_sql=f"SELECT '{word}'")]}).json()["accepted"] == 1
    assert len(where_found(stack, word)) == 1


class Collected:
    def __init__(self, stack, api, target, word, keep_literals):
        body = target.connection_body(
            f"literals {uuid.uuid4().hex[:8]}",
            interval_s=NEVER_S,
            min_duration_ms=0,
            tls_mode="disable",
            keep_literals=keep_literals,
        )
        self.watched = Watched(api, stack.sql, body)
        self.watched.wait_first_run()


def run_statements(target, word):
    """Run statements that end before a snapshot, that run during it, and that fail."""
    sleep = "SLEEP" if target.engine == "mysql" else "pg_sleep"
    for text in (
        f"SELECT '{word}', {sleep}(0.12)",
        f"SELECT 1 FROM (SELECT '{word}' AS a) AS b WHERE a = '{word}' AND {sleep}(0.12) IS NOT NULL",
    ):
        target.execute(text)
    try:
        target.execute(f"SELECT '{word}'::int" if target.engine == "postgresql" else f"SELECT '{word}' FROM nowhere")
    except Exception:  # noqa: BLE001 - each driver has its own
        pass
    thread = threading.Thread(target=target.execute, args=(f"SELECT '{word}', {sleep}(4)",))
    thread.start()
    time.sleep(0.7)
    return thread


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_collected_data_leaves_no_literal(stack, api, request, kind):
    target = request.getfixturevalue(f"target_{kind}")
    word, kept_word = planted(), planted()
    for keep_literals, each_word in (
        (False, word),
        (True, kept_word),
    ):  # the second one reads the log of both, by its setting
        watched = Collected(stack, api, target, each_word, keep_literals).watched
        thread = run_statements(target, each_word)
        watched.collect()
        thread.join()
        watched.collect()
        watched.settle()
        stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
        samples = stack.sql(
            "SELECT full_sql, plan_hash FROM slow_queries_raw WHERE database_connection_id = %s", watched.id
        )
        assert samples, "nothing was sampled"
        assert any(row.full_sql for row in samples) == keep_literals
        if keep_literals:
            assert where_found(stack, each_word)
        else:
            assert where_found(stack, each_word) == []


def execute_with_parameter(target, text, value):
    """By the extended protocol: the server keeps the text with its $1."""
    libpq = ctypes.CDLL("libpq.so.5")
    libpq.PQconnectdb.restype = libpq.PQexecParams.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(libpq.PQconnectdb(
        f"host={target.host} port={target.port} dbname={target.database} user={target.admin_user} "
        f"password={target.admin_password}".encode()))
    values = (ctypes.c_char_p * 1)(value.encode())
    result = ctypes.c_void_p(libpq.PQexecParams(connection, text.encode(), 1, None, values, None, None, 0))
    assert libpq.PQresultStatus(result) == 2  # tuples
    libpq.PQclear(result)
    libpq.PQfinish(connection)


@pytest.mark.parametrize("keep_literals", [False, True])
def test_plans_of_statements_with_parameters_and_literals_leave_no_literal(stack, api, target_postgres, keep_literals):
    word = planted()
    watched = Collected(stack, api, target_postgres, word, keep_literals).watched
    nap = "nap" + uuid.uuid4().hex[:8]
    target_postgres.execute(
        f"CREATE FUNCTION {nap}(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN $1; END'"
    )
    text = f"SELECT {nap}(id) FROM generate_series(1, 4) AS g (id) WHERE id::text <> '{word}' AND id > $1::int"
    thread = threading.Thread(target=execute_with_parameter, args=(target_postgres, text, "1"))
    thread.start()
    time.sleep(0.7)
    watched.collect()
    thread.join()
    watched.collect()
    watched.settle()
    stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
    assert watched.samples("generate_series")
    assert bool(watched.plans(nap)) == keep_literals
    assert bool(where_found(stack, word)) == keep_literals
    target_postgres.execute(f"DROP FUNCTION {nap}(int)")


def test_statements_that_the_server_does_not_normalize_leave_no_literal(stack, api, target_postgres):
    word = planted()
    watched = Collected(stack, api, target_postgres, word, False).watched
    connection = target_postgres.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET standard_conforming_strings = off")
        cursor.execute(f"COMMENT ON DATABASE {target_postgres.database} IS 'it\\'s {word} and {word}'")
    connection.close()
    target_postgres.execute(f"COMMENT ON DATABASE {target_postgres.database} IS NULL")
    watched.collect()
    watched.settle()
    stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
    assert any(text.startswith("COMMENT ON DATABASE") for text in watched.fingerprints())
    assert where_found(stack, word) == []


# ---- switched off later ----


def switch(api, connection_id, keep_literals):
    answer = api.patch(f"{CONNECTIONS}/{connection_id}", json={"keep_literals": keep_literals})
    assert answer.status_code == 200, answer.text
    assert answer.json()["keep_literals"] is keep_literals


def marks(stack, connection_id):
    return stack.sql(
        "SELECT literals_purge_since AS since, literals_purged_at AS purged FROM database_connections WHERE id = %s",
        connection_id,
    )[0]


def rollups(stack, connection_id):
    return stack.sql(
        "SELECT sql_hash, resolution_s, bucket_at, calls, total_ms, histogram FROM query_fingerprint_metrics "
        "WHERE database_connection_id = %s ORDER BY 1, 2, 3",
        connection_id,
    )


def test_switching_it_off_removes_what_is_stored_and_nothing_else(stack, api, agent):
    word = planted()
    sender, other = agent(), agent()
    plan = {"Plan": {"Node Type": "Seq Scan", "Filter": f"(email = '{word}')", "Total Cost": 1}}
    at = datetime.now(timezone.utc) - timedelta(minutes=5)
    queries = [query(full_sql=f"SELECT * FROM users WHERE email = '{word} {n}'", plan=plan) for n in range(4500)]
    # Two executions that differ only in a literal.
    twins = [
        query(
            full_sql=f"SELECT * FROM users WHERE email = '{word} twin {n}'", captured_at=at.isoformat(), duration_ms=1
        )
        for n in range(2)
    ]
    assert sender.post(PATH, {"queries": queries + twins}).json()["accepted"] == 4502
    kept_word = planted()
    assert (
        other.post(PATH, {"queries": [query(full_sql=f"SELECT '{kept_word}'", plan={"a": kept_word})]}).json()[
            "accepted"
        ]
        == 1
    )
    organization = stack.sql(
        "SELECT organization_id AS o FROM database_connections WHERE id = %s", sender.connection_id
    )[0].o
    # Jobs and the predecessors' rows may hold a statement too.
    for state in ("done", "failed"):
        stack.sql(
            "INSERT INTO jobs (organization_id, database_connection_id, kind, payload, result, state, finished_at) "
            "VALUES (%s, %s, 'optimize', jsonb_build_object('sql', %s::text), '{}', %s, now())",
            organization,
            sender.connection_id,
            word,
            state,
        )
    stack.sql(
        "INSERT INTO legacy_slow_queries (source_db_type, fingerprint, full_sql, plan_json, "
        "organization_id, database_connection_id) "
        "VALUES ('mysql', %s, %s, '{}', %s, %s)",
        word,
        word,
        organization,
        sender.connection_id,
    )
    stack.sql("INSERT INTO analysis_result (problem, organization_id, database_connection_id) VALUES (%s, %s, %s)",
              word, organization, sender.connection_id)
    servers.wait_until(
        lambda: not stack.sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s", sender.connection_id)
    )
    before = rollups(stack, sender.connection_id)
    assert len(where_found(stack, word)) > 4500

    switch(api, sender.connection_id, False)
    servers.wait_until(lambda: marks(stack, sender.connection_id).purged, 60, what="the purge")
    assert where_found(stack, word) == []
    samples = stack.sql(
        "SELECT count(*) AS n, count(full_sql) AS texts, count(plan_hash) AS plans, "
        "count(DISTINCT sample_digest) AS digests "
        "FROM slow_queries_raw WHERE database_connection_id = %s",
        sender.connection_id,
    )[0]
    assert tuple(samples) == (4502, 0, 0, 4502)
    assert rollups(stack, sender.connection_id) == before
    # Other connections keep their literals.
    assert len(where_found(stack, kept_word)) == 2
    # The same executions sent again are still recognized, by what is left of them.
    answer = sender.post(PATH, {"queries": queries[:500]}).json()
    assert (answer["accepted"], answer["duplicates"]) == (0, 500)
    assert where_found(stack, word) == []


def test_literals_of_a_late_writer_are_removed_too(stack, api, agent):
    word = planted()
    sender = agent()
    assert sender.post(PATH, {"queries": [query() for _ in range(3)]}).json()["accepted"] == 3
    switch(api, sender.connection_id, False)
    servers.wait_until(lambda: marks(stack, sender.connection_id).purged, 60, what="the purge")
    assert marks(stack, sender.connection_id).since is not None, "it must be looked through again"
    stack.sql(
        "UPDATE slow_queries_raw SET full_sql = %s WHERE database_connection_id = %s",
        f"SELECT '{word}'",
        sender.connection_id,
    )
    assert where_found(stack, word)
    stack.sql(
        "UPDATE database_connections SET literals_purged_at = literals_purged_at - interval '2 minutes' WHERE id = %s",
        sender.connection_id,
    )
    servers.wait_until(lambda: not where_found(stack, word), 60, what="the second purge")
    # Long after the switch, the next pass ends the purge.
    stack.sql("UPDATE database_connections SET literals_purge_since = literals_purge_since - interval '11 minutes', "
              "literals_purged_at = literals_purged_at - interval '11 minutes' WHERE id = %s", sender.connection_id)
    servers.wait_until(lambda: marks(stack, sender.connection_id).since is None, 60, what="the last purge")


def test_switched_on_again_literals_are_kept_from_then_on(stack, api, agent):
    old_word, new_word = planted(), planted()
    sender = agent()
    assert sender.post(PATH, {"queries": [query(full_sql=f"SELECT '{old_word}'")]}).json()["accepted"] == 1
    switch(api, sender.connection_id, False)
    servers.wait_until(lambda: marks(stack, sender.connection_id).purged, 60, what="the purge")
    switch(api, sender.connection_id, True)
    assert tuple(marks(stack, sender.connection_id)) == (None, None)
    assert sender.post(PATH, {"queries": [query(full_sql=f"SELECT '{new_word}'")]}).json()["accepted"] == 1
    time.sleep(2.5)
    assert where_found(stack, old_word) == []
    assert where_found(stack, new_word)
