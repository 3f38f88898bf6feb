"""Seven aggregates: the exact sums of the ingested samples, only of connections that the caller sees."""

import datetime

import pytest
import servers
from accounts import problem_fields
from facts import (
    BAD_FILTERS,
    BAD_PAGES,
    BAD_PERIODS,
    FORGED_CURSORS,
    INGEST,
    STATS,
    Facts,
    all_pages,
    grouped,
    iso,
    items,
    short,
    sums,
)

PEOPLE = ["admin", "outsider", "viewer", "member", "stranger"]
LISTS = ["top-queries", "top-tables", "by-database", "improvements"]
ALL = ["overview", "trends", "by-engine", *LISTS]


@pytest.fixture(scope="module")
def facts(stack):
    return Facts(stack)


# ---- exact numbers, by caller ----


@pytest.mark.parametrize("who", PEOPLE)
def test_overview_sums_what_the_caller_sees(facts, who):
    seen = facts.visible(who)
    answer = facts.client(who).get(f"{STATS}/overview", params=facts.period).json()
    assert short(answer) == sums(facts.samples(seen))
    assert answer["database_count"] == answer["active_database_count"] == len(seen)
    assert answer["fingerprint_count"] == len(grouped(facts.samples(seen), lambda s: s["statement"]))
    assert short(answer["previous"]) == sums(facts.samples(seen, facts.before, facts.start))
    assert answer["previous"]["period"]["to"] == answer["period"]["from"] == iso(facts.start)
    assert answer["previous"]["period"]["from"] == iso(facts.before)


@pytest.mark.parametrize("who", PEOPLE)
def test_trends_are_the_buckets_of_the_period(facts, who):
    five_minutes = datetime.timedelta(minutes=5)
    expected = grouped(facts.samples(facts.visible(who)),
                       lambda s: iso(s["at"] - (s["at"] - facts.start) % five_minutes))
    found = items(facts.client(who), f"{STATS}/trends", **facts.period)
    assert {item["bucket_at"]: short(item) for item in found} == {at: sums(group) for at, group in expected.items()}
    assert [item["bucket_at"] for item in found] == sorted(expected)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("sort", ["total_ms", "calls", "mean_ms", "max_ms"])
def test_top_queries_in_their_order(facts, who, sort):
    seen = facts.visible(who)
    expected = grouped(facts.samples(seen), lambda s: s["statement"])
    found = items(facts.client(who), f"{STATS}/top-queries", sort=sort, **facts.period)
    assert {item["fingerprint"]: short(item) for item in found} == {
        name: sums(group) for name, group in expected.items()
    }
    assert [item[sort] for item in found] == sorted((item[sort] for item in found), reverse=True)
    everything = sum(s["ms"] for s in facts.samples(seen))
    for item in found:
        group = expected[item["fingerprint"]]
        assert item["max_ms"] == max(s["ms"] for s in group)
        assert item["rows_examined"] == sum(s["examined"] for s in group) and item["rows_returned"] == 2 * len(group)
        assert item["database_connection_ids"] == sorted({facts.ids[s["connection"]] for s in group})
        assert sorted(item["tables"]) == sorted(group[0]["tables"])
        assert item["time_share"] == pytest.approx(sum(s["ms"] for s in group) / everything, abs=1e-6)


@pytest.mark.parametrize("who", PEOPLE)
def test_top_tables_count_a_statement_for_each_of_its_tables(facts, who):
    expected = grouped(facts.samples(facts.visible(who)), lambda s: s["tables"])
    found = items(facts.client(who), f"{STATS}/top-tables", **facts.period)
    assert {item["table"]: short(item) for item in found} == {name: sums(group) for name, group in expected.items()}
    assert all(item["fingerprint_count"] == 2 for item in found)
    assert [item["total_ms"] for item in found] == sorted((item["total_ms"] for item in found), reverse=True)


@pytest.mark.parametrize("who", PEOPLE)
def test_databases_and_engines(facts, who):
    seen = facts.visible(who)
    found = items(facts.client(who), f"{STATS}/by-database", **facts.period)
    assert {item["database_connection_id"]: short(item) for item in found} == {
        facts.ids[name]: sums(facts.samples([name])) for name in seen}
    assert [item["total_ms"] for item in found] == sorted((item["total_ms"] for item in found), reverse=True)
    if seen:
        assert sum(item["time_share"] for item in found) == pytest.approx(1, abs=1e-5)
    engines = grouped(seen, lambda name: "mysql" if name == "team" else "postgresql")
    found = items(facts.client(who), f"{STATS}/by-engine", **facts.period)
    assert {item["engine"]: (item["database_count"], short(item)) for item in found} == {
        engine: (len(names), sums(facts.samples(names))) for engine, names in engines.items()}


@pytest.mark.parametrize("who", PEOPLE)
def test_improvements_are_what_got_faster_with_calls_enough(facts, who):
    now = grouped(facts.samples(facts.visible(who)), lambda s: s["statement"])
    then = grouped(facts.samples(facts.visible(who), facts.before, facts.start), lambda s: s["statement"])
    faster = {}
    for statement in set(now) & set(then):
        after, before = sums(now[statement]), sums(then[statement])
        if min(after["calls"], before["calls"]) >= 10 and after["mean_ms"] <= before["mean_ms"] * 0.9:
            faster[statement] = (before, after)
    answer = facts.client(who).get(f"{STATS}/improvements", params=facts.period).json()
    assert answer["compared"] == {"from": iso(facts.before), "to": iso(facts.start)}
    assert {item["fingerprint"] for item in answer["items"]} == set(faster)
    assert bool(faster) == (who != "stranger")
    for item in answer["items"]:
        before, after = faster[item["fingerprint"]]
        for side, wanted in (("before", before), ("after", after)):
            assert item[side] == {name: wanted[name] for name in ("calls", "total_ms", "mean_ms")}
        before_mean = before["total_ms"] / before["calls"]
        after_mean = after["total_ms"] / after["calls"]
        assert item["improvement_ratio"] == pytest.approx(1 - after_mean / before_mean, abs=1e-6)
        assert item["saved_ms"] == pytest.approx((before_mean - after_mean) * after["calls"], abs=0.001)
    saved = [item["saved_ms"] for item in answer["items"]]
    assert saved == sorted(saved, reverse=True)


def test_improvements_compare_with_the_period_that_is_asked_for(facts):
    client = facts.client("member")
    swapped = {
        "from": iso(facts.before),
        "to": iso(facts.start),
        "compare_from": iso(facts.start),
        "compare_to": iso(facts.to),
    }
    found = items(client, f"{STATS}/improvements", **swapped)
    assert {item["fingerprint"].split()[0] for item in found} == {"UPDATE"}  # it got slower, and backwards faster
    assert items(client, f"{STATS}/improvements", min_calls=1000, **facts.period) == []
    assert items(client, f"{STATS}/improvements", min_improvement=0.99, **facts.period) == []
    half = client.get(f"{STATS}/improvements", params={**facts.period, "compare_to": iso(facts.before)}).json()
    assert half["compared"] == {"from": iso(facts.before - (facts.to - facts.start)), "to": iso(facts.before)}


# ---- filters, periods, pages ----


@pytest.mark.parametrize("path", ALL)
def test_filters_choose_connections(facts, path):
    client = facts.client("member")

    def calls(**params):
        answer = client.get(f"{STATS}/{path}", params={**facts.period, **params})
        assert answer.status_code == 200, answer.text
        found = answer.json().get("items", [answer.json()])
        return sum(item["calls"] if "calls" in item else item["after"]["calls"] for item in found)

    assert calls(connection_id=facts.ids["team"]) == calls(engine="mysql") == calls(team_id=facts.team_id)
    assert 0 < calls(engine="mysql") == calls(engine="mariadb") < calls()
    assert calls(engine="oracle") == 0
    assert calls(team_id=facts.team_id, engine="postgresql") == 0


@pytest.mark.parametrize("days", [1, 3, 40, 400])
def test_a_longer_period_has_the_same_sums(facts, days):
    params = {"from": iso(facts.to - datetime.timedelta(days=days)), "to": iso(facts.to)}
    everything = sums(facts.sent)
    overview = facts.client("member").get(f"{STATS}/overview", params=params).json()
    assert short(overview) == everything
    for path in ("trends", "top-queries", "by-database", "by-engine"):
        assert (
            sum(item["calls"] for item in items(facts.client("member"), f"{STATS}/{path}", **params))
            == everything["calls"]
        )


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2])
def test_pages_have_no_gap_and_no_repetition(facts, path, limit):
    client = facts.client("member")
    whole = items(client, f"{STATS}/{path}", **facts.period)
    assert len(whole) > 1
    assert all_pages(client, f"{STATS}/{path}", limit=limit, **facts.period) == whole


def test_pages_of_every_order(facts):
    client = facts.client("member")
    for sort in ("calls", "mean_ms", "max_ms"):
        whole = items(client, f"{STATS}/top-queries", sort=sort, **facts.period)
        assert all_pages(client, f"{STATS}/top-queries", sort=sort, limit=1, **facts.period) == whole


def test_default_period_is_the_last_day(facts):
    body = facts.client("member").get(f"{STATS}/overview").json()
    assert body["calls"] == len(facts.sent)
    assert body["period"]["resolution_s"] == 300


def test_new_facts_show_although_answers_are_cached(facts):
    client = facts.client("member")
    for _ in range(6):
        assert short(client.get(f"{STATS}/overview", params=facts.period).json()) == sums(
            facts.samples(facts.visible("member"))
        )
    first = client.get(f"{STATS}/overview", params=facts.period)
    assert (
        client.get(
            f"{STATS}/overview", params=facts.period, headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 304
    )


# ---- bad input ----


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("params,fields", BAD_PERIODS + BAD_FILTERS)
def test_bad_parameter_is_named(facts, path, params, fields):
    answer = facts.client("viewer").get(f"{STATS}/{path}", params=params)
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == fields


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("params,fields", BAD_PAGES)
def test_bad_limit_is_named(facts, path, params, fields):
    answer = facts.client("viewer").get(f"{STATS}/{path}", params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields


@pytest.mark.parametrize("path", ["overview", "trends", "by-engine"])
def test_whole_answers_take_no_page(facts, path):
    answer = facts.client("viewer").get(f"{STATS}/{path}", params={"limit": 1, "cursor": "x"})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"limit", "cursor"}


@pytest.mark.parametrize(
    "path,params,fields",
    [
        ("top-queries", {"sort": "colour"}, {"sort"}),
        ("improvements", {"min_calls": "0", "min_improvement": "1.1"}, {"min_calls", "min_improvement"}),
        ("improvements", {"compare_from": "x", "compare_to": "y"}, {"compare_from", "compare_to"}),
        (
            "improvements",
            {"compare_from": "2025-11-02T10:00:00Z", "compare_to": "2025-11-01T10:00:00Z"},
            {"compare_from"},
        ),
        (
            "improvements",
            {"compare_from": "1900-01-01T00:00:00Z", "compare_to": "2000-01-01T00:00:00Z"},
            {"compare_from"},
        ),
    ],
)
def test_bad_parameters_of_one(facts, path, params, fields):
    answer = facts.client("viewer").get(f"{STATS}/{path}", params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields, answer.text


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", FORGED_CURSORS)
def test_forged_cursor_is_malformed(facts, path, cursor):
    assert facts.client("viewer").get(f"{STATS}/{path}", params={"cursor": cursor}).status_code == 400


def test_cursor_of_another_list_or_order_is_malformed(facts):
    client = facts.client("member")
    cursor = client.get(f"{STATS}/top-queries", params={"limit": 1, **facts.period}).json()["next_cursor"]
    for path, params in (
        ("top-queries", {"sort": "calls"}),
        ("top-tables", {}),
        ("by-database", {}),
        ("improvements", {}),
    ):
        assert client.get(f"{STATS}/{path}", params={"cursor": cursor, **params}).status_code == 400


@pytest.mark.parametrize("path", ALL)
def test_hidden_connection_looks_absent(facts, path):
    absent = facts.client("outsider").get(f"{STATS}/{path}", params={"connection_id": 2**40})
    for who, name in (("outsider", "team"), ("admin", "own"), ("stranger", "wide")):
        answer = facts.client(who).get(f"{STATS}/{path}", params={"connection_id": facts.ids[name]})
        assert answer.status_code == absent.status_code == 404
        assert answer.json()["detail"] == absent.json()["detail"]


@pytest.mark.parametrize("path", ALL)
def test_nobody_and_agents_are_refused(facts, anonymous, path):
    assert anonymous.get(f"{STATS}/{path}").status_code == 401
    assert facts.agents["wide"].get(f"{STATS}/{path}").status_code == 401


def test_name_of_a_table_is_bounded_and_text(facts, agent, api):
    sender = agent()
    long = "x" * 3000
    queries = [{"full_sql": f"SELECT * FROM {name} WHERE id = 1", "duration_ms": ms, "captured_at": iso(facts.start)}
               for name, ms in ((long, 900), ("<b>bold</b>", 1), ('"<b>""; DROP TABLE users; --"', 800))]
    assert sender.post(INGEST, json={"queries": queries}).status_code == 200

    def listed():
        found = items(api, f"{STATS}/top-tables", connection_id=sender.connection_id, **facts.period)
        return found if found and sum(item["calls"] for item in found) >= 2 else None

    names = [item["table"] for item in servers.wait_until(listed, 30, what="the rollup")]
    assert names[0] == long[:200]
    pages = all_pages(api, f"{STATS}/top-tables", limit=1, connection_id=sender.connection_id, **facts.period)
    assert [item["table"] for item in pages] == names
