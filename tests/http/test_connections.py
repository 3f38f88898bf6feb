"""Database connections over the API: made, listed, shown, and the tokens of their agents."""

import json

import pytest
import servers
from accounts import Account, problem_fields, team_id, unique
from test_pages import browser_of
from watched import UNUSED

CONNECTIONS = "/api/v1/database-connections"
REGISTER = "/api/v1/collectors/register"


@pytest.fixture(scope="module")
def member(stack):
    return Account(stack, "member", unique("team"))


def make(client, **fields):
    answer = client.post(CONNECTIONS, json={"name": unique("connection"), "engine": "postgresql", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def register(stack, token):
    body = {"agent_token": token, "hostname": "agent-host", "version": "1.0.0"}
    return servers.Client(stack.url).post(REGISTER, json=body).status_code


def test_connection_is_made_with_all_its_fields(stack, member):
    body = {
        "name": unique("Zürich “shop” 🐒"),
        "engine": "mysql",
        "host": "db.example.com",
        "port": 3307,
        "database": "shop",
        "username": "monitor",
        "password": "sécret\twith a tab",
        "tls_mode": "verify-full",
        "visibility_scope": "ORG_WIDE",
        "monitoring_enabled": False,
        "interval_s": 15,
        "min_duration_ms": 12.5,
        "keep_literals": False,
        "waits_enabled": False,
        "overhead_budget_percent": 2.5,
    }
    answer = member.client.post(CONNECTIONS, json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"{CONNECTIONS}/{made['id']}"
    token = made.pop("agent_token")
    assert len(token) == 47 and token.startswith("agt_")
    assert made["agent_token_hint"] == "agt_…" + token[-4:]
    for name, value in body.items():
        if name != "password":
            assert made[name] == value, name
    assert made["has_password"] is True
    assert made["owner_user_id"] == member.id
    assert made["is_active"] is True and made["is_legacy"] is False
    assert made["collection"]["state"] == "waiting"
    assert made["collection"]["last_run_at"] is None
    assert member.client.get(answer.headers["Location"]).json() == {**made, **UNUSED}
    assert "sécret" not in answer.text


def test_defaults_are_those_of_the_documentation(stack, member):
    made = make(member.client)
    assert made["visibility_scope"] == "TEAM_ONLY"
    assert made["team_id"] == member.client.get("/api/v1/auth/me").json()["teams"][0]["id"]
    assert made["host"] is None and made["port"] is None and made["has_password"] is False
    assert made["tls_mode"] == "prefer"
    assert made["interval_s"] == 60 and made["min_duration_ms"] == 100
    assert made["monitoring_enabled"] is True and made["keep_literals"] is True
    assert made["waits_enabled"] is True and made["overhead_budget_percent"] == 0.5


@pytest.mark.parametrize(
    "engine, port", [("postgresql", 5432), ("mysql", 3306), ("mssql", 1433), ("oracle", 1521), ("mongodb", 27017)]
)
def test_host_without_port_means_the_engines_port(member, engine, port):
    assert make(member.client, engine=engine, host="db.example.com")["port"] == port


@pytest.mark.parametrize(
    "given, name",
    [
        ("postgres", "postgresql"),
        ("pg", "postgresql"),
        ("mariadb", "mysql"),
        ("sqlserver", "mssql"),
        ("mongo", "mongodb"),
    ],
)
def test_an_engine_by_another_name_is_kept_under_its_own(stack, member, given, name):
    made = make(member.client, engine=given, host="db.example.com")
    usual = make(member.client, engine=name, host="db.example.com")
    assert made["engine"] == name and made["port"] == usual["port"]
    assert stack.sql("SELECT engine::text FROM database_connections WHERE id = %s", made["id"])[0].engine == name


def test_the_form_and_the_command_line_take_other_names_too(stack, member):
    by_form, by_command = unique("by form"), unique("by command")
    browser = browser_of(member)
    fields = {"csrf": browser.csrf(), "name": by_form, "engine": "mariadb", "visibility_scope": "ORG_WIDE"}
    assert browser.submit("/databases/new", fields).status_code == 303
    stack.cli("connection", "create", "--name", by_command, "--engine", "sqlserver")
    found = stack.sql("SELECT name, engine::text FROM database_connections WHERE name IN (%s, %s)", by_form, by_command)
    assert {row.name: row.engine for row in found} == {by_form: "mysql", by_command: "mssql"}
    refused = stack.cli("connection", "create", "--name", unique("c"), "--engine", "sqlite", check=False)
    assert refused.returncode == 1
    assert "engine must be one of postgresql, mysql, mssql, oracle, mongodb" in refused.stderr


def test_an_unknown_engine_is_refused_with_the_names_of_the_known(member):
    names = "must be one of postgresql, mysql, mssql, oracle, mongodb"
    answer = member.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "sqlite"})
    assert answer.status_code == 422 and problem_fields(answer) == {"engine": names}
    answer = member.client.get("/api/v1/slow-queries", params={"engine": "sqlite"})
    assert answer.status_code == 422 and problem_fields(answer) == {"engine": names}


def test_curl_line_of_older_clients_works(api):
    body = {
        "name": unique("Test PostgreSQL"),
        "engine": "postgresql",
        "host": "localhost",
        "port": 5432,
        "database": "testdb",
        "username": "postgres",
        "password": "password",
        "ssl_enabled": False,
        "monitoring_enabled": True,
    }
    answer = api.post(CONNECTIONS, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["tls_mode"] == "prefer"


def test_ssl_enabled_is_tls_required_and_answered(member):
    assert make(member.client, ssl_enabled=True)["tls_mode"] == "require"
    for given, answered in (({"ssl_enabled": True}, True), ({"ssl_enabled": False}, False), ({}, False),
                            ({"tls_mode": "disable"}, False), ({"tls_mode": "verify-full"}, True)):
        made = make(member.client, **given)
        assert made["ssl_enabled"] is answered
        assert member.client.get(f"{CONNECTIONS}/{made['id']}").json()["ssl_enabled"] is answered
    assert make(member.client, ssl_enabled=True, tls_mode="verify-ca")["tls_mode"] == "verify-ca"
    body = {"name": unique("c"), "engine": "mysql", "ssl_enabled": True, "tls_mode": "disable"}
    answer = member.client.post(CONNECTIONS, json=body)
    assert answer.status_code == 422
    assert set(problem_fields(answer)) == {"ssl_enabled"}


@pytest.mark.parametrize("engine", ["sqlserver", "mssql", "oracle", "mongodb"])
def test_an_engine_that_collectors_do_not_read_is_for_agents_alone(member, engine):
    made = make(member.client, engine=engine, host="db.invalid", monitoring_enabled=True)
    assert made["monitoring_enabled"] is False and "does not read" in made["note"] and "agent" in made["note"]
    assert made["agent_token"].startswith("agt_")
    path = f"{CONNECTIONS}/{made['id']}"
    answer = member.client.patch(path, json={"monitoring_enabled": True})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"monitoring_enabled"}
    assert member.client.patch(path, json={"interval_s": 90}).json()["monitoring_enabled"] is False


@pytest.mark.parametrize("engine, name", [("postgres", "postgresql"), ("mariadb", "mysql")])
def test_an_engine_that_collectors_read_is_monitored(member, engine, name):
    made = make(member.client, engine=engine)
    assert (made["engine"], made["monitoring_enabled"]) == (name, True) and "note" not in made


def test_put_replaces_the_settings_and_keeps_secrets_and_visibility(stack, member):
    made = make(member.client, engine="mysql", host="db.invalid", port=3307, database="shop", username="u",
                password="secret", visibility_scope="USER_ONLY", keep_literals=False, waits_enabled=False,
                overhead_budget_percent=2, interval_s=90, ssl_enabled=True)
    path = f"{CONNECTIONS}/{made['id']}"
    body = {"name": unique("put"), "engine": "mariadb", "host": "db.invalid", "port": 3307, "tls_mode": "require"}
    put = member.client.request("PUT", path, json=body)
    assert put.status_code == 200, put.text
    kept = {key: made[key] for key in ("id", "has_password", "visibility_scope", "keep_literals", "waits_enabled",
                                       "overhead_budget_percent", "agent_token_hint", "created_at", "owner_user_id",
                                       "tls_mode", "host", "port")}
    fresh = {"name": body["name"], "database": None, "username": None, "interval_s": 60, "monitoring_enabled": True}
    assert {key: put.json()[key] for key in (*kept, *fresh)} == {**kept, **fresh}
    assert member.client.get(path).json()["name"] == body["name"]
    for wrong, field in (({**body, "engine": "postgresql"}, "engine"), ({"engine": "mysql"}, "name"),
                         ({**body, "host": "other.invalid"}, "password"), ({**body, "id": 3}, "id")):
        answer = member.client.request("PUT", path, json=wrong)
        assert answer.status_code == 422 and set(problem_fields(answer)) == {field}
    assert member.client.request("PUT", f"{CONNECTIONS}/{2**40}", json=body).status_code == 404


def test_making_one_is_due_now_audited_and_outdates_answers(stack, member):
    version = stack.sql("SELECT data_version FROM organizations WHERE id = %s", member.organization_id)[0].data_version
    made = make(member.client)
    due = stack.sql(
        "SELECT next_run_at <= now() AS is_due FROM connection_collection WHERE database_connection_id = %s", made["id"]
    )
    # A collector may have taken the connection already, but its row exists.
    assert len(due) == 1
    after = stack.sql("SELECT data_version FROM organizations WHERE id = %s", member.organization_id)[0].data_version
    assert after > version
    audit = stack.sql(
        "SELECT user_id, remote_address, detail FROM audit_log "
        "WHERE action = 'connection_created' AND subject_id = %s",
        made["id"],
    )
    assert [(row.user_id, row.remote_address, row.detail["name"]) for row in audit] == [
        (member.id, "127.0.0.1", made["name"])
    ]


def test_secrets_are_encrypted_at_rest_and_in_no_list(stack, member):
    made = make(member.client, host="db.example.com", username="u", password="pa55-in-plain-sight")
    row = stack.sql("SELECT c::text AS everything FROM database_connections AS c WHERE id = %s", made["id"])[0]
    for secret in ("pa55-in-plain-sight", made["agent_token"]):
        assert secret not in row.everything
        assert secret.encode().hex() not in row.everything
        assert secret not in member.client.get(CONNECTIONS, params={"limit": 500}).text
        assert secret not in member.client.get(f"{CONNECTIONS}/{made['id']}").text
        assert stack.sql("SELECT count(*) FROM audit_log AS a WHERE position(%s in a::text) > 0", secret)[0].count == 0
    one = member.client.get(f"{CONNECTIONS}/{made['id']}").json()
    assert "agent_token" not in one and "password" not in one


def test_same_password_twice_is_two_ciphertexts(stack, member):
    ids = [make(member.client, password="the same")["id"] for _ in range(2)]
    rows = stack.sql("SELECT password_ciphertext FROM database_connections WHERE id = ANY(%s)", ids)
    assert bytes(rows[0].password_ciphertext) != bytes(rows[1].password_ciphertext)
    assert bytes(rows[0].password_ciphertext)[0] == 2
    assert len(bytes(rows[0].password_ciphertext)) == 33 + len("the same")


BAD_FIELDS = [
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"name": "a\u0000b"}, "name"),
    ({"name": 7}, "name"),
    ({"name": None}, "name"),
    ({"engine": "sqlite"}, "engine"),
    ({"engine": "Postgre SQL"}, "engine"),
    ({"engine": None}, "engine"),
    ({"engine": ["mysql"]}, "engine"),
    ({"host": "x" * 256}, "host"),
    ({"host": "db\r\nX-Evil: 1"}, "host"),
    ({"host": "db\u007f"}, "host"),
    ({"host": {}}, "host"),
    ({"host": "/var/run/postgresql"}, "host"),
    ({"host": "@abstract"}, "host"),
    ({"host": "db1,db2"}, "host"),
    ({"host": "mysql://db"}, "host"),
    ({"host": "db:5432"}, "host"),
    ({"host": "%"}, "host"),
    ({"host": "my db"}, "host"),
    ({"host": "db;ssl_key=/etc/passwd"}, "host"),
    ({"port": 0}, "port"),
    ({"port": 65536}, "port"),
    ({"port": -1}, "port"),
    ({"port": "5432"}, "port"),
    ({"port": 5432.5}, "port"),
    ({"port": True}, "port"),
    ({"port": 1e308}, "port"),
    ({"database": "x" * 129}, "database"),
    ({"username": "x" * 129}, "username"),
    ({"password": "x" * 1025}, "password"),
    ({"password": "a\u0000b"}, "password"),
    ({"password": 12345}, "password"),
    ({"tls_mode": "yes"}, "tls_mode"),
    ({"ssl_enabled": "true"}, "ssl_enabled"),
    ({"ssl_enabled": 1}, "ssl_enabled"),
    ({"team_id": 0}, "team_id"),
    ({"team_id": "1"}, "team_id"),
    ({"team_id": 999999999}, "team_id"),
    ({"visibility_scope": "PUBLIC"}, "visibility_scope"),
    ({"visibility_scope": "org_wide"}, "visibility_scope"),
    ({"monitoring_enabled": "no"}, "monitoring_enabled"),
    ({"interval_s": 4}, "interval_s"),
    ({"interval_s": 86401}, "interval_s"),
    ({"min_duration_ms": -1}, "min_duration_ms"),
    ({"min_duration_ms": "fast"}, "min_duration_ms"),
    ({"overhead_budget_percent": 0.04}, "overhead_budget_percent"),
    ({"overhead_budget_percent": 10.1}, "overhead_budget_percent"),
    ({"keep_literals": 0}, "keep_literals"),
    ({"is_active": False}, "is_active"),
    ({"organization_id": 1}, "organization_id"),
    ({"owner_user_id": 1}, "owner_user_id"),
    ({"agent_token": "agt_mine"}, "agent_token"),
]


@pytest.mark.parametrize("change, field", BAD_FIELDS, ids=lambda value: str(value)[:40])
def test_bad_field_is_named_and_nothing_is_stored(stack, member, change, field):
    count = "SELECT count(*) FROM database_connections WHERE owner_user_id = %s"
    before = stack.sql(count, member.id)
    answer = member.client.post(CONNECTIONS, json={"name": unique("bad"), "engine": "mysql", **change})
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == {field}
    assert stack.sql(count, member.id) == before


def test_everything_that_is_wrong_is_said_at_once(member):
    answer = member.client.post(CONNECTIONS, json={"engine": "x", "port": "y", "interval_s": 1, "nonsense": []})
    assert answer.status_code == 422
    assert set(problem_fields(answer)) == {"name", "engine", "port", "interval_s", "nonsense"}


def test_taken_name_is_409_in_any_case(member):
    name = make(member.client)["name"]
    answer = member.client.post(CONNECTIONS, json={"name": name.upper(), "engine": "mysql"})
    assert answer.status_code == 409


def test_team_is_one_of_ones_own(stack, member):
    other = unique("team")
    stranger, admin = Account(stack, "member", other), Account(stack, "admin")
    body = {"name": unique("c"), "engine": "mysql", "team_id": team_id(stack, other)}
    answer = member.client.post(CONNECTIONS, json=body)
    assert answer.status_code == 422
    assert set(problem_fields(answer)) == {"team_id"}
    # An admin may put it into any team, even one in which the admin does not see it.
    made = admin.client.post(CONNECTIONS, json=body)
    assert made.status_code == 201
    assert made.json()["team_name"] == other
    assert admin.client.get(f"{CONNECTIONS}/{made.json()['id']}").status_code == 404
    assert stranger.client.get(f"{CONNECTIONS}/{made.json()['id']}").status_code == 200


def test_team_of_another_organization_is_not_there(stack, member):
    foreign = unique("foreign")
    Account(stack, "admin", foreign, unique("organization"))
    for scope in ("TEAM_ONLY", "ORG_WIDE"):
        for account in (member, Account(stack, "admin")):
            body = {
                "name": unique("c"),
                "engine": "mysql",
                "team_id": team_id(stack, foreign),
                "visibility_scope": scope,
            }
            answer = account.client.post(CONNECTIONS, json=body)
            assert answer.status_code == 422
            assert set(problem_fields(answer)) == {"team_id"}


def test_team_only_needs_a_team(stack):
    loner = Account(stack, "member")
    answer = loner.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"})
    assert answer.status_code == 422
    assert "team_id" in problem_fields(answer)
    assert make(loner.client, visibility_scope="USER_ONLY")["team_id"] is None


def test_viewer_may_not_make_one(stack):
    viewer = Account(stack, "viewer", unique("team"))
    assert viewer.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).status_code == 403


def test_list_is_paged_by_name_without_gaps(stack):
    account = Account(stack, "member", unique("team"), unique("organization"))
    names = [f"{letter}{number} é" for number in range(4) for letter in "bAcB"]
    for name in names:
        make(account.client, name=name + unique(""))
    whole = account.client.get(CONNECTIONS, params={"limit": 500}).json()
    assert whole["next_cursor"] is None
    assert len(whole["items"]) == len(names)
    paged, cursor, pages = [], None, 0
    while True:
        page = account.client.get(CONNECTIONS, params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        assert 1 <= len(page["items"]) <= 3
        paged += page["items"]
        pages += 1
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["id"] for item in paged] == [item["id"] for item in whole["items"]]
    assert pages == 6
    initials = [item["name"][0].lower() for item in paged]
    assert initials == sorted(initials)


def test_made_up_cursors_are_400(member):
    for _ in range(3):
        make(member.client)
    real = member.client.get(CONNECTIONS, params={"limit": 1}).json()["next_cursor"]
    assert member.client.get(CONNECTIONS, params={"cursor": real}).status_code == 200
    altered = real[:-1] + ("A" if real[-1] != "A" else "E")
    for cursor in ("", "x", "AAAA", "../../etc/passwd", "1-2", "%FF", real + "A", real[:-4], altered, "A" * 5000, "é"):
        answer = member.client.get(CONNECTIONS, params={"cursor": cursor})
        assert answer.status_code in ((400, 414) if len(cursor) > 4000 else (400,)), cursor
    for place in range(len(real)):
        forged = real[:place] + ("B" if real[place] != "B" else "C") + real[place + 1 :]
        assert member.client.get(CONNECTIONS, params={"cursor": forged}).status_code == 400


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=", "limit=1e2", "order=name", "limit=-1"])
def test_bad_list_parameters_are_422(member, query):
    assert member.client.get(f"{CONNECTIONS}?{query}").status_code == 422


def test_agent_token_is_shown_in_full_on_request_and_audited(stack, member):
    made = make(member.client)
    answer = member.client.get(f"{CONNECTIONS}/{made['id']}/agent-token")
    assert answer.status_code == 200
    assert answer.json()["agent_token"] == made["agent_token"]
    assert "no-store" in answer.headers["Cache-Control"]
    audit = stack.sql(
        "SELECT user_id FROM audit_log WHERE action = 'agent_token_revealed' AND subject_id = %s", made["id"]
    )
    assert [row.user_id for row in audit] == [member.id]


def test_rotated_token_works_and_the_old_one_for_its_grace(stack, member):
    made = make(member.client)
    answer = member.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token")
    assert answer.status_code == 200
    fresh = answer.json()
    assert fresh["agent_token"] != made["agent_token"]
    assert fresh["agent_token_hint"] == "agt_…" + fresh["agent_token"][-4:]
    assert fresh["previous_token_valid_s"] == 3600
    assert register(stack, fresh["agent_token"]) in (200, 201)
    assert register(stack, made["agent_token"]) in (200, 201)
    stack.sql(
        "UPDATE database_connections SET agent_token_previous_until = now() - interval '1 second' WHERE id = %s",
        made["id"],
    )
    assert register(stack, made["agent_token"]) == 401
    assert register(stack, fresh["agent_token"]) in (200, 201)
    assert member.client.get(f"{CONNECTIONS}/{made['id']}/agent-token").json()["agent_token"] == fresh["agent_token"]
    audit = stack.sql(
        "SELECT user_id FROM audit_log WHERE action = 'agent_token_rotated' AND subject_id = %s", made["id"]
    )
    assert [row.user_id for row in audit] == [member.id]


def test_leaked_token_ends_at_once_without_grace(stack, member):
    made = make(member.client)
    answer = member.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token", json={"grace_s": 0})
    assert answer.status_code == 200
    assert register(stack, made["agent_token"]) == 401
    assert register(stack, answer.json()["agent_token"]) in (200, 201)


def test_second_rotation_ends_the_first_token(stack, member):
    made = make(member.client)
    for _ in range(2):
        fresh = member.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token").json()
    assert register(stack, made["agent_token"]) == 401
    assert register(stack, fresh["agent_token"]) in (200, 201)


@pytest.mark.parametrize("body", [{"grace_s": -1}, {"grace_s": 10**9}, {"grace_s": "1"}, {"grace": 1}])
def test_bad_grace_is_422(member, body):
    made = make(member.client)
    assert member.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token", json=body).status_code == 422


@pytest.mark.parametrize("byte", [1, 30], ids=["another key", "damaged"])
def test_token_sealed_with_another_key_says_what_to_do(stack, member, byte):
    made = make(member.client)
    stack.sql(
        f"UPDATE database_connections SET agent_token_ciphertext = set_byte(agent_token_ciphertext, {byte}, "
        f"(get_byte(agent_token_ciphertext, {byte}) + 1) %% 256) WHERE id = %s",
        made["id"],
    )
    answer = member.client.get(f"{CONNECTIONS}/{made['id']}/agent-token")
    assert answer.status_code == 409 and answer.headers["Content-Type"] == "application/problem+json"
    assert "rotate" in answer.json()["detail"]
    browser = browser_of(member)
    shown = browser.submit(f"/databases/{made['id']}/reveal-token", {"csrf": browser.csrf()})
    assert shown.status_code == 409 and "rotate it" in shown.text
    assert member.client.post(f"{CONNECTIONS}/{made['id']}/rotate-token").status_code == 200
    assert member.client.get(f"{CONNECTIONS}/{made['id']}/agent-token").status_code == 200


def test_agent_token_opens_no_user_address(stack, member, anonymous):
    made = make(member.client)
    headers = {"Authorization": f"Bearer {made['agent_token']}"}
    assert anonymous.get(CONNECTIONS, headers=headers).status_code == 401
    assert anonymous.get(f"{CONNECTIONS}/{made['id']}/agent-token", headers=headers).status_code == 401


def test_connections_of_the_command_line_and_of_the_api_are_the_same(stack, api):
    refused = stack.cli("connection", "create", "--name", unique("c"), "--engine", "mysql", "--host", "db:1",
                        check=False)
    assert refused.returncode == 1 and "give the port by itself" in refused.stderr
    name = unique("cli")
    options = ("--name", name, "--engine", "postgresql", "--host", "127.0.0.1", "--waits")
    refused = stack.cli("connection", "create", *options, "maybe", check=False)
    assert refused.returncode == 1 and "must be on or off" in refused.stderr
    percent = ("--overhead-budget-percent",)
    refused = stack.cli("connection", "create", *options, "off", *percent, "0.01", check=False)
    assert refused.returncode == 1 and "must be a number from 0.05 to 10" in refused.stderr
    made = json.loads(stack.cli("connection", "create", *options, "off", *percent, "0.25").stdout)
    again = json.loads(
        stack.cli("connection", "create", "--name", name, "--engine", "postgresql", "--if-absent").stdout
    )
    assert again == {"id": made["id"], "agent_token": made["agent_token"], "created": False}
    assert stack.cli("connection", "create", "--name", name, "--engine", "postgresql", check=False).returncode == 1
    shown = api.get(f"{CONNECTIONS}/{made['id']}").json()
    assert shown["visibility_scope"] == "ORG_WIDE" and shown["port"] == 5432 and shown["owner_user_id"] is None
    assert shown["waits_enabled"] is False and shown["overhead_budget_percent"] == 0.25
    assert api.get(f"{CONNECTIONS}/{made['id']}/agent-token").json()["agent_token"] == made["agent_token"]
    assert name in stack.cli("connection", "list").stdout


def test_migrating_again_and_twice_at_once_changes_nothing(stack):
    from concurrent.futures import ThreadPoolExecutor

    before = stack.sql("SELECT version, applied_at FROM schema_migrations ORDER BY version")
    with ThreadPoolExecutor(3) as pool:
        outputs = [done.stdout for done in pool.map(lambda _: stack.cli("migrate"), range(3))]
    assert all(output.startswith("0 applied") for output in outputs), outputs
    assert stack.sql("SELECT version, applied_at FROM schema_migrations ORDER BY version") == before
    again = json.loads(stack.cli("bootstrap", "--email", "admin@localhost").stdout)
    assert again["created"] is False
