"""The dispatcher: routes, methods, bodies, request ids, encodings, sessions."""

import gzip
import json
import re
import subprocess

import pytest
import raw_http
import servers
from accounts import Account

LOGIN = "/api/v1/auth/login"
LIST = "/api/v1/slow-queries"


def assert_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


# ---- programs ----


def test_every_program_and_command_tells_how_it_is_called(stack):
    potto = stack.program("potto")
    shown = subprocess.run([potto, "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  potto (\w+)", shown, re.M))
    assert commands >= {"migrate", "bootstrap", "user", "connection", "keys", "rollup", "health", "config",
                        "fingerprint"}
    deeper = [("connection", "create"), ("keys", "rotate"), ("rollup", "rebuild"), ("user", "create")]
    for words in [*((command,) for command in commands), *deeper]:
        done = subprocess.run([potto, *words, "--help"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), (words, done)
        assert done.stdout.startswith(f"usage: potto {words[0]}"), words
        refused = subprocess.run([potto, words[0], "--no-such-option"], capture_output=True, text=True)
        assert refused.returncode in (1, 2) and refused.stdout == "", words
    for name in ("potto-fcgi", "potto-collector", "potto-target"):
        done = subprocess.run([stack.program(name), "--help"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith(f"usage: {name}"), done
        refused = subprocess.run([stack.program(name), "--no-such-option"], capture_output=True, text=True)
        assert refused.returncode == 2 and refused.stdout == "" and "usage" in refused.stderr
    for name in ("potto", "potto-fcgi", "potto-collector", "potto-target"):
        done = subprocess.run([stack.program(name), "--version"], capture_output=True, text=True, check=True)
        assert re.fullmatch(rf"{name} \d+\.\d+\.\d+\n", done.stdout), done.stdout


# ---- routes ----


def test_route_table_is_sound_and_every_row_says_who_may_call_it(stack):
    done = subprocess.run([stack.program("potto-fcgi"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) > 20
    assert all(row["access"] != "unset" and row["sees"] != "unset" for row in rows)
    public = [row for row in rows if row["access"] in ("public", "loopback")]
    assert all(row["sees"] == "none" for row in public)
    assert all(row["is_form"] for row in rows if row["access"].startswith("page") and row["method"] != "GET")


def test_every_route_but_the_public_ones_asks_who_is_calling(stack, anonymous):
    done = subprocess.run([stack.program("potto-fcgi"), "--check"], capture_output=True, text=True, check=True)
    for row in map(json.loads, done.stdout.splitlines()):
        if row["access"] in ("public", "loopback"):
            continue
        path = re.sub(r"\{\w+\}", "1", row["path"])
        body = {} if row["is_page"] or row["method"] == "GET" else {"json": {}}
        answer = anonymous.request(row["method"], path, allow_redirects=False, **body)
        if row["is_page"]:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/login"), row
        else:
            assert_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_unknown_api_path_is_a_404_problem(anonymous):
    assert_problem(anonymous.get("/api/v1/nothing"), 404)


def test_unknown_page_is_a_404_page(anonymous):
    answer = anonymous.get("/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize("path", ["/health/", "//health", "/Health", "/health/x", "/api/v1//slow-queries"])
def test_path_must_fit_exactly(anonymous, path):
    assert raw_http.get(anonymous.url, path)[0] == 404


def test_wrong_method_is_a_405_that_names_the_right_ones(anonymous):
    answer = anonymous.delete("/health")
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"
    answer = anonymous.put("/api/v1/database-connections", json={})
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_literal_segment_wins_over_a_parameter(api):
    answer = api.get("/api/v1/slow-queries/fingerprints")
    assert answer.status_code == 200
    assert "items" in answer.json()
    assert_problem(api.get("/api/v1/slow-queries/not-a-number"), 404)


def test_head_is_get_without_a_body(anonymous):
    get, head = anonymous.get("/health"), anonymous.request("HEAD", "/health")
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert int(head.headers["Content-Length"]) > 0


# ---- request ids and headers ----


def test_every_answer_has_a_request_id_of_its_own(anonymous):
    ids = [anonymous.get(path).headers["X-Request-Id"] for path in ["/health", "/health", "/nothing", LIST] * 5]
    assert all(re.fullmatch("[0-9a-f]{32}", request_id) for request_id in ids)
    assert len(set(ids)) == len(ids)


def test_answers_are_not_kept_by_caches_between(api, anonymous):
    assert anonymous.get("/health").headers["Cache-Control"] == "no-store"
    assert "private" in api.get("/api/v1/slow-queries/fingerprints").headers["Cache-Control"]


def test_line_breaks_in_a_path_make_no_header(anonymous):
    for target in ("/queries/%0d%0aSet-Cookie:%20stolen=1", "/login?next=%0d%0aSet-Cookie:%20stolen=1",
                   "/databases?from=%0d%0aX-Bad:1"):
        _, headers, _ = raw_http.get(anonymous.url, target)
        assert not any("stolen" in value or name == "X-Bad" for name, value in headers)


def test_sign_in_page_is_told_where_to_return_to_as_one_parameter(anonymous):
    answer = anonymous.get("/queries?q=a%26next%3D//evil.example&sort=calls", allow_redirects=False)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/login?next=/queries%3Fq%3D") and location.count("&") == 0


# ---- percent-encoding ----


@pytest.mark.parametrize("end", ["%", "%4", "%zz", "%00"])
def test_path_that_nginx_cannot_decode_is_malformed(anonymous, end):
    assert raw_http.get(anonymous.url, "/api/v1/slow-queries/" + end)[0] == 400


@pytest.mark.parametrize(
    "target",
    ["/api/v1/slow-queries/%c0%af", "/api/v1/slow-queries/%ed%a0%80", "/api/v1/slow-queries/%0a", "/health?a=%",
     "/health?%ff=1", "/health?a=%00"],
)
def test_broken_encoding_is_malformed(anonymous, target):
    status, headers, body = raw_http.get(anonymous.url, target)
    assert status == 400, body
    assert json.loads(body)["status"] == 400
    assert "X-Request-Id" in dict(headers)


def test_encoded_slash_makes_no_segment(anonymous):
    assert raw_http.get(anonymous.url, "/api/v1%2Fslow-queries")[0] == 404
    # It is one segment, so it is the id of a slow query, for which the caller must sign in.
    assert raw_http.get(anonymous.url, "/api/v1/slow-queries/fingerprints%2F1")[0] == 401


def test_dots_lead_nowhere(anonymous):
    for target in ("/api/v1/x/../slow-queries", "/api/v1/x/%2e%2e/slow-queries", "/static/..%2f..%2fetc/passwd"):
        assert raw_http.get(anonymous.url, target)[0] in (400, 404), target


def test_encoded_letters_are_the_letters(anonymous):
    assert raw_http.get(anonymous.url, "/%68ealth")[0] == 200


# ---- query strings ----


def test_of_a_parameter_given_twice_the_first_counts(api):
    answer = api.get(LIST + "?limit=1&limit=bad")
    assert answer.status_code == 200
    assert api.get(LIST + "?limit=bad&limit=1").status_code == 422


def test_unknown_and_bad_parameters_are_all_named(api):
    answer = api.get(
        LIST,
        params={
            "limit": "0",
            "from": "yesterday",
            "engine": "dbase",
            "colour": "blue",
            "hash": "xyz",
            "sort": "name",
            "connection_id": "-1",
            "min_duration_ms": "nan",
        },
    )
    fields = {error["field"] for error in assert_problem(answer, 422)["errors"]}
    assert fields == {"limit", "from", "engine", "colour", "hash", "sort", "connection_id", "min_duration_ms"}


def test_too_many_parameters_are_malformed(api):
    assert_problem(api.get(LIST + "?" + "&".join(f"p{i}=1" for i in range(40))), 400)


def test_very_long_address_is_refused(anonymous):
    assert raw_http.get(anonymous.url, "/health?a=" + "x" * 30000)[0] in (400, 414)


# ---- bodies ----


def test_body_that_is_not_json_by_type_is_a_415(anonymous):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
        answer = anonymous.post(LOGIN, data=b"{}", headers={"Content-Type": content_type})
        assert_problem(answer, 415)
    answer = anonymous.post(LOGIN, data=b'{"email":1}', headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert_problem(answer, 422)


def test_unknown_content_encoding_is_a_415(anonymous):
    answer = anonymous.post(LOGIN, data=b"{}", headers={"Content-Type": "application/json", "Content-Encoding": "br"})
    assert_problem(answer, 415)


def test_gzip_body_is_read_like_a_plain_one(stack, anonymous):
    body = json.dumps({"email": stack.admin_email, "password": stack.admin_password}).encode()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert anonymous.post(LOGIN, data=gzip.compress(body), headers=headers).status_code == 200
    assert_problem(anonymous.post(LOGIN, data=gzip.compress(body)[:-9], headers=headers), 400)


def test_body_over_the_bound_of_its_route_is_a_413(anonymous):
    for size in ((1 << 20) + 1, 5 << 20):
        answer = anonymous.post(LOGIN, data=b" " * size, headers={"Content-Type": "application/json"})
        assert_problem(answer, 413)
    packed = gzip.compress(b" " * (8 << 20))
    answer = anonymous.post(
        LOGIN, data=packed, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert_problem(answer, 413)


def test_chunked_body_is_read(stack, anonymous):
    body = json.dumps({"email": stack.admin_email, "password": stack.admin_password}).encode()
    answer = anonymous.post(LOGIN, data=iter([body[:10], body[10:]]), headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


def test_content_length_of_a_lie_is_refused(anonymous):
    head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: potto\r\nConnection: close\r\nContent-Type: application/json\r\n"
    # Bytes beyond Content-Length do not belong to the body.
    status, _, body = raw_http.exchange(anonymous.url, head + b'Content-Length: 2\r\n\r\n{}{"email":"a@b.c"}')
    assert status == 422 and b"email" in body
    for length in (b"-1", b"1e3", b"99999999999999999999"):
        status, _, _ = raw_http.exchange(anonymous.url, head + b"Content-Length: " + length + b"\r\n\r\n{}")
        assert status in (400, 413), length


def test_body_of_a_get_is_not_looked_at(anonymous):
    assert anonymous.request("GET", "/health", data=b"x" * 100000).status_code == 200


# ---- callers ----


def test_agent_token_opens_nothing_of_a_user(agent, anonymous):
    headers = {"Authorization": f"Bearer {agent.token}"}
    assert_problem(anonymous.get(LIST, headers=headers), 401)


def test_access_token_opens_nothing_of_an_agent(api):
    answer = api.post("/api/v1/collectors/register", json={"hostname": "h", "version": "1"})
    assert_problem(answer, 401)


def test_viewer_may_read_and_not_write(stack):
    viewer = Account(stack, role="viewer").client
    assert viewer.get("/api/v1/database-connections").status_code == 200
    answer = viewer.post("/api/v1/database-connections", json={"name": "no", "engine": "mysql"})
    assert_problem(answer, 403)


def test_other_schemes_than_bearer_are_refused(anonymous):
    for value in ("Basic YTpi", "Bearer", "Bearer ", "bearer x.y.z", "Token abc"):
        assert_problem(anonymous.get(LIST, headers={"Authorization": value}), 401)


def session_cookies(stack):
    tokens = raw_login(stack)
    return f"potto_access={tokens['access_token']}; potto_refresh={tokens['refresh_token']}", tokens


def raw_login(stack):
    import servers

    answer = servers.Client(stack.url).post(LOGIN, json={"email": stack.admin_email, "password": stack.admin_password})
    assert answer.status_code == 200
    return answer.json()


def test_cookie_opens_what_reads_and_not_what_writes(stack, anonymous):
    cookies, _ = session_cookies(stack)
    assert anonymous.get(LIST, headers={"Cookie": cookies}).status_code == 200
    answer = anonymous.post("/api/v1/database-connections", json={"name": "x"}, headers={"Cookie": cookies})
    assert_problem(answer, 401)


def test_expired_session_is_renewed_once_and_the_new_cookies_are_set(stack, anonymous):
    _, tokens = session_cookies(stack)
    answer = anonymous.get("/", headers={"Cookie": f"potto_refresh={tokens['refresh_token']}"}, allow_redirects=False)
    assert answer.status_code == 200
    set_cookies = answer.headers["Set-Cookie"]
    assert "potto_access=" in set_cookies and "potto_refresh=" in set_cookies
    assert "HttpOnly" in set_cookies and "SameSite=Lax" in set_cookies and "Path=/" in set_cookies


def test_renewed_session_survives_a_failing_page(stack, anonymous):
    _, tokens = session_cookies(stack)
    answer = anonymous.get("/databases/999999999", headers={"Cookie": f"potto_refresh={tokens['refresh_token']}"})
    assert answer.status_code == 404
    assert "potto_access=" in answer.headers["Set-Cookie"]


def test_made_up_refresh_token_leads_to_the_sign_in_page_and_is_removed(anonymous):
    answer = anonymous.get("/", headers={"Cookie": "potto_access=a.b.c; potto_refresh=nonsense"}, allow_redirects=False)
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": "made-up"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_form_from_another_site_is_refused(stack, anonymous, headers):
    cookies, _ = session_cookies(stack)
    answer = anonymous.post("/logout", headers={"Cookie": cookies, **headers}, allow_redirects=False)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")


def test_form_with_its_token_is_taken_and_with_anothers_is_not(stack, anonymous):
    cookies, _ = session_cookies(stack)
    page = anonymous.get("/", headers={"Cookie": cookies}).text
    token = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    other = Account(stack)
    other_tokens = anonymous.post(LOGIN, json={"email": other.email, "password": other.password}).json()
    answer = anonymous.post("/logout", data={"csrf": token}, allow_redirects=False,
                            headers={"Cookie": f"potto_access={other_tokens['access_token']}"})
    assert answer.status_code == 403
    answer = anonymous.post("/logout", data={"csrf": token}, headers={"Cookie": cookies, "Origin": stack.url},
                            allow_redirects=False)
    assert answer.status_code == 303


# ---- health and metrics ----


def test_health_keeps_the_members_of_its_predecessor(anonymous):
    health = anonymous.get("/health").json()
    assert health["status"] in ("healthy", "degraded")
    assert health["ollama"]["status"] in ("not configured", "unknown")
    assert isinstance(health["monitoring_agent"], bool)
    assert health["store"]["status"] == "healthy"


def test_the_command_health_fails_where_no_collector_is_at_work(stack):
    servers.wait_until(lambda: stack.cli("health", check=False).returncode == 0, what="a collector at work")
    told = json.loads(stack.cli("health").stdout)
    assert told["collectors"] >= 1 and told["rollups_late_s"] >= 0

    def fails():  # a heartbeat may come between
        stack.sql("UPDATE collectors SET last_seen_at = now() - interval '1 hour' WHERE kind = 'daemon'")
        done = stack.cli("health", check=False)
        return done if done.returncode != 0 else None

    failed = servers.wait_until(fails, what="a failure")
    stack.sql("UPDATE collectors SET last_seen_at = now() WHERE kind = 'daemon'")
    assert (failed.returncode, failed.stdout) == (1, "") and "no collector is at work" in failed.stderr


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_metrics_are_not_for_those_behind_a_proxy(anonymous, header):
    assert anonymous.get("/metrics").status_code == 200
    assert anonymous.get("/metrics", headers={header: "203.0.113.7"}).status_code == 404


def test_metrics_count_requests_by_route_and_code(anonymous):
    def count():
        text = anonymous.get("/metrics").text
        found = re.search(r'^potto_http_requests_total\{method="",route="none",code="404"\} (\d+)$', text, re.M)
        return int(found.group(1)) if found else 0

    before = count()
    for _ in range(3):
        anonymous.get("/api/v1/nothing")
    assert count() == before + 3
    text = anonymous.get("/metrics").text
    assert re.search(r"^potto_workers [1-9]", text, re.M)
    assert re.search(r'^potto_http_request_duration_seconds_bucket\{.*le="\+Inf"\} \d+$', text, re.M)
    assert re.search(r"^potto_store_up 1$", text, re.M)
