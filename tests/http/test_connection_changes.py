"""Connections are changed, deleted, and administered by admins who may not read their queries."""

import hashlib
import socket
import struct
import threading
import time
from datetime import datetime, timezone

import psycopg2
import pytest
import servers
from accounts import Account, problem_fields, unique
from watched import UNUSED

CONNECTIONS = "/api/v1/database-connections"
REGISTER = "/api/v1/collectors/register"
INGEST = "/api/v1/collectors/ingest/slow-queries"


@pytest.fixture(scope="module")
def team():
    return unique("team")


@pytest.fixture(scope="module")
def owner(stack, team):
    return Account(stack, "member", team)


@pytest.fixture(scope="module")
def colleague(stack, team):
    return Account(stack, "member", team)


@pytest.fixture(scope="module")
def stranger(stack):
    return Account(stack, "member", unique("team"))


@pytest.fixture(scope="module")
def admin(stack):
    return Account(stack, "admin")


def make(account, **fields):
    answer = account.client.post(CONNECTIONS, json={"name": unique("connection"), "engine": "postgresql", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def ingest(stack, connection, queries):
    now = datetime.now(timezone.utc).isoformat()
    agent = servers.Agent(stack.url, connection, connection["agent_token"])
    answer = agent.post(INGEST, json={"queries": [{"captured_at": now, **query} for query in queries]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == len(queries)


def path(connection):
    return f"{CONNECTIONS}/{connection['id']}"


def audit(stack, connection, action):
    return stack.sql(
        "SELECT user_id, detail FROM audit_log WHERE subject_kind = 'database_connection' AND subject_id = %s "
        "AND action = %s ORDER BY id",
        connection["id"],
        action,
    )


def version(stack, account):
    return stack.sql("SELECT data_version FROM organizations WHERE id = %s", account.organization_id)[0].data_version


# ---- PATCH ----


class Listener(threading.Thread):
    """A false PostgreSQL server that asks every client for the password's MD5 with a salt of its own. Clients of Potto
    refuse to send it in plain text."""

    SALT = b"salt"

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = b""
        self.start()

    def run(self):
        while True:
            try:
                visitor, _ = self.socket.accept()
            except OSError:
                return
            with visitor:
                visitor.settimeout(5)
                try:
                    visitor.recv(4096)
                    visitor.sendall(b"R" + struct.pack("!ii", 12, 5) + self.SALT)
                    self.heard += visitor.recv(4096)
                except OSError:
                    pass


LACKS_PASSWORD = "must be given again for another host or port or a weaker tls_mode, or be null"


def test_stored_password_is_told_to_no_other_server(stack, owner, colleague):
    made = make(owner, host="127.0.0.1", port=1, username="u", password="only the owner knows", tls_mode="disable",
                monitoring_enabled=False)
    listener = Listener()
    for change in ({"port": listener.port}, {"host": "localhost"}, {"host": None}, {"host": "", "port": 5},
                   {"host": "127.0.0.2", "username": "v"}):
        answer = colleague.client.patch(path(made), json=change)
        assert answer.status_code == 422, (change, answer.text)
        assert problem_fields(answer) == {"password": LACKS_PASSWORD}
    job = colleague.client.post(path(made) + "/test").json()["job_url"]
    servers.wait_until(
        lambda: colleague.client.get(job).json()["state"] in ("done", "failed"), 30, what="the test's end"
    )
    assert listener.heard == b""
    assert colleague.client.patch(path(made), json={"host": "127.0.0.1", "port": 1}).status_code == 200  # the same one
    shown = colleague.client.patch(path(made), json={"port": listener.port, "password": None})
    assert shown.status_code == 200 and shown.json()["has_password"] is False
    assert colleague.client.patch(path(made), json={"port": 2}).status_code == 200  # there is no password any more
    shown = colleague.client.patch(path(made), json={"port": listener.port, "password": "the colleague's own"})
    assert shown.status_code == 200 and shown.json()["has_password"] is True
    job = colleague.client.post(path(made) + "/test").json()["job_url"]
    servers.wait_until(
        lambda: colleague.client.get(job).json()["state"] in ("done", "failed"), 30, what="the test's end"
    )
    told = hashlib.md5(b"the colleague's own" + b"u").hexdigest().encode()
    told = hashlib.md5(told + Listener.SALT).hexdigest().encode()
    assert b"md5" + told in listener.heard  # shows that the listener is told of passwords
    listener.socket.close()


def test_stored_password_is_told_by_no_weaker_tls_mode(owner, colleague):
    modes = ["disable", "prefer", "require", "verify-ca", "verify-full"]
    made = make(owner, host="db.example.com", username="u", password="only the owner knows", tls_mode="verify-full")
    weaker = [{"tls_mode": mode} for mode in modes[:-1]]
    for change in (
        *weaker,
        {"ssl_enabled": False},
        {"ssl_enabled": True},
        {"name": unique("c"), "tls_mode": "disable"},
    ):
        answer = colleague.client.patch(path(made), json=change)
        assert answer.status_code == 422 and problem_fields(answer) == {"password": LACKS_PASSWORD}, (
            change,
            answer.text,
        )
    shown = owner.client.get(path(made)).json()
    assert (shown["tls_mode"], shown["has_password"], shown["name"]) == ("verify-full", True, made["name"])
    for change in (
        {"tls_mode": "verify-full"},
        {"name": unique("c")},
        {"tls_mode": "disable", "password": "known"},
        *({"tls_mode": mode} for mode in modes),
        {"tls_mode": "prefer", "password": None},
        {"tls_mode": "disable"},
    ):
        assert colleague.client.patch(path(made), json=change).status_code == 200, change


def test_every_field_is_settable(stack, owner):
    made = make(owner)
    change = {
        "name": unique("“renamed” <b>"),
        "host": "db.example.com",
        "port": 6543,
        "database": "shop",
        "username": "monitor",
        "password": "sécret",
        "tls_mode": "verify-ca",
        "visibility_scope": "ORG_WIDE",
        "monitoring_enabled": False,
        "interval_s": 7,
        "min_duration_ms": 0.5,
        "keep_literals": False,
        "waits_enabled": False,
        "overhead_budget_percent": 2.5,
    }
    before = version(stack, owner)
    answer = owner.client.patch(path(made), json=change)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    for name, value in change.items():
        if name != "password":
            assert shown[name] == value, name
    assert shown["has_password"] is True and "sécret" not in answer.text
    assert owner.client.get(path(made)).json() == {**shown, **UNUSED}
    assert version(stack, owner) > before
    row = audit(stack, made, "connection_changed")
    assert len(row) == 1 and row[0].user_id == owner.id
    assert set(row[0].detail["fields"]) == set(change)
    assert row[0].detail["from"]["visibility_scope"] == "TEAM_ONLY"
    assert row[0].detail["to"]["visibility_scope"] == "ORG_WIDE"
    assert "sécret" not in str(row[0].detail)
    stored = stack.sql("SELECT c::text AS all FROM database_connections AS c WHERE id = %s", made["id"])[0].all
    assert "sécret" not in stored and "sécret".encode().hex() not in stored


def test_one_field_leaves_the_others(owner):
    made = make(owner, host="db.example.com", username="u", password="p", keep_literals=False, interval_s=30)
    changed = owner.client.patch(path(made), json={"name": unique("new")}).json()
    made.pop("agent_token")
    for name in made:
        if name not in ("name", "updated_at", "collection"):
            assert changed[name] == made[name], name


def test_null_and_empty_take_away(owner):
    made = make(owner, host="db.example.com", port=7777, database="d", username="u", password="p")
    for nothing in (None, ""):
        shown = owner.client.patch(
            path(made), json={"database": nothing, "username": nothing, "password": nothing}
        ).json()
        assert shown["database"] is None and shown["username"] is None and shown["has_password"] is False
        owner.client.patch(path(made), json={"database": "d", "username": "u", "password": "p"})
    assert owner.client.patch(path(made), json={"port": None, "password": "p"}).json()["port"] == 5432
    shown = owner.client.patch(path(made), json={"host": None, "password": None}).json()
    assert shown["host"] is None and shown["port"] is None


def test_password_and_token_survive_other_changes(stack, owner):
    made = make(owner, host="h", password="p")
    cipher = "SELECT password_ciphertext AS p, agent_token_ciphertext AS t FROM database_connections WHERE id = %s"
    before = stack.sql(cipher, made["id"])
    owner.client.patch(path(made), json={"interval_s": 9})
    assert stack.sql(cipher, made["id"]) == before
    assert owner.client.get(path(made) + "/agent-token").json()["agent_token"] == made["agent_token"]


BAD_CHANGES = [
    ({}, set()),
    ({"name": ""}, {"name"}),
    ({"name": None}, {"name"}),
    ({"engine": "mysql"}, {"engine"}),
    ({"port": 0}, {"port"}),
    ({"port": "1"}, {"port"}),
    ({"tls_mode": "on"}, {"tls_mode"}),
    ({"tls_mode": None}, {"tls_mode"}),
    ({"visibility_scope": "ALL"}, {"visibility_scope"}),
    ({"visibility_scope": None}, {"visibility_scope"}),
    ({"is_active": "yes"}, {"is_active"}),
    ({"is_active": None}, {"is_active"}),
    ({"interval_s": 4}, {"interval_s"}),
    ({"min_duration_ms": -1}, {"min_duration_ms"}),
    ({"keep_literals": None}, {"keep_literals"}),
    ({"waits_enabled": None}, {"waits_enabled"}),
    ({"overhead_budget_percent": None}, {"overhead_budget_percent"}),
    ({"overhead_budget_percent": 0}, {"overhead_budget_percent"}),
    ({"team_id": 999999999}, {"team_id"}),
    ({"team_id": None}, {"team_id"}),
    ({"owner_user_id": 1}, {"owner_user_id"}),
    ({"organization_id": 1}, {"organization_id"}),
    ({"agent_token": "agt_x"}, {"agent_token"}),
    ({"ssl_enabled": True, "tls_mode": "disable"}, {"ssl_enabled"}),
    ({"host": "/tmp"}, {"host"}),
    ({"host": "http://db"}, {"host"}),
    ({"host": "a\r\nb", "database": 1, "password": "\u0000"}, {"host", "database", "password"}),
]


@pytest.mark.parametrize("change, fields", BAD_CHANGES, ids=str)
def test_bad_change_is_named_and_changes_nothing(owner, change, fields):
    made = make(owner)
    shown = owner.client.get(path(made)).json()
    answer = owner.client.patch(path(made), json=change)
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == fields
    assert owner.client.get(path(made)).json() == shown


def test_taken_name_is_409(owner):
    made, other = make(owner), make(owner)
    assert owner.client.patch(path(made), json={"name": other["name"].upper()}).status_code == 409
    assert owner.client.patch(path(made), json={"name": made["name"].upper()}).status_code == 200


def test_who_may_change_it(stack, owner, colleague, stranger, admin, team):
    team_only = make(owner)
    everybodys = make(owner, visibility_scope="ORG_WIDE", team_id=team_only["team_id"])
    viewer, foreigner = Account(stack, "viewer", team), Account(stack, "admin", None, unique("organization"))
    expected = [
        (owner, 200, 200),
        (colleague, 200, 200),
        (admin, 200, 200),
        (viewer, 403, 403),
        (stranger, 404, 403),
        (foreigner, 404, 404),
    ]
    for account, of_team, of_all in expected:
        for connection, status in ((team_only, of_team), (everybodys, of_all)):
            body = {"interval_s": 11 + account.id % 50}
            assert account.client.patch(path(connection), json=body).status_code == status, (account.email, connection)
    for account, of_team, of_all in reversed(expected):
        if of_team >= 400:
            assert account.client.delete(path(team_only)).status_code == of_team
            assert account.client.delete(path(everybodys)).status_code == of_all
    assert owner.client.get(path(team_only)).status_code == 200


def test_visibility_counts_at_the_next_request(owner, colleague, stranger):
    made = make(owner)
    seen = []
    for scope in ("TEAM_ONLY", "ORG_WIDE", "USER_ONLY", "TEAM_ONLY"):
        assert owner.client.patch(path(made), json={"visibility_scope": scope}).status_code == 200
        seen.append([account.client.get(path(made)).status_code for account in (owner, colleague, stranger)])
    assert seen == [[200, 200, 404], [200, 200, 200], [200, 404, 404], [200, 200, 404]]


def test_colleague_cannot_hide_it_from_its_owner(owner, colleague):
    made = make(owner)
    answer = colleague.client.patch(path(made), json={"visibility_scope": "USER_ONLY"})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"visibility_scope"}


def test_member_moves_it_between_own_teams_an_admin_anywhere(stack, owner, colleague, stranger, admin):
    made = make(owner)
    strangers_team = stranger.client.get("/api/v1/auth/me").json()["teams"][0]["id"]
    answer = owner.client.patch(path(made), json={"team_id": strangers_team})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"team_id"}
    moved = admin.client.patch(path(made), json={"team_id": strangers_team})
    assert moved.status_code == 200 and moved.json()["is_visible"] is False
    assert [account.client.get(path(made)).status_code for account in (stranger, colleague, admin)] == [200, 404, 404]
    foreign = Account(stack, "admin", unique("team"), unique("organization"))
    foreign_team = foreign.client.get("/api/v1/auth/me").json()["teams"][0]["id"]
    for body in ({"team_id": foreign_team}, {"owner_user_id": foreign.id}):
        answer = admin.client.patch(path(made), json=body)
        assert answer.status_code == 422 and set(problem_fields(answer)) == set(body)


def test_admin_gives_it_to_somebody_else(owner, colleague, admin):
    made = make(owner, visibility_scope="USER_ONLY")
    assert admin.client.patch(path(made), json={"owner_user_id": colleague.id}).json()["owner_user_id"] == colleague.id
    assert [account.client.get(path(made)).status_code for account in (owner, colleague)] == [404, 200]
    answer = admin.client.patch(path(made), json={"owner_user_id": None})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"owner_user_id"}


def test_inactive_connection_is_hidden_and_only_an_admin_brings_it_back(stack, owner, admin, anonymous):
    made = make(owner)
    register = {"agent_token": made["agent_token"], "hostname": unique("host"), "version": "1"}
    assert anonymous.post(REGISTER, json=register).status_code in (200, 201)
    assert owner.client.patch(path(made), json={"is_active": False}).json()["is_active"] is False
    assert owner.client.get(path(made)).status_code == 404
    assert anonymous.post(REGISTER, json=register).status_code == 401
    assert owner.client.patch(path(made), json={"is_active": True}).status_code == 404
    assert admin.client.patch(path(made), json={"is_active": True}).status_code == 200
    assert owner.client.get(path(made)).status_code == 200
    assert anonymous.post(REGISTER, json=register).status_code in (200, 201)


def test_moved_database_starts_counting_anew(stack, owner):
    made = make(owner, host="db.example.com", monitoring_enabled=False)
    stack.sql(
        "INSERT INTO counter_baselines (organization_id, database_connection_id, "
        "counter_key, sql_hash, total_ms, counters, snapshot_at) "
        "VALUES (%s, %s, 'k', md5('x')::uuid, 1, '{1, 1, 1, 1, 1}', now())",
        owner.organization_id,
        made["id"],
    )
    count = "SELECT count(*) FROM counter_baselines WHERE database_connection_id = %s"
    owner.client.patch(path(made), json={"interval_s": 20, "password": "new"})
    assert stack.sql(count, made["id"])[0].count == 1
    owner.client.patch(path(made), json={"host": "other.example.com", "password": "new"})
    assert stack.sql(count, made["id"])[0].count == 0


# ---- administering hidden connections ----


def test_admin_lists_all_with_settings_and_nothing_of_their_queries(stack, owner, admin, stranger):
    secret = unique("private")
    visible, hidden = make(owner, visibility_scope="ORG_WIDE"), make(owner, host="secret.example.com", username="u")
    inactive = make(owner)
    owner.client.patch(path(inactive), json={"is_active": False})
    ingest(stack, hidden, [{"full_sql": f"SELECT '{secret}'", "duration_ms": 5000}])
    plain = admin.client.get(CONNECTIONS, params={"limit": 500}).json()["items"]
    everything = admin.client.get(CONNECTIONS, params={"limit": 500, "all": "true"}).json()["items"]
    ids = {item["id"]: item for item in everything}
    assert {visible["id"], hidden["id"], inactive["id"]} <= set(ids)
    assert hidden["id"] not in {item["id"] for item in plain}
    assert ids[visible["id"]]["is_visible"] is True and ids[hidden["id"]]["is_visible"] is False
    assert ids[hidden["id"]]["host"] == "secret.example.com"
    assert ids[hidden["id"]]["last_data_at"] is None
    assert ids[hidden["id"]]["collection"]["total_found"] == 0
    assert ids[inactive["id"]]["is_active"] is False
    assert admin.client.get(path(hidden)).status_code == 404
    assert admin.client.get(path(hidden), params={"all": "true"}).json()["name"] == hidden["name"]
    for read in ("/api/v1/slow-queries", "/api/v1/slow-queries/fingerprints"):
        assert admin.client.get(read, params={"connection_id": hidden["id"]}).status_code == 404
    assert secret not in admin.client.get("/api/v1/slow-queries", params={"limit": 500}).text
    for account in (owner, stranger):
        assert account.client.get(CONNECTIONS, params={"all": "true"}).status_code == 403
        assert account.client.get(path(hidden), params={"all": "true"}).status_code == 403
    foreign = Account(stack, "admin", None, unique("organization"))
    assert foreign.client.get(CONNECTIONS, params={"all": "true"}).json()["items"] == []
    assert foreign.client.get(path(hidden), params={"all": "true"}).status_code == 404
    assert admin.client.get(CONNECTIONS, params={"all": "yes"}).status_code == 422
    assert admin.client.get(CONNECTIONS, params={"all": "false", "limit": 500}).json()["items"] == plain


def test_all_connections_are_paged(stack):
    admin = Account(stack, "admin", unique("team"), unique("organization"))
    for letter in "dBcA":
        make(admin, name=unique(letter), visibility_scope="USER_ONLY" if letter < "b" else "TEAM_ONLY")
    names, cursor = [], None
    while True:
        params = {"all": "true", "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = admin.client.get(CONNECTIONS, params=params).json()
        names += [item["name"].lower() for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(names) == 4 and names == sorted(names)


# ---- DELETE ----

HOLDERS = """SELECT class.relname FROM pg_class AS class
JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = 'database_connection_id'
WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace"""


def rows_left(stack, connection_id):
    return {
        holder.relname: count
        for holder in stack.sql(HOLDERS)
        if (
            count := stack.sql(
                f"SELECT count(*) FROM {holder.relname} WHERE database_connection_id = %s", connection_id
            )[0].count
        )
    }


def test_deleted_connection_is_hidden_at_once_and_its_data_goes(stack, owner, admin, anonymous):
    made = make(owner, host="127.0.0.1", port=1, username="u", password="p")
    ingest(stack, made, [{"full_sql": f"SELECT {n} FROM t{n % 50}", "duration_ms": 10 + n} for n in range(2000)])
    register = {"agent_token": made["agent_token"], "hostname": unique("host"), "version": "1"}
    anonymous.post(REGISTER, json=register)
    servers.wait_until(lambda: any("metrics" in name for name in rows_left(stack, made["id"])), what="rollups")
    before = version(stack, owner)
    answer = owner.client.delete(path(made))
    assert answer.status_code == 204 and answer.content == b""
    assert version(stack, owner) > before
    assert owner.client.get(path(made)).status_code == 404
    assert owner.client.delete(path(made)).status_code == 404
    assert owner.client.patch(path(made), json={"name": "x"}).status_code == 404
    assert admin.client.get(path(made), params={"all": "true"}).status_code == 404
    assert admin.client.patch(path(made), json={"is_active": True}).status_code == 404
    assert made["id"] not in [
        item["id"] for item in admin.client.get(CONNECTIONS, params={"all": "true", "limit": 500}).json()["items"]
    ]
    assert anonymous.post(REGISTER, json=register).status_code == 401
    assert make(owner, name=made["name"])["id"] != made["id"]  # the name is free
    servers.wait_until(
        lambda: not stack.sql("SELECT id FROM database_connections WHERE id = %s", made["id"]),
        30,
        what="the end of the row",
    )
    assert rows_left(stack, made["id"]) == {}
    row = audit(stack, made, "connection_deleted")
    assert [(line.user_id, line.detail["name"]) for line in row] == [(owner.id, made["name"])]


def test_deleted_connection_keeps_no_secret_while_its_data_goes(stack, owner):
    made = make(owner, host="h", password="p")
    stack.kill("collector")
    try:
        assert owner.client.delete(path(made)).status_code == 204
        row = stack.sql(
            "SELECT password_ciphertext, agent_token_hash, agent_token_ciphertext, owner_user_id, team_id, is_active "
            "FROM database_connections WHERE id = %s",
            made["id"],
        )[0]
        assert tuple(row) == (None, None, None, None, None, False)
        name = f"{made['name']} (deleted {made['id']})"
        assert stack.cli("connection", "activate", "--name", name, check=False).returncode != 0
        assert name not in stack.cli("connection", "list").stdout
    finally:
        stack.up()


def test_purge_is_made_in_pieces(stack, owner):
    """One call removes a limited number of rows, so that nothing is locked or written for long."""
    made = make(owner)
    ingest(stack, made, [{"full_sql": f"SELECT {n}", "duration_ms": 1} for n in range(300)])
    stack.kill("collector")
    try:
        owner.client.delete(path(made))
        steps = []
        for _ in range(1000):
            removed = stack.sql("SELECT purge_deleted_connections(50) AS removed")[0].removed
            if not removed:
                break
            steps.append(removed)
        assert max(steps) <= 50 and sum(steps) >= 300
        assert not stack.sql("SELECT id FROM database_connections WHERE id = %s", made["id"])
    finally:
        stack.up()
    begin = time.monotonic()
    assert stack.sql("SELECT purge_deleted_connections(50) AS removed")[0].removed == 0
    assert time.monotonic() - begin < 1


def test_data_of_a_deleted_connection_do_not_wait_for_another_organizations_pile(stack, owner):
    piled = make(owner)
    small = make(Account(stack, "admin", organization=unique("organization")), visibility_scope="ORG_WIDE")
    ingest(stack, piled, [{"full_sql": f"SELECT {n} FROM t{n}", "duration_ms": 1} for n in range(300)])
    connection = psycopg2.connect(stack.owner_dsn)
    try:
        cursor = connection.cursor()
        # The upkeep does not see what is not committed.
        cursor.execute("UPDATE database_connections SET deleted_at = now() - interval '1 day' WHERE id = %s",
                       (piled["id"],))
        cursor.execute("UPDATE database_connections SET deleted_at = now() WHERE id = %s", (small["id"],))
        for _ in range(100):
            cursor.execute("SELECT purge_deleted_connections(1)")
        cursor.execute("SELECT id FROM database_connections WHERE id = ANY (%s)", ([piled["id"], small["id"]],))
        assert [row[0] for row in cursor.fetchall()] == [piled["id"]]
    finally:
        connection.close()
