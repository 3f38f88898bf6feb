"""Signing in, staying signed in, signing out."""

import base64
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
import servers
from accounts import PASSWORD, Account, login, problem_fields, unique

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
LOGOUT = "/api/v1/auth/logout"
ME = "/api/v1/auth/me"


@pytest.fixture(scope="module")
def account(stack):
    return Account(stack, role="member", team=unique("team"))


def refresh(anonymous, token):
    return anonymous.post(REFRESH, json={"refresh_token": token})


def me_with(anonymous, access_token):
    return anonymous.get(ME, headers={"Authorization": f"Bearer {access_token}"})


def age_replacement(stack, account, seconds):
    stack.sql(
        "UPDATE refresh_tokens SET replaced_at = replaced_at - %s * interval '1 second' WHERE user_id = %s",
        seconds,
        account.id,
    )


def test_sign_in_answers_tokens_and_the_user(stack, account):
    answer = login(stack, account.email)
    assert answer.status_code == 200
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["access_token"].count(".") == 2
    assert body["refresh_token"].startswith("rft_")
    assert body["user"] == {
        "id": account.id,
        "email": account.email,
        "display_name": "Somebody member",
        "role": "member",
        "organization_id": account.organization_id,
    }
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]


def test_address_is_taken_in_any_case(stack, account):
    assert login(stack, f"  {account.email.upper()} ").status_code == 200


def test_address_with_capitals_beyond_ascii_signs_in_as_it_is_written(stack, api):
    for address in (unique("Ünal") + "@example.com", unique("İlker") + "@Example.com"):
        assert (
            api.post("/api/v1/users", json={"email": address, "role": "viewer", "password": PASSWORD}).status_code
            == 201
        )
        assert login(stack, address).status_code == 200
        assert login(stack, address.replace("e", "E")).status_code == 200


def test_unknown_address_and_wrong_password_look_the_same(stack, account):
    wrong = login(stack, account.email, "not the password")
    unknown = login(stack, unique("nobody") + "@example.com", "not the password")
    too_long = login(stack, account.email, "x" * 1024)
    for answer in (wrong, unknown, too_long):
        assert answer.status_code == 401
        assert {key: value for key, value in answer.json().items() if key not in ("instance", "request_id")} == {
            key: value for key, value in wrong.json().items() if key not in ("instance", "request_id")
        }


def workers_s(stack):
    """Processor time of all workers until now: other work on the machine does not lengthen it."""
    ticks = 0
    for pid in stack.children("fcgi"):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])  # utime, stime
    return ticks / os.sysconf("SC_CLK_TCK")


def test_unknown_address_and_wrong_password_cost_the_same_work(stack):
    def cost_s(emails):
        begin = workers_s(stack)
        for email in emails:
            assert login(stack, email, "not the password").status_code == 401
        return workers_s(stack) - begin

    known = cost_s([Account(stack).email] * 8)
    unknown = cost_s([unique("nobody") + "@example.com"] * 8)
    # If an unknown address cost no hash, it would cost a tenth of the work.
    assert 0.6 < unknown / known < 1.67, (known, unknown)


def test_sign_ins_are_in_the_audit_log_without_secrets(stack):
    account = Account(stack)
    login(stack, account.email)
    login(stack, account.email, "hunter2-is-wrong")
    login(stack, "hunter3@example.com", "hunter2-is-wrong")
    rows = stack.sql(
        "SELECT action, subject_id, remote_address, detail FROM audit_log WHERE user_id = %s ORDER BY id", account.id
    )
    assert [(row.action, row.subject_id) for row in rows] == [("login", account.id), ("login_failed", account.id)]
    assert rows[0].remote_address == "127.0.0.1"
    assert rows[1].detail == {"cause": "wrong password"}
    nobody = stack.sql("SELECT detail FROM audit_log WHERE organization_id = 0 ORDER BY id DESC LIMIT 1")[0]
    assert nobody.detail == {"cause": "unknown address"}
    assert stack.sql("SELECT count(*) FROM audit_log WHERE audit_log::text LIKE '%%hunter%%'")[0].count == 0


def test_audit_log_cannot_be_altered_by_the_api(stack):
    for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET action = 'nothing'"):
        with pytest.raises(Exception, match="permission denied"):
            stack.sql(statement, dsn=stack.api_dsn)


def test_me_returns_the_user_of_the_token(stack, account):
    me = account.client.get(ME)
    assert me.status_code == 200
    body = me.json()
    assert body["id"] == account.id
    assert body["email"] == account.email
    assert body["role"] == "member"
    assert body["organization_id"] == account.organization_id
    assert len(body["teams"]) == 1 and body["teams"][0]["name"].startswith("team-")


def test_caller_without_token_gets_401_with_a_challenge(anonymous):
    answer = anonymous.get(ME)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_refresh_replaces_both_tokens(stack, account, anonymous):
    first = login(stack, account.email).json()
    second = refresh(anonymous, first["refresh_token"])
    assert second.status_code == 200
    second = second.json()
    assert second["user"] == first["user"]
    assert second["refresh_token"] != first["refresh_token"]
    assert me_with(anonymous, second["access_token"]).status_code == 200
    assert refresh(anonymous, second["refresh_token"]).status_code == 200


def test_refresh_token_used_again_ends_its_family_and_no_other(stack, account, anonymous):
    stolen = login(stack, account.email).json()["refresh_token"]
    other_family = login(stack, account.email).json()["refresh_token"]
    owners = refresh(anonymous, stolen).json()["refresh_token"]
    age_replacement(stack, account, 60)
    assert refresh(anonymous, stolen).status_code == 401
    assert refresh(anonymous, owners).status_code == 401
    assert refresh(anonymous, other_family).status_code == 200
    actions = [row.action for row in stack.sql("SELECT action FROM audit_log WHERE user_id = %s", account.id)]
    assert "refresh_token_reused" in actions


def test_parallel_tabs_stay_signed_in(stack, account, anonymous):
    token = login(stack, account.email).json()["refresh_token"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: refresh(servers.Client(stack.url), token), range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    tokens = {answer.json()["refresh_token"] for answer in answers}
    assert len(tokens) == 6
    for fresh in tokens:
        assert refresh(anonymous, fresh).status_code == 200


def test_grace_does_not_renew_itself(stack, account, anonymous):
    token = login(stack, account.email).json()["refresh_token"]
    assert refresh(anonymous, token).status_code == 200
    age_replacement(stack, account, 7)
    assert refresh(anonymous, token).status_code == 200  # within ten seconds of the first use
    age_replacement(stack, account, 7)
    assert refresh(anonymous, token).status_code == 401  # fourteen after the first, seven after the second


def test_expired_refresh_token_is_refused_and_goes_at_the_next_sign_in(stack, anonymous):
    account = Account(stack)
    token = login(stack, account.email).json()["refresh_token"]
    stack.sql("UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE user_id = %s", account.id)
    assert refresh(anonymous, token).status_code == 401
    login(stack, account.email)
    assert stack.sql("SELECT count(*) FROM refresh_tokens WHERE user_id = %s", account.id)[0].count == 1


def test_sign_out_ends_the_family(stack, account, anonymous):
    session = login(stack, account.email).json()
    newer = refresh(anonymous, session["refresh_token"]).json()["refresh_token"]
    answer = anonymous.post(LOGOUT, json={"refresh_token": newer})
    assert answer.status_code == 204
    assert answer.content == b""
    assert refresh(anonymous, newer).status_code == 401
    assert refresh(anonymous, session["refresh_token"]).status_code == 401
    # Again, and with a made-up token: nothing is ended and nothing is reported.
    assert anonymous.post(LOGOUT, json={"refresh_token": newer}).status_code == 204
    assert anonymous.post(LOGOUT, json={"refresh_token": "rft_never"}).status_code == 204


@pytest.mark.parametrize("token", ["", "rft_", "rft_" + "A" * 43, "x" * 200, "' OR 1=1 --", "rft_é"])
def test_made_up_refresh_token_is_refused(anonymous, token):
    assert refresh(anonymous, token).status_code in (401, 422)
    if token:
        assert refresh(anonymous, token).status_code == 401


def test_access_token_is_no_refresh_token_and_the_other_way_round(stack, account, anonymous):
    session = login(stack, account.email).json()
    assert refresh(anonymous, session["access_token"][:200]).status_code == 401
    assert me_with(anonymous, session["refresh_token"]).status_code == 401


def test_store_holds_no_token_and_no_password(stack, account):
    session = login(stack, account.email).json()
    dump = stack.sql(
        "SELECT (SELECT string_agg(refresh_tokens::text, ' ') FROM refresh_tokens) || "
        "(SELECT string_agg(users::text, ' ') FROM users) AS everything"
    )[0].everything
    assert session["refresh_token"] not in dump
    assert session["refresh_token"].encode().hex() not in dump
    assert PASSWORD not in dump
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in dump


def test_deactivated_user_is_out_at_once(stack, anonymous):
    account = Account(stack)
    session = login(stack, account.email).json()
    assert me_with(anonymous, session["access_token"]).status_code == 200
    account.deactivate()
    assert me_with(anonymous, session["access_token"]).status_code == 401
    assert refresh(anonymous, session["refresh_token"]).status_code == 401
    assert login(stack, account.email).status_code == 401
    account.activate()
    # The user may sign in again, but older tokens stay invalid.
    assert me_with(anonymous, session["access_token"]).status_code == 401
    assert refresh(anonymous, session["refresh_token"]).status_code == 401
    assert login(stack, account.email).status_code == 200


def test_new_password_ends_all_sessions(stack, anonymous):
    account = Account(stack)
    session = login(stack, account.email).json()
    stack.cli("user", "password", "--email", account.email, "--password-file", "-", stdin="another password\n")
    assert me_with(anonymous, session["access_token"]).status_code == 401
    assert refresh(anonymous, session["refresh_token"]).status_code == 401
    assert login(stack, account.email).status_code == 401
    fresh = login(stack, account.email, "another password")
    assert fresh.status_code == 200
    assert me_with(anonymous, fresh.json()["access_token"]).status_code == 200


def test_deactivated_organization_lets_nobody_in(stack, anonymous):
    account = Account(stack, role="admin", organization=unique("organization"))
    session = login(stack, account.email).json()
    stack.sql("UPDATE organizations SET is_active = false WHERE id = %s", account.organization_id)
    assert me_with(anonymous, session["access_token"]).status_code == 401
    assert refresh(anonymous, session["refresh_token"]).status_code == 401
    assert login(stack, account.email).status_code == 401
    stack.sql("UPDATE organizations SET is_active = true WHERE id = %s", account.organization_id)
    assert me_with(anonymous, session["access_token"]).status_code == 200


@contextmanager
def held_up(stack, account):
    """Writers of the account wait until the block ends. Yields a cursor, and a function that waits until a number of
    them wait."""
    connection = psycopg2.connect(stack.owner_dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid() FROM users WHERE id = %s FOR UPDATE", (account.id,))
    holder = cursor.fetchone()[0]
    # Sessions that wait for the holder, or for another session that does.
    waiting = """WITH RECURSIVE waits (pid) AS (
                     SELECT %s UNION SELECT activity.pid FROM pg_stat_activity AS activity
                     JOIN waits ON waits.pid = ANY (pg_blocking_pids(activity.pid)))
                 SELECT count(*) - 1 AS count FROM waits"""

    def wait_for(count):
        servers.wait_until(lambda: stack.sql(waiting, holder)[0].count >= count, what=f"{count} who wait")

    try:
        yield cursor, wait_for
        connection.commit()
    finally:
        connection.close()


def ended_meanwhile(stack, anonymous, account, token, end):
    """Refresh `token` while `end` ends its session; the new tokens must not outlive the session."""
    with ThreadPoolExecutor(2) as pool:
        with held_up(stack, account) as (_, wait_for):
            fresh = pool.submit(refresh, servers.Client(stack.url), token)
            wait_for(1)
            ended = pool.submit(end)
            wait_for(2)
        fresh, ended = fresh.result(), ended.result()
    if fresh.status_code == 200:
        assert refresh(anonymous, fresh.json()["refresh_token"]).status_code == 401
    else:
        assert fresh.status_code == 401
    return ended


def test_refresh_at_the_same_time_does_not_outlive_a_new_password(stack, anonymous):
    account = Account(stack)
    thiefs, own = login(stack, account.email).json(), account.client
    assert own.get(ME).status_code == 200
    body = {"current_password": PASSWORD, "new_password": "another long password"}
    ended = ended_meanwhile(
        stack, anonymous, account, thiefs["refresh_token"], lambda: own.post("/api/v1/auth/password", json=body)
    )
    assert ended.status_code == 200
    assert refresh(anonymous, ended.json()["refresh_token"]).status_code == 200


def test_refresh_at_the_same_time_does_not_outlive_a_reset_password(stack, anonymous, api):
    account = Account(stack)
    token = login(stack, account.email).json()["refresh_token"]

    def end():
        return api.patch(f"/api/v1/users/{account.id}", json={"password": "what the admin chose"})

    assert ended_meanwhile(stack, anonymous, account, token, end).status_code == 200


def test_refresh_at_the_same_time_does_not_outlive_its_family(stack, anonymous):
    account = Account(stack)
    stolen = login(stack, account.email).json()["refresh_token"]
    newer = refresh(anonymous, stolen).json()["refresh_token"]
    age_replacement(stack, account, 60)
    ended = ended_meanwhile(stack, anonymous, account, newer, lambda: refresh(servers.Client(stack.url), stolen))
    assert ended.status_code == 401


def test_refresh_at_the_same_time_does_not_outlive_a_sign_out(stack, anonymous):
    account = Account(stack)
    first = login(stack, account.email).json()["refresh_token"]
    newer = refresh(anonymous, first).json()["refresh_token"]
    ended = ended_meanwhile(stack, anonymous, account, newer,
                            lambda: servers.Client(stack.url).post(LOGOUT, json={"refresh_token": first}))
    assert ended.status_code == 204


def change_password_while(stack, account, act):
    """Run `act` so that the password changes after `act` has checked the old one and before it writes."""
    with ThreadPoolExecutor(1) as pool:
        with held_up(stack, account) as (cursor, wait_for):
            answer = pool.submit(act)
            wait_for(1)
            cursor.execute(
                "UPDATE users SET tokens_valid_after = clock_timestamp(), "
                "password_hash = (SELECT password_hash FROM users WHERE email = %s) WHERE id = %s",
                (stack.admin_email, account.id),
            )
        return answer.result()


def issued_at_us(session):
    payload = session["access_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iat_us"]


@pytest.mark.parametrize("who", ["owner", "admin", "command line"])
def test_end_of_sessions_is_later_than_tokens_it_waited_for(stack, who):
    """A token that is made while a new password waits for the user's row counts as older than the password."""
    account = Account(stack)
    ways = {
        "owner": lambda: account.client.post(
            "/api/v1/auth/password", json={"current_password": PASSWORD, "new_password": "a new password"}
        ),
        "admin": lambda: servers.SignedInClient(stack.url, stack.admin_email, stack.admin_password).patch(
            f"/api/v1/users/{account.id}", json={"password": "a new password"}
        ),
        "command line": lambda: stack.cli(
            "user", "password", "--email", account.email, "--password-file", "-", stdin="a new password\n"
        ),
    }
    assert account.client.get(ME).status_code == 200
    with ThreadPoolExecutor(1) as pool:
        with held_up(stack, account) as (cursor, wait_for):
            change = pool.submit(ways[who])
            wait_for(1)
            cursor.execute(
                "SELECT auth_session_open(%s, %s, gen_random_uuid(), "
                "'\\x00'::bytea || gen_random_uuid()::text::bytea, 60, NULL, 10000)",
                (account.organization_id, account.id),
            )
            (issued_at,) = cursor.fetchone()
        change.result()
    (row,) = stack.sql("SELECT tokens_valid_after FROM users WHERE id = %s", account.id)
    assert row.tokens_valid_after >= issued_at
    assert (
        stack.sql("SELECT count(*) FROM auth_user_scope(%s, %s, %s)", account.organization_id, account.id, issued_at)[
            0
        ].count
        == 0
    )
    assert login(stack, account.email, "a new password").status_code == 200


def test_access_token_is_dated_while_its_session_is_opened(stack):
    """The store dates it, not a worker later: a new password may have come in between."""
    account = Account(stack)
    with ThreadPoolExecutor(1) as pool:
        with held_up(stack, account) as (cursor, wait_for):
            # For this user the last end of sessions is two seconds ahead: the next session is dated just after it.
            cursor.execute("ALTER TABLE users DISABLE TRIGGER users_date_end")
            cursor.execute(
                "UPDATE users SET tokens_valid_after = clock_timestamp() + interval '2 seconds' WHERE id = %s "
                "RETURNING (extract(epoch FROM tokens_valid_after) * 1000000)::bigint",
                (account.id,),
            )
            (ended_at_us,) = cursor.fetchone()
            cursor.execute("ALTER TABLE users ENABLE TRIGGER users_date_end")
            session = pool.submit(login, stack, account.email)
        session = session.result().json()
    assert issued_at_us(session) == ended_at_us + 1
    assert me_with(servers.Client(stack.url), session["access_token"]).status_code == 200


def test_nothing_given_out_before_a_new_password_is_valid_after_it(stack, anonymous):
    account = Account(stack)
    passwords = [PASSWORD, "a new password"]

    def refresh_on(token, given):
        while True:
            answer = refresh(servers.Client(stack.url), token)
            if answer.status_code != 200:
                return
            given.append(answer.json()["access_token"])
            token = answer.json()["refresh_token"]

    for _ in range(5):
        given, session = [], login(stack, account.email, passwords[0]).json()
        with ThreadPoolExecutor(3) as pool:
            for _ in range(3):
                pool.submit(refresh_on, login(stack, account.email, passwords[0]).json()["refresh_token"], given)
            body = {"current_password": passwords[0], "new_password": passwords[1]}
            changed = anonymous.post(
                "/api/v1/auth/password", json=body, headers={"Authorization": "Bearer " + session["access_token"]}
            )
        assert changed.status_code == 200, changed.text
        assert given
        assert {me_with(anonymous, token).status_code for token in (session["access_token"], *given)} == {401}
        passwords.reverse()
        for fresh in (changed, login(stack, account.email, passwords[0])):
            assert me_with(anonymous, fresh.json()["access_token"]).status_code == 200


def test_sign_in_by_the_old_password_does_not_outlive_a_new_one(stack, anonymous):
    account = Account(stack)
    answer = change_password_while(stack, account, lambda: login(stack, account.email))
    assert answer.status_code == 401
    assert (
        stack.sql("SELECT count(*) FROM refresh_tokens WHERE user_id = %s AND revoked_at IS NULL", account.id)[0].count
        == 0
    )
    assert login(stack, account.email, stack.admin_password).status_code == 200


def test_old_password_cannot_replace_a_new_one(stack, anonymous):
    account = Account(stack)
    body = {"current_password": PASSWORD, "new_password": "the password of a thief"}
    client = account.client
    assert client.get(ME).status_code == 200
    answer = change_password_while(stack, account, lambda: client.post("/api/v1/auth/password", json=body))
    assert answer.status_code == 422 and problem_fields(answer) == {"current_password": "is wrong"}
    assert login(stack, account.email, "the password of a thief").status_code == 401
    assert login(stack, account.email, stack.admin_password).status_code == 200


def test_changed_role_counts_at_the_next_request(stack):
    account = Account(stack, role="viewer")
    assert account.client.post("/api/v1/database-connections", json={}).status_code == 403
    stack.sql("UPDATE users SET role = 'member' WHERE id = %s", account.id)
    assert account.client.post("/api/v1/database-connections", json={}).status_code == 422


def test_stored_hash_that_asks_for_gigabytes_only_refuses(stack):
    account = Account(stack)
    stack.sql(
        "UPDATE users SET password_hash = %s WHERE id = %s",
        "$argon2id$v=19$m=4194304,t=1000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        account.id,
    )
    begin = time.monotonic()
    assert login(stack, account.email).status_code == 401
    assert time.monotonic() - begin < 5


BAD_BODIES = [
    (b"", 400, None),
    (b"{", 400, None),
    (b"{'email': 'a'}", 400, None),
    (b'{"email": "a@b.c", "password": "x"} trailing', 400, None),
    (b'{"email": "\xff@b.c", "password": "x"}', 400, None),
    (b'{"email": "\\ud800@b.c", "password": "x"}', 400, None),
    (b'{"email": NaN, "password": "x"}', 400, None),
    (b"[" * 100000, 400, None),
    (b'{"a":' * 100000, 400, None),
    (b"[]", 422, None),
    (b'"text"', 422, None),
    (b"null", 422, None),
    (b"{}", 422, {"email", "password"}),
    (b'{"email": "a@b.c"}', 422, {"password"}),
    (b'{"email": null, "password": "x"}', 422, {"email"}),
    (b'{"email": 7, "password": ["x"]}', 422, {"email", "password"}),
    (b'{"email": "a@b.c", "password": {"a": 1}}', 422, {"password"}),
    (b'{"email": "", "password": "x"}', 422, {"email"}),
    (b'{"email": "a@b.c", "password": ""}', 422, {"password"}),
    (b'{"email": "a\\u0000@b.c", "password": "x"}', 422, {"email"}),
    (b'{"email": "a@b.c", "password": "x\\u0000y"}', 422, {"password"}),
    (b'{"email": "a\\n@b.c", "password": "x"}', 422, {"email"}),
    (b'{"email": "a@b.c", "password": "x", "remember": true}', 422, {"remember"}),
    (b'{"email": "a@b.c", "email": "b@b.c", "password": "x"}', 422, {"email"}),
    (b'{"email": "a@b.c", "password": "' + b"x" * 1025 + b'"}', 422, {"password"}),
    (b'{"email": "' + b"x" * 255 + b'", "password": "x"}', 422, {"email"}),
]


@pytest.mark.parametrize("body, status, fields", BAD_BODIES, ids=lambda value: repr(value)[:40])
def test_bad_body_is_said_by_field(anonymous, body, status, fields):
    answer = anonymous.request("POST", LOGIN, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    if fields is not None:
        assert set(problem_fields(answer)) == fields


def test_all_unknown_fields_do_not_overrun_the_answer(anonymous):
    body = {f"field {number} " + "é" * 100: number for number in range(1000)}
    answer = anonymous.post(LOGIN, json=body)
    assert answer.status_code == 422
    assert 1 <= len(answer.json()["errors"]) <= 16


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_other_content_types_are_415(anonymous, kind):
    body = b'{"email": "a@b.c", "password": "x"}'
    assert anonymous.request("POST", LOGIN, data=body, headers={"Content-Type": kind}).status_code == 415


def test_charset_of_a_content_type_does_not_matter(anonymous):
    answer = anonymous.request(
        "POST",
        LOGIN,
        data=json.dumps({"email": unique("a") + "@b.c", "password": "x"}),
        headers={"Content-Type": "Application/JSON; charset=utf-8"},
    )
    assert answer.status_code == 401


def test_body_over_the_bound_is_413(anonymous):
    assert anonymous.post(LOGIN, json={"email": "a@b.c", "password": "x" * 2_000_000}).status_code == 413
