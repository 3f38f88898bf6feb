"""MongoDB metrics: what is taken, that everything counts once, and what is answered."""

import gzip
import html
import json
import random
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg2
import pytest
import requests

import servers
from accounts import PASSWORD, problem_fields
from ingest_client import assert_problem
from mongodb_reports import (
    NUMBERS,
    PATH,
    SERIES,
    STATUS,
    UTC,
    differences,
    newest_differences,
    report,
    series,
    wait_until_folded,
)


def now():
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture()
def sender(agent):
    return agent("mongodb")


@pytest.fixture()
def send(sender):
    def post(*reports, **members):
        return sender.post(PATH, {"type": "mongodb", "data": list(reports), **members})

    return post


@pytest.fixture()
def stored(sender, store_sql):
    return lambda: store_sql(
        "SELECT * FROM metrics_mongodb WHERE database_connection_id = %s ORDER BY node_id, time", sender.connection_id
    )


def only_item(answer):
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    return item


# ---- what is taken ----


def test_a_connection_of_mongodb_has_a_token_and_is_not_collected_from(api, store_sql, sender):
    made = api.get(f"/api/v1/database-connections/{sender.connection_id}").json()
    assert made["engine"] == "mongodb" and sender.token.startswith("agt_")
    runs = "SELECT 1 FROM connection_collection WHERE database_connection_id = %s AND last_run_at IS NOT NULL"
    assert not store_sql(runs, sender.connection_id)


def test_every_field_is_stored_and_answered(sender, stored, api):
    at = now() - timedelta(minutes=3)
    answer = sender.post(PATH, {"type": "mongodb", "data": report(at=at)})
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": 0, "errors": []}
    (row,) = stored()
    sent = report(at=at)
    assert (row.time, row.node_id, row.role) == (at, sent["nodeId"], "primary")
    assert {name: getattr(row, column) for name, column in NUMBERS.items()} == {name: sent[name] for name in NUMBERS}
    item = only_item(api.get(SERIES, params={"connection_id": sender.connection_id, "resolution": "raw"}))
    assert item["connection_id"] == sender.connection_id and item["nextFrom"] is None
    (point,) = item["points"]
    assert datetime.fromisoformat(point.pop("timestamp").replace("Z", "+00:00")) == at
    assert point == {name: value for name, value in sent.items() if name not in ("nodeId", "timestamp")}


def test_what_is_not_told_is_unknown_and_not_zero(send, sender, stored, api):
    assert send({"nodeId": "bare", "opsInsert": None}).json()["accepted"] == 1
    (row,) = stored()
    assert abs((row.time - now()).total_seconds()) < 60
    assert row.role is None and all(getattr(row, column) is None for column in NUMBERS.values())
    (point,) = only_item(api.get(SERIES, params={"connection_id": sender.connection_id, "resolution": "raw"}))["points"]
    assert all(point[name] is None for name in NUMBERS)


@pytest.mark.parametrize(
    "name, said",
    [
        ("connections", "connectionsCurrent"),
        ("op_insert", "opsInsert"),
        ("op_query", "opsQuery"),
        ("op_update", "opsUpdate"),
        ("op_delete", "opsDelete"),
        ("op_command", "opsCommand"),
        ("op_getmore", "leave it out"),
        ("opCounters", "opsInsert, opsQuery, opsUpdate, opsDelete and opsCommand"),
        ("replication_lag", "replLagSeconds"),
        ("replicationLag", "replLagSeconds"),
        ("replica_set_status", "role"),
        ("replicaSetStatus", "role"),
        ("node_id", "nodeId"),
        ("time", "timestamp"),
        ("wt_cache_used_bytes", "wtCacheUsedBytes"),
        ("repl_lag_seconds", "replLagSeconds"),
        ("colour", "is not a field of a report"),
    ],
)
def test_a_wrong_name_is_refused_with_the_right_one(send, stored, name, said):
    (error,) = assert_problem(send({**report(), name: 1}), 422)["errors"]
    assert error["field"] == name and error["index"] == 0 and said in error["message"]
    assert stored() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"nodeId": None},
        {"nodeId": ""},
        {"nodeId": 7},
        {"nodeId": "x" * 201},
        {"nodeId": "a\x00b"},
        {"nodeId": "a\nb"},
        {"role": "x" * 41},
        {"role": ["primary"]},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-01-01T00:00:00"},
        {"timestamp": "1999-01-01T00:00:00Z"},
        {"timestamp": "2100-01-01T00:00:00Z"},
        {"opsInsert": -1},
        {"opsInsert": 1.5},
        {"opsInsert": 1e15},
        {"opsInsert": 10**30},
        {"opsInsert": "12"},
        {"opsInsert": {"count": 1}},
        {"replLagSeconds": -0.1},
        {"replLagSeconds": 1e9},
        {"dataSizeBytes": 1e16},
        {"wtCacheMaxBytes": True},
    ],
)
def test_a_wrong_report_is_told_by_its_field_and_the_others_are_stored(send, stored, fields):
    (name,) = fields
    answer = send(report("good-1"), {**report("bad"), **fields}, report("good-2"))
    assert answer.status_code == 200, answer.text
    (error,) = answer.json()["errors"]
    assert (error["index"], error["field"]) == (1, name) and error["message"]
    assert [row.node_id for row in stored()] == ["good-1", "good-2"]


def test_a_report_older_than_retention_is_refused_since_its_repetition_could_not_be_noticed(send, stored):
    answer = send(report(at=now() - timedelta(days=15)), report(at=now() - timedelta(days=13)))
    assert answer.json()["accepted"] == 1
    (error,) = answer.json()["errors"]
    assert error["field"] == "timestamp" and "POTTO_RETENTION_SAMPLES_DAYS" in error["message"]
    assert len(stored()) == 1


@pytest.mark.parametrize(
    "body, fields",
    [
        ({}, {"type", "data"}),
        ({"type": "postgresql", "data": {}}, {"type"}),
        ({"type": 7, "data": []}, {"type", "data"}),
        ({"type": "mongodb", "data": 7}, {"data"}),
        ({"type": "mongodb", "data": [], "nodes": 1}, {"data", "nodes"}),
        ({"type": "mongodb", "data": {"nodeId": "a"}, "batch_id": "a b"}, {"batch_id"}),
        ({"type": "mongodb", "data": {"nodeId": "a"}, "connection_id": "1"}, {"connection_id"}),
        ({"type": "mongodb", "data": {"nodeId": "a"}, "connection_id": 1}, {"connection_id"}),
    ],
)
def test_a_wrong_envelope_is_told_by_member(sender, body, fields):
    assert set(problem_fields(sender.post(PATH, body))) == fields


def test_ten_thousand_reports_are_taken_and_no_more(sender, stored):
    start = now() - timedelta(days=2)
    reports = [{"nodeId": "n", "timestamp": (start + timedelta(seconds=i)).isoformat()} for i in range(10001)]
    assert_problem(sender.post(PATH, {"type": "mongodb", "data": reports}), 413)
    body = gzip.compress(json.dumps({"type": "mongodb", "data": reports[:10000]}).encode())
    answer = sender.request("POST", PATH, data=body,
                            headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
    assert answer.json()["accepted"] == 10000
    assert len(stored()) == 10000


def test_nodes_of_a_day_are_bounded(send, stored):
    assert send(*({"nodeId": f"node-{i}"} for i in range(500))).json()["accepted"] == 500
    assert "nodes" in problem_fields(send({"nodeId": "one too many"}))["data"]
    assert send({"nodeId": "node-7", "timestamp": now().isoformat()}).json()["accepted"] == 1
    assert len(stored()) == 501


# ---- who sends ----


def test_token_may_stand_in_the_body(anonymous, sender, stored):
    body = {"data": report(), "type": "mongodb", "agent_token": sender.token}
    assert anonymous.post(PATH, body).json()["accepted"] == 1
    assert anonymous.post(PATH, {**body, "agent_token": "agt_unknown"}).status_code == 401
    assert len(stored()) == 1


def test_members_send_for_connections_that_they_may_change(people):
    def make(client, **fields):
        answer = client.post("/api/v1/database-connections", json={"engine": "mongodb", **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def status(person, connection_id):
        body = {"type": "mongodb", "data": report(person.email), "connection_id": connection_id}
        return person.client.post(PATH, body).status_code

    team = people.member.client.get("/api/v1/auth/me").json()["teams"][0]["id"]
    shared = make(people.member.client, name="shared", visibility_scope="ORG_WIDE", team_id=team)
    own = make(people.member.client, name="own", visibility_scope="TEAM_ONLY", team_id=team)
    assert [status(person, shared) for person in (people.member, people.admin, people.outsider, people.viewer,
                                                  people.stranger)] == [200, 200, 403, 403, 404]
    assert [status(person, own) for person in (people.member, people.outsider, people.stranger)] == [200, 404, 404]
    answer = people.member.client.post(PATH, {"type": "mongodb", "data": report()})
    assert problem_fields(answer)["connection_id"].startswith("is missing")


def test_a_connection_of_another_engine_takes_no_reports(agent):
    answer = agent("postgresql").post(PATH, {"type": "mongodb", "data": report()})
    assert "postgresql" in problem_fields(answer)["type"]


# ---- everything counts once ----


def test_a_batch_that_is_sent_again_counts_once(sender, stored):
    body = {"type": "mongodb", "data": [report("a"), report("b")], "batch_id": uuid.uuid4().hex}
    assert sender.post(PATH, body).json()["accepted"] == 2
    again = sender.post(PATH, body).json()
    assert (again["accepted"], again["duplicates"]) == (0, 2)
    assert_problem(sender.post(PATH, {**body, "data": report("c")}), 409)
    assert len(stored()) == 2


def test_a_report_of_one_node_and_time_counts_once(send, stored, sender, store_sql):
    at = now() - timedelta(minutes=7)
    assert send(report(at=at, opsInsert=1), report(at=at, opsInsert=2)).json()["duplicates"] == 1
    again = send(report(at=at, opsInsert=3), report("other", at), report(at=at + timedelta(seconds=1))).json()
    assert (again["accepted"], again["duplicates"]) == (2, 1)
    assert [(row.node_id, row.ops_insert) for row in stored()] == [("other", 1200), ("rs0-a:27017", 1),
                                                                  ("rs0-a:27017", 1200)]
    wait_until_folded(store_sql, sender.connection_id)
    assert differences(store_sql, sender.connection_id) == []


def test_sums_of_three_nodes_are_those_of_their_reports_whatever_comes_late_or_twice(sender, store_sql):
    """Three days of three nodes at one minute, out of order and partly twice."""
    start = now().replace(second=0) - timedelta(days=4)
    reports = series(20261127, ("rs0-a", "rs0-b", "rs0-c"), start, 3 * 1440)
    in_time = reports[::3] + reports[1::3]

    def send(batch):
        answer = sender.post(PATH, {"type": "mongodb", "data": batch})
        assert answer.status_code == 200, answer.text
        return answer.json()["accepted"]

    assert send(in_time) == len(in_time)
    wait_until_folded(store_sql, sender.connection_id)
    assert differences(store_sql, sender.connection_id) == []
    late = reports[2::3] + in_time[::5]
    assert send(late[::-1]) == len(reports) - len(in_time)
    wait_until_folded(store_sql, sender.connection_id)
    assert differences(store_sql, sender.connection_id) == []
    counts = store_sql("SELECT resolution_s, sum(reports)::int AS n FROM mongodb_stats "
                       "WHERE database_connection_id = %s GROUP BY 1 ORDER BY 1", sender.connection_id)
    assert [tuple(row) for row in counts] == [(300, len(reports)), (3600, len(reports)), (86400, len(reports))]


def test_the_newest_reports_are_kept_whatever_comes_late_twice_or_at_once(sender, store_sql):
    start = now() - timedelta(hours=2)
    reports = series(7, ("rs0-a", "rs0-b", "rs0-c"), start, 60)
    order = random.Random(3)
    batches = [reports[i : i + 7] for i in range(0, len(reports), 7)]
    batches += [order.sample(reports, 20) for _ in range(8)]
    order.shuffle(batches)
    accepted = []

    def send(mine):
        for batch in mine:
            answer = sender.post(PATH, {"type": "mongodb", "data": batch})
            assert answer.status_code == 200, answer.text
            accepted.append(answer.json()["accepted"])

    send(batches[:8])
    assert newest_differences(store_sql, sender.connection_id) == []
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(send, batches[8 + i :: 4]) for i in range(4)]:
            done.result()
    assert sum(accepted) == len(reports)
    assert newest_differences(store_sql, sender.connection_id) == []


def test_an_upgrade_finds_the_newest_reports_that_ingest_keeps(sender, store_sql, stack):
    sender.post(PATH, {"type": "mongodb", "data": series(8, ("a", "b"), now() - timedelta(hours=2), 40)})
    sender.post(PATH, {"type": "mongodb", "data": [{"nodeId": "bare"}]})
    assert newest_differences(store_sql, sender.connection_id) == []
    kept = "SELECT * FROM mongodb_newest WHERE database_connection_id = %s ORDER BY node_id"
    before = [tuple(row) for row in store_sql(kept, sender.connection_id)]
    migration = (servers.PROJECT / "migrations/025_mongodb_newest.sql").read_text()
    (fill,) = re.findall(r"^INSERT INTO.*?;$", migration, re.M | re.S)
    with psycopg2.connect(stack.owner_dsn) as store, store.cursor() as cursor:
        cursor.execute("DELETE FROM mongodb_newest")
        cursor.execute(fill)
        cursor.execute(kept, (sender.connection_id,))
        found = cursor.fetchall()
        store.rollback()
    assert len(before) == 3 and found == before


def test_a_budget_that_is_used_up_makes_the_agent_wait(sender, store_sql, stack):
    store_sql(
        """INSERT INTO connection_spending (organization_id, database_connection_id, bytes, row_count, statements,
                                            counted_at)
           SELECT organization_id, id, 0, 1e15, 0, now() FROM database_connections WHERE id = %s""",
        sender.connection_id,
    )
    answer = sender.post(PATH, {"type": "mongodb", "data": report()})
    assert_problem(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


# ---- what is answered ----


@pytest.mark.parametrize(
    "span, resolution",
    [(timedelta(hours=2), "raw"), (timedelta(days=1), "5m"), (timedelta(days=12), "1h"), (timedelta(days=700), "1d")],
)
def test_the_resolution_suits_the_period(api, sender, span, resolution):
    to = now()
    params = {"connection_id": sender.connection_id, "from": (to - span).isoformat(), "to": to.isoformat()}
    assert api.get(SERIES, params=params).json()["resolution"] == resolution


def test_a_resolution_that_makes_too_many_points_is_refused(api, sender):
    to = now()
    params = {"from": (to - timedelta(days=30)).isoformat(), "to": to.isoformat(), "resolution": "5m"}
    assert "2000" in problem_fields(api.get(SERIES, params=params))["resolution"]
    assert "resolution" in problem_fields(api.get(SERIES, params={"resolution": "1m"}))


def test_points_that_are_cut_off_go_on_at_next_from(api, send, sender):
    start = now() - timedelta(hours=1)
    send(*({"nodeId": "n", "timestamp": (start + timedelta(seconds=i)).isoformat(), "opsInsert": i}
           for i in range(2500)))
    params = {"connection_id": sender.connection_id, "resolution": "raw"}
    first = only_item(api.get(SERIES, params=params))
    rest = only_item(api.get(SERIES, params={**params, "from": first["nextFrom"]}))
    assert (len(first["points"]), len(rest["points"]), rest["nextFrom"]) == (2000, 500, None)
    assert [point["opsInsert"] for point in first["points"] + rest["points"]] == list(range(2500))


def test_nodes_come_in_pages_and_one_by_its_id(api, send, sender):
    send(*(report(f"node-{i}") for i in range(5)))
    params, seen = {"connection_id": sender.connection_id, "resolution": "raw", "limit": 2}, []
    for _ in range(3):
        body = api.get(SERIES, params=params).json()
        seen += [item["nodeId"] for item in body["items"]]
        params["cursor"] = body["next_cursor"]
    assert seen == [f"node-{i}" for i in range(5)] and params["cursor"] is None
    assert only_item(api.get(SERIES, params={"nodeId": "node-3", "connection_id": sender.connection_id,
                                             "resolution": "raw"}))["nodeId"] == "node-3"


def test_buckets_are_means_sums_and_largest(api, send, sender, store_sql):
    at = (now() - timedelta(hours=3)).replace(minute=0, second=0)
    send(
        report(at=at, connectionsCurrent=10, opsInsert=5, dataSizeBytes=100, replLagSeconds=0.5, role="secondary"),
        report(at=at + timedelta(minutes=1), connectionsCurrent=20, opsInsert=7, dataSizeBytes=90, replLagSeconds=1),
        report(at=at + timedelta(minutes=2), connectionsCurrent=None, opsInsert=None, dataSizeBytes=None,
               replLagSeconds=None),
    )
    wait_until_folded(store_sql, sender.connection_id)
    for resolution in ("5m", "1h", "1d"):
        params = {"connection_id": sender.connection_id, "resolution": resolution,
                  "from": (now() - timedelta(days=3)).isoformat()}
        (point,) = only_item(api.get(SERIES, params=params))["points"]
        assert point["reports"] == 3 and "role" not in point
        assert (point["connectionsCurrent"], point["replLagSeconds"]) == (15, 0.75)
        assert (point["opsInsert"], point["dataSizeBytes"]) == (12, 100)


def cluster(api, sender):
    answer = api.get(STATUS, params={"connection_id": sender.connection_id})
    return only_item(answer)


def test_a_cluster_has_a_state(api, send, sender):
    assert cluster(api, sender)["state"] == "unknown" and cluster(api, sender)["nodes"] == []
    at = now() - timedelta(seconds=150)
    send(report("a", at, role="SECONDARY"), report("b", at, role="secondary"))
    assert cluster(api, sender)["state"] == "no_primary"
    send(report("a", at + timedelta(minutes=2), role="Primary"))
    status = cluster(api, sender)
    assert status["state"] == "ok"
    assert [(node["nodeId"], node["state"], node["role"]) for node in status["nodes"]] == [
        ("a", "primary", "Primary"), ("b", "secondary", "secondary")]
    send(report("b", at + timedelta(minutes=2), role="primary"))
    assert cluster(api, sender)["state"] == "two_primaries"


def test_a_node_tells_its_age_interval_and_rate(api, send, sender):
    at = now() - timedelta(seconds=90)
    send(*(report("a", at + timedelta(seconds=30 * i), opsInsert=10, opsQuery=20, opsUpdate=None, opsDelete=None,
                  opsCommand=30) for i in range(3)))
    (node,) = cluster(api, sender)["nodes"]
    assert (node["intervalSeconds"], node["opsPerSecond"]) == (30, 2)
    assert 25 < node["ageSeconds"] < 80 and node["replLagSeconds"] == 0.25
    assert not node["looksCumulative"]


def test_a_node_is_stale_when_three_reports_are_missing(api, send, sender):
    at = now() - timedelta(hours=1)
    send(*(report("old", at + timedelta(minutes=i)) for i in range(3)))
    send(*(report("slow", at + timedelta(minutes=20 * i)) for i in range(3)))
    nodes = {node["nodeId"]: node["state"] for node in cluster(api, sender)["nodes"]}
    assert nodes == {"old": "stale", "slow": "primary"}
    assert cluster(api, sender)["state"] == "node_stale"


def test_counters_that_only_rise_are_noticed(api, send, sender):
    at = now() - timedelta(minutes=20)
    send(*(report("total", at + timedelta(minutes=i), opsInsert=1000 + 7 * i) for i in range(20)))
    send(*(report("growth", at + timedelta(minutes=i), opsInsert=1000 + 7 * (i % 5)) for i in range(20)))
    nodes = {node["nodeId"]: node for node in cluster(api, sender)["nodes"]}
    assert nodes["total"]["looksCumulative"] and nodes["total"]["opsPerSecond"] is None
    assert not nodes["growth"]["looksCumulative"] and nodes["growth"]["opsPerSecond"] > 0


def test_clusters_come_in_pages(people):
    ids = [
        people.admin.client.post("/api/v1/database-connections",
                                 json={"engine": "mongodb", "name": f"cluster {i}", "visibility_scope": "ORG_WIDE"}
                                 ).json()["id"]
        for i in range(3)
    ]
    params, seen = {"limit": 2}, []
    for _ in range(2):
        body = people.viewer.client.get(STATUS, params=params).json()
        seen += [item["connection_id"] for item in body["items"]]
        params["cursor"] = body["next_cursor"]
    assert seen == ids and params["cursor"] is None


# ---- the page ----


@pytest.fixture(scope="module")
def page(stack):
    """Reads a page as the admin of the stack, or as somebody else."""

    def read(path, email=stack.admin_email, password=stack.admin_password):
        with requests.Session() as session:
            session.post(stack.url + "/login", data={"email": email, "password": password, "next": "/"}, timeout=30)
            answer = session.get(stack.url + path, timeout=30)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    return read


def test_the_empty_page_tells_how_to_send(page, people, sender):
    empty = page("/mongodb", people.viewer.email, PASSWORD)
    assert "No MongoDB is watched yet" in empty and "/api/v1/metrics" in empty and "data-chart=" not in empty
    waiting = page(f"/mongodb?connection_id={sender.connection_id}")
    assert "Nothing was reported yet" in waiting and "/api/v1/metrics" in waiting


def test_the_page_of_a_database_tells_how_to_send(page, sender):
    text = page(f"/databases/{sender.connection_id}")
    assert "<dt>Collected by</dt><dd>its agent</dd>" in text
    assert "/api/v1/metrics" in text and f"/mongodb?connection_id={sender.connection_id}" in text


def test_a_mongodb_with_a_host_is_fed_by_its_agent_alone_and_not_paused(api, page, anonymous):
    made = api.post("/api/v1/database-connections", json={"engine": "mongodb", "name": "has a host", "port": 27017,
                                                          "host": "mongo.example.org", "database": "carts"}).json()
    text = page(f"/databases/{made['id']}?added=1")
    assert "<dt>Collected by</dt><dd>its agent</dd>" in text and "Give the token below to its agent." in text
    assert "The collector comes by" not in text and "<dt>Interval</dt>" not in text
    assert ">paused<" not in text and ">waiting<" in text
    anonymous.post(PATH, {"agent_token": made["agent_token"], "type": "mongodb", "data": report()})
    assert ">watched<" in page(f"/databases/{made['id']}")


def test_the_page_shows_nodes_and_what_is_wrong(page, send, sender, store_sql):
    at = now() - timedelta(minutes=20)
    send(*(report("<b>a", at + timedelta(minutes=i), opsInsert=1000 + 7 * i) for i in range(20)))
    send(*(report("b", at + timedelta(minutes=i), role="primary", opsInsert=i % 5, replLagSeconds=1.5)
           for i in range(20)))
    wait_until_folded(store_sql, sender.connection_id)
    text = page(f"/mongodb?connection_id={sender.connection_id}")
    assert "two primaries" in text and "data-chart=\"operations\"" in text
    assert "<strong><b>a</strong> seems to send its server’s counters" in text
    assert "<strong>b</strong> seems" not in text and "1.5\u00a0s" in text
    alone = page(f"/mongodb?connection_id={sender.connection_id}&node=b")
    assert "Charts of <strong>b</strong> alone" in alone


def test_the_newest_data_of_the_connection_is_its_newest_report(api, send, sender):
    send(report())
    listed = api.get(f"/api/v1/database-connections/{sender.connection_id}").json()
    assert abs((datetime.fromisoformat(listed["last_data_at"].replace("Z", "+00:00")) - now()).total_seconds()) < 60


# ---- what goes ----


def test_everything_goes_with_the_connection(api, send, sender, store_sql, stack):
    send(report("a"), report("b"))
    assert api.delete(f"/api/v1/database-connections/{sender.connection_id}").status_code == 204
    servers.wait_until(
        lambda: not store_sql("SELECT 1 FROM database_connections WHERE id = %s", sender.connection_id),
        60,
        what="the removal of the connection",
    )
    for table in ("metrics_mongodb", "mongodb_nodes", "mongodb_newest", "mongodb_deltas", "mongodb_stats"):
        assert not store_sql(f"SELECT 1 FROM {table} WHERE database_connection_id = %s LIMIT 1", sender.connection_id)
