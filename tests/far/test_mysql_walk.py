"""MySQL 8.0 and MariaDB 10.11: each execution that the server logs is in the store, with the server's own numbers."""

import collections
import contextlib
import os
import time

import far_mysql
import pymysql
import pytest
import servers
from fetched import Missing
from waiting import check_waits, run
from walk import ROUNDING_MS
from watched import marker, watch, within_five_minutes  # noqa: F401

TABLES = (
    "CREATE TABLE item (id int PRIMARY KEY, name varchar(40), price int)",
    "CREATE TABLE sale (id int PRIMARY KEY AUTO_INCREMENT, item int, note text)",
    *(f"INSERT INTO item VALUES ({i}, 'item {i}', {i})" for i in range(1, 41)),
    f"INSERT INTO sale (item, note) VALUES {', '.join(f'({i % 40}, repeat(0x78, 200))' for i in range(800))}",
)
QUERIES = (
    "SELECT name FROM item WHERE id = 17",
    "SELECT count(*) FROM sale",
    "SELECT item.name, count(*) FROM item JOIN sale ON sale.item = item.id GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    "SELECT * FROM sale WHERE id BETWEEN 100 AND 220 AND note LIKE 'x%'",
    "SELECT name FROM item WHERE name = 'Käse' OR id IN (1, 2, 3)",
    "SELECT max(price) FROM item WHERE price < (SELECT avg(price) FROM item AS other)",
)
OTHERS = (
    "INSERT INTO item VALUES (1001, 'new', 3), (1002, 'newer', 4)",
    "UPDATE item SET price = price + 1 WHERE id > 1000",
    "DELETE FROM item WHERE id > 1000",
)
# What sorts in files, makes temporary tables, on disk too, and fails.
HEAVY = (
    "SET sort_buffer_size = 32768",
    "SELECT note, id FROM sale ORDER BY note, id DESC LIMIT 700, 10",
    "SELECT note, count(*) FROM sale GROUP BY note",
)
FAILS = "INSERT INTO item VALUES (1, 'there is one', 1)"

# Potto's own statements have no other mark in a digest.
OWN = ("EXPLAIN FORMAT%", "%AS `potto`%", "SET SESSION%", "USE %")
DIGESTS = f"""
    SELECT LEFT(SHA2(CONCAT(SCHEMA_NAME, '/', DIGEST), 256), 32), COUNT_STAR, SUM_TIMER_WAIT / 1000000000,
           SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_LOCK_TIME DIV 1000000, SUM_CREATED_TMP_TABLES,
           SUM_CREATED_TMP_DISK_TABLES, SUM_SORT_MERGE_PASSES, SUM_NO_INDEX_USED, SUM_ERRORS
    FROM performance_schema.events_statements_summary_by_digest
    WHERE SCHEMA_NAME = 'shop' AND NOT ({" OR ".join("DIGEST_TEXT LIKE %s" for _ in OWN)})"""
# Their columns in the store have other names.
NUMBERS = {
    "calls": "counter_calls",
    "ms": "counter_ms",
    "rows examined": "counter_examined",
    "rows sent": "counter_rows",
    "µs of locks": "counter_lock_us",
    "temporary tables": "temp_tables",
    "of them on disk": "temp_disk_tables",
    "sort passes": "sort_passes",
    "without an index": "no_index_calls",
    "errors": "errors",
}
STORED = f"""
    SELECT sql_hash::text, {", ".join(f"sum({column}) AS {column}" for column in NUMBERS.values())}
    FROM query_fingerprint_metrics WHERE database_connection_id = %s AND resolution_s = 300 GROUP BY 1"""

# Of the workload's sessions. TIME_TO_SEC() of MySQL has whole seconds only.
LOGGED = """
    SELECT CONVERT(sql_text USING utf8mb4), rows_sent, rows_examined,
           (HOUR(query_time) * 3600 + MINUTE(query_time) * 60 + SECOND(query_time)) * 1000
           + MICROSECOND(query_time) / 1000
    FROM mysql.slow_log WHERE user_host LIKE 'root[root]%' AND db = 'shop'"""


@pytest.fixture(scope="module", params=[far_mysql.FarMysql, far_mysql.FarMariadb])
def server(request, stack):
    try:
        made = request.param(f"far-{os.getpid()}-{request.param.__name__.lower()}")
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        made.start()
        for statement in far_mysql.SETTINGS:
            made.execute(statement, database="mysql")
        for statement in TABLES:
            made.execute(statement)
        far_mysql.grant(made)
        yield made
    finally:
        far_mysql.remove(made)


def work(server, times=2):
    connection = server.connect()
    try:
        for _ in range(times):
            run(connection, *QUERIES, *OTHERS)
    finally:
        connection.close()


def logged(server):
    """{(statement, rows sent, rows examined, milliseconds): how often} of what the server logged of the workload."""
    rows = server.execute(LOGGED, database="mysql")
    return collections.Counter(
        (text, sent, examined, round(float(ms), 3)) for text, sent, examined, ms in rows if text in QUERIES + OTHERS
    )


def stored(watched):
    return collections.Counter(
        (row.full_sql, row.rows_returned, row.rows_examined, round(row.duration_ms, 3))
        for row in watched.samples()
        if row.full_sql in QUERIES + OTHERS
    )


def coverage(watched):
    row = watched.sql(
        "SELECT max(basis) AS basis, coalesce(sum(attributed_ms), 0) AS ms FROM connection_coverage "
        "WHERE database_connection_id = %s",
        watched.id,
    )[0]
    return f"{row.ms:.0f} ms of {row.basis}" if row.ms > 0 else "unknown: the log is not all that the server did"


def test_each_execution_is_stored_with_the_servers_own_numbers(server, watch, walk_table):  # noqa: F811
    watched = watch(server)
    watched.wait_first_run()
    before = logged(server)
    work(server)
    # A server answers before it writes to its log.
    grown = servers.wait_until(
        lambda: grown if sum((grown := logged(server) - before).values()) == 2 * len(QUERIES + OTHERS) else None,
        what="the server's log",
    )
    for _ in range(2):
        watched.collect()
    assert stored(watched) - before == grown
    counts = {word: sum(row[at] * count for row, count in grown.items()) for word, at in
              (("sent", 1), ("examined", 2), ("ms", 3))}  # fmt: skip
    for _ in range(9):  # five statements are looked at for a plan in each run
        planned = {plan.fingerprint for plan in watched.plans() if "slow_log" not in plan.fingerprint}
        if len(planned) == len(QUERIES):
            break
        work(server, times=1)
        watched.collect()
    row = watched.state()
    assert row.state == "ok", row
    commands = "quit", "ping", "prepare", "reset stmt", "close stmt", "change user", "init db"
    assert not [text for text in watched.fingerprints() if text.lower() in commands]
    walk_table(
        server.title,
        calls=f"= {sum(grown.values())}, of its log",
        time=f"= {counts['ms']:.1f} ms",
        rows=f"= {counts['sent']} sent, {counts['examined']} examined",
        blocks="the server counts none",
        plans=f"{len(planned)} of {len(QUERIES)} queries",
        coverage=coverage(watched),
    )
    assert len(planned) == len(QUERIES), "\n".join(sorted(planned))


def digests(server):
    """{key: numbers} of the server's own."""
    rows = server.execute(DIGESTS, *OWN, database="mysql")
    return {row[0]: [float(value) for value in row[1:]] for row in rows}


def counted(watched):
    """{fingerprint's hash: numbers} in the store."""
    watched.settle()
    return {row[0]: [float(value or 0) for value in row[1:]] for row in watched.sql(STORED, watched.id)}


def grown(before, now):
    """{key: growth} of what grew."""
    nothing = [0.0] * len(NUMBERS)
    sums = {key: [a - b for a, b in zip(row, before.get(key, nothing), strict=True)] for key, row in now.items()}
    return {key: row for key, row in sums.items() if any(row)}


def test_each_digest_is_counted_as_the_server_counts_it(server, watch, walk_table):  # noqa: F811
    watched = watch(server)
    watched.wait_first_run()
    before, stored_before = digests(server), counted(watched)
    work(server)
    with contextlib.closing(server.connect()) as connection:
        run(connection, *HEAVY)
        with contextlib.suppress(pymysql.err.IntegrityError):
            run(connection, FAILS)

    def counts_the_last():
        now = grown(before, digests(server))
        return now if sum(row[-1] for row in now.values()) == 1 else None

    # A server answers before it counts; the statement that fails is the last one.
    growth = servers.wait_until(counts_the_last, what="the digest of what failed")
    watched.collect()
    hashes = dict(watched.sql("SELECT counter_key, sql_hash::text FROM counter_baselines "
                              "WHERE database_connection_id = %s", watched.id))  # fmt: skip
    wanted, entries = {}, collections.Counter()
    for key, row in growth.items():
        sums = wanted.get(hashes[key], [0.0] * len(NUMBERS))
        wanted[hashes[key]] = [a + b for a, b in zip(sums, row, strict=True)]
        entries[hashes[key]] += 1
    found = grown(stored_before, counted(watched))  # other schemas have statements, too
    texts = dict(watched.sql("SELECT sql_hash::text, fingerprint FROM query_fingerprints"))
    for each, want in wanted.items():
        for name, got, own in zip(NUMBERS, found[each], want, strict=True):
            slack = {"ms": ROUNDING_MS, "µs of locks": 2 * entries[each]}.get(name, 0)
            assert abs(got - own) <= slack, f"{name} of {texts[each]}: stored {got}, the server's own {own}"
    total = {name: sum(found[each][place] for each in wanted) for place, name in enumerate(NUMBERS)}
    assert total["calls"] >= 2 * len(QUERIES + OTHERS) + len(HEAVY) + 1 and total["errors"] == 1, total
    assert all(amount > 0 for name, amount in total.items() if name != "of them on disk"), total
    numbers = (f"{amount:.1f} ms" if name == "ms" else f"{amount:.0f} {name}" for name, amount in total.items())
    walk_table(server.title, digests=f"= {', '.join(numbers)}")


def test_waits_are_the_time_that_was_waited(server, waits_stack, walk_table):
    walk_table(server.title, waits=check_waits(waits_stack, server, "item", "row"))


def test_a_statement_is_dated_by_its_start(watch, server):  # noqa: F811
    name = marker()
    watched = watch(server)
    watched.wait_first_run()
    before = time.time()
    server.execute(f"SELECT SLEEP(3) AS {name}")
    for _ in range(3):
        watched.collect()
    (sample,) = watched.samples(name)
    assert 3000 <= sample.duration_ms < 4500
    assert before - 1 < sample.captured_at.timestamp() < before + 2


def test_a_session_with_a_clock_of_its_own_is_counted_when_it_ran(watch, server):  # noqa: F811
    name, before = marker(), time.time()
    watched = watch(server)
    watched.wait_first_run()
    settings = (
        "timestamp = UNIX_TIMESTAMP(SYSDATE() - INTERVAL 1 YEAR)",
        "timestamp = UNIX_TIMESTAMP(SYSDATE() + INTERVAL 60 DAY)",
        "timestamp = DEFAULT, time_zone = '-11:00'",
        "time_zone = '+13:00'",
    )
    with contextlib.closing(server.connect()) as connection:
        for setting in settings:
            run(connection, f"SET {setting}", f"SELECT SLEEP(0.03) AS {name}")
    for _ in range(3):
        watched.collect()
    samples = [sample for sample in watched.samples(name) if sample.full_sql.startswith("SELECT")]
    assert len(samples) == len(settings)
    for sample in samples:
        assert before - 1 < sample.captured_at.timestamp() < time.time(), sample


def test_a_log_that_was_emptied_is_read_from_its_beginning(watch, server):  # noqa: F811
    name, total = marker(), 0
    watched = watch(server)
    watched.wait_first_run()
    for executions in (1, 3, 7):
        total += executions
        for _ in range(executions):
            server.execute(f"SELECT SLEEP(0.03) AS {name}")
        for _ in range(2):
            watched.collect()
        assert len(watched.samples(name)) == total
        server.execute("TRUNCATE mysql.slow_log")
