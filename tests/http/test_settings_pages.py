"""The pages below /settings: what they show to each role, and what their forms do."""

import html
import re

import pytest
import servers
from accounts import PASSWORD, Account, login, unique
from test_pages import HOSTILE, Browser, browser_of, location

PAGES = ["/settings/tokens", "/settings/users", "/settings/teams", "/settings/audit", "/settings/storage"]
ADMIN_PAGES = PAGES[1:]


@pytest.fixture(scope="module")
def admin(stack):
    return Account(stack, "admin", unique("team"), unique("organization"))


@pytest.fixture(scope="module")
def browser(admin):
    return browser_of(admin)


def csrf_of(browser):
    return re.search(r'name="csrf" value="([^"]+)"', browser.get("/settings/tokens").text).group(1)


def submit(browser, path, **fields):
    return browser.submit(path, {"csrf": csrf_of(browser), **fields})


def text_of(answer):
    return html.unescape(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_admin_gets_every_page_and_an_anonymous_visitor_the_sign_in(stack, browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert 'aria-current="true"' in answer.text
    for other in PAGES:
        assert f'href="{other}"' in answer.text
    assert location(Browser(stack.url).get(path)).startswith("/login")


def test_names_from_forms_are_lines_as_those_of_the_api_are(stack, browser, admin):
    database = {"engine": "postgresql", "visibility_scope": "ORG_WIDE", "host": "h", "username": "u"}
    forms = [
        ("/settings/users", {"email": unique("a\r\nb") + "@example.com", "role": "viewer"}),
        ("/settings/users", {"email": unique("a") + "@example.com", "display_name": "x\x07y", "role": "viewer"}),
        ("/settings/teams", {"name": unique("a\nb")}),
        ("/settings/tokens", {"name": "a\tb", "scope": "read", "days": "7"}),
        ("/databases/new", {**database, "name": unique("a\nb")}),
        ("/databases/new", {**database, "name": unique("a"), "host": "h\r\nh"}),
        ("/databases/new", {**database, "name": unique("a"), "username": "u" * 129}),
        ("/databases/new", {**database, "name": unique("a"), "min_duration_ms": "86400001"}),
    ]
    for path, fields in forms:
        assert submit(browser, path, **fields).status_code == 422, (path, fields)
    assert location(submit(browser, "/databases/new", **database, name=unique("a"), password="p\tw")).startswith(
        "/databases/"
    )
    for table in ("users", "teams", "api_tokens", "database_connections"):
        bad = f"SELECT * FROM {table} AS row WHERE organization_id = %s AND row::text ~ '[[:cntrl:]]'"
        assert stack.sql(bad, admin.organization_id) == []


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_others_get_their_own_page_alone(stack, role):
    person = browser_of(Account(stack, role))
    page = person.get("/settings/tokens")
    assert page.status_code == 200
    for path in ADMIN_PAGES:
        assert f'href="{path}"' not in page.text
        assert person.get(path).status_code == 403
    for path in ("/settings/users", "/settings/users/1", "/settings/teams", "/settings/teams/1"):
        assert submit(person, path, action="delete").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/settings/tokens",
        "/settings/tokens/1/revoke",
        "/settings/password",
        "/settings/users",
        "/settings/users/1",
        "/settings/teams",
        "/settings/teams/1",
    ],
)
def test_form_without_its_token_is_refused(browser, path):
    assert browser.submit(path, {"name": "x", "email": "a@b.c", "role": "admin"}).status_code == 403
    assert browser.submit(path, {"csrf": "x", "action": "delete"}).status_code == 403


def test_token_is_made_shown_once_and_revoked(stack, browser):
    name = unique("report")
    made = submit(browser, "/settings/tokens", name=name, scope="read", days="30")
    assert made.status_code == 200
    token = re.search(r"pot_[A-Za-z0-9_-]{43}", made.text).group(0)
    script = servers.Client(stack.url, {"Authorization": f"Bearer {token}"})
    assert script.get("/api/v1/auth/me").status_code == 200
    page = browser.get("/settings/tokens")
    assert name in page.text and token not in page.text
    row = page.text.split(name)[1].split("</tr>")[0]
    revoke = re.search(r'action="(/settings/tokens/\d+/revoke)"', row).group(1)
    assert location(submit(browser, revoke)) == "/settings/tokens?done=revoked"
    assert "The token has ended." in browser.get("/settings/tokens?done=revoked").text
    assert script.get("/api/v1/auth/me").status_code == 401
    other = browser_of(Account(stack, "viewer"))
    assert submit(other, revoke).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scope": "read", "days": "30"},
        {"name": "x" * 201, "scope": "read", "days": "30"},
        {"name": "n", "scope": "all", "days": "30"},
        {"name": "n", "scope": "read", "days": "366"},
        {"name": "n", "scope": "read", "days": "-1"},
        {"name": "n"},
    ],
    ids=str,
)
def test_bad_token_form_says_so(browser, fields):
    answer = submit(browser, "/settings/tokens", **fields)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert "pot_" not in re.sub(r"pot_…", "", answer.text)


def test_viewer_is_offered_reading_alone(stack):
    person = browser_of(Account(stack, "viewer"))
    page = person.get("/settings/tokens").text
    assert 'value="read"' in page and 'value="write"' not in page and 'value="admin"' not in page
    assert submit(person, "/settings/tokens", name="n", scope="write", days="7").status_code == 422


def test_own_password_is_changed_and_this_session_goes_on(stack):
    account = Account(stack, "viewer")
    person, other = browser_of(account), browser_of(account)
    wrong = submit(person, "/settings/password", current_password="no", new_password="a new password")
    assert wrong.status_code == 422 and "is wrong" in wrong.text
    short = submit(person, "/settings/password", current_password=PASSWORD, new_password="short")
    assert short.status_code == 422
    done = submit(person, "/settings/password", current_password=PASSWORD, new_password=" a new password ")
    assert location(done) == "/settings/tokens?done=password"
    assert person.get("/settings/tokens").status_code == 200
    assert location(other.get("/settings/tokens")).startswith("/login")
    assert login(stack, account.email, " a new password ").status_code == 200


def test_user_is_added_with_a_password_shown_once(stack, browser, admin):
    email = unique("new") + "@example.com"
    team = admin.client.get("/api/v1/auth/me").json()["teams"][0]
    made = submit(browser, "/settings/users", email=email, display_name=HOSTILE, role="viewer", team_id=team["id"])
    assert made.status_code == 200
    password = re.search(r"<pre[^>]*>([^<]+)</pre>", made.text).group(1)
    assert login(stack, email, password).status_code == 200
    page = browser.get("/settings/users")
    assert password not in page.text
    assert HOSTILE not in page.text and HOSTILE in text_of(page)
    assert submit(browser, "/settings/users", email=email, role="viewer").status_code == 409
    for bad in ({"email": "nobody", "role": "viewer"}, {"email": "a@b.c", "role": "root"}):
        assert submit(browser, "/settings/users", **bad).status_code == 422


def test_user_is_changed_by_the_buttons_of_a_row(stack, browser, admin):
    made = admin.client.post(
        "/api/v1/users", json={"email": unique("u") + "@example.com", "role": "viewer", "password": PASSWORD}
    ).json()
    path = f"/settings/users/{made['id']}"

    def user():
        return admin.client.get(f"/api/v1/users/{made['id']}").json()

    assert location(submit(browser, path, action="role", role="member")) == "/settings/users?done=saved"
    assert user()["role"] == "member"
    assert submit(browser, path, action="role", role="root").status_code == 422
    assert submit(browser, path, action="nothing").status_code == 422
    assert location(submit(browser, path, action="deactivate")) == "/settings/users?done=deactivated"
    assert user()["is_active"] is False
    assert location(submit(browser, path, action="activate")) == "/settings/users?done=activated"
    reset = submit(browser, path, action="password")
    password = re.search(r"<pre[^>]*>([^<]+)</pre>", reset.text).group(1)
    assert login(stack, made["email"]).status_code == 401
    assert login(stack, made["email"], password).status_code == 200
    assert location(submit(browser, path, action="delete")) == "/settings/users?done=removed"
    assert submit(browser, path, action="delete").status_code == 404
    last = submit(browser, f"/settings/users/{admin.id}", action="deactivate")
    assert last.status_code == 409 and "last active admin" in last.text
    stranger = Account(stack, "viewer")
    assert submit(browser, f"/settings/users/{stranger.id}", action="deactivate").status_code == 404


def test_team_is_made_filled_renamed_and_deleted(stack, browser, admin):
    name = unique("<b>team</b>")
    made = submit(browser, "/settings/teams", name=name)
    path = location(made).split("?")[0]
    assert re.fullmatch(r"/settings/teams/\d+", path)
    page = browser.get(path)
    assert name not in page.text and name in text_of(page)
    assert location(submit(browser, path, action="add", user_id=admin.id)) == f"{path}?done=added"
    assert admin.email in browser.get(path).text
    assert submit(browser, path, action="add", user_id=999999999).status_code == 422
    assert location(submit(browser, path, action="remove", user_id=admin.id)) == f"{path}?done=removed"
    renamed = unique("renamed")
    assert location(submit(browser, path, action="rename", name=renamed)) == f"{path}?done=saved"
    assert renamed in browser.get("/settings/teams").text
    assert submit(browser, path, action="rename", name="").status_code == 422
    assert submit(browser, "/settings/teams", name=renamed).status_code == 409
    assert location(submit(browser, path, action="delete")) == "/settings/teams?done=removed"
    assert browser.get(path).status_code == 404
    foreign = Account(stack, "admin", unique("foreign"))
    team = foreign.client.get("/api/v1/auth/me").json()["teams"][0]["id"]
    assert browser.get(f"/settings/teams/{team}").status_code == 404
    assert submit(browser, f"/settings/teams/{team}", action="delete").status_code == 404


def test_audit_log_is_shown_filtered_and_escaped(stack, browser, admin):
    admin.client.post("/api/v1/teams", json={"name": HOSTILE[:150] + unique("")})
    page = browser.get("/settings/audit", params={"action": "team_created"})
    assert page.status_code == 200
    assert "team_created" in page.text and "user_created" not in page.text
    assert "<script>alert" not in page.text
    assert "Nothing of that kind" in browser.get("/settings/audit", params={"action": "nothing"}).text
    assert browser.get("/settings/audit", params={"before": "x"}).status_code == 422
    for number in range(105):
        stack.sql(
            "INSERT INTO audit_log (organization_id, action) VALUES (%s, %s)",
            admin.organization_id,
            f"made_up_{number}",
        )
    first = browser.get("/settings/audit")
    older = html.unescape(re.search(r'href="(/settings/audit\?[^"]*before=\d+[^"]*)"', first.text).group(1))
    assert "made_up_104" in first.text and "made_up_0<" not in first.text
    assert "made_up_0<" in browser.get(older).text


def test_unknown_value_of_done_is_not_shown(browser):
    assert (
        "<script>" not in browser.get("/settings/tokens", params={"done": "<script>x</script>"}).text.split("<main")[1]
    )
