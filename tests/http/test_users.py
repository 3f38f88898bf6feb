"""People of an organization, administered over HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import servers
from accounts import PASSWORD, Account, login, problem_fields, team_id, unique

USERS = "/api/v1/users"
ME = "/api/v1/auth/me"


@pytest.fixture(scope="module")
def admin(stack):
    return Account(stack, "admin", unique("team"), unique("organization"))


def body(**changes):
    return {"email": unique("somebody") + "@example.com", "role": "member", "password": PASSWORD, **changes}


def make(admin, **changes):
    answer = admin.client.post(USERS, json=body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def version(stack, admin):
    return stack.sql("SELECT data_version FROM organizations WHERE id = %s", admin.organization_id)[0].data_version


def actions(stack, user_id):
    rows = stack.sql(
        "SELECT action FROM audit_log WHERE subject_kind = 'user' AND subject_id = %s ORDER BY id", user_id
    )
    return [row.action for row in rows if not row.action.startswith("login")]


def test_user_is_made_shown_listed_and_can_sign_in(stack, admin):
    team = unique("team")
    Account(
        stack, "member", team, stack.sql("SELECT name FROM organizations WHERE id = %s", admin.organization_id)[0].name
    )
    before = version(stack, admin)
    request = body(display_name="Zoë <b>&", team_id=team_id(stack, team))
    answer = admin.client.post(USERS, json=request)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"{USERS}/{made['id']}"
    assert (made["email"], made["display_name"], made["role"], made["is_active"]) == (
        request["email"],
        "Zoë <b>&",
        "member",
        True,
    )
    assert [entry["name"] for entry in made["teams"]] == [team]
    assert made["last_login_at"] is None and "password" not in made
    assert admin.client.get(f"{USERS}/{made['id']}").json() == made
    assert made in admin.client.get(USERS, params={"limit": 500}).json()["items"]
    assert login(stack, request["email"]).status_code == 200
    assert admin.client.get(f"{USERS}/{made['id']}").json()["last_login_at"] is not None
    assert version(stack, admin) > before
    assert actions(stack, made["id"]) == ["user_created"]


def test_password_that_nobody_gave_is_made_and_shown_once(stack, admin):
    request = body()
    del request["password"]
    made = admin.client.post(USERS, json=request).json()
    assert len(made["password"]) == 20
    assert login(stack, request["email"], made["password"]).status_code == 200
    assert "password" not in admin.client.get(f"{USERS}/{made['id']}").json()
    audit = stack.sql("SELECT string_agg(a::text, ' ') AS all FROM audit_log AS a WHERE subject_id = %s", made["id"])
    assert made["password"] not in audit[0].all


@pytest.mark.parametrize("role", ["viewer", "member"])
@pytest.mark.parametrize(
    "method, path",
    [("GET", ""), ("POST", ""), ("GET", "/1"), ("PATCH", "/1"), ("DELETE", "/1")],
)
def test_only_admins_administer_users(stack, role, method, path):
    account = Account(stack, role)
    assert account.client.request(method, USERS + path, json={} if method != "GET" else None).status_code == 403


def test_caller_without_token_gets_401(anonymous):
    assert anonymous.get(USERS).status_code == 401


def test_users_of_another_organization_are_absent(stack, admin, api):
    stranger = Account(stack, "member")
    listed = admin.client.get(USERS, params={"limit": 500}).json()["items"]
    assert stranger.id not in [user["id"] for user in listed]
    for method, request in (("GET", None), ("PATCH", {"role": "admin"}), ("DELETE", None)):
        hidden = admin.client.request(method, f"{USERS}/{stranger.id}", json=request)
        absent = admin.client.request(method, f"{USERS}/999999999", json=request)
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json()["detail"] == absent.json()["detail"]
    assert api.get(f"{USERS}/{stranger.id}").json()["role"] == "member"


def test_list_is_paged_by_address(stack):
    account = Account(stack, "admin", None, unique("organization"))
    for letter in "cAbBa":
        make(account, email=unique(letter) + "@example.com")
    whole = account.client.get(USERS).json()["items"]
    assert len(whole) == 6
    paged, cursor = [], None
    while True:
        page = account.client.get(USERS, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole
    emails = [user["email"].lower() for user in whole]
    assert emails == sorted(emails)
    assert account.client.get(USERS, params={"cursor": "x"}).status_code == 400
    assert account.client.get(USERS, params={"limit": 0}).status_code == 422
    assert account.client.get(USERS, params={"page": 2}).status_code == 422


BAD_FIELDS = [
    ({"email": ""}, "email"),
    ({"email": "nobody"}, "email"),
    ({"email": "@b.c"}, "email"),
    ({"email": "a@"}, "email"),
    ({"email": "a b@c.d"}, "email"),
    ({"email": "a@" + "b" * 253}, "email"),
    ({"email": 7}, "email"),
    ({"email": "a\n@b.c"}, "email"),
    ({"role": "owner"}, "role"),
    ({"role": "Admin"}, "role"),
    ({"role": None}, "role"),
    ({"role": ["admin"]}, "role"),
    ({"display_name": "x" * 201}, "display_name"),
    ({"display_name": {}}, "display_name"),
    ({"password": "too short"}, "password"),
    ({"password": "x" * 1025}, "password"),
    ({"password": 1234567890}, "password"),
    ({"team_id": 0}, "team_id"),
    ({"team_id": 999999999}, "team_id"),
    ({"organization_id": 1}, "organization_id"),
    ({"is_active": False}, "is_active"),
    ({"password_hash": "x"}, "password_hash"),
]


@pytest.mark.parametrize("change, field", BAD_FIELDS, ids=lambda value: str(value)[:40])
def test_bad_field_is_named_and_nobody_is_made(stack, admin, change, field):
    count = "SELECT count(*) FROM users WHERE organization_id = %s"
    before = stack.sql(count, admin.organization_id)
    answer = admin.client.post(USERS, json=body(**change))
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == {field}
    assert stack.sql(count, admin.organization_id) == before


def test_address_is_taken_once_in_any_case(stack, admin):
    user = make(admin)
    assert admin.client.post(USERS, json=body(email=user["email"].upper())).status_code == 409
    other = make(admin)
    assert admin.client.patch(f"{USERS}/{other['id']}", json={"email": user["email"].upper()}).status_code == 409
    assert admin.client.get(f"{USERS}/{other['id']}").json()["email"] == other["email"]


def test_team_of_another_organization_is_no_team(stack, admin):
    foreign = unique("foreign")
    Account(stack, "member", foreign)
    answer = admin.client.post(USERS, json=body(team_id=team_id(stack, foreign)))
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"team_id"}


def test_changed_role_counts_at_the_next_request(stack, admin):
    user = make(admin, role="viewer")
    client = servers.SignedInClient(stack.url, user["email"], PASSWORD)
    assert client.post("/api/v1/database-connections", json={}).status_code == 403
    before = version(stack, admin)
    answer = admin.client.patch(f"{USERS}/{user['id']}", json={"role": "member", "display_name": "New"})
    assert answer.status_code == 200
    assert (answer.json()["role"], answer.json()["display_name"]) == ("member", "New")
    assert client.post("/api/v1/database-connections", json={}).status_code == 422
    assert version(stack, admin) > before
    assert actions(stack, user["id"]) == ["user_created", "role_changed", "user_renamed"]


@pytest.mark.parametrize(
    "request_body, fields",
    [
        ({}, set()),
        ({"role": None}, {"role"}),
        ({"is_active": None, "email": None}, {"is_active", "email"}),
        ({"role": "root"}, {"role"}),
        ({"is_active": "no"}, {"is_active"}),
        ({"password": "short"}, {"password"}),
        ({"email": "nothing"}, {"email"}),
        ({"id": 1}, {"id"}),
        ({"team_id": 1}, {"team_id"}),
    ],
    ids=str,
)
def test_bad_change_is_named(admin, request_body, fields):
    user = make(admin)
    answer = admin.client.patch(f"{USERS}/{user['id']}", json=request_body)
    assert answer.status_code == 422
    assert set(problem_fields(answer)) == fields
    assert admin.client.get(f"{USERS}/{user['id']}").json() == user


def test_deactivation_bites_at_once_and_ends_every_kind_of_token(stack, admin, anonymous):
    user = make(admin)
    session = login(stack, user["email"]).json()
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    token = anonymous.post(
        "/api/v1/api-tokens",
        json={"name": "t", "scope": "read", "expires_at": "2099-01-01T00:00:00Z"},
        headers=bearer,
    )
    assert token.status_code == 422  # no longer than a year
    from datetime import datetime, timedelta, timezone

    soon = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    token = anonymous.post(
        "/api/v1/api-tokens", json={"name": "t", "scope": "read", "expires_at": soon}, headers=bearer
    )
    api_bearer = {"Authorization": f"Bearer {token.json()['token']}"}
    assert anonymous.get(ME, headers=bearer).status_code == anonymous.get(ME, headers=api_bearer).status_code == 200
    assert admin.client.patch(f"{USERS}/{user['id']}", json={"is_active": False}).status_code == 200

    def is_out():
        return [
            anonymous.get(ME, headers=bearer).status_code,
            anonymous.get(ME, headers=api_bearer).status_code,
            anonymous.post("/api/v1/auth/refresh", json={"refresh_token": session["refresh_token"]}).status_code,
        ]

    assert is_out() == [401, 401, 401]
    assert login(stack, user["email"]).status_code == 401
    assert admin.client.patch(f"{USERS}/{user['id']}", json={"is_active": True}).status_code == 200
    assert is_out() == [401, 401, 401]
    assert login(stack, user["email"]).status_code == 200
    assert actions(stack, user["id"])[1:] == ["user_deactivated", "user_activated"]


def test_password_reset_ends_sessions(stack, admin, anonymous):
    user = make(admin)
    session = login(stack, user["email"]).json()
    assert admin.client.patch(f"{USERS}/{user['id']}", json={"password": "another password"}).status_code == 200
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {session['access_token']}"}).status_code == 401
    assert login(stack, user["email"]).status_code == 401
    assert login(stack, user["email"], "another password").status_code == 200
    assert "password_reset" in actions(stack, user["id"])


def test_last_active_admin_stays_one(stack):
    first = Account(stack, "admin", None, unique("organization"))
    path = f"{USERS}/{first.id}"
    for change in ({"role": "member"}, {"is_active": False}, {"role": "viewer", "display_name": "x"}):
        answer = first.client.patch(path, json=change)
        assert answer.status_code == 409 and "last" in answer.json()["detail"]
    assert first.client.delete(path).status_code == 409
    assert first.client.get(ME).json()["role"] == "admin"
    second = make(first, role="admin")
    first.client.patch(f"{USERS}/{second['id']}", json={"is_active": False})
    assert first.client.patch(path, json={"role": "member"}).status_code == 409  # the other admin is not active
    first.client.patch(f"{USERS}/{second['id']}", json={"is_active": True})
    assert first.client.patch(path, json={"role": "member"}).status_code == 200
    assert first.client.get(USERS).status_code == 403


def test_two_admins_who_demote_each_other_at_once_leave_one(stack):
    for _ in range(5):
        one = Account(stack, "admin", None, unique("organization"))
        two = make(one, role="admin")
        clients = [one.client, servers.SignedInClient(stack.url, two["email"], PASSWORD)]
        for client in clients:
            client.get(ME)
        with ThreadPoolExecutor(2) as pool:
            done = [
                pool.submit(clients[0].patch, f"{USERS}/{two['id']}", json={"role": "viewer"}),
                pool.submit(clients[1].patch, f"{USERS}/{one.id}", json={"role": "viewer"}),
            ]
            statuses = sorted(future.result().status_code for future in done)
        assert statuses[0] == 200 and statuses[1] in (403, 409)
        admins = stack.sql(
            "SELECT count(*) FROM users WHERE organization_id = %s AND role = 'admin' AND is_active",
            one.organization_id,
        )
        assert admins[0].count == 1


def test_deleted_user_is_gone_with_sessions_and_memberships(stack, admin, anonymous):
    user = make(admin, team_id=admin.client.get(ME).json()["teams"][0]["id"])
    session = login(stack, user["email"]).json()
    client = servers.SignedInClient(stack.url, user["email"], PASSWORD)
    shared = client.post("/api/v1/database-connections", json={"name": unique("c"), "engine": "mysql"}).json()
    private = client.post(
        "/api/v1/database-connections", json={"name": unique("c"), "engine": "mysql", "visibility_scope": "USER_ONLY"}
    ).json()
    answer = admin.client.delete(f"{USERS}/{user['id']}")
    assert answer.status_code == 409 and "1 connection" in answer.json()["detail"]
    assert client.delete(f"/api/v1/database-connections/{private['id']}").status_code == 204
    answer = admin.client.delete(f"{USERS}/{user['id']}")
    assert answer.status_code == 204 and answer.content == b""
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {session['access_token']}"}).status_code == 401
    assert login(stack, user["email"]).status_code == 401
    assert admin.client.get(f"{USERS}/{user['id']}").status_code == 404
    assert admin.client.delete(f"{USERS}/{user['id']}").status_code == 404
    assert admin.client.get(f"/api/v1/database-connections/{shared['id']}").json()["owner_user_id"] is None
    assert actions(stack, user["id"])[-1] == "user_deleted"
    assert stack.sql("SELECT count(*) FROM refresh_tokens WHERE user_id = %s", user["id"])[0].count == 0


# ---- the caller's own password ----

PASSWORD_PATH = "/api/v1/auth/password"


def test_own_password_is_changed_and_other_sessions_end(stack, anonymous):
    account = Account(stack, "viewer")
    other = login(stack, account.email).json()
    answer = account.client.post(PASSWORD_PATH, json={"current_password": PASSWORD, "new_password": "a new password"})
    assert answer.status_code == 200, answer.text
    fresh = answer.json()
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {fresh['access_token']}"}).status_code == 200
    assert anonymous.post("/api/v1/auth/refresh", json={"refresh_token": fresh["refresh_token"]}).status_code == 200
    for token in (other["access_token"], account.client.token):
        assert anonymous.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert anonymous.post("/api/v1/auth/refresh", json={"refresh_token": other["refresh_token"]}).status_code == 401
    assert login(stack, account.email).status_code == 401
    assert login(stack, account.email, "a new password").status_code == 200
    assert "password_changed" in actions(stack, account.id)


def test_wrong_current_password_changes_nothing_and_is_throttled(stack):
    account = Account(stack, "viewer")
    request = {"current_password": "not it", "new_password": "a new password"}
    answer = account.client.post(PASSWORD_PATH, json=request)
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"current_password"}
    statuses = [account.client.post(PASSWORD_PATH, json=request).status_code for _ in range(11)]
    assert statuses[-1] == 429
    assert account.client.get(ME).status_code == 200


@pytest.mark.parametrize(
    "request_body, fields",
    [
        ({}, {"current_password", "new_password"}),
        ({"current_password": PASSWORD, "new_password": "short"}, {"new_password"}),
        ({"current_password": PASSWORD, "new_password": None}, {"new_password"}),
        ({"current_password": PASSWORD, "new_password": "x" * 1025}, {"new_password"}),
        ({"current_password": PASSWORD, "new_password": "long enough indeed", "user_id": 1}, {"user_id"}),
    ],
    ids=str,
)
def test_bad_password_change_is_named(stack, request_body, fields):
    answer = Account(stack, "viewer").client.post(PASSWORD_PATH, json=request_body)
    assert answer.status_code == 422
    assert set(problem_fields(answer)) == fields


# ---- the organization ----


def test_admin_sees_and_renames_the_own_organization_alone(stack, admin, api):
    items = admin.client.get("/api/v1/organizations").json()["items"]
    assert [item["id"] for item in items] == [admin.organization_id]
    assert items[0]["user_count"] >= 1
    name = unique("“Zürich” <i>")
    answer = admin.client.patch(f"/api/v1/organizations/{admin.organization_id}", json={"name": name})
    assert answer.status_code == 200 and answer.json()["name"] == name
    other = api.get("/api/v1/organizations").json()["items"][0]
    assert other["id"] != admin.organization_id
    assert admin.client.patch(f"/api/v1/organizations/{other['id']}", json={"name": unique("x")}).status_code == 404
    assert (
        admin.client.patch(f"/api/v1/organizations/{admin.organization_id}", json={"name": other["name"]}).status_code
        == 409
    )
    assert admin.client.patch(f"/api/v1/organizations/{admin.organization_id}", json={"name": ""}).status_code == 422
    row = stack.sql("SELECT detail FROM audit_log WHERE action = 'organization_renamed' AND user_id = %s", admin.id)
    assert row[0].detail["to"] == name
    assert Account(stack, "member").client.get("/api/v1/organizations").status_code == 403


def test_command_line_ends_tokens_too(stack, anonymous):
    from test_api_tokens import make_token

    account = Account(stack, "member")
    token = make_token(account.client)["token"]
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    account.deactivate()
    account.activate()
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert json.loads(stack.cli("bootstrap", "--email", "x@y.z").stdout)["created"] is False
