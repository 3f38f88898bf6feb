"""Teams and their members: what a member may see, and that changes count at once."""

import pytest
import servers
from accounts import Account, problem_fields, unique

TEAMS = "/api/v1/teams"
CONNECTIONS = "/api/v1/database-connections"


@pytest.fixture(scope="module")
def organization():
    return unique("organization")


@pytest.fixture(scope="module")
def admin(stack, organization):
    return Account(stack, "admin", None, organization)


@pytest.fixture()
def member(stack, admin, organization):
    return Account(stack, "member", None, organization)


def make(admin, name=None):
    answer = admin.client.post(TEAMS, json={"name": name or unique("team")})
    assert answer.status_code == 201, answer.text
    return answer.json()


def add(admin, team, account):
    return admin.client.post(f"{TEAMS}/{team['id']}/members", json={"user_id": account.id})


def members(admin, team):
    return [item["user_id"] for item in admin.client.get(f"{TEAMS}/{team['id']}/members").json()["items"]]


def version(stack, admin):
    return stack.sql("SELECT data_version FROM organizations WHERE id = %s", admin.organization_id)[0].data_version


def actions(stack, team):
    return [
        row.action
        for row in stack.sql(
            "SELECT action FROM audit_log WHERE subject_kind = 'team' AND subject_id = %s ORDER BY id", team["id"]
        )
    ]


def test_team_is_made_renamed_filled_and_removed(stack, admin, member):
    versions = [version(stack, admin)]
    name = unique("Équipe <b>")
    answer = admin.client.post(TEAMS, json={"name": name})
    team = answer.json()
    assert answer.headers["Location"] == f"{TEAMS}/{team['id']}"
    assert (team["name"], team["member_count"], team["connection_count"], team["is_member"]) == (name, 0, 0, False)
    versions.append(version(stack, admin))
    assert members(admin, team) == []
    assert add(admin, team, member).status_code == 201
    versions.append(version(stack, admin))
    assert add(admin, team, member).status_code == 200  # adding again changes nothing
    assert version(stack, admin) == versions[-1]
    assert members(admin, team) == [member.id]
    assert member.client.get("/api/v1/auth/me").json()["teams"] == [{"id": team["id"], "name": name}]
    renamed = admin.client.patch(f"{TEAMS}/{team['id']}", json={"name": unique("renamed")})
    assert renamed.status_code == 200
    versions.append(version(stack, admin))
    assert admin.client.delete(f"{TEAMS}/{team['id']}/members/{member.id}").status_code == 204
    versions.append(version(stack, admin))
    assert admin.client.delete(f"{TEAMS}/{team['id']}/members/{member.id}").status_code == 404
    assert admin.client.delete(f"{TEAMS}/{team['id']}").status_code == 204
    versions.append(version(stack, admin))
    assert admin.client.delete(f"{TEAMS}/{team['id']}").status_code == 404
    assert versions == sorted(set(versions))
    assert actions(stack, team) == [
        "team_created",
        "team_member_added",
        "team_renamed",
        "team_member_removed",
        "team_deleted",
    ]


def test_membership_opens_and_closes_at_once(stack, admin, member):
    team = make(admin)
    body = {"name": unique("c"), "engine": "mysql", "team_id": team["id"]}
    connection = admin.client.post(CONNECTIONS, json=body).json()
    path = f"{CONNECTIONS}/{connection['id']}"
    assert member.client.get(path).status_code == 404
    add(admin, team, member)
    assert member.client.get(path).status_code == 200
    admin.client.delete(f"{TEAMS}/{team['id']}/members/{member.id}")
    assert member.client.get(path).status_code == 404


def test_everybody_sees_the_own_teams_and_admins_all(stack, admin, member):
    own, other = make(admin), make(admin)
    add(admin, own, member)
    assert [(item["id"], item["is_member"]) for item in member.client.get(TEAMS).json()["items"]] == [(own["id"], True)]
    all_ids = {item["id"] for item in admin.client.get(TEAMS, params={"limit": 500}).json()["items"]}
    assert {own["id"], other["id"]} <= all_ids


def test_count_of_connections_is_of_those_the_caller_sees(stack, admin, member, organization):
    team = make(admin)
    owner = Account(stack, "member", None, organization)
    add(admin, team, member)
    add(admin, team, owner)
    for scope in ("TEAM_ONLY", "USER_ONLY"):
        body = {"name": unique("c"), "engine": "mysql", "team_id": team["id"], "visibility_scope": scope}
        assert owner.client.post(CONNECTIONS, json=body).status_code == 201

    def count(account):
        items = account.client.get(TEAMS, params={"limit": 500}).json()["items"]
        return next(item["connection_count"] for item in items if item["id"] == team["id"])

    assert (count(member), count(owner), count(admin)) == (1, 2, 2)


@pytest.mark.parametrize("role", ["viewer", "member"])
@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", ""),
        ("PATCH", "/1"),
        ("DELETE", "/1"),
        ("GET", "/1/members"),
        ("POST", "/1/members"),
        ("DELETE", "/1/members/1"),
    ],
)
def test_only_admins_change_teams(stack, role, method, path):
    account = Account(stack, role)
    assert account.client.request(method, TEAMS + path, json=None if method == "GET" else {}).status_code == 403


def test_team_of_another_organization_is_absent(stack, admin, api):
    foreign = Account(stack, "admin", unique("foreign"))
    team = foreign.client.get("/api/v1/auth/me").json()["teams"][0]
    for method, path, body in (
        ("PATCH", "", {"name": unique("x")}),
        ("DELETE", "", None),
        ("GET", "/members", None),
        ("POST", "/members", {"user_id": admin.id}),
        ("DELETE", f"/members/{foreign.id}", None),
    ):
        hidden = admin.client.request(method, f"{TEAMS}/{team['id']}{path}", json=body)
        absent = admin.client.request(method, f"{TEAMS}/999999999{path}", json=body)
        assert hidden.status_code == absent.status_code == 404, (method, path, hidden.text)
        assert hidden.json()["detail"] == absent.json()["detail"]
    assert team["id"] not in [item["id"] for item in admin.client.get(TEAMS, params={"limit": 500}).json()["items"]]
    assert foreign.client.get("/api/v1/auth/me").json()["teams"] == [team]


def test_somebody_of_another_organization_cannot_be_a_member(stack, admin):
    foreign = Account(stack, "member")
    team = make(admin)
    answer = add(admin, team, foreign)
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"user_id"}
    absent = admin.client.post(f"{TEAMS}/{team['id']}/members", json={"user_id": 999999999})
    assert problem_fields(absent) == problem_fields(answer)


def test_team_with_connections_is_not_removed(stack, admin):
    team = make(admin)
    connection = admin.client.post(
        CONNECTIONS, json={"name": unique("c"), "engine": "mysql", "team_id": team["id"]}
    ).json()
    assert admin.client.delete(f"{TEAMS}/{team['id']}").status_code == 409
    assert admin.client.delete(f"{CONNECTIONS}/{connection['id']}").status_code == 204
    assert admin.client.delete(f"{TEAMS}/{team['id']}").status_code == 204


def test_name_is_taken_once_within_an_organization(stack, admin):
    team, other = make(admin), make(admin)
    assert admin.client.post(TEAMS, json={"name": team["name"]}).status_code == 409
    assert admin.client.patch(f"{TEAMS}/{other['id']}", json={"name": team["name"]}).status_code == 409
    assert Account(stack, "admin").client.post(TEAMS, json={"name": team["name"]}).status_code == 201


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u0007"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "ok", "organization_id": 1}, "organization_id"),
    ],
    ids=str,
)
def test_bad_name_is_named(admin, body, field):
    team = make(admin)
    for answer in (admin.client.post(TEAMS, json=body), admin.client.patch(f"{TEAMS}/{team['id']}", json=body)):
        assert answer.status_code == 422
        assert set(problem_fields(answer)) == {field}


@pytest.mark.parametrize("body", [{}, {"user_id": 0}, {"user_id": "1"}, {"user_id": 1.5}, {"user_id": None}], ids=str)
def test_bad_member_is_named(admin, body):
    answer = admin.client.post(f"{TEAMS}/{make(admin)['id']}/members", json=body)
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"user_id"}


def test_lists_are_paged(stack, organization):
    admin = Account(stack, "admin", None, unique("organization"))
    name = stack.sql("SELECT name FROM organizations WHERE id = %s", admin.organization_id)[0].name
    teams = [make(admin, unique(letter)) for letter in "bAcaB"]
    people = [Account(stack, "viewer", teams[0]["name"], name) for _ in range(5)]

    def walk(path):
        items, cursor = [], None
        while True:
            page = admin.client.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    names = [item["name"].lower() for item in walk(TEAMS)]
    assert len(names) == 5 and names == sorted(names)
    listed = walk(f"{TEAMS}/{teams[0]['id']}/members")
    assert {item["user_id"] for item in listed} == {account.id for account in people}
    assert [item["email"] for item in listed] == sorted(item["email"] for item in listed)
    cursor = admin.client.get(TEAMS, params={"limit": 2}).json()["next_cursor"]
    other_list = admin.client.get(f"{TEAMS}/{teams[0]['id']}/members", params={"cursor": cursor})
    assert other_list.status_code == 400
    assert admin.client.get(TEAMS, params={"limit": 501}).status_code == 422
    assert isinstance(admin.client, servers.SignedInClient)
