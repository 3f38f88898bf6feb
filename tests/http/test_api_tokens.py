"""API tokens: shown once, limited to a scope, ended by a date, by revocation, or with their user."""

from datetime import datetime, timedelta, timezone

import pytest
import servers
from accounts import PASSWORD, Account, login, problem_fields, unique

TOKENS = "/api/v1/api-tokens"
ME = "/api/v1/auth/me"
CONNECTIONS = "/api/v1/database-connections"


def in_days(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).isoformat()


def make_token(client, scope="read", days=30, name=None):
    body = {"name": name or unique("script"), "scope": scope, "expires_at": in_days(days)}
    answer = client.post(TOKENS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def with_token(stack, made):
    return servers.Client(stack.url, {"Authorization": f"Bearer {made['token']}"})


@pytest.fixture()
def member(stack):
    return Account(stack, "member", unique("team"))


def test_token_is_shown_once_and_opens_what_its_user_sees(stack, member):
    made = make_token(member.client, name="nightly <report>")
    token = made.pop("token")
    assert token.startswith("pot_") and len(token) == 47
    assert made["hint"] == "pot_…" + token[-4:]
    assert made["is_active"] is True and made["last_used_at"] is None and made["revoked_at"] is None
    listed = member.client.get(TOKENS).json()["items"]
    assert listed == [made]
    assert token not in str(listed)
    connection = member.client.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).json()
    script = servers.Client(stack.url, {"Authorization": f"Bearer {token}"})
    me = script.get(ME).json()
    assert (me["id"], me["role"]) == (member.id, "viewer")
    assert script.get(f"{CONNECTIONS}/{connection['id']}").status_code == 200
    stranger = with_token(stack, make_token(Account(stack, "member", unique("team")).client))
    assert stranger.get(f"{CONNECTIONS}/{connection['id']}").status_code == 404
    dump = stack.sql("SELECT t::text AS everything FROM api_tokens AS t WHERE id = %s", made["id"])[0].everything
    assert token not in dump and token.encode().hex() not in dump
    audit = stack.sql("SELECT detail FROM audit_log WHERE action = 'api_token_created' AND subject_id = %s", made["id"])
    assert audit[0].detail["name"] == "nightly <report>" and audit[0].detail["scope"] == "read"


def test_reading_token_reads_and_nothing_else(stack, member):
    script = with_token(stack, make_token(member.client, "read"))
    assert script.get(CONNECTIONS).status_code == 200
    assert script.request("HEAD", CONNECTIONS).status_code == 200
    body = {"name": unique("c"), "engine": "mysql"}
    for method, path in (
        ("POST", CONNECTIONS),
        ("PATCH", CONNECTIONS + "/1"),
        ("DELETE", CONNECTIONS + "/1"),
        ("POST", CONNECTIONS + "/1/rotate-token"),
        ("POST", TOKENS),
        ("POST", "/api/v1/auth/password"),
    ):
        assert script.request(method, path, json=body).status_code == 403, (method, path)
    own = member.client.post(CONNECTIONS, json=body).json()
    assert script.get(f"{CONNECTIONS}/{own['id']}/agent-token").status_code == 403


def test_reading_token_of_an_admin_administers_nothing(stack):
    admin = Account(stack, "admin")
    script = with_token(stack, make_token(admin.client, "read"))
    assert script.get(ME).json()["role"] == "viewer"
    assert script.get("/api/v1/users").status_code == 403
    assert script.get(CONNECTIONS, params={"all": "true"}).status_code == 403


def test_writing_token_is_a_member_at_most(stack, member):
    admin = Account(stack, "admin", unique("team"))
    script = with_token(stack, make_token(admin.client, "write"))
    assert script.get(ME).json()["role"] == "member"
    assert script.post(CONNECTIONS, json={"name": unique("c"), "engine": "mysql"}).status_code == 201
    assert script.get("/api/v1/users").status_code == 403
    assert with_token(stack, make_token(member.client, "write")).get(ME).json()["role"] == "member"


def test_admin_token_administers_but_makes_no_tokens_and_no_passwords(stack):
    admin = Account(stack, "admin")
    made = make_token(admin.client, "admin")
    script = with_token(stack, made)
    assert script.get("/api/v1/users").status_code == 200
    body = {"name": "more", "scope": "read", "expires_at": in_days(1)}
    assert script.post(TOKENS, json=body).status_code == 403
    assert script.delete(f"{TOKENS}/{made['id']}").status_code == 403
    password = {"current_password": PASSWORD, "new_password": "a new password"}
    assert script.post("/api/v1/auth/password", json=password).status_code == 403
    for user in (admin, Account(stack)):
        assert script.patch(f"/api/v1/users/{user.id}", json={"password": "a new password"}).status_code == 403
        assert login(stack, user.email).status_code == 200
    assert script.patch(f"/api/v1/users/{user.id}", json={"display_name": "Renamed"}).status_code == 200


def test_admin_token_makes_users_whom_nobody_can_sign_in_as_and_no_admins(stack):
    admin = Account(stack, "admin", organization=unique("organization"))
    script = with_token(stack, make_token(admin.client, "admin"))
    body = {"email": unique("somebody") + "@example.com", "role": "member"}
    for refused in ({"password": "a new password"}, {"role": "admin"}):
        assert script.post("/api/v1/users", json={**body, **refused}).status_code == 403
    assert stack.sql("SELECT count(*) FROM users WHERE email = %s", body["email"])[0].count == 0
    made = script.post("/api/v1/users", json=body)
    assert made.status_code == 201 and "password" not in made.json()
    user = f"/api/v1/users/{made.json()['id']}"
    assert script.patch(user, json={"role": "admin"}).status_code == 403
    assert script.patch(user, json={"role": "viewer", "display_name": "Somebody"}).json()["role"] == "viewer"
    assert admin.client.patch(user, json={"role": "admin", "password": "a new password"}).json()["role"] == "admin"
    assert login(stack, body["email"], "a new password").status_code == 200
    assert script.patch(user, json={"role": "member"}).status_code == 200


@pytest.mark.parametrize("role, allowed", [("viewer", {"read"}), ("member", {"read", "write"})])
def test_token_cannot_promise_more_than_its_user_may(stack, role, allowed):
    client = Account(stack, role).client
    for scope in ("read", "write", "admin"):
        answer = client.post(TOKENS, json={"name": "t", "scope": scope, "expires_at": in_days(1)})
        assert answer.status_code == (201 if scope in allowed else 422), scope
        if scope not in allowed:
            assert set(problem_fields(answer)) == {"scope"}


def test_role_of_the_user_counts_at_each_request(stack):
    admin = Account(stack, "admin")
    script = with_token(stack, make_token(admin.client, "admin"))
    stack.sql("UPDATE users SET role = 'viewer' WHERE id = %s", admin.id)
    assert script.get("/api/v1/users").status_code == 403
    assert script.get(ME).json()["role"] == "viewer"


def test_revoked_token_ends_at_once(stack, member):
    made = make_token(member.client)
    script = with_token(stack, made)
    assert script.get(ME).status_code == 200
    assert member.client.delete(f"{TOKENS}/{made['id']}").status_code == 204
    assert script.get(ME).status_code == 401
    assert member.client.delete(f"{TOKENS}/{made['id']}").status_code == 204
    shown = member.client.get(TOKENS).json()["items"][0]
    assert shown["is_active"] is False and shown["revoked_at"] is not None
    count = stack.sql(
        "SELECT count(*) FROM audit_log WHERE action = 'api_token_revoked' AND subject_id = %s", made["id"]
    )
    assert count[0].count == 1


def test_expired_token_is_refused(stack, member):
    made = make_token(member.client)
    script = with_token(stack, made)
    stack.sql("UPDATE api_tokens SET expires_at = now() - interval '1 s' WHERE id = %s", made["id"])
    assert script.get(ME).status_code == 401


def test_token_ends_with_its_user_and_organization(stack, member):
    script = with_token(stack, make_token(member.client))
    stack.sql("UPDATE organizations SET is_active = false WHERE id = %s", member.organization_id)
    try:
        assert script.get(ME).status_code == 401
    finally:
        stack.sql("UPDATE organizations SET is_active = true WHERE id = %s", member.organization_id)
    assert script.get(ME).status_code == 200
    stack.sql("UPDATE users SET is_active = false WHERE id = %s", member.id)
    assert script.get(ME).status_code == 401


def test_own_new_password_ends_tokens_if_asked_to(stack):
    for revoke, status in ((False, 200), (True, 401)):
        account = Account(stack, "viewer")
        script = with_token(stack, make_token(account.client))
        body = {"current_password": PASSWORD, "new_password": "a new password", "revoke_api_tokens": revoke}
        assert account.client.post("/api/v1/auth/password", json=body).status_code == 200
        assert script.get(ME).status_code == status


def test_last_use_is_kept_to_the_minute(stack, member):
    made = make_token(member.client)
    script = with_token(stack, made)

    def used():
        return stack.sql("SELECT last_used_at, xmin::text FROM api_tokens WHERE id = %s", made["id"])[0]

    script.get(ME)
    first = used()
    assert first.last_used_at is not None
    for _ in range(5):
        script.get(ME)
    assert used() == first  # not written again
    stack.sql("UPDATE api_tokens SET last_used_at = now() - interval '2 minutes' WHERE id = %s", made["id"])
    script.get(ME)
    assert used().last_used_at > first.last_used_at


def test_tokens_are_ones_own(stack, member):
    made = make_token(member.client)
    other = Account(stack, "admin")
    assert other.client.delete(f"{TOKENS}/{made['id']}").status_code == 404
    assert other.client.get(TOKENS).json()["items"] == []
    assert with_token(stack, made).get(ME).status_code == 200


def test_token_opens_no_page_and_no_agents_address(stack, member, anonymous):
    made = make_token(member.client, "write")
    page = anonymous.get("/", headers={"Authorization": f"Bearer {made['token']}"}, allow_redirects=False)
    assert page.status_code == 303
    cookie = anonymous.get("/", headers={"Cookie": f"potto_access={made['token']}"}, allow_redirects=False)
    assert cookie.status_code == 303
    assert anonymous.get(ME, headers={"Cookie": f"potto_access={made['token']}"}).status_code == 401
    body = {"hostname": "h", "version": "1"}
    answer = anonymous.post(
        "/api/v1/collectors/register", json=body, headers={"Authorization": f"Bearer {made['token']}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("token", ["pot_", "pot_x", "pot_" + "A" * 43, "pot_" + "A" * 3000, "pot_' OR 1=1 --", "POT_x"])
def test_made_up_token_is_refused(stack, token):
    assert servers.Client(stack.url, {"Authorization": f"Bearer {token}"}).get(ME).status_code == 401


BAD_BODIES = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"name": None}, "name"),
    ({"scope": "all"}, "scope"),
    ({"scope": None}, "scope"),
    ({"scope": ["read"]}, "scope"),
    ({"expires_at": None}, "expires_at"),
    ({"expires_at": "tomorrow"}, "expires_at"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ({"expires_at": "2026-12-01T00:00"}, "expires_at"),
    ({"expires_at": in_days(366)}, "expires_at"),
    ({"expires_at": "9999-12-31T23:59:59Z"}, "expires_at"),
    ({"expires_at": 1}, "expires_at"),
    ({"user_id": 1}, "user_id"),
    ({"token": "pot_mine"}, "token"),
]


@pytest.mark.parametrize("change, field", BAD_BODIES, ids=servers.title)
def test_bad_field_is_named(stack, change, field):
    client = Account(stack, "viewer").client
    answer = client.post(TOKENS, json={"name": "t", "scope": "read", "expires_at": in_days(1), **change})
    assert answer.status_code == 422, answer.text
    assert set(problem_fields(answer)) == {field}
    assert client.get(TOKENS).json()["items"] == []


def test_list_is_paged_newest_first(stack, member):
    ids = [make_token(member.client)["id"] for _ in range(5)]
    listed, cursor = [], None
    while True:
        page = member.client.get(TOKENS, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        listed += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == ids[::-1]
    assert member.client.get(TOKENS, params={"cursor": "nonsense"}).status_code == 400


def test_tokens_of_one_user_are_bounded(stack, member):
    stack.sql(
        "INSERT INTO api_tokens (organization_id, user_id, name, scope, token_hash, token_hint, expires_at) "
        "SELECT %s, %s, 'n', 'read', sha256(convert_to('bound ' || %s || n, 'UTF8')), "
        "'pot_…', now() + interval '1 day' "
        "FROM generate_series(1, 100) AS n",
        member.organization_id,
        member.id,
        member.id,
    )
    answer = member.client.post(TOKENS, json={"name": "t", "scope": "read", "expires_at": in_days(1)})
    assert answer.status_code == 409
