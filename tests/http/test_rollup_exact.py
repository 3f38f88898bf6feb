"""Rollups are the exact sums of the samples: after late and repeated arrivals, and after a rebuild by the command."""

import json
import random
import signal
import threading
import uuid
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
import servers
from ingest_client import PATH, query

FINGERPRINT_COLUMNS = (
    "database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms, "
    "counter_slow_calls, sample_calls, "
    "sample_ms, max_ms, rows_examined, rows_returned, counter_rows, sample_rows, blocks_hit, blocks_read, histogram, "
    "measures, counter_examined, lock_us, counter_lock_us, temp_tables, temp_disk_tables, sort_passes, no_index_calls, "
    "errors"
)
CONNECTION_COLUMNS = (
    "database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms, "
    "counter_slow_calls, sample_calls, sample_ms, "
    "histogram"
)


class Rollups:
    """The rollups of one connection in the store."""

    def __init__(self, stack, connection_id):
        self.sql, self.id = stack.sql, connection_id

    def rows(self):
        """Every rollup row, with exact values."""
        fingerprints = self.sql(
            f"SELECT {FINGERPRINT_COLUMNS} FROM query_fingerprint_metrics WHERE database_connection_id = %s "
            "ORDER BY resolution_s, bucket_at, sql_hash",
            self.id,
        )
        connections = self.sql(
            f"SELECT {CONNECTION_COLUMNS} FROM query_metrics "
            "WHERE database_connection_id = %s ORDER BY resolution_s, bucket_at",
            self.id,
        )
        return fingerprints, connections

    def pending(self):
        return self.sql("SELECT count(*) FROM rollup_deltas WHERE database_connection_id = %s", self.id)[0][0]

    def settle(self):
        servers.wait_until(lambda: self.pending() == 0, 20, what="the fold")

    def expected(self):
        """{(sql_hash, resolution, bucket): sums of the samples}, computed here and not in the store."""
        sums = {}
        for sample in self.sql(
            "SELECT sql_hash, captured_at, duration_ms, rows_examined, rows_returned, lock_us, "
            "histogram_bin(duration_ms) AS bin "
            "FROM slow_queries_raw WHERE database_connection_id = %s",
            self.id,
        ):
            for resolution_s in (300, 3600, 86400):
                second = int(sample.captured_at.timestamp()) // resolution_s * resolution_s
                key = (sample.sql_hash, resolution_s, datetime.fromtimestamp(second, timezone.utc))
                row = sums.setdefault(
                    key, {"calls": 0, "ms": 0.0, "max": 0.0, "examined": 0, "returned": 0, "lock": 0, "bins": {}}
                )
                row["calls"] += 1
                row["ms"] += sample.duration_ms
                row["max"] = max(row["max"], sample.duration_ms)
                row["examined"] += sample.rows_examined or 0
                row["returned"] += sample.rows_returned or 0
                row["lock"] += sample.lock_us or 0
                row["bins"][sample.bin] = row["bins"].get(sample.bin, 0) + 1
        return sums

    def assert_exact(self):
        fingerprints, connections = self.rows()
        expected = self.expected()
        stored = {(row.sql_hash, row.resolution_s, row.bucket_at): row for row in fingerprints if row.sample_calls > 0}
        assert stored.keys() == expected.keys()
        for key, sums in expected.items():
            row = stored[key]
            assert (row.sample_calls, row.max_ms, row.rows_examined, row.sample_rows, row.lock_us or 0) == (
                sums["calls"],
                sums["max"],
                sums["examined"],
                sums["returned"],
                sums["lock"],
            )
            assert row.sample_ms == pytest.approx(sums["ms"], abs=0.0001 * sums["calls"])
            assert row.histogram == [bin << 40 | count for bin, count in sorted(sums["bins"].items())]
        for row in connections:
            same = [sums for key, sums in expected.items() if key[1:] == (row.resolution_s, row.bucket_at)]
            bins = {}
            for sums in same:
                for bin, count in sums["bins"].items():
                    bins[bin] = bins.get(bin, 0) + count
            assert row.sample_calls == sum(sums["calls"] for sums in same)
            assert (row.histogram or []) == [bin << 40 | count for bin, count in sorted(bins.items())]


def samples_of(count, days, seed=1):
    """Samples of five statements over this number of days, in random order."""
    dice = random.Random(seed)
    now = datetime.now(timezone.utc)
    return [
        query(
            full_sql=f"SELECT * FROM things_{dice.randrange(5)} WHERE id = {number}",
            duration_ms=round(dice.lognormvariate(2, 2), 3),
            rows_examined=dice.choice([None, dice.randrange(10**6)]),
            rows_returned=dice.choice([None, dice.randrange(100)]),
            lock_ms=dice.choice([None, 0, dice.randrange(10**6) / 1000]),
            captured_at=(now - timedelta(seconds=dice.random() * days * 86400)).isoformat(),
        )
        for number in range(count)
    ]


@pytest.fixture()
def sender(agent):
    return agent()


@pytest.fixture()
def rollups(stack, sender):
    return Rollups(stack, sender.connection_id)


@pytest.fixture()
def stopped_collector(stack):
    """Facts accumulate: nothing folds them until the test ends."""
    stack.kill("collector", signal.SIGSTOP)
    # A fold that was stopped in the middle would keep the lock: end its session, which undoes the fold.
    stack.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'potto-collector rollup'"
    )
    yield
    stack.kill("collector", signal.SIGCONT)


def rebuild(stack, *arguments):
    return json.loads(stack.cli("rollup", "rebuild", *arguments).stdout)


def test_late_samples_go_to_their_own_buckets(sender, rollups):
    early, late = samples_of(400, 1), samples_of(400, 9, seed=2)
    assert sender.post(PATH, {"queries": early}).json()["accepted"] == 400
    rollups.settle()
    rollups.assert_exact()
    for from_ in range(0, 400, 50):
        assert sender.post(PATH, {"queries": late[from_ : from_ + 50]}).json()["accepted"] == 50
    rollups.settle()
    rollups.assert_exact()


def test_repeated_samples_are_counted_once(sender, rollups):
    samples = samples_of(300, 2)
    batch = {"batch_id": uuid.uuid4().hex, "queries": samples[:200]}
    assert sender.post(PATH, batch).json()["accepted"] == 200
    assert sender.post(PATH, batch).json()["duplicates"] == 200
    rollups.settle()
    before = rollups.rows()
    # The same executions in other batches, with and without an id, before and after folding.
    assert sender.post(PATH, {"queries": samples[:200] + samples[:50]}).json()["duplicates"] == 250
    rollups.settle()
    assert rollups.rows() == before
    overlapping = {"batch_id": uuid.uuid4().hex, "queries": samples[100:]}
    answer = sender.post(PATH, overlapping).json()
    assert (answer["accepted"], answer["duplicates"]) == (100, 100)
    rollups.settle()
    rollups.assert_exact()


def test_rebuilt_rollups_are_the_same_to_the_last_bit(stack, sender, rollups):
    samples = samples_of(1000, 5)
    for from_ in range(0, 1000, 90):  # the sums grow in steps
        assert sender.post(PATH, {"queries": samples[from_ : from_ + 90]}).status_code == 200
        rollups.settle()
    # Also counters: of a statement with samples, and of one without.
    for statement in (
        "(SELECT min(sql_hash::text)::uuid FROM slow_queries_raw WHERE database_connection_id = %(id)s)",
        "%(other)s",
    ):
        connection = stack.sql(
            "SELECT organization_id AS o FROM database_connections WHERE id = %s", sender.connection_id
        )[0].o
        stack.sql(
            "INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, "
            "bucket_at, counter_calls, counter_ms, "
            "counter_slow_calls, rows_returned, blocks_hit, blocks_read, rows_examined, lock_us, temp_tables, "
            "temp_disk_tables, sort_passes, no_index_calls, errors, measures) "
            f"SELECT {connection}, {sender.connection_id}, "
            + statement.replace("%(id)s", str(sender.connection_id)).replace("%(other)s", f"'{uuid.uuid4()}'::uuid")
            + ", date_bin('5 minutes', now() - n * interval '1 hour', "
              "'2000-01-01 00:00:00+00'), n, n * 0.1, 1, 7, 8, 9, 1000000000, 10, 11, 12, 13, 14, 15, "
              "ARRAY[2060, 3::bigint << 56 | n] "
            "FROM generate_series(1, 40) AS n"
        )
    rollups.settle()
    before = rollups.rows()
    rollups.assert_exact()
    fine = [row for row in before[0] if row.resolution_s == 300 and row.counter_calls > 0]
    assert sum(row.counter_calls for row in fine) == 2 * sum(range(1, 41))
    assert {(row.counter_examined, row.counter_lock_us, row.temp_tables, row.temp_disk_tables, row.sort_passes,
             row.no_index_calls, row.errors) for row in fine} == {(10**9, 10, 11, 12, 13, 14, 15)}
    days = [row for row in before[0] if row.resolution_s == 86400]
    assert sum(row.counter_lock_us or 0 for row in days) == 800 and sum(row.errors or 0 for row in days) == 1200
    answer = rebuild(stack, "--connection", sender.connection_id)
    assert (answer["samples"], answer["rows_changed"]) == (1000, 0)
    assert answer["days"] >= 5
    assert rollups.rows() == before


def test_rebuilding_mends_what_is_wrong_and_leaves_counters(stack, sender, rollups):
    assert sender.post(PATH, {"queries": samples_of(500, 3)}).json()["accepted"] == 500
    organization = stack.sql(
        "SELECT organization_id AS o FROM database_connections WHERE id = %s", sender.connection_id
    )[0].o
    stack.sql(
        "INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, "
        "bucket_at, counter_calls, counter_ms, "
        "rows_returned) SELECT %s, %s, sql_hash, date_bin('5 minutes', captured_at, "
        "'2000-01-01 00:00:00+00'), 10, 5, 70 "
        "FROM slow_queries_raw WHERE database_connection_id = %s LIMIT 20",
        organization,
        sender.connection_id,
        sender.connection_id,
    )
    rollups.settle()
    right = rollups.rows()
    mine = f"database_connection_id = {sender.connection_id}"
    stack.sql(f"DELETE FROM query_fingerprint_metrics WHERE {mine} AND resolution_s = 3600 AND counter_calls = 0")
    stack.sql(
        f"UPDATE query_fingerprint_metrics SET sample_calls = sample_calls + 5, sample_ms = 1, histogram = ARRAY[99] "
        f"WHERE {mine} AND resolution_s = 300"
    )
    stack.sql(f"UPDATE query_metrics SET sample_calls = 1, histogram = NULL WHERE {mine}")
    # Rows for samples that do not exist, on a day that has other samples.
    stack.sql(
        "INSERT INTO query_fingerprint_metrics (organization_id, database_connection_id, "
        "sql_hash, resolution_s, bucket_at, "
        "counter_calls, counter_ms, counter_slow_calls, sample_calls, sample_ms, max_ms, "
        "rows_examined, rows_returned, blocks_hit, "
        "blocks_read) SELECT %s, %s, %s, 300, date_bin('5 minutes', "
        "now() - interval '1 day', '2000-01-01 00:00:00+00'), "
        "0, 0, 0, 9, 9, 9, 9, 9, 0, 0",
        organization,
        sender.connection_id,
        str(uuid.uuid4()),
    )
    assert rollups.rows() != right
    version = stack.sql("SELECT data_version AS v FROM organizations WHERE id = %s", organization)[0].v
    assert rebuild(stack, "--connection", sender.connection_id)["rows_changed"] > 0
    assert rollups.rows() == right
    assert stack.sql("SELECT data_version AS v FROM organizations WHERE id = %s", organization)[0].v > version
    assert rebuild(stack, "--connection", sender.connection_id)["rows_changed"] == 0


def test_a_period_is_rebuilt_by_whole_days(stack, sender, rollups):
    assert sender.post(PATH, {"queries": samples_of(600, 6)}).json()["accepted"] == 600
    rollups.settle()
    right = rollups.rows()
    stack.sql(
        "UPDATE query_fingerprint_metrics SET sample_ms = 0 WHERE database_connection_id = %s", sender.connection_id
    )
    first, last = datetime.now(timezone.utc).date() - timedelta(days=4), datetime.now(timezone.utc).date() - timedelta(
        days=2
    )
    answer = rebuild(stack, "--connection", sender.connection_id, "--from", f"{first}T13:00:00Z", "--to", last)
    assert answer["days"] == 2
    for now, before in zip(rollups.rows()[0], right[0]):
        assert (now == before) == (first <= now.bucket_at.date() < last)
    rebuild(stack)  # all connections of all organizations
    assert rollups.rows() == right


def test_facts_that_are_not_folded_yet_are_not_counted_twice(stack, sender, rollups, request):
    samples = samples_of(400, 2)
    assert sender.post(PATH, {"queries": samples[:200]}).json()["accepted"] == 200
    rollups.settle()
    request.getfixturevalue("stopped_collector")
    assert sender.post(PATH, {"queries": samples[200:]}).json()["accepted"] == 200
    assert rollups.pending() > 0
    assert rebuild(stack, "--connection", sender.connection_id)["samples"] == 400
    assert rollups.pending() == 0
    rollups.assert_exact()
    stack.kill("collector", signal.SIGCONT)
    servers.wait_until(
        lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE application_name = 'potto-collector rollup'"), 20
    )
    rollups.assert_exact()


def test_rebuilding_while_samples_arrive_loses_none_and_counts_none_twice(stack, agent):
    senders = [agent() for _ in range(2)]
    batches = [[samples_of(100, 2, seed=100 + number) for number in range(12)] for _ in senders]
    failures = []

    def send(which):
        for samples in batches[which]:
            answer = senders[which].post(PATH, {"queries": samples})
            if answer.status_code != 200 or answer.json()["accepted"] != 100:
                failures.append(answer.text)

    threads = [threading.Thread(target=send, args=(which,)) for which in range(len(senders))]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for sender in senders:
            rebuild(stack, "--connection", sender.connection_id)
    for thread in threads:
        thread.join()
    assert not failures
    for sender in senders:
        rollups = Rollups(stack, sender.connection_id)
        rollups.settle()
        rollups.assert_exact()
        assert sum(row.sample_calls for row in rollups.rows()[0] if row.resolution_s == 86400) == 1200


def drop_samples(stack, sender, before):
    """As retention does it, which leaves a mark."""
    stack.sql(
        "DELETE FROM slow_queries_raw WHERE database_connection_id = %s AND captured_at < %s",
        sender.connection_id,
        before,
    )
    stack.sql(
        "INSERT INTO retention_marks VALUES ('samples', %s) ON CONFLICT (name) DO UPDATE SET until = excluded.until",
        before,
    )


def test_days_whose_samples_are_gone_are_left_alone(stack, sender, rollups):
    assert sender.post(PATH, {"queries": samples_of(300, 6)}).json()["accepted"] == 300
    rollups.settle()
    right = rollups.rows()
    gone_before = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    was = stack.sql("SELECT until FROM retention_marks WHERE name = 'samples'")
    try:
        drop_samples(stack, sender, gone_before)
        rebuild(stack, "--connection", sender.connection_id)
        assert rollups.rows() == right
    finally:
        stack.sql("DELETE FROM retention_marks")
        for row in was:
            stack.sql("INSERT INTO retention_marks VALUES ('samples', %s)", row.until)


def test_days_whose_samples_go_while_rebuilding_are_left_alone(stack, sender, rollups):
    assert sender.post(PATH, {"queries": samples_of(300, 6)}).json()["accepted"] == 300
    rollups.settle()
    right = rollups.rows()
    gone_before = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    was = stack.sql("SELECT until FROM retention_marks WHERE name = 'samples'")
    fold = psycopg2.connect(stack.owner_dsn)
    try:
        fold.cursor().execute("SELECT pg_advisory_xact_lock(x'706f74746f01'::bigint)")
        thread = threading.Thread(target=rebuild, args=(stack, "--connection", sender.connection_id))
        thread.start()
        servers.wait_until(
            lambda: stack.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"),
            20,
            what="the rebuild",
        )
        drop_samples(stack, sender, gone_before)
        fold.rollback()
        thread.join()
        assert rollups.rows() == right
    finally:
        fold.close()
        stack.sql("DELETE FROM retention_marks")
        for row in was:
            stack.sql("INSERT INTO retention_marks VALUES ('samples', %s)", row.until)


def test_facts_are_rolled_up_within_ten_seconds(sender, rollups):
    assert sender.post(PATH, {"queries": samples_of(50, 1)}).json()["accepted"] == 50
    servers.wait_until(lambda: rollups.pending() == 0, 10, what="the fold")


def test_the_lag_of_rollups_is_told(stack, sender, anonymous, stopped_collector):
    assert sender.post(PATH, {"queries": samples_of(50, 1)}).json()["accepted"] == 50
    stack.sql("UPDATE rollup_deltas SET made_at = made_at - interval '90 seconds'")

    def health():
        rollups = anonymous.get("/health").json()["rollups"]
        return rollups if rollups["status"] == "late" else None

    assert servers.wait_until(health, 30, what="the lag")["lag_s"] >= 90

    def lag():
        lines = anonymous.get("/metrics").text.splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("potto_rollup_lag_seconds ")))

    servers.wait_until(lambda: lag() >= 90, 30, what="the gauge")


def test_no_lag_is_told_when_all_is_rolled_up(stack, anonymous):
    servers.wait_until(lambda: stack.sql("SELECT count(*) FROM rollup_deltas")[0][0] == 0, 20)
    told = servers.wait_until(
        lambda: (lambda r: r if r["lag_s"] == 0 else None)(anonymous.get("/health").json()["rollups"]), 20
    )
    assert told == {"status": "healthy", "lag_s": 0, "problem": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "yesterday"],
        ["--connection", "0"],
        ["--from", "2026-02-01", "--to", "2026-01-01"],
        ["--what"],
        ["more"],
    ],
    ids=lambda arguments: arguments[0].strip("-"),
)
def test_wrong_calls_are_refused(stack, arguments):
    done = stack.cli("rollup", "rebuild", *arguments, check=False)
    assert done.returncode in (1, 2)
    assert done.stderr
