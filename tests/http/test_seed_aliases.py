"""The addresses and curl lines of the systems before Potto: they work unchanged, apart from the added
authentication."""

import datetime
import hashlib
import json
import re
import shlex
import subprocess

import pytest
import requests
import servers
from accounts import Account, problem_fields, team_id, unique
from facts import INGEST, Facts, iso, items
from seed_lines import CREATE_CONNECTION_LINE, INGEST_LINE, LINES_NOT_BUILT, REGISTER_LINE

ALIASES = [
    ("/api/connections", "/api/v1/database-connections"),
    ("/api/connections?limit=1", "/api/v1/database-connections?limit=1"),
    ("/api/monitoring/status", "/api/v1/monitoring/status"),
    ("/api/monitoring/queries?limit=2", "/api/v1/monitoring/queries?limit=2"),
    ("/api/dashboard/stats", "/api/v1/dashboard/stats"),
    ("/api/dashboard/activity", "/api/v1/dashboard/activity"),
]


@pytest.fixture(scope="module")
def facts(stack):
    return Facts(stack)


def curl(stack, line, token=None):
    """Run a curl line of the documents against the stack; (status, body)."""
    words = shlex.split(line.replace("\\\n", " "))
    assert words[0] == "curl"
    words = [re.sub(r"^http://localhost:800[01]", stack.url, word) for word in words]
    words += ["-sS", "--noproxy", "*", "-w", "\n%{http_code}"]
    words += ["-H", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def token_of(account):
    account.client.get("/api/v1/auth/me")
    return account.client.token


# ---- aliases ----


@pytest.mark.parametrize("alias,path", ALIASES)
def test_alias_answers_as_its_twin(facts, alias, path):
    client = facts.client("member")
    old, new = client.get(alias), client.get(path)
    assert old.status_code == new.status_code == 200
    assert old.json().keys() == new.json().keys()
    if "items" in old.json():
        assert old.json()["items"] == new.json()["items"]
    assert servers.Client(client.url).get(alias).status_code == 401


def test_alias_takes_the_rest_of_the_path(facts):
    client = facts.client("member")
    wide = facts.ids["wide"]
    assert client.get(f"/api/connections/{wide}").json() == client.get(f"/api/v1/database-connections/{wide}").json()
    assert client.get(f"/api/connections/{wide}/agent-token").json() == {
        "id": wide, "agent_token": facts.agents["wide"].token}
    assert client.post(f"/api/connections/{wide}/test").status_code == 409
    assert client.request("DELETE", "/api/dashboard/stats").status_code == 405
    assert client.patch(f"/api/connections/{wide}", json={"interval_s": 90}).json()["interval_s"] == 90


@pytest.mark.parametrize(
    "path",
    ["/api/connectionsx", "/api/connection", "/api/connections/", "/api/users", "/api/auth/me", "/api/stats/overview",
     "/api/v1/connections", "/api/monitoring", "/api/dashboard", "/api/v1/api/dashboard/stats", "/api//dashboard/stats",
     "/api/optimizer", "/api/slow-queries"],
)
def test_nothing_else_is_an_alias(facts, path):
    assert facts.client("admin").get(path).status_code == 404


def test_roles_and_parameters_are_those_of_the_twin(facts):
    assert facts.client("viewer").post("/api/monitoring/trigger").status_code == 403
    answer = facts.client("viewer").get("/api/monitoring/queries", params={"limit": 0, "page": 2})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"limit", "page"}
    assert facts.client("outsider").get(f"/api/connections/{facts.ids['team']}").status_code == 404


# ---- monitoring and dashboard ----


@pytest.mark.parametrize("who", ["admin", "outsider", "member", "stranger"])
def test_discovered_queries_are_what_was_ingested(facts, who):
    expected = {}
    for sample in facts.samples(facts.visible(who)):
        expected.setdefault((facts.ids[sample["connection"]], sample["statement"]), []).append(sample)
    found = items(facts.client(who), "/api/monitoring/queries", **facts.period)
    assert {(q["connection_id"], q["sql_text"]) for q in found} == set(expected)
    for query in found:
        group = expected[(query["connection_id"], query["sql_text"])]
        total = sum(s["ms"] for s in group)
        assert query["calls"] == len(group) and query["total_execution_time"] == total
        assert query["avg_execution_time"] == round(total / len(group), 3)
        assert query["rows_returned"] == 2 * len(group)
        assert query["connection_name"] == facts.agents[
            next(name for name, i in facts.ids.items() if i == query["connection_id"])].name
        assert query["discovered_at"] <= query["last_seen"]
    times = [query["total_execution_time"] for query in found]
    assert times == sorted(times, reverse=True)


def test_discovered_queries_page(facts):
    client = facts.client("member")
    whole = items(client, "/api/monitoring/queries", **facts.period)
    found, cursor = [], {}
    while cursor is not None:
        body = client.get("/api/monitoring/queries", params={"limit": 2, **facts.period, **cursor}).json()
        found += body["items"]
        cursor = {"cursor": body["next_cursor"]} if body["next_cursor"] else None
    assert len(whole) == 9 and found == whole


@pytest.mark.parametrize("who", ["admin", "outsider", "member", "stranger"])
def test_dashboard_counts_what_the_caller_sees(facts, who):
    seen = facts.visible(who)
    body = facts.client(who).get("/api/dashboard/stats", params=facts.period).json()
    ever = facts.samples(seen, facts.before)
    assert body["total_connections"] == len(seen)
    assert body["total_queries_discovered"] == len({s["statement"] for s in ever})
    now = facts.samples(seen)
    assert body["calls"] == len(now) and body["total_ms"] == sum(s["ms"] for s in now)
    assert body["top_bottlenecks"] == items(facts.client(who), "/api/monitoring/queries", **facts.period)[:10]
    status = facts.client(who).get("/api/monitoring/status").json()
    assert status["queries_discovered"] == body["total_queries_discovered"]
    # Data comes from agents: the collector has no connection.
    assert status["active_connections"] == body["active_connections"] == 0
    assert status["total_connections"] == len(seen)


def test_dashboard_of_one_connection(facts):
    client = facts.client("member")
    body = client.get("/api/dashboard/stats", params={"connection_id": facts.ids["team"], **facts.period}).json()
    assert body["total_connections"] == 1 and body["total_queries_discovered"] == 3
    assert body["calls"] == len(facts.samples(["team"]))
    assert client.get("/api/dashboard/stats", params={"connection_id": 2**40}).status_code == 404
    assert (
        facts.client("outsider").get("/api/dashboard/activity", params={"connection_id": facts.ids["team"]}).status_code
        == 404
    )


@pytest.mark.parametrize("who", ["admin", "outsider", "member", "stranger"])
def test_activity_is_new_statements_newest_first(facts, who):
    first = {}
    for sample in facts.samples(facts.visible(who), facts.before):
        key = (facts.ids[sample["connection"]], sample["statement"])
        first[key] = min(first.get(key, sample["at"]), sample["at"])
    found = items(facts.client(who), "/api/dashboard/activity")
    assert {(a["connection_id"], a["sql_text"]): a["at"] for a in found} == {
        key: iso(at) for key, at in first.items()}
    assert {a["kind"] for a in found} <= {"query_discovered"}
    assert [a["at"] for a in found] == sorted((a["at"] for a in found), reverse=True)


def test_activity_pages_and_tells_of_changed_plans(facts, stack):
    client = facts.client("member")
    account = facts.member
    sender = servers.AgentFactory(account.client)(visibility_scope="USER_ONLY")
    for kind in ("Seq Scan", "Index Scan"):
        body = {"queries": [{"full_sql": f"SELECT * FROM {facts.word} WHERE a = 1", "duration_ms": 5 + len(kind),
                             "captured_at": facts.start.isoformat(), "plan": {"Plan": {"Node Type": kind}}}]}
        assert sender.post(INGEST, json=body).json()["accepted"] == 1
    mine = {"connection_id": sender.connection_id}
    found = items(client, "/api/dashboard/activity", **mine)
    assert [a["kind"] for a in found] == ["plan_changed", "query_discovered"]
    assert found[0]["query_hash"] == found[1]["query_hash"]
    whole = items(client, "/api/dashboard/activity")
    pages, cursor = [], {}
    while cursor is not None:
        body = client.get("/api/dashboard/activity", params={"limit": 1, **cursor}).json()
        pages += body["items"]
        cursor = {"cursor": body["next_cursor"]} if body["next_cursor"] else None
    assert len(whole) > 3 and pages == whole


@pytest.mark.parametrize("path", ["/api/dashboard/activity", "/api/monitoring/queries"])
@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 3000])
def test_forged_cursor_is_malformed(facts, path, cursor):
    assert facts.client("viewer").get(path, params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("path", ["/api/dashboard/activity", "/api/dashboard/stats", "/api/monitoring/queries"])
@pytest.mark.parametrize(
    "params,fields",
    [
        ({"from": "2025-11-02T10:00:00Z", "to": "2025-11-02T09:00:00Z"}, {"from"}),
        ({"from": "1900-01-01T00:00:00Z", "to": "2000-01-01T00:00:00Z"}, {"from"}),
        ({"colour": "red", "connection_id": "x"}, {"colour", "connection_id"}),
    ],
)
def test_bad_parameter_is_named(facts, path, params, fields):
    answer = facts.client("viewer").get(path, params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields


# ---- curl lines ----


@pytest.fixture(scope="module")
def account(stack):
    team = unique("team")
    return Account(stack, role="admin", organization=unique("organization"), team=team)


def test_curl_lines_of_the_optimizer(stack, account):
    token = token_of(account)
    status, body = curl(stack, "curl http://localhost:8000/health")
    assert status == 200 and body["status"] == "healthy"
    status, body = curl(stack, CREATE_CONNECTION_LINE, token)
    assert status == 201 and body["name"] == "Test PostgreSQL" and body["agent_token"].startswith("agt_")
    assert "password" not in body and body["has_password"] is True
    status, body = curl(stack, "curl http://localhost:8000/api/dashboard/stats", token)
    assert status == 200 and body["total_connections"] == body["active_connections"] == 1
    status, body = curl(stack, "curl -X POST http://localhost:8000/api/monitoring/trigger", token)
    assert status == 202 and body["success"] is True
    status, _ = curl(stack, "curl http://localhost:8000/api/dashboard/stats")
    assert status == 401
    stack.sql(
        "UPDATE database_connections SET monitoring_enabled = false WHERE organization_id = %s", account.organization_id
    )


def test_curl_lines_of_the_collector_service(stack, account):
    token = token_of(account)
    status, body = curl(stack, "curl -X POST http://localhost:8000/api/v1/collectors/mysql/collect", token)
    assert status == 202
    assert (body["status"], body["message"], body["collector"]) == (
        "started",
        "MySQL collection started in background",
        "mysql",
    )
    status, body = curl(stack, "curl http://localhost:8000/api/v1/collectors/status", token)
    assert status == 200
    assert {"is_running", "jobs", "mysql_last_run", "postgres_last_run", "mysql_total_collected",
            "postgres_total_collected"} <= set(body)
    assert [set(job) for job in body["jobs"]] == [{"id", "name", "next_run"}] * 2


def test_curl_lines_of_the_monitoring_guide(stack, account):
    agent = servers.AgentFactory(account.client)(visibility_scope="ORG_WIDE")
    status, body = curl(stack, REGISTER_LINE.replace("agt_YOUR_TOKEN_HERE", agent.token))
    assert status == 201 and body["status"] == "online"
    line = INGEST_LINE.replace("agt_YOUR_TOKEN_HERE", agent.token)
    status, body = curl(stack, line)
    assert status == 200 and body["accepted"] == 1, body
    status, body = curl(stack, "curl http://localhost:8000/api/v1/collectors", token_of(account))
    assert status == 200 and agent.connection_id in sum((c["connection_ids"] for c in body["items"]), [])


@pytest.mark.parametrize("line", LINES_NOT_BUILT, ids=["optimize", "query-agent", "investigate"])
def test_curl_lines_of_what_is_not_built_yet_say_so(stack, account, line):
    status, body = curl(stack, line, token_of(account))
    assert (status, body["status"], body["detail"]) == (404, 404, "There is nothing at this address.")


def test_team_of_the_seed_connection_is_the_callers(stack, account):
    listed = items(account.client, "/api/connections")
    (made,) = [c for c in listed if c["name"] == "Test PostgreSQL"]
    assert made["visibility_scope"] == "TEAM_ONLY"
    assert made["team_id"] == stack.sql("SELECT team_id FROM team_members WHERE user_id = %s", account.id)[0].team_id


# ---- what the seeds name otherwise ----


def md5_of(fingerprint):
    """As seed 001 makes the hash of a statement."""
    return hashlib.md5(fingerprint.encode()).hexdigest()


def test_a_statement_is_found_by_the_md5_of_its_fingerprint(facts, stack):
    fingerprint = f"SELECT * FROM {facts.word}_orders_team WHERE id = ?"
    client = facts.client("member")
    one = client.get(f"/api/v1/slow-queries/fingerprints/{md5_of(fingerprint)}", params=facts.period).json()
    assert one["fingerprint"] == fingerprint and one["calls"] == 20
    assert one["sql_hash"] != md5_of(fingerprint)
    own = client.get(f"/api/v1/slow-queries/fingerprints/{one['sql_hash']}", params=facts.period).json()
    assert own == one
    plans = client.get(f"/api/v1/slow-queries/fingerprints/{md5_of(fingerprint)}/plans").json()
    assert plans["sql_hash"] == one["sql_hash"]
    samples = items(client, "/api/v1/slow-queries", hash=md5_of(fingerprint), **facts.period)
    assert len(samples) == 20 and {sample["sql_hash"] for sample in samples} == {one["sql_hash"]}
    page = requests.get(f"{stack.url}/queries/{md5_of(fingerprint)}", cookies={"potto_access": client.token},
                        allow_redirects=False, timeout=60)
    assert page.status_code == 303 and page.headers["Location"].startswith(f"/queries/{one['sql_hash']}")
    for who in ("outsider", "stranger"):  # who does not see the connection learns nothing
        assert facts.client(who).get(f"/api/v1/slow-queries/fingerprints/{md5_of(fingerprint)}").status_code == 404
        assert items(facts.client(who), "/api/v1/slow-queries", hash=md5_of(fingerprint), **facts.period) == []
    assert client.get("/api/v1/slow-queries/fingerprints/" + md5_of("SELECT ?, 'never ran'")).status_code == 404


def test_an_old_sample_is_taken_with_a_note(account):
    agent = servers.AgentFactory(account.client)()
    old = {"full_sql": "SELECT 1", "duration_ms": 5, "captured_at": "2025-11-02T10:30:00Z"}
    new = {**old, "captured_at": datetime.datetime.now(datetime.timezone.utc).isoformat()}
    answer = agent.post(INGEST, {"queries": [old, new]}).json()
    assert answer["accepted"] == 2
    (note,) = answer["notes"]
    assert note.startswith("1 of the queries ran more than 14 days ago, the oldest at 2025-11-02T10:30:00Z. Pages")
    assert "removed 14 days after they came" in note
    assert "notes" not in agent.post(INGEST, {"queries": [{**new, "duration_ms": 6}]}).json()


def test_the_verification_sql_of_the_collector_service_counts_by_type(stack, account):
    """SELECT source_db_type, COUNT(*) FROM slow_queries_raw GROUP BY source_db_type;"""
    made = {}
    for engine, host in (("mysql", "db.invalid"), ("postgres", None), ("sqlserver", None)):
        body = {"name": unique(engine), "engine": engine, "host": host, "monitoring_enabled": False}
        sender = servers.AgentFactory(account.client)(**body, visibility_scope="ORG_WIDE")
        made[sender.connection_id] = host
        # COPY, and INSERT once more because a sample is known already.
        line = json.loads(shlex.split(INGEST_LINE.replace("\\\n", " "))[-1])
        more = {**line["queries"][0], "duration_ms": 7}
        assert sender.post(INGEST, json={"queries": line["queries"]}).json()["accepted"] == 1
        assert sender.post(INGEST, json={"queries": [*line["queries"], more]}).json()["accepted"] == 1
    rows = stack.sql("SELECT source_db_type, source_db_host, COUNT(*) FROM slow_queries_raw "
                     "WHERE database_connection_id = ANY (%s) GROUP BY 1, 2 ORDER BY 1", list(made))
    assert [tuple(row) for row in rows] == [("mssql", None, 2), ("mysql", "db.invalid", 2), ("postgres", None, 2)]
