"""Top queries, one query and the overview are read from segments and chunks of the past; their numbers are exactly
those of the rollups."""

import math
import random
import time
import uuid
from datetime import datetime, timedelta, timezone

import pytest
import servers
from facts import all_pages

FINGERPRINTS = 40
DAYS = 35  # of the facts that are drawn
DAYS_KEPT = 29  # of the facts that no round of upkeep removes: fewer than POTTO_RETENTION_5M_DAYS

# The numbers that the API must return, computed from the rollups of a resolution.
EXACT = """
SELECT sql_hash::text, sum(calls)::bigint AS calls, sum(total_ms) AS ms, max(max_ms) AS max_ms,
    sum(rows_examined)::bigint AS examined, sum(lock_us)::bigint AS lock_us
FROM query_fingerprint_metrics
WHERE database_connection_id = %s AND resolution_s = %s AND bucket_at >= %s AND bucket_at < %s
GROUP BY sql_hash
"""
BINS = """
SELECT {key}, (entry >> 40)::int AS bin, sum(entry & 1099511627775)::bigint AS calls
FROM query_fingerprint_metrics CROSS JOIN LATERAL unnest(histogram) AS entry
WHERE database_connection_id = %s AND resolution_s = %s AND bucket_at >= %s AND bucket_at < %s
GROUP BY 1, 2 ORDER BY 1, 2
"""
SERIES = """
SELECT bucket_at, sum(calls)::bigint AS calls, sum(total_ms) AS ms FROM query_fingerprint_metrics
WHERE database_connection_id = %s AND resolution_s = %s AND bucket_at >= %s AND bucket_at < %s AND sql_hash = %s::uuid
GROUP BY bucket_at ORDER BY bucket_at
"""


def floor(moment, seconds):
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, timezone.utc)


def add_deltas(store_sql, connection_id, rows):
    """Add facts and wait until they are folded. rows: (hash, bucket, calls, ms)."""
    store_sql("""
        INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind)
        SELECT connection.organization_id, hash::uuid, 'SELECT ' || hash, 'select'
        FROM database_connections AS connection, unnest(%s::text[]) AS hash WHERE connection.id = %s
        ON CONFLICT DO NOTHING""", sorted({row[0] for row in rows}), connection_id)
    store_sql(
        """
        INSERT INTO query_fingerprint_connections (organization_id, database_connection_id, sql_hash,
            first_seen_at, last_seen_at)
        SELECT connection.organization_id, connection.id, hash::uuid, now(), now() - random() * interval '1 hour'
        FROM database_connections AS connection, unnest(%s::text[]) AS hash WHERE connection.id = %s
        ON CONFLICT DO NOTHING""",
        sorted({row[0] for row in rows}),
        connection_id,
    )
    store_sql(
        """
        INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at,
            sample_calls, sample_ms, max_ms,
                                   rows_examined, lock_us, histogram)
        SELECT connection.organization_id, connection.id, delta.hash::uuid, delta.bucket_at,
            delta.calls, delta.ms, delta.ms,
               delta.calls * 3, delta.calls * (1 + (delta.ms * 16)::bigint %% 5),
               ARRAY [histogram_bin(delta.ms)::bigint << 40 | delta.calls]
        FROM database_connections AS connection,
             unnest(%s::text[], %s::timestamptz[], %s::bigint[], %s::float8[]) AS delta (hash, bucket_at, calls, ms)
        WHERE connection.id = %s""",
        *[[row[i] for row in rows] for i in range(4)],
        connection_id,
    )
    deadline = time.monotonic() + 60
    while store_sql("SELECT id FROM rollup_deltas WHERE database_connection_id = %s LIMIT 1", connection_id):
        assert time.monotonic() < deadline, "the deltas are not folded"
        time.sleep(0.1)


def draw(rng, hashes, now, count, days=DAYS):
    rows = []
    for _ in range(count):
        age_s = rng.choice([rng.uniform(0, 3600), rng.uniform(0, 86400), rng.uniform(0, days * 86400)])
        rows.append(
            (
                rng.choice(hashes),
                floor(now - timedelta(seconds=age_s), 300),
                rng.randint(1, 9),
                rng.randint(1, 80000) / 16,
            )
        )
    return rows


def listed(api, connection_id, begin, end, **params):
    """The items of all pages, and the body of the last page, which has the totals."""
    items, cursor = [], None
    while True:
        answer = api.get("/api/v1/slow-queries/fingerprints", params={
            "connection_id": connection_id, "from": begin.isoformat(), "to": end.isoformat(), "limit": 7,
            **params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        items += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            return items, body


def quantile_ms(bins, quantile):
    """The quantile of ascending (bin, calls): the logarithmic middle of the bin in which the calls reach this share."""
    rank, passed = math.ceil(quantile * sum(calls for _, calls in bins)), 0
    for bin, calls in bins:
        passed += calls
        if passed >= rank:
            return 0.001 * 1.1 ** (bin - 0.5) if bin else 0
    raise AssertionError("no calls")


def grouped_bins(rows):
    groups = {}
    for key, bin, calls in rows:
        groups.setdefault(key, []).append((bin, calls))
    return groups


def check_percentiles(answer, bins):
    for name, quantile in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        assert answer[name] == pytest.approx(quantile_ms(bins, quantile), rel=0.001, abs=0.001)
    assert answer["sampled_calls"] == sum(calls for _, calls in bins)


def check_series(api, store_sql, connection_id, begin, end, hash):
    answer = api.get(f"/api/v1/slow-queries/fingerprints/{hash}", params={
        "connection_id": connection_id, "from": begin.isoformat(), "to": end.isoformat()}).json()
    period = answer["period"]
    told = (connection_id, period["resolution_s"], period["from"], period["to"])
    bins = grouped_bins(
        store_sql(BINS.format(key="bucket_at").replace("GROUP", "AND sql_hash = %s::uuid GROUP"), *told, hash)
    )
    assert [(point["bucket_at"], point["calls"]) for point in answer["series"]] == [
        (bucket.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), calls)
        for bucket, calls, _ in store_sql(SERIES, *told, hash)
    ]
    for point, (bucket, _, ms) in zip(answer["series"], store_sql(SERIES, *told, hash)):
        assert point["total_ms"] == pytest.approx(ms, abs=0.001)
        assert point["p95_ms"] == pytest.approx(quantile_ms(bins[bucket], 0.95), rel=0.001, abs=0.001)
    return answer


def check_trends(api, store_sql, connection_id, begin, end):
    answer = api.get("/api/v1/stats/trends", params={
        "connection_id": connection_id, "from": begin.isoformat(), "to": end.isoformat()}).json()
    period = answer["period"]
    exact = store_sql(
        """
        SELECT bucket_at, calls, total_ms FROM query_metrics
        WHERE database_connection_id = %s AND resolution_s = %s AND bucket_at >= %s
            AND bucket_at < %s ORDER BY bucket_at""",
        connection_id,
        period["resolution_s"],
        period["from"],
        period["to"],
    )
    assert [(item["bucket_at"], item["calls"], item["active_database_count"]) for item in answer["items"]] == \
        [(row.bucket_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), row.calls, 1) for row in exact]
    assert [item["total_ms"] for item in answer["items"]] == pytest.approx([row.total_ms for row in exact], abs=0.001)


def check_period(api, store_sql, connection_id, begin, end, resolution_s):
    told = (connection_id, resolution_s, begin, end)
    exact = {row[0]: row[1:] for row in store_sql(EXACT, *told)}
    bins = grouped_bins(store_sql(BINS.format(key="sql_hash::text"), *told))
    items, body = listed(api, connection_id, begin, end)
    assert {item["sql_hash"].replace("-", ""): item["calls"] for item in items} == \
        {hash.replace("-", ""): row[0] for hash, row in exact.items()}
    assert body["total_count"] == len(exact) == len(items)
    assert body["totals"]["calls"] == sum(row[0] for row in exact.values())
    assert body["totals"]["total_ms"] == pytest.approx(sum(row[1] for row in exact.values()), abs=0.001)
    for item in items:
        hash = str(uuid.UUID(item["sql_hash"]))
        _, ms, max_ms, examined, lock_us = exact[hash]
        assert item["lock_ms"] == pytest.approx(lock_us / 1000, abs=0.0006)
        assert item["total_ms"] == pytest.approx(ms, abs=0.001) and item["rows_examined"] == examined
        assert item["max_ms"] == pytest.approx(max_ms, abs=0.001)
        assert item["time_share"] == pytest.approx(ms / body["totals"]["total_ms"], abs=1e-5)
        assert item["database_connection_ids"] == [connection_id]
        assert sum(item["spark_ms"]) == pytest.approx(ms, abs=0.05 * 24 + 0.001)
        check_percentiles(item, bins[hash])
    if items:
        answer = check_series(api, store_sql, connection_id, begin, end, items[0]["sql_hash"])
        assert {
            name: answer[name]
            for name in ("calls", "total_ms", "max_ms", "rows_examined", "p99_ms", "sampled_calls", "time_share")
        } == {
            name: items[0][name]
            for name in ("calls", "total_ms", "max_ms", "rows_examined", "p99_ms", "sampled_calls", "time_share")
        }
    assert [item["total_ms"] for item in items] == sorted((item["total_ms"] for item in items), reverse=True)
    for sort, column in (("calls", "calls"), ("mean_ms", "mean_ms"), ("max_ms", "max_ms"), ("rows", "rows_examined"),
                         ("last_seen_at", "last_seen_at"), ("lock_ms", "lock_ms")):
        sorted_items = listed(api, connection_id, begin, end, sort=sort)[0]
        values = [item[column] for item in sorted_items]
        assert values == sorted(values, reverse=True)
        assert {item["sql_hash"] for item in sorted_items} == {item["sql_hash"] for item in items}
    check_trends(api, store_sql, connection_id, begin, end)
    overview = api.get("/api/v1/stats/overview", params={
        "connection_id": connection_id, "from": begin.isoformat(), "to": end.isoformat()}).json()
    assert overview["fingerprint_count"] == len(exact)
    assert overview["calls"] == body["totals"]["calls"] and overview["total_ms"] == pytest.approx(
        body["totals"]["total_ms"], abs=0.001
    )
    assert overview["active_database_count"] == (1 if exact else 0)
    if exact:
        everything = {}
        for group in bins.values():
            for bin, calls in group:
                everything[bin] = everything.get(bin, 0) + calls
        check_percentiles(overview, sorted(everything.items()))


def periods(now):
    hour = floor(now, 3600)
    yield hour - timedelta(days=30, hours=5), hour + timedelta(hours=1), 3600
    yield hour - timedelta(days=70, hours=5), hour + timedelta(hours=1), 3600
    yield hour - timedelta(days=13, hours=17), hour - timedelta(hours=2), 3600
    yield hour - timedelta(days=7), hour, 3600
    fine = floor(now, 300)
    yield fine - timedelta(hours=24), fine + timedelta(minutes=5), 300
    yield fine - timedelta(hours=3, minutes=35), fine - timedelta(minutes=20), 300
    yield fine - timedelta(minutes=5), fine + timedelta(minutes=5), 300


def test_top_queries_are_the_exact_sums_also_after_facts_that_came_late(api, agent, store_sql):
    rng = random.Random(12)
    connection_id = agent().connection_id
    hashes = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(FINGERPRINTS)]
    now = datetime.now(timezone.utc)
    add_deltas(store_sql, connection_id, draw(rng, hashes, now, 1500))
    for begin, end, resolution_s in periods(now):
        check_period(api, store_sql, connection_id, begin, end, resolution_s)
    # Late facts for segments that are built already, also of a new fingerprint.
    late = draw(rng, [*hashes, str(uuid.UUID(int=rng.getrandbits(128)))], now, 300)
    add_deltas(store_sql, connection_id, late)
    for begin, end, resolution_s in periods(now):
        check_period(api, store_sql, connection_id, begin, end, resolution_s)


SEGMENTS = """
    SELECT width_s, start_at, calls, slow_calls, round(total_ms), encode(fingerprint_ids, 'hex') AS fingerprint_ids
    FROM query_segments WHERE database_connection_id = %s
      AND start_at + make_interval(secs => width_s) <= (SELECT segmented_until
          FROM query_segment_state) - interval '10 minutes'
    ORDER BY width_s, start_at"""
SEGMENTS_OWN = """
    SELECT width_s, start_at, calls, slow_calls, round(total_ms), encode(histogram, 'hex') AS histogram
    FROM connection_segments WHERE database_connection_id = %s
      AND start_at + make_interval(secs => width_s) <= (SELECT segmented_until
          FROM query_segment_state) - interval '10 minutes'
    ORDER BY width_s, start_at"""
SEGMENTS_DETAILS = """
    SELECT width_s, start_at, encode(fingerprint_calls, 'hex') AS calls, encode(fingerprint_max_ms,
        'hex') AS max_ms, encode(fingerprint_rows_examined, 'hex') AS examined,
           encode(fingerprint_rows_returned, 'hex') AS returned, encode(fingerprint_slow_calls,
               'hex') AS slow, max_ms AS longest,
           rows_examined, rows_returned, blocks_hit, blocks_read, lock_us, errors,
           encode(fingerprint_lock_us, 'hex') AS locks
    FROM query_segment_details WHERE database_connection_id = %s
      AND start_at + make_interval(secs => width_s) <= (SELECT segmented_until
          FROM query_segment_state) - interval '10 minutes'
    ORDER BY width_s, start_at"""
CHUNKS = """
    SELECT bucket_s, start_at, sql_hash::text, encode(sums, 'hex') AS sums, encode(details, 'hex') AS details,
           encode(histograms, 'hex') AS histograms
    FROM query_chunks WHERE database_connection_id = %s
      AND start_at + make_interval(secs => query_chunk_s(bucket_s)) <= (SELECT segmented_until
          FROM query_segment_state) - interval '10 minutes'
    ORDER BY bucket_s, start_at, sql_hash"""
CHUNKS_OWN = """
    SELECT bucket_s, start_at, encode(sums, 'hex') AS sums FROM connection_chunks WHERE database_connection_id = %s
      AND start_at + make_interval(secs => connection_chunk_s(bucket_s)) <= (SELECT segmented_until
          FROM query_segment_state) - interval '10 minutes'
    ORDER BY bucket_s, start_at"""

# As if a collector had built segments every few hours for weeks.
AS_TIME_PASSED = """
DO $$
DECLARE
    until timestamptz;
BEGIN
    PERFORM FROM query_segment_state FOR UPDATE;
    DELETE FROM query_segments;
    DELETE FROM query_segment_details;
    DELETE FROM connection_segments;
    DELETE FROM query_chunks;
    DELETE FROM connection_chunks;
    UPDATE query_segment_state SET segmented_until = '1900-01-01 00:00:00+00';
    FOR until IN SELECT generate_series(now() - interval '20 days', now(), interval '5 hours 35 minutes') LOOP
        PERFORM query_segments_refresh(until);
    END LOOP;
    PERFORM query_segments_refresh();
END $$
"""


def test_segments_kept_up_to_date_are_those_built_again(agent, store_sql):
    rng = random.Random(13)
    connection_id = agent().connection_id
    hashes = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(FINGERPRINTS)]
    now = datetime.now(timezone.utc)
    for _ in range(3):
        add_deltas(store_sql, connection_id, draw(rng, hashes, now, 300, DAYS_KEPT))
    kept = {
        sql: store_sql(sql, connection_id) for sql in (SEGMENTS, SEGMENTS_DETAILS, SEGMENTS_OWN, CHUNKS, CHUNKS_OWN)
    }
    assert {row[0] for row in kept[SEGMENTS]} == {row[0] for row in kept[SEGMENTS_OWN]} >= \
        {300, 900, 3600, 7200, 14400, 28800, 86400, 172800}
    assert {row[0] for row in kept[CHUNKS]} == {3600, 86400}
    assert {row[0] for row in kept[CHUNKS_OWN]} >= {300, 3600}
    for made_by in ("SELECT query_segments_rebuild()", AS_TIME_PASSED):
        store_sql(made_by)
        for sql, rows in kept.items():
            assert [row for row in store_sql(sql, connection_id) if row in set(rows)] == rows


def test_the_slowest_samples_come_first_page_by_page_also_before_they_are_rolled_up(api, agent):
    rng = random.Random(14)
    feeder = agent()
    now = datetime.now(timezone.utc)
    durations = [rng.lognormvariate(3, 2) for _ in range(400)]

    def send(part, ages_s):
        answer = feeder.post("/api/v1/collectors/ingest/slow-queries", json={
            "agent_token": feeder.token,
            "queries": [{"full_sql": f"SELECT {i} FROM t{i % 7}", "duration_ms": duration,
                         "captured_at": (now - timedelta(seconds=age_s)).isoformat()}
                        for i, (duration, age_s) in enumerate(zip(part, ages_s))]})
        assert answer.status_code in (200, 201, 202), answer.text

    def check(expected):
        found = all_pages(
            api,
            "/api/v1/slow-queries",
            connection_id=feeder.connection_id,
            sort="duration_ms",
            limit=30,
            **{"from": (now - timedelta(days=9)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()},
        )
        seen = [item["duration_ms"] for item in found]
        assert seen == pytest.approx(sorted(expected, reverse=True), abs=0.001)

    send(durations[:200], [rng.uniform(0, 8 * 86400) for _ in range(200)])
    check(durations[:200])
    time.sleep(12)
    check(durations[:200])
    send(durations[200:], [rng.uniform(0, 8 * 86400) for _ in range(200)])
    check(durations)


def test_the_slowest_samples_are_those_that_are_kept(store_sql, api, agent):
    """Samples go after 14 days, what they added up to later."""
    rng = random.Random(15)
    feeder = agent()
    now = datetime.now(timezone.utc)
    kept = [(rng.lognormvariate(3, 1), rng.uniform(3600, 9 * 86400)) for _ in range(120)]
    gone = [(5000 + rng.lognormvariate(3, 1), rng.uniform(16 * 86400, 25 * 86400)) for _ in range(120)]
    answer = feeder.post("/api/v1/collectors/ingest/slow-queries", json={
        "agent_token": feeder.token,
        "queries": [{"full_sql": f"SELECT {i} FROM t", "duration_ms": duration,
                     "captured_at": (now - timedelta(seconds=age_s)).isoformat()}
                    for i, (duration, age_s) in enumerate(kept + gone)]})
    assert answer.json()["accepted"] == 240, answer.text
    rolled_up = (
        "SELECT coalesce(sum(calls), 0)::int AS calls FROM query_metrics "
        "WHERE database_connection_id = %s AND resolution_s = 86400"
    )
    servers.wait_until(lambda: store_sql(rolled_up, feeder.connection_id)[0].calls == 240, 60, what="the rollup")
    store_sql(
        "DELETE FROM slow_queries_raw WHERE database_connection_id = %s AND captured_at < now() - interval '15 days'",
        feeder.connection_id,
    )
    found = all_pages(api, "/api/v1/slow-queries", connection_id=feeder.connection_id, sort="duration_ms", limit=25,
                      **{"from": (now - timedelta(days=30)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()})
    seen = [item["duration_ms"] for item in found]
    assert seen == pytest.approx(sorted((duration for duration, _ in kept), reverse=True), abs=0.001)
