"""Pages over HTTP: signing in, forms and their tokens, escaping, and what others see."""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import servers
from accounts import Account, unique

SIGNED_IN_PAGES = ["/", "/queries", "/plans/new", "/databases", "/databases/new", "/collectors"]
HOSTILE = """<script>alert("x")</script></pre><img src=x onerror='alert(1)'>&amp;{{CSRF}}"""


class Browser(servers.Client):
    """Handles cookies and forms like a browser without scripts."""

    def request(self, method, path, **options):
        options.setdefault("allow_redirects", False)
        return super().request(method, path, **options)

    def submit(self, path, fields, headers=None):
        return self.request("POST", path, data=fields, headers=headers)

    def sign_in(self, email, password, next_path="/", headers=None):
        return self.submit("/login", {"email": email, "password": password, "next": next_path}, headers)

    def csrf(self):
        return re.search(r'name="csrf" value="([^"]+)"', self.get("/databases").text).group(1)


def browser_of(account):
    browser = Browser(account.stack.url)
    assert browser.sign_in(account.email, account.password).status_code == 303
    return browser


@pytest.fixture(scope="module")
def browser(stack):
    browser = Browser(stack.url)
    assert browser.sign_in(stack.admin_email, stack.admin_password).status_code == 303
    return browser


@pytest.fixture()
def stranger(stack):
    return Browser(stack.url)


@pytest.fixture(scope="module")
def hostile(api, stack):
    """A connection with a hostile name that ran a hostile statement, already rolled up."""
    agent = servers.AgentFactory(api)(name=HOSTILE[:120] + unique(""))
    sql = f'SELECT "{HOSTILE}", \'{HOSTILE[:20]}\' FROM hostile_table'
    sample = {
        "fingerprint": sql,
        "full_sql": sql,
        "duration_ms": 321.5,
        "rows_examined": 10,
        "rows_returned": 1,
        "captured_at": stack.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS t")[
            0
        ].t,
        "user_host": HOSTILE,
    }
    answer = agent.post("/api/v1/collectors/ingest/slow-queries", {"agent_token": agent.token, "queries": [sample]})
    assert answer.json()["accepted"] == 1, answer.text
    agent.post(
        "/api/v1/collectors/register", {"agent_token": agent.token, "hostname": HOSTILE[:60], "version": "<b>1</b>"}
    )
    listed = f"/api/v1/slow-queries/fingerprints?connection_id={agent.connection_id}"
    servers.wait_until(lambda: api.get(listed).json()["items"], 20, what="the rollup")
    return agent


def location(answer):
    assert answer.status_code == 303, (answer.status_code, answer.text[:200])
    return answer.headers["Location"]


def query_link(page):
    return html.unescape(re.search(r'class="row-link" href="(/queries/[^"]+)"', page).group(1))


# ---- signing in ----


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_anonymous_visitor_is_led_to_sign_in_and_back(stranger, path):
    target = urlsplit(location(stranger.get(path)))
    assert target.path == "/login"
    assert unquote(target.query) == ("" if path == "/" else f"next={path}")


def test_sign_in_sets_cookies_that_scripts_cannot_read(stack, stranger):
    answer = stranger.sign_in(stack.admin_email, stack.admin_password, "/queries?period=7d")
    assert location(answer) == "/queries?period=7d"
    cookies = [value for name, value in answer.raw.headers.items() if name.lower() == "set-cookie"]
    assert {cookie.split("=")[0] for cookie in cookies} == {"potto_access", "potto_refresh"}
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie
    assert stranger.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(stack, stranger):
    wrong = stranger.sign_in(stack.admin_email, "not the password")
    unknown = stranger.sign_in("nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert "do not go together" in wrong.text
    assert wrong.text.replace(stack.admin_email, "") == unknown.text.replace("nobody@example.com", "")
    assert "not the password" not in wrong.text


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "/%0d%0aX-Evil:1\r\nX-Evil: 1", "evil", ""],
)  # fmt: skip
def test_sign_in_leads_to_our_own_paths_only(stack, stranger, wanted):
    assert location(stranger.sign_in(stack.admin_email, stack.admin_password, wanted)) == "/"
    page = stranger.get("/login", params={"next": wanted})
    assert page.status_code == 303 and page.headers["Location"] == "/"  # signed in already


def test_the_sign_in_form_keeps_only_own_next_paths(stranger):
    assert 'name="next" value="/"' in stranger.get("/login", params={"next": "//evil.example"}).text
    kept = stranger.get("/login", params={"next": "/queries?q=a&sort=calls"}).text
    assert 'name="next" value="/queries?q=a&amp;sort=calls"' in kept


def test_sign_in_from_another_site_is_refused(stack, stranger):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = stranger.sign_in(stack.admin_email, stack.admin_password, headers=headers)
        assert answer.status_code == 403, headers
        assert "Set-Cookie" not in answer.headers


def test_an_absurd_sign_in_is_refused_politely(stranger):
    assert stranger.submit("/login", {}).status_code == 422
    assert stranger.sign_in("a" * 5000, "b").status_code == 401
    assert stranger.sign_in("a@example.com", "b" * 50000).status_code == 401
    answer = stranger.sign_in("a@example.com", "b" * 100000)  # a form has at most 64 KiB
    assert answer.status_code == 413 and answer.headers["Content-Type"].startswith("text/html")
    answer = stranger.request("POST", "/login", data="email=%00&password=%ff",
                              headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert answer.status_code in (400, 401)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_signing_out_ends_the_session(stack):
    person = browser_of(Account(stack))
    refresh = person.session.cookies["potto_refresh"]
    assert location(person.submit("/logout", {"csrf": person.csrf()})) == "/login"
    assert urlsplit(location(person.get("/"))).path == "/login"
    person.session.cookies.set("potto_refresh", refresh)
    assert urlsplit(location(person.get("/"))).path == "/login"


def test_a_deactivated_person_is_out_at_once(stack):
    account = Account(stack)
    person = browser_of(account)
    assert person.get("/").status_code == 200
    account.deactivate()
    assert urlsplit(location(person.get("/"))).path == "/login"


# ---- pages ----


@pytest.mark.parametrize("path", SIGNED_IN_PAGES + ["/login"])
def test_pages_are_html_without_inline_scripts_or_styles(stack, browser, stranger, path):
    answer = (stranger if path == "/login" else browser).get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    for script in re.findall(r"<script\b[^>]*>", answer.text):
        assert "src=" in script or 'type="application/json"' in script, script
    assert not re.search(r"<[^>]+\s(style|on\w+)\s*=", answer.text)
    assert "{{" not in answer.text


@pytest.mark.parametrize(
    "path, status",
    [
        ("/?period=1h", 200), ("/?period=30d", 200), ("/?from=2026-11-01T00:00&to=2026-11-02T00:00", 200),
        ("/?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00%2B02:00", 200), ("/?connection_id=", 200),
        ("/?period=1y", 422), ("/?from=yesterday", 422), ("/?from=2026-11-02T00:00&to=2026-11-01T00:00", 422),
        ("/?connection_id=abc", 422), ("/?connection_id=99999999", 404), ("/?connection_id=-1", 422),
        ("/queries?sort=calls&kind=select&engine=mysql&q=a%25_b&page=2", 200), ("/queries?sort=nothing", 422),
        ("/queries?page=0", 422), ("/queries?page=99999", 422), ("/queries?kind=truncate", 422),
        ("/queries?q=" + "a" * 600, 422), ("/queries/zzz", 404), ("/queries/" + "0" * 32, 404),
        ("/databases/0", 404), ("/databases/99999999", 404), ("/databases/abc", 404), ("/nothing", 404),
        ("/queries?q=%ff", 400),
    ],
)  # fmt: skip
def test_addresses_answer_with_a_page_and_the_right_status(browser, path, status):
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    if status != 200:
        assert answer.headers["X-Request-Id"] in answer.text


def test_error_pages_escape_what_was_asked_for(browser):
    for path in ("/queries?sort=" + HOSTILE, "/?period=" + HOSTILE, "/" + HOSTILE):
        answer = browser.get(path)
        assert answer.status_code >= 400
        assert "<script>alert" not in answer.text and "<img" not in answer.text


def test_hostile_text_is_escaped_on_every_page(browser, hostile):
    chosen = f"?connection_id={hostile.connection_id}"
    query = query_link(browser.get("/queries" + chosen).text)
    for path in ("/" + chosen, "/queries" + chosen, query, "/databases", f"/databases/{hostile.connection_id}",
                 "/collectors", "/queries?q=" + HOSTILE, "/queries?table=" + HOSTILE):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text and "<img" not in answer.text, path
        assert "onerror='" not in answer.text and "<b>1</b>" not in answer.text, path
        csrf = browser.csrf()
        assert f"&amp;amp;{csrf}" not in answer.text  # a template marker in a value is only text
    assert "&lt;script&gt;alert(" in browser.get(query).text


def test_chart_data_are_json_that_cannot_leave_their_script(browser, hostile):
    page = browser.get(f"/?connection_id={hostile.connection_id}").text
    data = re.search(r'<script type="application/json" data-chart-data>(.*?)</script>', page, re.S).group(1)
    assert "<" not in data
    read = json.loads(data)
    assert sum(value * read["bucket_s"] for value in read["values"]["slow"]) > 0
    assert len(read["times_s"]) == len(read["values"]["time"])


def test_a_query_page_has_its_numbers_and_its_sample(browser, hostile):
    page = browser.get(query_link(browser.get(f"/queries?connection_id={hostile.connection_id}").text)).text
    assert "322\u00a0ms" in page  # 321.5 ms
    assert "hostile_table" in page
    assert 'title="' in page and "1 of them slow" in page


# ---- forms ----


def test_forms_without_the_right_token_are_refused(stack, browser, hostile):
    path = f"/databases/{hostile.connection_id}"
    other = browser_of(Account(stack)).csrf()
    before = stack.sql("SELECT count(*) AS n FROM audit_log WHERE action LIKE 'agent_token%%'")[0].n
    for form in ("/logout", path + "/reveal-token", path + "/rotate-token", "/databases/new"):
        for fields in ({}, {"csrf": ""}, {"csrf": "wrong"}, {"csrf": other}):
            answer = browser.submit(form, {"name": "x", "engine": "mysql", **fields})
            assert answer.status_code == 403, (form, fields)
            assert answer.headers["Content-Type"].startswith("text/html")
    right = {"csrf": browser.csrf()}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.submit(path + "/rotate-token", right, headers).status_code == 403
    assert stack.sql("SELECT count(*) AS n FROM audit_log WHERE action LIKE 'agent_token%%'")[0].n == before
    assert browser.get("/").status_code == 200


def test_a_token_is_shown_after_asking_only(browser, api, hostile):
    path = f"/databases/{hostile.connection_id}"
    assert hostile.token not in browser.get(path).text
    shown = browser.submit(path + "/reveal-token", {"csrf": browser.csrf()})
    assert shown.status_code == 200 and hostile.token in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert browser.get(path + "/reveal-token").status_code == 405
    rotated = browser.submit(path + "/rotate-token", {"csrf": browser.csrf()}).text
    fresh = re.search(r"data-copy-source>(agt_[\w-]{43})<", rotated).group(1)
    assert fresh != hostile.token
    assert api.get(f"/api/v1/database-connections/{hostile.connection_id}/agent-token").json()["agent_token"] == fresh


def test_the_form_lists_the_grants_that_the_docs_list(browser):
    docs = (Path(__file__).parents[2] / "docs/operations.md").read_text()

    def grants(text):
        found = re.findall(r"^GRANT (.+?) TO potto_monitor@", text, re.M)
        return sorted(grant for grant in found if "shop." not in grant)

    shown = html.unescape(browser.get("/databases/new").text)
    assert grants(shown) == grants(docs) and len(grants(docs)) >= 3


def test_a_database_is_added_by_its_form(stack, browser):
    name = unique("by form")
    fields = {"csrf": browser.csrf(), "name": name, "engine": "postgresql", "visibility_scope": "ORG_WIDE",
              "host": "203.0.113.9", "port": "5433", "database_name": "shop", "username": "potto",
              "password": " s3cret ", "tls_mode": "require", "interval_s": "300", "min_duration_ms": "12.5",
              "overhead_budget_percent": "0.25",
              "keep_literals": "1"}  # fmt: skip  (without waits_enabled, as an unchecked box)
    target = location(browser.submit("/databases/new", fields))
    assert re.fullmatch(r"/databases/\d+\?added=1", target)
    page = browser.get(target).text
    assert name in page and "s3cret" not in page and "203.0.113.9:5433/shop" in page
    row = stack.sql("SELECT * FROM database_connections WHERE name = %s", name)[0]
    assert (row.host, row.port, row.database_name, row.username) == ("203.0.113.9", 5433, "shop", "potto")
    assert (row.tls_mode, row.interval_s, row.min_duration_ms, row.keep_literals) == ("require", 300, 12.5, True)
    assert row.waits_enabled is False and row.overhead_budget_percent == 0.25
    assert row.password_ciphertext and b"s3cret" not in bytes(row.password_ciphertext)
    again = browser.submit("/databases/new", fields)
    assert again.status_code == 409 and "already" in again.text and "s3cret" not in again.text


@pytest.mark.parametrize(
    "field, value",
    [("name", ""), ("name", "n" * 300), ("engine", "sqlite"), ("port", "0"), ("port", "http"), ("interval_s", "1"),
     ("min_duration_ms", "-1"), ("min_duration_ms", "nan"), ("overhead_budget_percent", "0"),
     ("visibility_scope", "WORLD"), ("tls_mode", "maybe"),
     ("team_id", "99999999"), ("team_id", "x")],
)  # fmt: skip
def test_a_wrong_field_is_named_and_the_rest_kept(browser, field, value):
    fields = {"csrf": browser.csrf(), "name": unique("wrong"), "engine": "mysql", "visibility_scope": "ORG_WIDE",
              "host": "<b>kept</b>", "username": "kept-user", "password": "never-shown", field: value}  # fmt: skip
    answer = browser.submit("/databases/new", fields)
    assert answer.status_code == 422, answer.text[:300]
    assert 'role="alert"' in answer.text
    assert 'value="&lt;b&gt;kept&lt;/b&gt;"' in answer.text and "never-shown" not in answer.text
    if field != "team_id" or value == "x":
        assert 'class="wrong"' in answer.text


# ---- others ----


def test_another_organization_sees_nothing(stack, hostile):
    foreigner = browser_of(Account(stack, "admin", unique("team"), unique("organization")))
    assert "Nothing is watched yet" in foreigner.get("/").text
    assert hostile.name[:20] not in html.unescape(foreigner.get("/databases").text)
    csrf = foreigner.csrf()
    for answer in (
        foreigner.get(f"/databases/{hostile.connection_id}"),
        foreigner.get(f"/?connection_id={hostile.connection_id}"),
        foreigner.submit(f"/databases/{hostile.connection_id}/reveal-token", {"csrf": csrf}),
        foreigner.submit(f"/databases/{hostile.connection_id}/rotate-token", {"csrf": csrf}),
    ):
        assert answer.status_code == 404
        assert "hostile_table" not in answer.text and hostile.token not in answer.text


def test_hidden_and_absent_queries_look_the_same(stack, browser, hostile):
    foreigner = browser_of(Account(stack, "admin", unique("team"), unique("organization")))
    hidden_path = query_link(browser.get(f"/queries?connection_id={hostile.connection_id}").text).split("?")[0]
    hidden, absent = foreigner.get(hidden_path), foreigner.get("/queries/" + "1" * 32)
    assert hidden.status_code == absent.status_code == 404

    def without_id(answer):
        return answer.text.replace(answer.headers["X-Request-Id"], "")

    assert without_id(hidden) == without_id(absent)


def test_a_viewer_reads_and_changes_nothing(stack, hostile):
    viewer = browser_of(Account(stack, "viewer"))
    page = viewer.get(f"/databases/{hostile.connection_id}")
    assert page.status_code == 200
    assert "reveal-token" not in page.text and "rotate-token" not in page.text
    assert viewer.get("/databases/new").status_code == 403
    csrf = viewer.csrf()
    for path in ("reveal-token", "rotate-token"):
        assert viewer.submit(f"/databases/{hostile.connection_id}/{path}", {"csrf": csrf}).status_code == 403
