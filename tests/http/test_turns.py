"""The fold takes turns: nobody waits for what another organization has piled up, and what is late is said."""

import contextlib
from datetime import timedelta

import psycopg2
import pytest
import servers
from fed import Fed, health, metric

FOLD_LOCK = "x'706f74746f01'::bigint"
MONGODB_FOLD_LOCK = "x'706f74746f0d'::bigint"


@pytest.fixture()
def pair(stack):
    """(busy, neighbour) in two organizations."""
    return Fed(stack), Fed(stack)


@contextlib.contextmanager
def transaction(stack, statement, *arguments):
    """What the statement locks stays locked meanwhile."""
    connection = psycopg2.connect(stack.owner_dsn)
    try:
        connection.cursor().execute(statement, arguments or None)
        yield
    finally:
        connection.close()


def folding_waits(stack):
    return transaction(stack, f"SELECT pg_advisory_xact_lock({FOLD_LOCK})")


def mongodb_folding_waits(stack):
    return transaction(stack, f"SELECT pg_advisory_xact_lock({MONGODB_FOLD_LOCK})")


def pile_up(fed, count, days=13):
    """`count` deltas of one call each, spread over the last days."""
    fed.stack.sql(
        """INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, sample_calls,
                                      sample_ms, max_ms, histogram)
           SELECT %s, %s, %s, date_bin('5 minutes', now() - n * interval '1 day' * %s / %s, '2000-01-01 00:00:00+00'),
                  1, 2, 2, ARRAY[(100::bigint << 40) | 1]
           FROM generate_series(0, %s - 1) AS n""",
        fed.organization_id, fed.id, fed.hash, days, count, count,
    )


def test_new_numbers_do_not_wait_for_another_organizations_past(stack, pair):
    busy, neighbour = pair
    # A fold that touches the busy organization can't end while its row is locked.
    with transaction(stack, "SELECT FROM organizations WHERE id = %s FOR UPDATE", busy.organization_id):
        with folding_waits(stack):
            busy.add_calls(5, timedelta(days=2))
            neighbour.add_calls(1)
        servers.wait_until(lambda: neighbour.calls() == 1, what="the neighbour's rollups")
        assert busy.waiting() == 1 and busy.calls() == 0
    busy.settle()
    assert busy.calls() == busy.total_calls() == 5


def test_a_pile_of_many_turns_counts_once(stack, pair):
    busy, neighbour = pair
    second = Fed(stack, busy.admin)
    with folding_waits(stack):
        pile_up(busy, 15000)
        pile_up(second, 9000)
        pile_up(neighbour, 50, days=1)
    for fed, calls in ((neighbour, 50), (busy, 15000), (second, 9000)):
        fed.settle(120)
        assert fed.calls() == fed.total_calls() == calls


def pile_up_reports(fed, count):
    """`count` deltas of one report each, of one node."""
    fed.stack.sql(
        """INSERT INTO mongodb_deltas (organization_id, database_connection_id, node_id, bucket_at, reports, totals,
                                       counts)
           SELECT %s, %s, 'rs0-a', date_bin('5 minutes', now() - n * interval '5 minutes', '2000-01-01 00:00:00+00'),
                  1, array_fill(7, '{14}'), array_fill(1, '{14}')
           FROM generate_series(0, %s - 1) AS n""", fed.organization_id, fed.id, count)


# The two kinds of rollups: how deltas are added, where they wait, where their sums are, and what is summed.
SAMPLES = (pile_up, "rollup_deltas", "query_fingerprint_metrics", "calls")
REPORTS = (pile_up_reports, "mongodb_deltas", "mongodb_stats", "reports")


def waiting(fed, kind):
    return fed.stack.sql(f"SELECT count(*) FROM {kind[1]} WHERE database_connection_id = %s", fed.id)[0][0]


def last_folded(fed, kind):
    """The last transaction that folded deltas of `fed`. One thread folds, so a later fold has a higher number."""
    return fed.stack.sql(f"SELECT coalesce(max(xmin::text::bigint), 0) FROM {kind[2]} "
                         "WHERE database_connection_id = %s", fed.id)[0][0]


def drop_pile(fed, kind):
    """Without folds meanwhile, which would delete the same rows in another order."""
    fed.stack.sql(f"SELECT pg_advisory_xact_lock({FOLD_LOCK}); SELECT pg_advisory_xact_lock({MONGODB_FOLD_LOCK}); "
                  f"DELETE FROM {kind[1]} WHERE database_connection_id = %s", fed.id)


def add_during_pile(busy, piled, neighbour, new):
    """Add a delta of `neighbour` while more of a pile of `busy` waits than a turn takes."""
    for _ in range(10):
        with folding_waits(busy.stack), mongodb_folding_waits(busy.stack):
            piled[0](busy, 60000)
            size = waiting(busy, piled)
        servers.wait_until(lambda: waiting(busy, piled) < size, 120, what="the beginning of the pile's fold")
        new[0](neighbour, 1)
        if waiting(busy, piled) > 25000:
            return
        servers.wait_until(lambda: waiting(neighbour, new) == 0, 120, what="the neighbour's fold")
    raise AssertionError("each pile was folded before this process could do anything")


@pytest.mark.parametrize("piled", [SAMPLES, REPORTS], ids=["pile of samples", "pile of reports"])
@pytest.mark.parametrize("new", [SAMPLES, REPORTS], ids=["new samples", "new reports"])
def test_neither_kind_of_rollup_waits_for_a_pile_of_either_kind(pair, piled, new):
    busy, neighbour = pair
    try:
        add_during_pile(busy, piled, neighbour, new)
        servers.wait_until(lambda: waiting(neighbour, new) == 0, 120, what="the neighbour's fold")
        folded = last_folded(neighbour, new)
        servers.wait_until(lambda: last_folded(busy, piled) > folded, 120, what="a later turn of the pile")
    finally:
        drop_pile(busy, piled)
    # Nobody's numbers are folded by halves.
    sums = busy.stack.sql(f"SELECT sum({piled[3]}) FROM {piled[2]} WHERE database_connection_id = %s "
                          "GROUP BY resolution_s", busy.id)
    assert len(sums) == 3 and len(set(sums)) == 1, sums


@pytest.mark.parametrize("kind", [SAMPLES, REPORTS], ids=["samples", "reports"])
def test_a_pile_is_folded_by_a_plan_for_piles_though_nothing_waited_before(stack, pair, kind):
    busy, neighbour = pair

    def counted():
        return stack.sql("SELECT n_tup_del AS deleted, seq_tup_read AS read FROM pg_stat_user_tables "
                         "WHERE relname = %s", kind[1])[0]

    def is_folded(fed):
        return stack.sql(f"SET enable_seqscan = off; SELECT NOT EXISTS (SELECT FROM {kind[1]} "
                         "WHERE database_connection_id = %s)", fed.id)[0][0]

    servers.wait_until(lambda: stack.sql(f"SELECT count(*) FROM {kind[1]}")[0][0] == 0, what="that nothing waits")
    stack.sql(f"VACUUM ANALYZE {kind[1]}")
    for _ in range(10):
        kind[0](neighbour, 1)
        servers.wait_until(lambda: is_folded(neighbour), what="the fold")
    before = counted()
    with folding_waits(stack), mongodb_folding_waits(stack):
        kind[0](busy, 80000)
    servers.wait_until(lambda: is_folded(busy), 120, what="the fold of the pile")
    # The collector's counts come a moment later.
    after = servers.wait_until(lambda: (now := counted()).deleted >= before.deleted + 80000 and now,
                               what="the collector's counts")
    # A turn may read once what waits, to pick the newest. A plan for few deltas reads it twice, in many turns.
    assert after.read - before.read < 10 * 80000, "each turn compared all that waits"


def test_late_rollups_are_said_to_those_whose_they_are(stack, pair):
    busy, neighbour = pair

    def page(fed, path="/"):
        return fed.browser.get(path).text

    with folding_waits(stack):
        busy.add_delta(timedelta(hours=1), sample_calls=1, sample_ms=2, max_ms=2)
        assert "are being added up" not in page(busy)
        stack.sql("UPDATE rollup_deltas SET made_at = now() - interval '6 minutes' WHERE database_connection_id = %s",
                  busy.id)
        for path in ("/", "/queries", f"/databases/{busy.id}"):
            assert "are being added up" in page(busy, path), path
        assert "are being added up" not in page(neighbour)
        said = servers.wait_until(lambda: (answer := health(stack))["rollups"]["status"] == "degraded" and answer,
                                  what="/health")
        assert said["status"] == "degraded" and said["rollups"]["lag_s"] > 300
        assert "five minutes" in said["rollups"]["problem"]
        assert metric(stack, "potto_rollup_lag_seconds") > 300
    busy.settle()
    assert "are being added up" not in page(busy)
    servers.wait_until(lambda: health(stack)["rollups"]["status"] == "healthy", what="/health")
