"""Percentiles of single executions: within 5 % of the exact ones, for any databases and any period."""

import math
import random
import re
from datetime import datetime, timedelta, timezone

import pytest
import servers
from accounts import unique
from ingest_client import PATH, query
from test_pages import Browser

GROUPS = "/api/v1/slow-queries/fingerprints"
QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
BOUNDS = [0.001 * 1.1**n for n in range(315)]


def exact(values, quantile):
    ordered = sorted(values)
    return ordered[max(math.ceil(quantile * len(ordered)), 1) - 1]


def assert_percentiles(answer, durations):
    assert answer["sampled_calls"] == len(durations)
    for name, quantile in QUANTILES.items():
        assert answer[name] == pytest.approx(exact(durations, quantile), rel=0.05), name


class Sent:
    """Executions of one statement on two connections over three hours; durations of two very different kinds."""

    def __init__(self, agent, api):
        dice = random.Random(5)
        self.table = unique("h").replace("-", "_")
        self.start = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
        self.agents = [agent(), agent()]
        self.durations = [[], []]
        self.by_bucket = {}
        for which, draw in enumerate(
            (lambda: dice.lognormvariate(3, 1.5), lambda: dice.choice([0.2, 900]) * dice.random())
        ):
            queries = []
            for number in range(1500):
                duration = round(draw(), 6)
                at = self.start + timedelta(seconds=dice.randrange(3 * 3600), microseconds=number)
                queries.append(query(full_sql=f"SELECT * FROM {self.table} WHERE id = {number}", duration_ms=duration,
                                     captured_at=at.isoformat()))
                self.durations[which].append(duration)
                bucket = at - timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
                self.by_bucket.setdefault(bucket, []).append(duration)
            assert self.agents[which].post(PATH, {"queries": queries}).json()["accepted"] == 1500
        self.hash = servers.wait_until(lambda: self._hash(api), 20, what="the rollup")

    def _hash(self, api):
        items = api.get(GROUPS, params={"q": self.table}).json()["items"]
        return items[0]["sql_hash"] if items and items[0]["calls"] == 3000 else None


@pytest.fixture(scope="module")
def sent(api):
    return Sent(servers.AgentFactory(api), api)


def test_percentiles_of_one_statement_are_near_the_exact_ones(api, sent):
    shown = api.get(f"{GROUPS}/{sent.hash}").json()
    assert_percentiles(shown, sent.durations[0] + sent.durations[1])


def test_percentiles_of_each_database_are_its_own(api, sent):
    for agent, durations in zip(sent.agents, sent.durations):
        shown = api.get(f"{GROUPS}/{sent.hash}", params={"connection_id": agent.connection_id}).json()
        assert_percentiles(shown, durations)


def test_a_list_has_the_percentiles_of_its_page(api, sent):
    (item,) = api.get(GROUPS, params={"q": sent.table}).json()["items"]
    assert_percentiles(item, sent.durations[0] + sent.durations[1])
    (item,) = api.get(GROUPS, params={"q": sent.table, "connection_id": sent.agents[1].connection_id}).json()["items"]
    assert_percentiles(item, sent.durations[1])


def test_every_point_of_a_series_has_its_percentile(api, sent):
    series = api.get(f"{GROUPS}/{sent.hash}").json()["series"]
    told = {datetime.fromisoformat(point["bucket_at"].replace("Z", "+00:00")): point["p95_ms"] for point in series}
    assert told.keys() == sent.by_bucket.keys()
    for bucket, durations in sent.by_bucket.items():
        assert told[bucket] == pytest.approx(exact(durations, 0.95), rel=0.05)


@pytest.mark.parametrize("days", [1, 20, 100], ids=["five_minutes", "hours", "days"])
def test_resolutions_tell_the_same(api, sent, days):
    until = datetime.now(timezone.utc) + timedelta(minutes=5)
    period = {"from": (until - timedelta(days=days)).isoformat(), "to": until.isoformat()}
    shown = api.get(f"{GROUPS}/{sent.hash}", params=period).json()
    assert_percentiles(shown, sent.durations[0] + sent.durations[1])


def test_a_part_of_the_period_has_the_percentiles_of_that_part(api, sent):
    period = {"from": sent.start.isoformat(), "to": (sent.start + timedelta(hours=1)).isoformat()}
    shown = api.get(f"{GROUPS}/{sent.hash}", params=period).json()
    durations = [
        duration
        for bucket, of_bucket in sent.by_bucket.items()
        for duration in of_bucket
        if bucket < sent.start + timedelta(hours=1)
    ]
    assert_percentiles(shown, durations)


def test_the_overview_has_percentiles_of_everything(api, sent):
    for agent, durations in zip(sent.agents, sent.durations):
        overview = api.get("/api/v1/stats/overview", params={"connection_id": agent.connection_id}).json()
        assert_percentiles(overview, durations)


def test_the_pages_show_them(stack, sent):
    browser = Browser(stack.url)
    browser.sign_in(stack.admin_email, stack.admin_password)
    shown = browser.get(f"/queries/{sent.hash}", params={"period": "24h"})
    assert shown.status_code == 200
    assert re.search(
        r'95th percentile</h2><p class="tile-value">[^–<]+</p><p[^>]*>median [^<]+ of 3[^<]* executions seen',
        shown.text,
    )
    assert 'data-chart="p95"' in shown.text
    overview = browser.get("/", params={"connection_id": sent.agents[0].connection_id, "period": "24h"})
    assert re.search(r'95th percentile</h2><p class="tile-value">[^–<]+</p>', overview.text)


def test_counters_have_no_distribution_and_say_so(agent, api, store_sql):
    watched = agent()
    organization = store_sql("SELECT organization_id FROM database_connections WHERE id = %s", watched.connection_id)[
        0
    ][0]
    sql = unique("SELECT 1 FROM counted_").replace("-", "_")
    assert watched.post(PATH, {"queries": [query(full_sql=sql, duration_ms=3)]}).status_code == 200
    stored = "SELECT sql_hash FROM slow_queries_raw WHERE database_connection_id = %s"
    (row,) = store_sql(stored, watched.connection_id)
    for table in ("slow_queries_raw", "rollup_deltas", "query_fingerprint_metrics", "query_metrics"):
        store_sql(f"DELETE FROM {table} WHERE database_connection_id = %s", watched.connection_id)
    servers.wait_until(
        lambda: not store_sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s", watched.connection_id)
    )
    for table in ("query_fingerprint_metrics", "query_metrics"):
        store_sql(f"DELETE FROM {table} WHERE database_connection_id = %s", watched.connection_id)
    store_sql(
        "INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, "
        "bucket_at, counter_calls, counter_ms) "
        "VALUES (%s, %s, %s, date_bin('5 minutes', now(), '2000-01-01 00:00:00+00'), 40, 400)",
        organization,
        watched.connection_id,
        row.sql_hash,
    )
    where = f"{GROUPS}/{row.sql_hash.replace('-', '')}"
    shown = servers.wait_until(lambda: (lambda a: a if a.get("calls") == 40 else None)(api.get(where).json()))
    assert shown["sampled_calls"] == 0
    assert [shown[name] for name in QUANTILES] == [None, None, None]
    assert [point["p95_ms"] for point in shown["series"]] == [None]
    overview = api.get("/api/v1/stats/overview", params={"connection_id": watched.connection_id}).json()
    assert (overview["calls"], overview["sampled_calls"], overview["p95_ms"]) == (40, 0, None)


def test_beside_counters_percentiles_say_of_how_many_executions_they_are(agent, api, store_sql):
    watched = agent()
    durations = [100 + 10 * number for number in range(20)]
    sql = unique("SELECT 1 FROM both_").replace("-", "_")
    queries = [query(full_sql=sql, duration_ms=duration) for duration in durations]
    assert watched.post(PATH, {"queries": queries}).json()["accepted"] == 20
    store_sql(
        "INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, "
        "bucket_at, counter_calls, counter_ms) "
        "SELECT organization_id, database_connection_id, sql_hash, date_bin('5 minutes', "
        "captured_at, '2000-01-01 00:00:00+00'), "
        "500, 5000 FROM slow_queries_raw WHERE database_connection_id = %s LIMIT 1",
        watched.connection_id,
    )

    def item():
        items = api.get(GROUPS, params={"connection_id": watched.connection_id}).json()["items"]
        return items[0] if items and items[0]["calls"] == 500 and items[0]["sampled_calls"] == 20 else None

    found = servers.wait_until(item)
    assert found["total_ms"] == 5000
    assert_percentiles(found, durations)


def test_the_stores_bins_are_those_of_the_programs(sent, store_sql):
    """Ingest computes bins in C; the store's own function must put every stored duration into the same bin."""
    stored = store_sql(
        "SELECT entry >> 40 AS bin, sum(entry & 1099511627775)::bigint AS count FROM query_fingerprint_metrics "
        "CROSS JOIN LATERAL unnest(histogram) AS entry WHERE sql_hash = %s "
        "AND resolution_s = 300 GROUP BY 1 ORDER BY 1",
        sent.hash,
    )
    made = store_sql(
        "SELECT histogram_bin(duration_ms)::bigint AS bin, count(*) AS count FROM slow_queries_raw WHERE sql_hash = %s "
        "GROUP BY 1 ORDER BY 1",
        sent.hash,
    )
    assert stored == made
    assert sum(row.count for row in made) == 3000


def test_bins_of_the_store_begin_at_their_bounds(store_sql):
    edges = [math.nextafter(bound, side) for bound in BOUNDS for side in (0, math.inf)]
    bins = [
        row.bin
        for row in store_sql(
            "SELECT histogram_bin(ms) AS bin FROM unnest(%s::float8[]) WITH ORDINALITY AS d (ms, n) ORDER BY n",
            edges,
        )
    ]
    # BOUNDS are computed with another function than in the store, and may differ by rounding.
    assert all(abs(bin - (1 + n // 2)) <= 1 for n, bin in enumerate(bins))
    assert bins == sorted(bins)
    assert [
        row[0] for row in store_sql("SELECT histogram_bin(ms) FROM unnest(ARRAY[0, -1, 1e300]::float8[]) AS ms")
    ] == [0, 0, 315]


def test_distributions_add_up_in_any_order(store_sql):
    dice = random.Random(9)
    parts = [sorted({(dice.randrange(316) << 40) | dice.randrange(1, 1000) for _ in range(20)}) for _ in range(6)]
    parts = [[entry for n, entry in enumerate(part) if n == 0 or part[n - 1] >> 40 != entry >> 40] for part in parts]
    sums = {}
    for entry in (entry for part in parts for entry in part):
        sums[entry >> 40] = sums.get(entry >> 40, 0) + (entry & ((1 << 40) - 1))
    expected = [bin << 40 | count for bin, count in sorted(sums.items())]
    for _ in range(5):
        dice.shuffle(parts)
        (row,) = store_sql(
            "SELECT histogram_sum(ARRAY(SELECT value::bigint "
            "FROM jsonb_array_elements_text(part) AS entry (value))) AS merged "
            "FROM jsonb_array_elements(%s::jsonb) AS parts (part)",
            str(parts),
        )
        assert row.merged == expected
    assert store_sql("SELECT histogram_add(NULL, NULL) AS none, histogram_add(ARRAY[1099511627777], NULL) AS one")[
        0
    ] == (
        None,
        [1099511627777],
    )
