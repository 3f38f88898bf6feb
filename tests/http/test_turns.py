"""The fold takes turns: nobody waits for what another organization has piled up, and what is late is said."""

import contextlib
from datetime import timedelta

import psycopg2
import pytest
import servers
from fed import Fed, health, metric

FOLD_LOCK = "x'706f74746f01'::bigint"


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
