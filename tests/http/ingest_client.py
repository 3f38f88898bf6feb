"""Batches of samples, and what the store has of them."""

import itertools
import time
from datetime import datetime, timedelta, timezone

PATH = "/api/v1/collectors/ingest/slow-queries"
PROBLEM = "application/problem+json"

_numbers = itertools.count(1)


def query(**fields):
    """A query that is different from all others of this run; fields that are None are left out."""
    number = next(_numbers)
    captured_at = datetime.now(timezone.utc) - timedelta(minutes=10) + timedelta(milliseconds=number)
    body = {
        "full_sql": f"SELECT * FROM users WHERE id = {number}",
        "duration_ms": 100 + number,
        "rows_examined": 1000,
        "rows_returned": 1,
        "captured_at": captured_at.isoformat(),
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


class Stored:
    """Rows of one connection."""

    def __init__(self, store_sql, connection_id):
        self._sql, self._id = store_sql, connection_id

    def samples(self):
        return self._sql(
            "SELECT * FROM slow_queries_raw WHERE database_connection_id = %s ORDER BY captured_at", self._id
        )

    def sample_count(self):
        return self._sql("SELECT count(*) FROM slow_queries_raw WHERE database_connection_id = %s", self._id)[0][0]

    def batch_count(self):
        return self._sql("SELECT count(*) FROM ingest_batches WHERE database_connection_id = %s", self._id)[0][0]

    def rolled_up(self):
        """(calls, ms) of the samples in the rollups: those folded and those waiting, read by one statement."""
        return self._sql(
            """SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(ms), 0)::float8 AS ms
               FROM (SELECT sample_calls AS calls, sample_ms AS ms FROM rollup_deltas
                     WHERE database_connection_id = %s
                     UNION ALL
                     SELECT sample_calls, sample_ms FROM query_fingerprint_metrics
                     WHERE database_connection_id = %s AND resolution_s = 300) AS sums""",
            self._id,
            self._id,
        )[0]

    def wait_for_rollup(self, calls, timeout_s=20):
        """The sums, once they reach this number of calls (folding moves them from one table to another)."""
        deadline = time.monotonic() + timeout_s
        while True:
            sums = self.rolled_up()
            if sums[0] == calls or time.monotonic() > deadline:
                return sums
            time.sleep(0.1)


def assert_problem(answer, status):
    """Assert that the answer is a problem+json of that status; returns its body."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["Content-Type"].split(";")[0] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert body["title"] and body["detail"]
    return body


def fields_of(problem):
    return [error["field"] for error in problem.get("errors", [])]
