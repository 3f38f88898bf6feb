"""The audit log: what is in it, who reads it, and that nobody can change it."""

import time
from datetime import datetime, timedelta, timezone

import pytest
import servers
from accounts import PASSWORD, Account, login, problem_fields, unique

AUDIT = "/api/v1/audit-log"
CONNECTIONS = "/api/v1/database-connections"
QUERIES = "/api/v1/slow-queries"


@pytest.fixture(scope="module")
def organization():
    return unique("organization")


@pytest.fixture(scope="module")
def admin(stack, organization):
    return Account(stack, "admin", unique("team"), organization)


def lines(admin, **params):
    answer = admin.client.get(AUDIT, params={"limit": 500, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def connection_with_samples(stack, account, count=3, **fields):
    body = {"name": unique("c"), "engine": "postgresql", **fields}
    made = account.client.post(CONNECTIONS, json=body).json()
    now = datetime.now(timezone.utc)
    queries = [
        {
            "full_sql": f"SELECT * FROM people WHERE name = 'secret {n}'",
            "duration_ms": 1000 + n,
            "captured_at": (now - timedelta(seconds=n)).isoformat(),
        }
        for n in range(count)
    ]
    agent = servers.Agent(stack.url, made, made["agent_token"])
    assert agent.post("/api/v1/collectors/ingest/slow-queries", json={"queries": queries}).json()["accepted"] == count
    return made


def samples(account, connection):
    return account.client.get(QUERIES, params={"connection_id": connection["id"]}).json()["items"]


def test_actions_of_people_are_in_the_log(stack, admin, organization):
    name = unique("somebody") + "@example.com"
    user = admin.client.post("/api/v1/users", json={"email": name, "role": "viewer", "password": PASSWORD}).json()
    login(stack, name)
    login(stack, name, "not the password")
    admin.client.patch(f"/api/v1/users/{user['id']}", json={"role": "member"})
    team = admin.client.post("/api/v1/teams", json={"name": unique("team")}).json()
    admin.client.post(f"/api/v1/teams/{team['id']}/members", json={"user_id": user["id"]})
    made = admin.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    admin.client.get(f"{CONNECTIONS}/{made['id']}/agent-token")
    admin.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token")
    admin.client.patch(f"{CONNECTIONS}/{made['id']}", json={"visibility_scope": "ORG_WIDE"})
    admin.client.delete(f"{CONNECTIONS}/{made['id']}")
    expected = {
        ("user", user["id"]): ["user_created", "login", "login_failed", "role_changed"],
        ("team", team["id"]): ["team_created", "team_member_added"],
        ("database_connection", made["id"]): [
            "connection_created",
            "agent_token_revealed",
            "agent_token_rotated",
            "connection_changed",
            "connection_deleted",
        ],
    }
    for (kind, subject), actions in expected.items():
        found = lines(admin, subject_kind=kind, subject_id=subject)
        assert [line["action"] for line in found] == actions[::-1]
        for line in found:
            by = user["id"] if line["action"].startswith("login") else admin.id
            assert line["user_id"] == by and line["remote_address"] == "127.0.0.1"
    assert found[1]["detail"]["to"]["visibility_scope"] == "ORG_WIDE"
    assert found[0]["user_email"] == admin.email


def test_filters_and_pages(admin):
    everything = lines(admin)
    assert [line["id"] for line in everything] == sorted((line["id"] for line in everything), reverse=True)
    logins = lines(admin, action="login")
    assert logins and {line["action"] for line in logins} == {"login"}
    own = lines(admin, user_id=admin.id)
    assert own and {line["user_id"] for line in own} == {admin.id}
    middle = everything[len(everything) // 2]["at"]
    assert [line["id"] for line in lines(admin, to=middle)] == [
        line["id"] for line in everything if line["at"] < middle
    ]
    later = [line["id"] for line in everything if line["at"] >= middle]
    assert [line["id"] for line in lines(admin, **{"from": middle})] == later
    paged, cursor = [], None
    while True:
        page = admin.client.get(AUDIT, params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == everything


@pytest.mark.parametrize(
    "params, field",
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"user_id": "me"}, "user_id"),
        ({"subject_id": -1}, "subject_id"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
        ({"organization_id": 1}, "organization_id"),
    ],
    ids=str,
)
def test_bad_parameter_is_named(admin, params, field):
    answer = admin.client.get(AUDIT, params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == {field}
    assert admin.client.get(AUDIT, params={"cursor": "x"}).status_code == 400


def test_log_is_read_by_admins_of_the_organization_alone(stack, admin, api, organization):
    assert Account(stack, "member", None, organization).client.get(AUDIT).status_code == 403
    assert Account(stack, "viewer", None, organization).client.get(AUDIT).status_code == 403
    assert servers.Client(stack.url).get(AUDIT).status_code == 401
    own = {line["id"] for line in lines(admin)}
    others = {line["id"] for line in api.get(AUDIT, params={"limit": 500}).json()["items"]}
    assert own and others and not own & others
    stored = stack.sql(
        "SELECT id FROM audit_log WHERE organization_id = %s ORDER BY id DESC LIMIT 500", admin.organization_id
    )
    assert {row.id for row in stored} >= own


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_log",
        "UPDATE audit_log SET action = 'nothing'",
        "TRUNCATE audit_log",
        "DROP TABLE audit_log",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    ],
)
def test_nobody_alters_it_through_the_apis_role(stack, statement):
    with pytest.raises(Exception, match="permission denied|must be owner"):
        stack.sql(statement, dsn=stack.api_dsn)


# ---- literals ----


def literal_lines(stack, account, action):
    return stack.sql(
        "SELECT subject_kind, subject_id, remote_address FROM audit_log WHERE user_id = %s AND action = %s ORDER BY id",
        account.id,
        action,
    )


def test_sample_that_was_read_is_noted_once_a_day(stack, admin):
    connection = connection_with_samples(stack, admin)
    reader = Account(
        stack, "viewer", None, stack.sql("SELECT name FROM organizations WHERE id = %s", admin.organization_id)[0].name
    )
    admin.client.patch(f"{CONNECTIONS}/{connection['id']}", json={"visibility_scope": "ORG_WIDE"})
    shown = samples(reader, connection)
    assert len(shown) == 3 and "secret" in shown[0]["full_sql"]
    listed = literal_lines(stack, reader, "literals_listed")
    assert [(row.subject_kind, row.subject_id) for row in listed] == [("database_connection", connection["id"])]
    for _ in range(12):  # whichever worker answers
        for sample in shown[:2]:
            assert reader.client.get(f"{QUERIES}/{sample['id']}").status_code == 200
        samples(reader, connection)
    revealed = literal_lines(stack, reader, "literals_revealed")
    assert sorted(row.subject_id for row in revealed) == sorted(sample["id"] for sample in shown[:2])
    assert {row.subject_kind for row in revealed} == {"slow_query"}
    assert len(literal_lines(stack, reader, "literals_listed")) == 1
    # Date the line back to yesterday: a worker that has noted nothing today adds a line for today.
    stack.sql(
        "UPDATE audit_log SET at = at - interval '1 day' WHERE user_id = %s AND action LIKE 'literals%%'", reader.id
    )
    stack.restart_fcgi()
    reader.client.get(f"{QUERIES}/{shown[0]['id']}")
    assert len(literal_lines(stack, reader, "literals_revealed")) == 3


def test_page_and_query_note_it_too(stack, admin):
    connection = connection_with_samples(stack, admin)
    sample = samples(admin, connection)[0]
    stack.sql("DELETE FROM audit_log WHERE user_id = %s AND action LIKE 'literals%%'", admin.id)
    stack.restart_fcgi()
    fingerprint = f"{QUERIES}/fingerprints/{sample['sql_hash']}"
    servers.wait_until(lambda: admin.client.get(fingerprint).status_code == 200, what="rollups")
    admin.client.get(fingerprint)
    noted = literal_lines(stack, admin, "literals_listed")
    assert connection["id"] in [row.subject_id for row in noted]


def test_plans_are_noted_unless_they_are_generic(stack, admin):
    connection = connection_with_samples(stack, admin)
    sample = samples(admin, connection)[0]
    plans = f"{QUERIES}/fingerprints/{sample['sql_hash']}/plans"
    add_plan = (
        "INSERT INTO query_plans (organization_id, database_connection_id, sql_hash, plan_hash, plan, provenance) "
        "VALUES (%s, %s, %s, gen_random_uuid(), '{\"Plan\": {\"Node Type\": \"Result\"}}', %s)"
    )
    for provenance, noted in (("generic_plan", []), ("explain", [connection["id"]])):
        stack.sql(add_plan, admin.organization_id, connection["id"], sample["sql_hash"], provenance)
        stack.sql("DELETE FROM audit_log WHERE user_id = %s AND action LIKE 'literals%%'", admin.id)
        stack.restart_fcgi()
        answer = admin.client.get(plans, params={"connection_id": connection["id"]})
        assert answer.status_code == 200 and len(answer.json()["items"]) >= 1
        assert [row.subject_id for row in literal_lines(stack, admin, "literals_listed")] == noted


def test_samples_without_literals_are_not_noted(stack, organization):
    account = Account(stack, "member", unique("team"), organization)
    connection = connection_with_samples(stack, account, keep_literals=False)
    shown = samples(account, connection)
    assert len(shown) == 3 and shown[0]["full_sql"] is None
    account.client.get(f"{QUERIES}/{shown[0]['id']}")
    assert literal_lines(stack, account, "literals_listed") == []
    assert literal_lines(stack, account, "literals_revealed") == []


def sample_with_plan(stack, admin, **query):
    """An agent's sample whose plan holds `secret`: the account that may see it, its connection, itself, the secret."""
    made = admin.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "postgresql"}).json()
    secret = unique("secret")
    plan = {
        "Plan": {
            "Node Type": "Seq Scan",
            "Relation Name": "people",
            "Total Cost": 9.0,
            "Filter": f"(name = '{secret}'::text)",
        }
    }
    query |= {"duration_ms": 5, "plan": plan, "captured_at": datetime.now(timezone.utc).isoformat()}
    agent = servers.Agent(stack.url, made, made["agent_token"])
    assert agent.post("/api/v1/collectors/ingest/slow-queries", json={"queries": [query]}).json()["accepted"] == 1
    account = Account(stack, "admin", organization=stack.sql("SELECT name FROM organizations WHERE id = %s",
                                                              admin.organization_id)[0].name)
    stack.sql("UPDATE database_connections SET visibility_scope = 'ORG_WIDE' WHERE id = %s", made["id"])
    sample = account.client.get(QUERIES, params={"connection_id": made["id"]}).json()["items"][0]
    return account, made, sample, secret


def test_plan_of_a_sample_without_text_is_noted(stack, admin):
    account, made, sample, secret = sample_with_plan(stack, admin, fingerprint="SELECT * FROM people WHERE name = ?")
    assert sample["full_sql"] is None and literal_lines(stack, account, "literals_listed") == []
    assert secret in account.client.get(f"{QUERIES}/{sample['id']}").text
    assert [row.subject_id for row in literal_lines(stack, account, "literals_listed")] == [made["id"]]


def test_line_of_a_sample_covers_its_plan(stack, admin):
    account, _, sample, secret = sample_with_plan(stack, admin, full_sql="SELECT * FROM people WHERE name = 'x'")
    stack.sql("DELETE FROM audit_log WHERE user_id = %s AND action LIKE 'literals%%'", account.id)
    stack.restart_fcgi()
    assert secret in account.client.get(f"{QUERIES}/{sample['id']}").text
    assert [row.subject_id for row in literal_lines(stack, account, "literals_revealed")] == [sample["id"]]
    assert literal_lines(stack, account, "literals_listed") == []


def test_hidden_sample_is_neither_shown_nor_noted(stack, admin):
    connection = connection_with_samples(stack, admin)
    sample = samples(admin, connection)[0]
    stranger = Account(stack, "member", unique("team"))
    assert stranger.client.get(f"{QUERIES}/{sample['id']}").status_code == 404
    assert literal_lines(stack, stranger, "literals_revealed") == []


def test_reading_stays_fast(stack, admin):
    connection = connection_with_samples(stack, admin)
    sample = samples(admin, connection)[0]
    path = f"{QUERIES}/{sample['id']}"
    for _ in range(30):
        admin.client.get(path)
    rows = "SELECT count(*) FROM audit_log WHERE user_id = %s"
    before = stack.sql(rows, admin.id)[0].count
    begin = time.monotonic()
    for _ in range(100):
        assert admin.client.get(path).status_code == 200
    took = time.monotonic() - begin
    assert stack.sql(rows, admin.id)[0].count == before
    assert took < 5, took


def test_script_that_reads_is_told_from_its_user(stack, admin):
    from test_api_tokens import make_token

    connection = connection_with_samples(stack, admin)
    sample = samples(admin, connection)[1]
    made = make_token(admin.client, "read")
    script = servers.Client(stack.url, {"Authorization": f"Bearer {made['token']}"})
    assert script.get(f"{QUERIES}/{sample['id']}").status_code == 200
    row = stack.sql("SELECT detail FROM audit_log WHERE action = 'literals_revealed' AND subject_id = %s", sample["id"])
    assert row[0].detail == {"api_token_id": made["id"]}


def test_text_that_looks_like_sql_or_html_is_shown_as_text(stack, admin):
    name = "'; DROP TABLE users; -- <script>alert(1)</script>" + unique("")
    team = admin.client.post("/api/v1/teams", json={"name": name}).json()
    assert team["name"] == name
    answer = admin.client.get(AUDIT, params={"subject_kind": "team", "subject_id": team["id"]})
    assert answer.json()["items"][0]["detail"]["name"] == name
    assert (
        answer.headers["Content-Type"] == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff"
    )
