"""Tags: keys and values in the comments of statements, by which samples are added up, filtered and grouped."""

import random
from datetime import datetime, timedelta, timezone

import pytest

import servers
from ingest_client import PATH
from test_pages import Browser, browser  # noqa: F401


def minutes_ago(minutes):
    return (datetime.now(timezone.utc) - timedelta(minutes=minutes)).isoformat()


def query(sql, duration_ms, minutes=5):
    return {"full_sql": sql, "duration_ms": duration_ms, "captured_at": minutes_ago(minutes)}


QUERIES = [
    query("SELECT * FROM orders WHERE id = 1 /*controller='orders',action='show'*/", 10),
    query("SELECT * FROM orders WHERE id = 2 /*controller='orders',action='show'*/", 30, 6),
    query("SELECT * FROM orders WHERE id = 3 /*controller='admin%2Forders',traceparent='00-1'*/", 5, 7),
    query("SELECT * FROM users WHERE id = 4 /*controller:orders,action:list*/", 2, 8),
    query("SELECT * FROM users WHERE id = 5 /* the controller: of what? */", 1000, 9),
    query("SELECT '/*controller:text*/' FROM users", 1000, 10),
]


@pytest.fixture(scope="module")
def feeder(stack):
    sender = servers.AgentFactory(servers.SignedInClient(stack.url, stack.admin_email, stack.admin_password))()
    for _ in range(2):  # the second time all are known
        assert sender.post(PATH, {"queries": QUERIES}).status_code == 200
    return sender


def tags(api, feeder, **params):
    answer = api.get("/api/v1/stats/tags", params={"connection_id": feeder.connection_id, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_samples_are_grouped_by_the_values_of_a_key(api, feeder):
    body = tags(api, feeder, key="controller")
    assert [(item["value"], item["calls"], item["total_ms"], item["max_ms"], item["fingerprint_count"])
            for item in body["items"]] == [("orders", 3, 42, 30, 2), ("admin/orders", 1, 5, 5, 1)]
    assert body["totals"] == {"calls": 4, "total_ms": 47}
    assert body["total_count"] == 2
    assert [item["time_share"] for item in body["items"]] == pytest.approx([42 / 47, 5 / 47], abs=1e-5)
    assert len(tags(api, feeder, key="controller", limit=1)["items"]) == 1


def test_keys_are_those_of_the_setting(api, feeder):
    body = tags(api, feeder)
    assert sorted((item["key"], item["value_count"]) for item in body["keys"]) == [("action", 2), ("controller", 2)]
    assert body["items"] == [] and body["key"] is None


def test_fingerprints_are_filtered_by_a_tag(api, feeder, watched_fold):
    def tables(tag):
        answer = api.get("/api/v1/slow-queries/fingerprints",
                         params={"connection_id": feeder.connection_id, "tag": tag})
        assert answer.status_code == 200, answer.text
        return sorted(table for item in answer.json()["items"] for table in item["tables"])

    assert tables("controller:orders") == ["orders", "users"]
    assert tables("controller:admin/orders") == ["orders"]
    assert tables("action:list") == ["users"]
    assert tables("action:nothing") == tables("absent:orders") == []


@pytest.fixture()
def watched_fold(feeder, store_sql):
    servers.wait_until(lambda: not store_sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s",
                                             feeder.connection_id), 60, what="the fold")


def test_a_fingerprint_tells_its_tags_and_its_page_leads_to_them(api, browser, feeder, watched_fold):  # noqa: F811
    (orders,) = [item for item in api.get("/api/v1/slow-queries/fingerprints",
                                          params={"connection_id": feeder.connection_id}).json()["items"]
                 if item["tables"] == ["orders"]]
    about = api.get(f"/api/v1/slow-queries/fingerprints/{orders['sql_hash']}",
                    params={"connection_id": feeder.connection_id}).json()
    assert [(tag["key"], tag["value"], tag["calls"]) for tag in about["tags"]] == [
        ("action", "show", 2), ("controller", "orders", 2), ("controller", "admin/orders", 1)]
    page = browser.get(f"/queries/{orders['sql_hash']}")
    assert "controller:admin/orders" in page.text and "tag=controller%3Aadmin%2Forders" in page.text
    listed = browser.get("/queries?tag=controller%3Aorders")
    assert "Remove the filter on tag controller:orders" in listed.text


@pytest.mark.parametrize("params", [{"key": "a b"}, {"key": "x" * 41}, {"limit": 0}, {"other": 1}])
def test_what_is_no_key_is_refused(api, params):
    assert api.get("/api/v1/stats/tags", params=params).status_code == 422


@pytest.mark.parametrize("tag", ["controller", ":orders", "a b:c", "controller:", "controller:" + "x" * 300])
def test_what_is_no_tag_is_refused(api, tag):
    assert api.get("/api/v1/slow-queries/fingerprints", params={"tag": tag}).status_code == 422


def test_hostile_values_are_shown_as_text(api, browser, agent, store_sql):  # noqa: F811
    sender = agent()
    value = "<script>alert(1)</script>"
    assert sender.post(PATH, {"queries": [query(f"SELECT 7 FROM t /*action='{value}'*/", 1)]}).json()["accepted"] == 1
    (row,) = tags(api, sender, key="action")["items"]
    assert row["value"] == value
    (known,) = store_sql("SELECT sql_hash FROM query_tag_metrics WHERE database_connection_id = %s",
                         sender.connection_id)
    page = browser.get(f"/queries/{str(known.sql_hash).replace('-', '')}").text
    assert value not in page and "action:&lt;script&gt;" in page


def test_values_without_end_become_one(api, agent):
    sender = agent()
    rng = random.Random(5)
    values = rng.sample(range(10**9), 600)
    batch = [query(f"SELECT 1 FROM t /*action='{value}'*/", 1) for value in values]
    for at in range(0, 600, 200):
        assert sender.post(PATH, {"queries": batch[at : at + 200]}).json()["accepted"] == 200
    body = tags(api, sender, key="action", limit=500)
    assert body["keys"] == [{"key": "action", "value_count": 500}]
    assert body["total_count"] == 501 and body["totals"]["calls"] == 600
    assert body["items"][0]["value"] == "(other)" and body["items"][0]["calls"] == 100


def test_where_literals_are_not_kept_no_tag_is(api, agent, store_sql):
    sender = agent(keep_literals=False)
    assert sender.post(PATH, {"queries": [query("SELECT 1 FROM t /*action='x'*/", 1)]}).json()["accepted"] == 1
    assert tags(api, sender, key="action")["keys"] == []
    assert store_sql("SELECT 1 FROM query_tag_metrics WHERE database_connection_id = %s", sender.connection_id) == []
