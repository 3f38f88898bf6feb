"""Retention: data older than its retention is removed in small steps, and nothing else is; partitions are made before
they are needed; the store's size is measured."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
import servers
from ingest_client import PATH, query
from test_pages import Browser

UTC = timezone.utc
DAYS = {"POTTO_RETENTION_SAMPLES_DAYS": 5, "POTTO_RETENTION_5M_DAYS": 10, "POTTO_RETENTION_1H_DAYS": 70}


@pytest.fixture(scope="module")
def kept(request):
    """A Potto that keeps data for a short time and runs maintenance every second."""
    build_dir = request.getfixturevalue("stack").build_dir
    stack = servers.Stack(request.getfixturevalue("stack").state.name + "-retention", build_dir,
                          {**{name: str(days) for name, days in DAYS.items()}, "POTTO_UPKEEP_INTERVAL_S": "1"})
    with servers.running(stack):
        yield stack


@pytest.fixture(scope="module")
def kept_api(kept):
    return servers.SignedInClient(kept.url, kept.admin_email, kept.admin_password)


@pytest.fixture()
def sender(kept_api):
    return servers.AgentFactory(kept_api)()


def today():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def partitions(stack, parent):
    return {
        row.name: row.until for row in stack.sql("SELECT name::text, until FROM partitions_of(%s::regclass)", parent)
    }


def organization_of(stack, sender):
    return stack.sql("SELECT organization_id AS o FROM database_connections WHERE id = %s", sender.connection_id)[0].o


def count(stack, table, sender, condition="true"):
    return stack.sql(
        f"SELECT count(*) FROM {table} WHERE database_connection_id = %s AND {condition}", sender.connection_id
    )[0][0]


def add_rollups(stack, sender, *ages_days):
    """Add a row of each resolution for each age, all of one statement."""
    sql_hash = str(uuid.uuid4())
    for seconds in (300, 3600, 86400):
        for age in ages_days:
            at = f"date_bin('{seconds} s', now() - interval '{age} days', '2000-01-01 00:00:00+00')"
            stack.sql(
                "INSERT INTO query_fingerprint_metrics (organization_id, database_connection_id, "
                "sql_hash, resolution_s, bucket_at, "
                "counter_calls, counter_ms, counter_slow_calls, sample_calls, sample_ms, max_ms, "
                "rows_examined, rows_returned, "
                f"blocks_hit, blocks_read) VALUES (%s, %s, %s, {seconds}, {at}, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)",
                organization_of(stack, sender),
                sender.connection_id,
                sql_hash,
            )
            stack.sql(
                "INSERT INTO query_metrics (organization_id, database_connection_id, "
                "resolution_s, bucket_at, counter_calls, "
                "counter_ms, counter_slow_calls, sample_calls, sample_ms) "
                f"VALUES (%s, %s, {seconds}, {at}, 1, 1, 0, 0, 0)",
                organization_of(stack, sender),
                sender.connection_id,
            )
    return sql_hash


# ---- partitions ----


def test_partitions_are_made_ahead(kept):
    samples = partitions(kept, "slow_queries_raw")
    for day in range(0, 8):
        assert f"slow_queries_raw_{today() + timedelta(days=day):%Y%m%d}" in samples
    fine = partitions(kept, "query_fingerprint_metrics_5m")
    for day in range(0, 4):
        assert f"query_fingerprint_metrics_5m_{today() + timedelta(days=day):%Y%m%d}" in fine
    hours = partitions(kept, "query_fingerprint_metrics_1h")
    assert f"query_fingerprint_metrics_1h_{today() + timedelta(days=31):%Y%m}" in hours


def test_a_missing_partition_comes_back_with_the_rows_that_waited_for_it(kept):
    day = today() + timedelta(days=6)
    name = f"slow_queries_raw_{day:%Y%m%d}"
    kept.sql(f"DROP TABLE {name}")
    kept.sql(
        "INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, "
        "sql_hash, sample_digest, duration_ms) "
        "VALUES (1, 999999, %s, %s, 1, 5)",
        day + timedelta(hours=3),
        str(uuid.uuid4()),
    )
    servers.wait_until(lambda: name in partitions(kept, "slow_queries_raw"), 30, what="the partition")
    assert kept.sql(f"SELECT count(*) FROM {name}")[0][0] == 1
    kept.sql("DELETE FROM slow_queries_raw WHERE database_connection_id = 999999")


def test_samples_of_a_day_past_its_time_are_dropped_whole(kept, sender):
    old, edge, young = (today() - timedelta(days=days) + timedelta(hours=12) for days in (6, 5, 4))
    kept.sql("SELECT ensure_sample_partitions(%s, %s)", edge.date(), today().date())
    queries = [query(captured_at=(at + timedelta(seconds=n)).isoformat()) for at in (edge, young) for n in range(5)]
    assert sender.post(PATH, {"queries": queries}).json()["accepted"] == 10
    # A partition for the day six days ago, as if samples had been kept a day longer until now. Rows that came after it
    # was dropped would stay as long as late ones, so this is one transaction.
    kept.sql(
        "SELECT ensure_sample_partitions(%s, %s); "
        "INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, "
        "sql_hash, sample_digest, duration_ms) "
        "SELECT %s, %s, %s::timestamptz + n * interval '1 second', %s, n, 5 "
        "FROM generate_series(1, 100) AS n ON CONFLICT DO NOTHING",
        old.date(),
        old.date(),
        organization_of(kept, sender),
        sender.connection_id,
        old,
        str(uuid.uuid4()),
    )
    name = f"slow_queries_raw_{old:%Y%m%d}"
    servers.wait_until(lambda: kept.sql("SELECT to_regclass(%s) IS NULL AS gone", name)[0].gone, 30, what="the drop")
    time.sleep(2)
    assert count(kept, "slow_queries_raw", sender) == 10
    assert f"slow_queries_raw_{edge:%Y%m%d}" in partitions(kept, "slow_queries_raw")
    (mark,) = kept.sql("SELECT until FROM retention_marks WHERE name = 'samples'")
    assert mark.until >= old.replace(hour=0) + timedelta(days=1)


def test_rollups_go_by_their_resolution(kept, sender):
    sql_hash = add_rollups(kept, sender, 1, 9, 12, 60, 120, 500)

    def ages(table):
        rows = kept.sql(
            f"SELECT resolution_s, round(extract(epoch FROM now() - bucket_at) / 86400)::int AS age FROM {table} "
            "WHERE database_connection_id = %s ORDER BY 1, 2", sender.connection_id)
        return {seconds: [row.age for row in rows if row.resolution_s == seconds] for seconds in (300, 3600, 86400)}

    def near(found, expected):
        return all(
            len(found[s]) == len(expected[s]) and all(abs(a - b) <= 1 for a, b in zip(found[s], expected[s]))
            for s in expected
        )

    expected = {300: [1, 9], 3600: [1, 9, 12, 60], 86400: [1, 9, 12, 60, 120, 500]}
    for table in ("query_fingerprint_metrics", "query_metrics"):
        servers.wait_until(lambda: near(ages(table), expected), 30, what=f"{table}: {ages(table)}")
    time.sleep(2)
    assert near(ages("query_metrics"), expected)
    assert kept.sql("SELECT count(*) FROM query_fingerprint_metrics WHERE sql_hash = %s", sql_hash)[0][0] == 12
    # Their segments are removed too.
    kept.sql("SELECT query_segments_refresh()")
    for table in ("query_segments", "connection_segments"):
        assert count(kept, table, sender, "width_s < 3600 AND start_at < now() - interval '11 days'") == 0
        assert count(kept, table, sender, "width_s < 86400 AND start_at < now() - interval '71 days'") == 0
        assert count(kept, table, sender, "width_s = 300 AND start_at > now() - interval '11 days'") == 2
        assert count(kept, table, sender, "width_s = 86400") == 6
    assert count(kept, "query_chunks", sender, "bucket_s = 3600 AND start_at < now() - interval '72 days'") == 0
    assert count(kept, "query_chunks", sender, "bucket_s = 3600") == 4
    assert count(kept, "query_chunks", sender, "bucket_s = 86400 AND start_at < now() - interval '400 days'") == 1


def test_reports_of_mongodb_go_by_their_day_and_their_sums_by_resolution(kept, kept_api):
    assert f"metrics_mongodb_{today() + timedelta(days=7):%Y%m%d}" in partitions(kept, "metrics_mongodb")
    sender = servers.AgentFactory(kept_api)("mongodb")
    key = (organization_of(kept, sender), sender.connection_id)
    old, older, young = (today() - timedelta(days=days) + timedelta(hours=12) for days in (6, 20, 4))
    for at in (old, older, young):
        kept.sql("INSERT INTO metrics_mongodb (organization_id, database_connection_id, node_id, time) "
                 "VALUES (%s, %s, 'a', %s)", *key, at)
    kept.sql("INSERT INTO mongodb_nodes (organization_id, database_connection_id, node_id) VALUES (%s, %s, 'a')", *key)
    for node, newest in (("silent", old), ("a", young)):
        kept.sql("INSERT INTO mongodb_newest (organization_id, database_connection_id, node_id, numbers, times, "
                 "operations) VALUES (%s, %s, %s, array_fill(1::bigint, ARRAY[14]), ARRAY[%s, %s], '{-1,-1}')",
                 *key, node, newest, older)
    kept.sql("INSERT INTO mongodb_deltas (organization_id, database_connection_id, node_id, bucket_at, reports, "
             "totals, counts) SELECT %s, %s, 'a', now() - make_interval(days => age), 1, "
             "array_fill(1::bigint, ARRAY[14]), array_fill(1::bigint, ARRAY[14]) "
             "FROM unnest(ARRAY[1, 9, 12, 60, 120, 500]) AS age", *key)

    def sums():
        rows = kept.sql("SELECT resolution_s, count(*) AS n FROM mongodb_stats WHERE database_connection_id = %s "
                        "GROUP BY 1 ORDER BY 1", sender.connection_id)
        return [tuple(row) for row in rows]

    servers.wait_until(lambda: sums() == [(300, 2), (3600, 4), (86400, 6)], 30, what="the sums")
    servers.wait_until(lambda: count(kept, "metrics_mongodb", sender) == 1, 30, what="the reports")
    assert count(kept, "metrics_mongodb", sender, "time > now() - interval '5 days'") == 1
    servers.wait_until(lambda: count(kept, "mongodb_newest", sender) == 1, 30, what="the silent node")
    assert count(kept, "mongodb_newest", sender, "node_id = 'a'") == 1


def test_whole_partitions_of_rollups_are_dropped(kept):
    kept.sql("SELECT ensure_partitions('query_fingerprint_metrics_5m', 'bucket_at', 'day', %s, %s)",
             (today() - timedelta(days=14)).date(), (today() - timedelta(days=8)).date())
    kept.sql("SELECT ensure_partitions('query_fingerprint_metrics_1h', 'bucket_at', 'month', %s, %s)",
             (today() - timedelta(days=200)).date(), today().date())

    def bounds_hold():
        fine = partitions(kept, "query_fingerprint_metrics_5m").values()
        hours = partitions(kept, "query_fingerprint_metrics_1h").values()
        return min(fine) > today() - timedelta(days=10) and min(hours) > today() - timedelta(days=70)

    servers.wait_until(bounds_hold, 30, what="the drops")
    assert f"query_fingerprint_metrics_5m_{today() - timedelta(days=10):%Y%m%d}" in partitions(
        kept, "query_fingerprint_metrics_5m"
    )


def test_a_partition_in_use_is_dropped_later_and_nobody_waits_long(kept, sender):
    kept.kill("collector", signal.SIGSTOP)
    kept.sql(
        "SELECT ensure_sample_partitions(%s, %s)",
        (today() - timedelta(days=9)).date(),
        (today() - timedelta(days=9)).date(),
    )
    name = f"slow_queries_raw_{today() - timedelta(days=9):%Y%m%d}"
    reader = psycopg2.connect(kept.owner_dsn)
    reader.cursor().execute("SELECT count(*) FROM slow_queries_raw")  # holds a lock on every partition until it ends
    kept.kill("collector", signal.SIGCONT)
    waits, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            begun = time.monotonic()
            kept.sql("SELECT id FROM slow_queries_raw LIMIT 1")
            waits.append(time.monotonic() - begun)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        time.sleep(4)
        assert name in partitions(kept, "slow_queries_raw")
    finally:
        stop.set()
        thread.join()
        reader.close()
    assert max(waits) < 2
    servers.wait_until(lambda: kept.sql("SELECT to_regclass(%s) IS NULL AS gone", name)[0].gone, 30, what="the drop")


# ---- rows outside the daily partitions ----


def test_late_samples_stay_as_long_after_their_arrival(kept, sender):
    at = datetime.now(UTC) - timedelta(days=40)
    queries = [query(captured_at=(at + timedelta(seconds=n)).isoformat()) for n in range(3)]
    assert sender.post(PATH, {"queries": queries}).json()["accepted"] == 3
    time.sleep(3)
    assert count(kept, "slow_queries_raw", sender) == 3
    # As if six days had passed: their ids belong to an older day.
    last = kept.sql(
        "SELECT max(id) AS id FROM slow_queries_raw WHERE database_connection_id = %s", sender.connection_id
    )[0].id
    kept.sql("INSERT INTO sample_arrivals VALUES (%s, %s) ON CONFLICT (day) DO UPDATE SET last_id = excluded.last_id",
             (today() - timedelta(days=6)).date(), last)
    servers.wait_until(lambda: count(kept, "slow_queries_raw", sender) == 0, 30, what="the trim")


def test_a_large_backlog_goes_in_pieces(kept, sender):
    rows = 23_000
    kept.sql(
        "INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, "
        "sql_hash, sample_digest, duration_ms) "
        "SELECT %s, %s, now() - interval '30 days' - n * interval '1 second', %s, n, "
        "5 FROM generate_series(1, %s) AS n",
        organization_of(kept, sender),
        sender.connection_id,
        str(uuid.uuid4()),
        rows,
    )
    last = kept.sql("SELECT max(id) AS id FROM slow_queries_raw")[0].id
    with contextlib.closing(psycopg2.connect(kept.owner_dsn)) as holder:
        # The last piece waits for this row.
        holder.cursor().execute("SELECT FROM slow_queries_raw WHERE database_connection_id = %s AND sample_digest = %s "
                                "FOR UPDATE", (sender.connection_id, rows))
        kept.sql("INSERT INTO sample_arrivals VALUES (%s, %s) "
                 "ON CONFLICT (day) DO UPDATE SET last_id = excluded.last_id",
                 (today() - timedelta(days=6)).date(), last)
        servers.wait_until(lambda: count(kept, "slow_queries_raw", sender) < rows, 60, what="the first piece")
        assert count(kept, "slow_queries_raw", sender) > 0
    servers.wait_until(lambda: count(kept, "slow_queries_raw", sender) == 0, 60, what="the trim")


def test_predecessors_samples_stay_also_when_their_day_is_dropped(kept, sender):
    at = today() - timedelta(days=8) + timedelta(hours=1)
    kept.sql(
        "SELECT ensure_sample_partitions(%s, %s); "
        "INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, "
        "sql_hash, sample_digest, duration_ms, "
        "provenance) SELECT %s, %s, %s::timestamptz + n * interval '1 second', %s, n, 5, "
        "CASE WHEN n <= 10 THEN 4 ELSE 1 END "
        "FROM generate_series(1, 30) AS n",
        at.date(),
        at.date(),
        organization_of(kept, sender),
        sender.connection_id,
        at,
        str(uuid.uuid4()),
    )
    name = f"slow_queries_raw_{at:%Y%m%d}"
    servers.wait_until(lambda: kept.sql("SELECT to_regclass(%s) IS NULL AS gone", name)[0].gone, 30, what="the drop")
    servers.wait_until(lambda: count(kept, "slow_queries_raw", sender) <= 10, 30, what="the trim")
    time.sleep(2)
    assert count(kept, "slow_queries_raw", sender) == count(kept, "slow_queries_raw", sender, "provenance = 4") == 10


def test_rollups_of_predecessors_samples_that_are_gone_are_left_alone(kept, sender):
    """POTTO_RETENTION_LEGACY_DAYS removes the samples, so a rebuild does not find them."""
    old, recent = today() - timedelta(days=300), today() - timedelta(days=20)
    kept.sql(
        "UPDATE database_connections SET is_legacy = true, agent_token_hash = NULL, "
        "host = NULL, monitoring_enabled = false, "
        "visibility_scope = 'ORG_WIDE' WHERE id = %s",
        sender.connection_id,
    )
    kept.sql(
        "INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, "
        "sql_hash, sample_digest, duration_ms, "
        "provenance) SELECT %s, %s, unnest(%s::timestamptz[]) + interval '1 hour', %s, 1, 5, 4",
        organization_of(kept, sender),
        sender.connection_id,
        [old, recent],
        str(uuid.uuid4()),
    )
    command = ("rollup", "rebuild", "--connection", sender.connection_id)
    kept.cli(*command)
    days = (
        "SELECT bucket_at, sample_calls FROM query_metrics WHERE database_connection_id = %s "
        "AND resolution_s = 86400 ORDER BY 1"
    )
    right = kept.sql(days, sender.connection_id)
    assert [(row.bucket_at, row.sample_calls) for row in right] == [(old, 1), (recent, 1)]
    kept.set(POTTO_RETENTION_LEGACY_DAYS="100")
    try:
        kept.restart_collector()
        servers.wait_until(lambda: count(kept, "slow_queries_raw", sender) == 1, 30, what="the trim")
        kept.cli(*command)
        assert kept.sql(days, sender.connection_id) == right
    finally:
        kept.set(POTTO_RETENTION_LEGACY_DAYS="0")
        kept.restart_collector()


def test_work_that_fails_keeps_no_other_from_being_done(kept, kept_api, sender):
    assert sender.post(PATH, {"queries": [query()]}).json()["accepted"] == 1
    kept.sql("ALTER TABLE store_sizes RENAME TO store_sizes_away")
    kept.sql("ALTER FUNCTION trim_samples RENAME TO trim_samples_away")
    try:
        time.sleep(2)
        at = today() - timedelta(days=8)
        kept.sql("SELECT ensure_sample_partitions(%s, %s)", at.date(), at.date())
        assert (
            kept_api.patch(
                f"/api/v1/database-connections/{sender.connection_id}", json={"keep_literals": False}
            ).status_code
            == 200
        )
        purged = "SELECT literals_purged_at AS at FROM database_connections WHERE id = %s"
        servers.wait_until(lambda: kept.sql(purged, sender.connection_id)[0].at, 40, what="the purge")
        assert count(kept, "slow_queries_raw", sender, "full_sql IS NOT NULL") == 0
        name = f"slow_queries_raw_{at:%Y%m%d}"
        servers.wait_until(
            lambda: kept.sql("SELECT to_regclass(%s) IS NULL AS gone", name)[0].gone, 40, what="the drop"
        )
    finally:
        kept.sql("ALTER TABLE store_sizes_away RENAME TO store_sizes")
        kept.sql("ALTER FUNCTION trim_samples_away RENAME TO trim_samples")


SKEW_SHIM = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *at)
{
    int result = (int)syscall(SYS_clock_gettime, id, at);

    if (result == 0 && id == CLOCK_REALTIME)
        at->tv_sec += atol(getenv("SKEW_S"));
    return result;
}
"""


@pytest.fixture()
def ahead(kept, tmp_path):
    """The only collector, whose clock is 40 days ahead of the store's."""
    (tmp_path / "skew.c").write_text(SKEW_SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "skew.so", tmp_path / "skew.c"], check=True)
    kept.kill("collector", signal.SIGTERM)
    environment = {**os.environ, **kept.env, "LD_PRELOAD": str(tmp_path / "skew.so"), "SKEW_S": str(40 * 86400),
                   "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
    settings = dict(line.split("=", 1) for line in (kept.state / "potto.env.local").read_text().splitlines())
    with open(kept.state / "logs" / "collector-ahead.log", "wb") as log:
        process = subprocess.Popen([str(kept.program("potto-collector"))], env={**environment, **settings}, stderr=log)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    kept.up()


def test_a_collector_whose_clock_is_wrong_takes_nothing_before_its_time(kept, kept_api, sender, request):
    moments = [today() - timedelta(days=days) + timedelta(hours=1) for days in (1, 8)]
    assert (
        sender.post(PATH, {"queries": [query(captured_at=moments[0].isoformat()) for _ in range(3)]}).json()["accepted"]
        == 3
    )
    switched = servers.AgentFactory(kept_api)()
    assert switched.post(PATH, {"queries": [query()]}).json()["accepted"] == 1
    request.getfixturevalue("ahead")
    kept.sql("SELECT ensure_sample_partitions(%s, %s)", moments[1].date(), moments[1].date())
    path = f"/api/v1/database-connections/{switched.connection_id}"
    assert kept_api.patch(path, json={"keep_literals": False}).status_code == 200
    gone = f"slow_queries_raw_{moments[1]:%Y%m%d}"
    servers.wait_until(lambda: kept.sql("SELECT to_regclass(%s) IS NULL AS gone", gone)[0].gone, 30, what="the drop")
    marks = "SELECT literals_purge_since AS since, literals_purged_at AS purged FROM database_connections WHERE id = %s"
    servers.wait_until(lambda: kept.sql(marks, switched.connection_id)[0].purged, 30, what="the purge")
    time.sleep(3)
    assert count(kept, "slow_queries_raw", sender) == 3
    assert kept.sql(marks, switched.connection_id)[0].since is not None, "a late writer's literals would stay"


def test_unused_data_is_removed(kept, sender):
    organization = organization_of(kept, sender)
    hashes = [str(uuid.uuid4()) for _ in range(4)]
    unused, used, fresh, seen = hashes
    kept.sql(
        "INSERT INTO query_plans VALUES (%s, %s, %s, %s, '{}', 'explain', 1, "
        "now() - interval '91 days', now() - interval '91 days'), "
        "(%s, %s, %s, %s, '{}', 'explain', 1, now() - interval '91 days', now() - interval '80 days')",
        organization,
        sender.connection_id,
        seen,
        str(uuid.uuid4()),
        organization,
        sender.connection_id,
        used,
        str(uuid.uuid4()),
    )
    kept.sql(
        "INSERT INTO query_fingerprint_connections VALUES (%s, %s, %s, "
        "now() - interval '2 years', now() - interval '2 years')",
        organization,
        sender.connection_id,
        seen,
    )
    # Texts come last: one that nothing refers to yet would be removed at once.
    for sql_hash, age in ((unused, 3), (used, 3), (fresh, 0), (seen, 3)):
        kept.sql("INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, created_at) "
                 "VALUES (%s, %s, 'SELECT ?', 'select', now() - %s * interval '1 day')", organization, sql_hash, age)
    for batch, age in (("old", 8), ("young", 6)):
        kept.sql("INSERT INTO ingest_batches VALUES (%s, %s, %s, 1, 1, 0, 0, now() - %s * interval '1 day')",
                 organization, sender.connection_id, batch, age)
    user = kept.sql("SELECT id, organization_id FROM users LIMIT 1")[0]
    for age in (6, 8):
        kept.sql("INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at) "
                 "VALUES (%s, %s, %s, %s, now() - %s * interval '1 day')",
                 user.organization_id, user.id, str(uuid.uuid4()), uuid.uuid4().bytes, age)
    # A database without a run for a long time, and one that was paused recently.
    idle, paused = [
        kept.sql(
            "INSERT INTO database_connections (organization_id, name, engine, visibility_scope, monitoring_enabled) "
            "VALUES (%s, %s, 'postgresql', 'ORG_WIDE', false) RETURNING id",
            organization,
            f"idle {uuid.uuid4()}",
        )[0].id
        for _ in range(2)
    ]
    for connection, age in ((idle, 31), (paused, 29)):
        kept.sql("INSERT INTO connection_collection (organization_id, database_connection_id, last_run_at, cursor) "
                 "VALUES (%s, %s, now() - %s * interval '1 day', '{\"a\": 1}')", organization, connection, age)
        kept.sql(
            "INSERT INTO counter_baselines SELECT %s, %s, n::text, %s, 1, '{1, 1, 1, 1, 1}', "
            "now() FROM generate_series(1, 20) AS n",
            organization,
            connection,
            str(uuid.uuid4()),
        )

    def left():
        return {
            "texts": {
                str(row.sql_hash)
                for row in kept.sql("SELECT sql_hash FROM query_fingerprints WHERE sql_hash = ANY (%s::uuid[])", hashes)
            },
            "batches": [
                row.batch_id
                for row in kept.sql(
                    "SELECT batch_id FROM ingest_batches WHERE database_connection_id = %s", sender.connection_id
                )
            ],
            "tokens": kept.sql("SELECT count(*) FROM refresh_tokens WHERE expires_at < now() - interval '7 days'")[0][
                0
            ],
            "baselines": kept.sql("SELECT count(*) FROM counter_baselines WHERE database_connection_id = %s", idle)[0][
                0
            ],
            "plans": [
                str(row.sql_hash)
                for row in kept.sql(
                    "SELECT sql_hash FROM query_plans WHERE database_connection_id = %s", sender.connection_id
                )
            ],
        }

    expected = {"texts": {used, fresh, seen}, "batches": ["young"], "tokens": 0, "baselines": 0, "plans": [used]}
    deadline = time.monotonic() + 60
    while left() != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    assert left() == expected
    assert kept.sql("SELECT count(*) FROM refresh_tokens WHERE expires_at < now() - interval '5 days'")[0][0] == 1
    assert kept.sql("SELECT cursor FROM connection_collection WHERE database_connection_id = %s", idle)[0].cursor == {}
    assert kept.sql("SELECT count(*) FROM counter_baselines WHERE database_connection_id = %s", paused)[0][0] == 20
    assert kept.sql("SELECT cursor FROM connection_collection WHERE database_connection_id = %s", paused)[0].cursor == {
        "a": 1
    }


def test_an_old_period_is_read_from_what_is_kept_of_it(kept, kept_api, sender):
    """Five-minute rollups of twelve days ago are removed: an hour of that day is read from hourly rollups."""
    sql_hash = add_rollups(kept, sender, 12)
    kept.sql(
        "INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, "
        "statement_kind) VALUES (%s, %s, 'SELECT ?', 'select')",
        organization_of(kept, sender),
        sql_hash,
    )
    kept.sql(
        "INSERT INTO query_fingerprint_connections VALUES (%s, %s, %s, "
        "now() - interval '12 days', now() - interval '12 days')",
        organization_of(kept, sender),
        sender.connection_id,
        sql_hash,
    )
    at = datetime.now(UTC) - timedelta(days=12)
    period = {"from": (at - timedelta(minutes=20)).isoformat(), "to": (at + timedelta(minutes=20)).isoformat(),
              "connection_id": sender.connection_id}
    servers.wait_until(lambda: count(kept, "query_metrics", sender, "resolution_s = 300") == 0, 30)
    kept.sql("SELECT query_segments_refresh()")  # as the fold does, which did not write these rows
    shown = kept_api.get(f"/api/v1/slow-queries/fingerprints/{sql_hash.replace('-', '')}", params=period).json()
    assert shown["calls"] == 1
    assert shown["period"]["resolution_s"] == 3600
    assert len(shown["series"]) == 1


def test_plans_of_reads_leave_out_partitions_of_other_times(stack):
    """A read of one hour costs the same with thirty days of five-minute partitions as with one."""
    stack.sql("SELECT ensure_partitions('query_fingerprint_metrics_5m', 'bucket_at', 'day', %s, %s)",
              (today() - timedelta(days=30)).date(), today().date())
    plan = "\n".join(
        row[0]
        for row in stack.sql(
            "EXPLAIN SELECT sum(calls) FROM query_fingerprint_metrics WHERE organization_id = 1 "
            "AND database_connection_id = ANY ('{1,2}') "
            "AND resolution_s = 300 AND bucket_at >= %s AND bucket_at < %s",
            today() - timedelta(days=3, hours=2),
            today() - timedelta(days=3, hours=1),
        )
    )
    assert set(re.findall(r"query_fingerprint_metrics_5m_(\d{8})", plan)) == {
        f"{today() - timedelta(days=4):%Y%m%d}"
    }, plan


# ---- size ----


def test_the_stores_size_is_told_by_metrics(kept, sender):
    assert sender.post(PATH, {"queries": [query() for _ in range(50)]}).status_code == 200
    kept.sql("DELETE FROM store_sizes")

    def gauges():
        lines = servers.Client(kept.url).get("/metrics").text.splitlines()
        found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("potto_store_"))
        return found if 'potto_store_bytes{group="samples"}' in found else None

    found = servers.wait_until(gauges, 30, what="the measurement")
    for group in ("samples", "rollups", "text", "plans", "other"):
        assert float(found[f'potto_store_bytes{{group="{group}"}}']) > 0
        assert float(found[f'potto_store_rows{{group="{group}"}}']) >= 0
    told = sum(float(value) for name, value in found.items() if name.startswith("potto_store_bytes"))
    real = kept.sql("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                    "AND relkind IN ('r', 'm')")[0][0]
    assert told == pytest.approx(float(real), rel=0.3)
    newest = float(found['potto_store_newest_timestamp_seconds{group="samples"}'])
    assert newest > time.time() - 7 * 86400
    assert not any("growth" in name for name in found), "there is nothing to compare with yet"


def test_growth_is_that_of_a_week(kept):
    servers.wait_until(lambda: kept.sql("SELECT 1 FROM store_sizes"), 30, what="the measurement")
    kept.sql("DELETE FROM store_sizes WHERE measured_at < now() - interval '1 hour'")
    kept.sql(
        "INSERT INTO store_sizes SELECT measured_at - interval '4 days', table_group, bytes - 4000, "
        "0, NULL, NULL FROM store_sizes "
        "WHERE measured_at = (SELECT max(measured_at) FROM store_sizes)"
    )
    report = {row.table_group: row for row in kept.sql("SELECT * FROM store_size_report()")}
    assert report["samples"].growth_bytes == pytest.approx(1000, rel=0.01)
    text = servers.Client(kept.url).get("/metrics").text
    (told,) = re.findall(r'potto_store_growth_bytes_per_day\{group="samples"\} (\S+)', text)
    assert float(told) == pytest.approx(1000, rel=0.01)


def test_old_measurements_are_one_a_day(kept):
    kept.sql(
        "INSERT INTO store_sizes SELECT date_trunc('day', "
        "now()) - interval '10 days' + n * interval '2 hours', 'other', 1, 1, NULL, NULL "
        "FROM generate_series(0, 11) AS n"
    )
    kept.sql("INSERT INTO store_sizes VALUES (now() - interval '500 days', 'other', 1, 1, NULL, NULL)")
    kept.sql(
        "UPDATE store_sizes SET measured_at = measured_at - interval '10 minutes' "
        "WHERE measured_at > now() - interval '1 hour'"
    )
    servers.wait_until(
        lambda: kept.sql("SELECT count(*) FROM store_sizes WHERE measured_at < now() - interval '5 days'")[0][0] == 1,
        30,
        what="the trim",
    )


def test_the_page_shows_sizes_and_how_long_things_are_kept(kept):
    servers.wait_until(lambda: kept.sql("SELECT 1 FROM store_sizes"), 30, what="the measurement")
    browser = Browser(kept.url)
    assert browser.sign_in(kept.admin_email, kept.admin_password).status_code == 303
    page = browser.get("/settings/storage")
    assert page.status_code == 200
    for words in (
        "Samples",
        "Rollups",
        "Statements",
        "Plans",
        "Growth a day",
        "In a year",
        "5 days",
        "10 days",
        "70 days",
        "for ever",
        "POTTO_RETENTION_1H_DAYS",
    ):
        assert words in page.text, words
    assert re.search(r"The store</h2><p class=\"tile-value\">[\d.,]+.[kMG]B</p>", page.text)


def test_the_size_of_a_store_of_several_organizations_is_in_metrics_alone(kept):
    servers.wait_until(lambda: kept.sql("SELECT 1 FROM store_sizes"), 30, what="the measurement")
    browser = Browser(kept.url)
    assert browser.sign_in(kept.admin_email, kept.admin_password).status_code == 303
    assert browser.get("/settings/storage").text.count("tile-value") == 3
    kept.sql("INSERT INTO organizations (name) VALUES ('another')")
    try:
        page = browser.get("/settings/storage").text
        assert "several organizations" in page and "tile-value" not in page and "Not measured yet" not in page
        assert "POTTO_RETENTION_1H_DAYS" in page
        assert "potto_store_bytes{" in servers.Client(kept.url).get("/metrics").text
        # Row policies' function holds it, too: whoever has a scope gets nothing.
        scoped = psycopg2.extensions.make_dsn(kept.api_dsn, options="-c potto.organization_id=1")
        assert kept.sql("SELECT 1 FROM store_size_report()", dsn=scoped) == []
    finally:
        kept.sql("DELETE FROM organizations WHERE name = 'another'")


def test_the_page_says_when_nothing_was_measured_yet(kept):
    browser = Browser(kept.url)
    assert browser.sign_in(kept.admin_email, kept.admin_password).status_code == 303
    kept.kill("collector", signal.SIGSTOP)
    try:
        kept.sql("DELETE FROM store_sizes")
        page = browser.get("/settings/storage")
    finally:
        kept.kill("collector", signal.SIGCONT)
    assert page.status_code == 200
    assert "Not measured yet" in page.text
    assert "POTTO_RETENTION_1H_DAYS" in page.text
