"""Who sees which connection: TEAM_ONLY, ORG_WIDE and USER_ONLY connections for the owner, a colleague of the team, a
member of another team, an admin and another organization. A hidden connection looks absent."""

import pytest
from accounts import Account, team_id, unique

CONNECTIONS = "/api/v1/database-connections"


class World:
    def __init__(self, stack):
        blue, red = unique("blue"), unique("red")
        other = unique("organization")
        self.people = {
            "owner": Account(stack, "member", blue),
            "colleague": Account(stack, "member", blue),
            "viewer": Account(stack, "viewer", blue),
            "stranger": Account(stack, "member", red),
            "loner": Account(stack, "member"),
            "admin": Account(stack, "admin"),
            "foreigner": Account(stack, "admin", unique("foreign"), other),
        }
        self.blue_id = team_id(stack, blue)
        owner = self.people["owner"].client
        self.connections = {}
        for scope in ("TEAM_ONLY", "ORG_WIDE", "USER_ONLY"):
            body = {"name": unique(scope), "engine": "mysql", "visibility_scope": scope, "team_id": self.blue_id}
            answer = owner.post(CONNECTIONS, json=body)
            assert answer.status_code == 201, answer.text
            self.connections[scope] = answer.json()


@pytest.fixture(scope="module")
def world(stack):
    return World(stack)


SEES = {
    "TEAM_ONLY": {"owner", "colleague", "viewer"},
    "ORG_WIDE": {"owner", "colleague", "viewer", "stranger", "loner", "admin"},
    "USER_ONLY": {"owner"},
}
EVERYBODY = ["owner", "colleague", "viewer", "stranger", "loner", "admin", "foreigner"]


def listed_ids(client):
    ids, cursor = set(), None
    while True:
        page = client.get(CONNECTIONS, params={"limit": 500, **({"cursor": cursor} if cursor else {})}).json()
        ids |= {item["id"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return ids


def without_request(problem):
    return {key: value for key, value in problem.items() if key not in ("instance", "request_id")}


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize("scope", list(SEES))
def test_list_and_one_show_what_the_scope_gives(world, scope, person):
    client, connection = world.people[person].client, world.connections[scope]
    may_see = person in SEES[scope]
    assert (connection["id"] in listed_ids(client)) == may_see
    assert client.get(f"{CONNECTIONS}/{connection['id']}").status_code == (200 if may_see else 404)


@pytest.mark.parametrize("method, suffix", [("GET", ""), ("GET", "/agent-token"), ("POST", "/rotate-token")])
def test_hidden_connection_looks_absent(world, method, suffix):
    client = world.people["stranger"].client
    hidden = client.request(method, f"{CONNECTIONS}/{world.connections['TEAM_ONLY']['id']}{suffix}")
    absent = client.request(method, f"{CONNECTIONS}/999999999{suffix}")
    assert hidden.status_code == absent.status_code == 404
    assert without_request(hidden.json()) == without_request(absent.json())


@pytest.mark.parametrize("suffix", ["0", "-1", "abc", "1.5", "9" * 30, "%00", "1%20", "0x1"])
def test_odd_ids_look_absent(world, suffix):
    assert world.people["owner"].client.get(f"{CONNECTIONS}/{suffix}").status_code in (400, 404)


def test_member_leaves_the_team_and_sees_nothing_at_once(stack):
    team = unique("team")
    owner, leaver = Account(stack, "member", team), Account(stack, "member", team)
    connection = owner.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    path = f"{CONNECTIONS}/{connection['id']}"
    assert leaver.client.get(path).status_code == 200
    stack.sql("DELETE FROM team_members WHERE user_id = %s", leaver.id)
    assert leaver.client.get(path).status_code == 404
    stack.sql(
        "INSERT INTO team_members (organization_id, team_id, user_id) VALUES (%s, %s, %s)",
        leaver.organization_id,
        connection["team_id"],
        leaver.id,
    )
    assert leaver.client.get(path).status_code == 200


def test_owner_who_left_the_team_no_longer_sees_team_only(stack):
    owner = Account(stack, "member", unique("team"))
    connection = owner.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    stack.sql("DELETE FROM team_members WHERE user_id = %s", owner.id)
    assert owner.client.get(f"{CONNECTIONS}/{connection['id']}").status_code == 404


def test_inactive_connection_is_seen_by_nobody_and_its_agent_refused_at_once(stack, anonymous):
    owner = Account(stack, "member", unique("team"))
    made = owner.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    path = f"{CONNECTIONS}/{made['id']}"
    register = {"agent_token": made["agent_token"], "hostname": unique("host"), "version": "1.0.0"}
    assert anonymous.post("/api/v1/collectors/register", json=register).status_code in (200, 201)
    stack.cli("connection", "deactivate", "--name", made["name"])
    assert owner.client.get(path).status_code == 404
    assert made["id"] not in listed_ids(owner.client)
    assert owner.client.get(path + "/agent-token").status_code == 404
    assert anonymous.post("/api/v1/collectors/register", json=register).status_code == 401
    stack.cli("connection", "activate", "--name", made["name"])
    assert owner.client.get(path).status_code == 200
    assert anonymous.post("/api/v1/collectors/register", json=register).status_code in (200, 201)


def test_agent_of_a_deactivated_organization_is_refused(stack, anonymous):
    account = Account(stack, "admin", unique("team"), unique("organization"))
    made = account.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    register = {"agent_token": made["agent_token"], "hostname": unique("host"), "version": "1.0.0"}
    assert anonymous.post("/api/v1/collectors/register", json=register).status_code in (200, 201)
    stack.sql("UPDATE organizations SET is_active = false WHERE id = %s", account.organization_id)
    assert anonymous.post("/api/v1/collectors/register", json=register).status_code == 401


def test_deactivated_user_sees_nothing_at_once(stack, world):
    leaver = Account(stack, "member")
    path = f"{CONNECTIONS}/{world.connections['ORG_WIDE']['id']}"
    assert leaver.client.get(path).status_code == 200
    leaver.deactivate()
    assert leaver.client.get(path).status_code == 401


def test_token_is_for_its_team_its_owner_and_admins(world):
    """Everybody sees an ORG_WIDE connection, but only its owner, its team and admins may read its token."""
    path = f"{CONNECTIONS}/{world.connections['ORG_WIDE']['id']}"
    for person, status in {
        "owner": 200,
        "colleague": 200,
        "admin": 200,
        "viewer": 403,
        "stranger": 403,
        "loner": 403,
        "foreigner": 404,
    }.items():
        client = world.people[person].client
        assert client.get(path + "/agent-token").status_code == status, person
        assert client.post(path + "/rotate-token").status_code == status, person


def test_names_are_taken_within_an_organization_only(world):
    body = {"name": world.connections["USER_ONLY"]["name"].upper(), "engine": "mysql", "visibility_scope": "ORG_WIDE"}
    assert world.people["stranger"].client.post(CONNECTIONS, json=body).status_code == 409
    assert world.people["foreigner"].client.post(CONNECTIONS, json=body).status_code == 201
