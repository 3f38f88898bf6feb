"""Statements that read a database's own catalogues alone are out of lists and counts of statements unless asked for."""

import datetime

import pytest
import servers
from accounts import Account, problem_fields, unique

SAMPLES = "/api/v1/slow-queries"
INGEST = "/api/v1/collectors/ingest/slow-queries"
CATALOG = "SELECT relname FROM pg_catalog.pg_class WHERE oid = "
LISTS = {
    SAMPLES: "fingerprint",
    SAMPLES + "?sort=duration_ms": "fingerprint",
    SAMPLES + "?q=select": "fingerprint",
    SAMPLES + "?q=select&sort=duration_ms": "fingerprint",
    SAMPLES + "?statement_kind=select": "fingerprint",
    SAMPLES + "/fingerprints": "fingerprint",
    "/api/v1/stats/top-queries": "fingerprint",
    "/api/v1/stats/top-tables": "table",
    "/api/v1/statistics/fingerprints": "fingerprint",
    "/api/v1/monitoring/queries": "sql_text",
    "/api/v1/dashboard/activity": "sql_text",
}


def sample(sql, duration_ms, age_s):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_s)
    return {"full_sql": sql, "duration_ms": duration_ms, "captured_at": at.isoformat().replace("+00:00", "Z")}


class World:
    """An organization with one connection, and an agent that has sent samples of it, rolled up."""

    def __init__(self, stack, queries):
        self.stack = stack
        self.client = Account(stack, role="admin", organization=unique("organization")).client
        self.agent = servers.AgentFactory(self.client)(name=unique("catalogues"))
        for at in range(0, len(queries), 1000):
            answer = self.agent.post(INGEST, json={"queries": queries[at:at + 1000]})
            assert answer.status_code == 200 and answer.json()["rejected"] == 0, answer.text
        servers.wait_until(
            lambda: not stack.sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s LIMIT 1",
                                  self.agent.connection_id), 30, what="the rollup of what was sent")

    def get(self, path, **params):
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, **params):
        """The samples of all pages, and how many each page has."""
        found, sizes, cursor = [], [], {}
        while cursor is not None:
            page = self.get(SAMPLES, **params, **cursor)
            found += page["items"]
            sizes.append(len(page["items"]))
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found, sizes


@pytest.fixture(scope="module")
def small(stack):
    queries = [sample(f"SELECT name FROM users WHERE id = {i}", 10 + i, 60 + i) for i in range(5)]
    queries += [sample(f"{CATALOG}{i}", 100 + i, 30 + i) for i in range(20)]
    queries += [sample("SELECT users.id FROM users, pg_class", 5, 90)] # not of catalogues alone
    return World(stack, queries)


@pytest.mark.parametrize("path", LISTS)
def test_lists_show_them_only_to_who_asks(small, path):
    ours, theirs = ("users", "pg_catalog.pg_class") if LISTS[path] == "table" else ("FROM users", "pg_catalog.pg_class")
    default, all_of_them, without = (
        [item[LISTS[path]] for item in small.get(path, **params)["items"]]
        for params in ({}, {"include_catalog": "true"}, {"include_catalog": "false"})
    )
    assert any(ours in text for text in default) and not any(theirs in text for text in default)
    assert any(ours in text for text in all_of_them) and any(theirs in text for text in all_of_them)
    assert default == without and len(default) < len(all_of_them)
    answer = small.client.get(path, params={"include_catalog": "yes"})
    assert answer.status_code == 422 and list(problem_fields(answer)) == ["include_catalog"]


@pytest.mark.parametrize("order", [{}, {"sort": "duration_ms"}, {"q": "select"}, {"statement_kind": "select"}])
def test_pages_without_them_have_no_gap_and_no_repetition(small, order):
    found, sizes = small.pages(limit=2, **order)
    assert sizes == [2, 2, 2]
    assert found == small.get(SAMPLES, **order)["items"]


def test_one_that_is_named_by_hash_or_id_is_shown(small):
    listed = [item for item in small.get(SAMPLES, include_catalog="true")["items"] if CATALOG in item["fingerprint"]]
    for order in ({}, {"sort": "duration_ms"}):
        assert len(small.get(SAMPLES, hash=listed[0]["sql_hash"], **order)["items"]) == len(listed) == 20
    assert small.get(f"{SAMPLES}/{listed[0]['id']}")["fingerprint"] == listed[0]["fingerprint"]
    assert small.get(f"{SAMPLES}/fingerprints/{listed[0]['sql_hash']}")["fingerprint"] == listed[0]["fingerprint"]


def test_counts_of_statements_are_without_them_and_sums_with_them(small):
    overview = small.get("/api/v1/stats/overview")
    assert (overview["fingerprint_count"], overview["calls"]) == (2, 26)
    (database,) = small.get("/api/v1/statistics/databases")["items"]
    assert (database["fingerprint_count"], database["calls"]) == (2, 26)
    assert small.get("/api/v1/dashboard/stats")["total_queries_discovered"] == 2
    assert small.get("/api/v1/monitoring/status")["queries_discovered"] == 2


@pytest.fixture(scope="module")
def flooded(stack):
    """More samples of catalogues than a list reads to fill a page, all newer and slower than the three others."""
    queries = [sample(f"DELETE FROM users WHERE id = {i}", 1 + i, 90000 + i) for i in range(3)]
    queries += [sample(f"{CATALOG}{i}", 100 + i % 900, 60 + i) for i in range(6000)]
    return World(stack, queries)


@pytest.mark.parametrize("asked", [{}, {"statement_kind": "delete"}, {"q": "users"}, {"limit": 2}])
def test_newest_samples_behind_thousands_of_them_are_found_at_once(flooded, asked):
    week = {"from": sample("", 0, 7 * 86400)["captured_at"]}
    found, sizes = flooded.pages(**week, **asked)
    assert [item["duration_ms"] for item in found] == [1, 2, 3]
    assert sizes == ([2, 1] if "limit" in asked else [3])


def test_slowest_samples_behind_thousands_of_them_come_by_pages_that_may_be_empty(flooded):
    week = {"from": sample("", 0, 7 * 86400)["captured_at"], "sort": "duration_ms"}
    found, sizes = flooded.pages(**week)
    assert [item["duration_ms"] for item in found] == [3, 2, 1]
    assert sizes[-1] == 3 and 1 < len(sizes) < 12
    found, sizes = flooded.pages(**week, statement_kind="delete") # reads the period
    assert [item["duration_ms"] for item in found] == [3, 2, 1] and sizes == [3]
