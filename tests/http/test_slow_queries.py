"""Slow queries and fingerprints that agents have sent: filtered, sorted, paged, and hidden from others."""

import datetime
import random
import re

import pytest
import servers
from accounts import Account, problem_fields, team_id, unique

LIST = "/api/v1/slow-queries"
GROUPS = "/api/v1/slow-queries/fingerprints"
INGEST = "/api/v1/collectors/ingest/slow-queries"


def utc(**ago):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)


def iso(time):
    return time.isoformat().replace("+00:00", "Z")


def send(agent, queries):
    answer = agent.post(INGEST, json={"agent_token": agent.token, "queries": queries})
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == len(queries), answer.text


def query(sql, duration_ms, ago_s, **more):
    return {"full_sql": sql, "duration_ms": duration_ms, "captured_at": iso(utc(seconds=ago_s)), **more}


class Shop:
    """A connection whose agent has sent 40 samples of four statements, rolled up."""

    def __init__(self, agent, client, **fields):
        self.agent = agent(**fields)
        self.connection_id = self.agent.connection_id
        self.table = unique("t").replace("-", "_")
        queries = []
        for i in range(10):
            queries.append(query(f"SELECT * FROM {self.table}_orders WHERE id = {i}", 100 + i, 60 + i, rows_examined=50,
                                 rows_returned=1, user_host="app@10.0.0.5"))
            queries.append(query(f"SELECT name FROM {self.table}_users WHERE email = 'a{i}@b.c'", 20 + i, 600 + i))
            queries.append(query(f"UPDATE {self.table}_orders SET state = {i} WHERE id = {i}", 300 + i, 7200 + i))
            queries.append(query(f"DELETE FROM {self.table}_carts WHERE id = {i}", 5, 7300 + i))
        send(self.agent, queries)
        self.wait(client)

    def wait(self, client):
        def rolled_up():
            answer = client.get(GROUPS, params={"connection_id": self.connection_id})
            assert answer.status_code == 200, answer.text
            return sum(item["calls"] for item in answer.json()["items"]) == 40

        servers.wait_until(rolled_up, 30, what="the rollup of what was sent")


@pytest.fixture(scope="module")
def shop(api):
    return Shop(servers.AgentFactory(api), api)


def timed(params):
    """Replace {"minutes": 5} by the time that long ago; parameters of tests are made long before the test runs."""
    return {name: iso(utc(**value)) if isinstance(value, dict) else value for name, value in params.items()}


def items(client, path, **params):
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def all_pages(client, path, **params):
    found, cursor, pages = [], None, 0
    while True:
        answer = client.get(path, params={**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor, pages = answer.json()["next_cursor"], pages + 1
        if cursor is None:
            return found, pages


# ---- samples ----


def test_sample_has_what_was_sent(api, shop):
    newest = items(api, LIST, connection_id=shop.connection_id, limit=1)[0]
    assert newest["full_sql"] == f"SELECT * FROM {shop.table}_orders WHERE id = 0"
    assert newest["fingerprint"] == f"SELECT * FROM {shop.table}_orders WHERE id = ?"
    assert newest["duration_ms"] == 100
    assert newest["rows_examined"] == 50 and newest["rows_returned"] == 1
    assert newest["user_host"] == "app@10.0.0.5"
    assert newest["database_connection_id"] == shop.connection_id
    assert newest["engine"] == "postgresql"
    assert newest["statement_kind"] == "select"
    assert newest["provenance"] == "agent"
    assert re.fullmatch("[0-9a-f]{32}", newest["sql_hash"])
    assert newest["captured_at"].endswith("Z")


def test_unknown_values_are_null_and_not_zero(api, shop):
    sample = items(api, LIST, connection_id=shop.connection_id, q="_users", limit=1)[0]
    assert sample["rows_examined"] is None and sample["user_host"] is None and sample["plan_hash"] is None


def test_samples_come_newest_first_by_pages_without_gap_or_repetition(api, shop):
    whole = items(api, LIST, connection_id=shop.connection_id, limit=500)
    assert len(whole) == 40
    assert [s["captured_at"] for s in whole] == sorted((s["captured_at"] for s in whole), reverse=True)
    found, pages = all_pages(api, LIST, connection_id=shop.connection_id, limit=7)
    assert pages == 6
    assert found == whole


@pytest.fixture(scope="module")
def fleet(stack):
    """20 connections, from busy to idle, with samples captured within a few seconds."""
    admin = Account(stack, role="admin", organization=unique("organization")).client
    chooser, now, agents = random.Random(51), utc(seconds=5).replace(microsecond=0), []
    make = servers.AgentFactory(admin)
    for number in range(20):
        agents.append(make(name=unique(f"fleet-{number}")))
        ages_s = [
            chooser.choice([0, 0, 1, 2, 3, chooser.randrange(90), chooser.randrange(40000)])
            for _ in range(300 // (number + 1) - 15)
        ]
        send(
            agents[-1],
            [
                {
                    "full_sql": f"{chooser.choice(['SELECT a FROM', 'DELETE FROM'])} t WHERE id = {i}",
                    "duration_ms": chooser.randrange(1, 200),
                    "captured_at": iso(now - datetime.timedelta(seconds=age_s)),
                }
                for i, age_s in enumerate(ages_s)
            ]
            or [query("SELECT 1", 1, 86400)],
        )
    return admin, [agent.connection_id for agent in agents]


@pytest.mark.parametrize("limit", [3, 20, 100])
@pytest.mark.parametrize(
    "chosen, where",
    [
        ({}, "true"),
        ({"min_duration_ms": 150}, "duration_ms >= 150"),
        (
            {"statement_kind": "delete"},
            "sql_hash IN (SELECT sql_hash FROM query_fingerprints WHERE statement_kind = 'delete')",
        ),
    ],
)
def test_newest_samples_of_many_connections_page_in_the_order_of_all(stack, fleet, limit, chosen, where):
    client, connection_ids = fleet
    expected = stack.sql(f"SELECT id FROM slow_queries_raw WHERE database_connection_id = ANY (%s) AND {where} "
                         "ORDER BY captured_at DESC, id DESC", connection_ids)
    found, _ = all_pages(client, LIST, limit=limit, **{"from": iso(utc(days=3)), "to": iso(utc(seconds=-60))}, **chosen)
    assert len(found) > 100
    assert [sample["id"] for sample in found] == [row.id for row in expected]


def test_samples_sorted_by_duration_page_too(api, shop):
    found, pages = all_pages(api, LIST, connection_id=shop.connection_id, sort="-duration_ms", limit=9)
    assert pages == 5
    assert len({s["id"] for s in found}) == 40
    durations = [s["duration_ms"] for s in found]
    assert durations == sorted(durations, reverse=True)


def test_samples_of_one_hash_page_too(api, shop):
    sql_hash = items(api, LIST, connection_id=shop.connection_id, limit=1)[0]["sql_hash"]
    found, pages = all_pages(api, LIST, hash=sql_hash, limit=4)
    assert pages == 3 and len({s["id"] for s in found}) == 10
    assert {s["sql_hash"] for s in found} == {sql_hash}


def test_samples_of_a_table_page_too(api, shop):
    found, pages = all_pages(api, LIST, table=f"{shop.table}_orders", limit=6)
    assert pages == 4 and len({s["id"] for s in found}) == 20
    assert [s["captured_at"] for s in found] == sorted((s["captured_at"] for s in found), reverse=True)


@pytest.mark.parametrize(
    "params,count",
    [
        ({"min_duration_ms": "100"}, 20),
        ({"min_duration_ms": "304.5"}, 5),
        ({"statement_kind": "update"}, 10),
        ({"statement_kind": "select"}, 20),
        ({"q": "EMAIL = "}, 10),
        ({"q": "no such text"}, 0),
        ({"engine": "postgresql"}, 40),
        ({"engine": "mysql"}, 0),
        ({"team_id": "999999"}, 0),
        ({"from": {"minutes": 5}}, 10),
        ({"to": {"minutes": 5}}, 30),
        ({"from": {"hours": 1}, "to": {"minutes": 5}}, 10),
        ({"statement_kind": "update", "q": "orders", "min_duration_ms": "305"}, 5),
        ({"statement_kind": "delete", "sort": "duration_ms"}, 10),
    ],
)
def test_filter_of_samples(api, shop, params, count):
    assert len(items(api, LIST, connection_id=shop.connection_id, limit=500, **timed(params))) == count


def test_samples_are_found_by_the_team_of_their_connection(stack, api, agent):
    team = unique("team")
    account = Account(stack, role="admin", team=team)
    identity = team_id(stack, team)
    shop = Shop(servers.AgentFactory(account.client), account.client, visibility_scope="TEAM_ONLY", team_id=identity)
    assert len(items(account.client, LIST, team_id=identity, limit=500)) == 40
    assert shop.connection_id in {s["database_connection_id"] for s in items(account.client, LIST, team_id=identity)}


def test_one_sample_has_its_full_text(api, agent):
    long = "SELECT " + ", ".join(f"column_{i}" for i in range(2000)) + " FROM wide"
    sender = agent()
    send(sender, [query(long, 10, 30)])
    listed = items(api, LIST, connection_id=sender.connection_id)[0]
    assert len(listed["full_sql"].encode()) == 2000 and long.startswith(listed["full_sql"])
    shown = api.get(f"{LIST}/{listed['id']}").json()
    assert shown["full_sql"] == long
    assert shown["plan"] is None


def test_sample_shows_the_plan_it_ran_with(api, agent):
    sender = agent()
    plan = {"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Total Cost": 12.5}}
    send(sender, [query("SELECT * FROM orders WHERE total > 5", 10, 30, plan=plan)])
    listed = items(api, LIST, connection_id=sender.connection_id)[0]
    assert re.fullmatch("[0-9a-f]{32}", listed["plan_hash"])
    shown = api.get(f"{LIST}/{listed['id']}").json()
    assert shown["plan"]["plan"] == plan
    assert shown["plan"]["plan_hash"] == listed["plan_hash"]
    group = api.get(f"{GROUPS}/{listed['sql_hash']}", params={"connection_id": sender.connection_id}).json()
    assert [p["plan"] for p in group["plans"]] == [plan]


# ---- fingerprints ----


def test_groups_sum_their_samples_heaviest_first(api, shop):
    answer = api.get(GROUPS, params={"connection_id": shop.connection_id}).json()
    groups = answer["items"]
    assert [g["statement_kind"] for g in groups] == ["update", "select", "select", "delete"]
    update, select = groups[0], groups[1]
    assert update["calls"] == 10
    assert update["total_ms"] == sum(range(300, 310))
    assert update["mean_ms"] == pytest.approx(304.5)
    assert update["max_ms"] == 309
    assert update["tables"] == [f"{shop.table}_orders"]
    assert update["database_connection_ids"] == [shop.connection_id]
    assert select["rows_examined"] == 500 and select["rows_returned"] == 10
    assert sum(g["time_share"] for g in groups) == pytest.approx(1, abs=0.001)
    assert answer["total_count"] == 4 and answer["next_cursor"] is None
    assert answer["totals"]["calls"] == 40
    assert answer["totals"]["total_ms"] == pytest.approx(sum(g["total_ms"] for g in groups))
    assert answer["period"]["resolution_s"] == 300


def test_spark_adds_up_to_the_total(api, shop):
    for group in items(api, GROUPS, connection_id=shop.connection_id):
        assert len(group["spark_ms"]) == 24
        assert sum(group["spark_ms"]) == pytest.approx(group["total_ms"], rel=0.02, abs=3)


@pytest.mark.parametrize(
    "sort,key",
    [
        ("total_ms", "total_ms"),
        ("calls", "calls"),
        ("mean_ms", "mean_ms"),
        ("max_ms", "max_ms"),
        ("rows", "rows_examined"),
        ("last_seen_at", "last_seen_at"),
    ],
)
def test_groups_are_sorted_descending(api, shop, sort, key):
    values = [g[key] or 0 for g in items(api, GROUPS, connection_id=shop.connection_id, sort=sort)]
    assert values == sorted(values, reverse=True)


def test_groups_page_without_gap_or_repetition(api, shop):
    whole = items(api, GROUPS, connection_id=shop.connection_id)
    found, pages = all_pages(api, GROUPS, connection_id=shop.connection_id, limit=3)
    assert pages == 2
    assert [g["sql_hash"] for g in found] == [g["sql_hash"] for g in whole]


@pytest.mark.parametrize(
    "params,count",
    [
        ({"statement_kind": "select"}, 2),
        ({"q": "email"}, 1),
        ({"q": "nothing like it"}, 0),
        ({"min_duration_ms": "100"}, 2),
        ({"engine": "mysql"}, 0),
        ({"from": {"minutes": 30}}, 2),
        ({"to": {"minutes": 60}}, 2),
    ],
)
def test_filter_of_groups(api, shop, params, count):
    answer = api.get(GROUPS, params={"connection_id": shop.connection_id, **timed(params)}).json()
    assert len(answer["items"]) == count == answer["total_count"]


@pytest.mark.parametrize("days", [1, 2, 10, 40, 100, 400])
def test_sums_do_not_depend_on_the_length_of_the_period(api, shop, days):
    answer = api.get(GROUPS, params={"connection_id": shop.connection_id, "from": iso(utc(days=days))}).json()
    assert answer["totals"]["calls"] == 40
    assert answer["totals"]["total_ms"] == pytest.approx(3045 + 1045 + 245 + 50)


def test_empty_page_still_has_the_totals(api, shop):
    answer = api.get(GROUPS, params={"connection_id": shop.connection_id, "q": "nothing like it"}).json()
    assert answer["items"] == [] and answer["totals"]["calls"] == 40


def test_one_group_has_series_samples_and_plans(api, shop):
    listed = items(api, GROUPS, connection_id=shop.connection_id)[0]
    shown = api.get(f"{GROUPS}/{listed['sql_hash']}").json()
    assert shown["calls"] == 10 and shown["fingerprint"] == listed["fingerprint"]
    assert sum(point["calls"] for point in shown["series"]) == 10
    assert sum(point["total_ms"] for point in shown["series"]) == pytest.approx(shown["total_ms"])
    assert [p["bucket_at"] for p in shown["series"]] == sorted(p["bucket_at"] for p in shown["series"])
    assert len(shown["samples"]) == 10
    assert shown["plans"] == []
    assert shown["first_seen_at"] <= shown["last_seen_at"]


# ---- what others see ----


def test_hidden_connection_looks_absent(stack, api):
    owner, other = Account(stack), Account(stack)
    shop = Shop(servers.AgentFactory(owner.client), owner.client, visibility_scope="USER_ONLY")
    mine = items(owner.client, LIST, connection_id=shop.connection_id)
    sample, sql_hash = mine[0]["id"], mine[0]["sql_hash"]
    for client in (other.client, api):  # an admin does not see the connection of another user either
        assert client.get(LIST, params={"connection_id": shop.connection_id}).status_code == 404
        assert client.get(GROUPS, params={"connection_id": shop.connection_id}).status_code == 404
        assert client.get(f"{LIST}/{sample}").status_code == 404
        assert client.get(f"{GROUPS}/{sql_hash}").status_code == 404
        for path in (LIST, GROUPS):
            for params in ({"q": shop.table}, {"table": f"{shop.table}_orders"}):
                assert items(client, path, **params) == []
        assert items(client, LIST, hash=sql_hash) == []
    hidden = owner.client.get(f"{LIST}/{sample}")
    absent = other.client.get(f"{LIST}/999999999999")
    assert hidden.status_code == 200
    refused = other.client.get(f"{LIST}/{sample}")
    assert {k: v for k, v in refused.json().items() if k != "request_id"} == {
        k: v for k, v in absent.json().items() if k != "request_id"
    }


def test_group_that_several_run_shows_each_caller_its_own_share(stack, api):
    owner, other = Account(stack), Account(stack)
    sql = f"SELECT * FROM {unique('shared').replace('-', '_')} WHERE id = 1"
    senders = []
    for account, count in ((owner, 3), (other, 5)):
        sender = servers.AgentFactory(account.client)(visibility_scope="USER_ONLY")
        send(sender, [query(sql, 100, 60 + i) for i in range(count)])
        senders.append(sender)
    for account, sender, count in ((owner, senders[0], 3), (other, senders[1], 5)):
        def calls():
            found = items(account.client, GROUPS, q=sql.split()[3])
            return found and found[0]["calls"] == count and found[0]

        group = servers.wait_until(calls, 30, what="the rollup of what was sent")
        assert group["database_connection_ids"] == [sender.connection_id]
        shown = account.client.get(f"{GROUPS}/{group['sql_hash']}").json()
        assert shown["calls"] == count and len(shown["samples"]) == count
        assert {s["database_connection_id"] for s in shown["samples"]} == {sender.connection_id}


# ---- bad input ----


@pytest.mark.parametrize("path", [LIST, GROUPS])
@pytest.mark.parametrize(
    "params,fields",
    [
        ({"from": "2025-02-30T00:00:00Z"}, {"from"}),
        ({"from": iso(utc(hours=1)), "to": iso(utc(hours=2))}, {"from"}),
        ({"from": "1900-01-01T00:00:00Z"}, {"from"}),
        ({"to": "soon"}, {"to"}),
        ({"limit": "501"}, {"limit"}),
        ({"limit": "1.5"}, {"limit"}),
        ({"limit": ""}, {"limit"}),
        ({"min_duration_ms": "-1", "engine": "access"}, {"min_duration_ms", "engine"}),
        ({"statement_kind": "drop"}, {"statement_kind"}),
        ({"q": "x" * 501}, {"q"}),
        ({"connection_id": "one", "sort": "id"}, {"connection_id", "sort"}),
        ({"page": "2"}, {"page"}),
    ],
)
def test_bad_parameter_is_named(api, path, params, fields):
    answer = api.get(path, params=params)
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == fields


@pytest.mark.parametrize("path", [LIST, GROUPS])
@pytest.mark.parametrize("cursor", ["x", "AAAA", "....", "A" * 3000, "%20", "🙂"])
def test_forged_cursor_is_malformed(api, path, cursor):
    assert api.get(path, params={"cursor": cursor}).status_code == 400


def test_cursor_of_another_list_or_order_is_malformed(api, shop):
    cursor = api.get(LIST, params={"limit": 1}).json()["next_cursor"]
    assert api.get(GROUPS, params={"cursor": cursor}).status_code == 400
    assert api.get(LIST, params={"cursor": cursor, "sort": "duration_ms"}).status_code == 400


@pytest.mark.parametrize("identity", ["0", "-1", "99999999999999999999", "1x", "1.0", "%31%30%30%30%30%30%30%30%30%30"])
def test_id_that_is_none_is_absent(api, identity):
    assert api.get(f"{LIST}/{identity}").status_code == 404


@pytest.mark.parametrize("sql_hash", ["0" * 32, "0" * 31, "g" * 32, "0" * 33])
def test_hash_that_is_none_is_absent(api, sql_hash):
    assert api.get(f"{GROUPS}/{sql_hash}").status_code == 404


@pytest.mark.parametrize("text", ["'; DROP TABLE users; --", "%", "_", "\\", "\u0001", "é", "\U0001f600"])
def test_search_text_is_only_text(api, text):
    for path in (LIST, GROUPS):
        assert items(api, path, q=text + " nowhere") == []
