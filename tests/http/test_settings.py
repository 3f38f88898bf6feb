"""Settings of the systems before Potto, pages of other addresses that call the API (CORS), and what /health tells of it
all."""

import json
import os
import re
import subprocess

import pytest
import requests

import ollama_stand_in
import servers
from accounts import unique
from test_jobs import follow, started

LISTED, ALSO_LISTED, OTHER = "https://app.example.com", "http://localhost:3000", "https://evil.example.com"
SETTINGS = {
    "POTTO_CORS_ORIGINS": f"{LISTED}, {ALSO_LISTED}",
    "OLLAMA_MODEL": ollama_stand_in.MODEL,
    "OLLAMA_TIMEOUT": "300",
    "MONITORING_ENABLED": "false",
    "MONITORING_INTERVAL_MINUTES": "60",
}


@pytest.fixture(scope="module")
def ollama():
    with ollama_stand_in.running() as url:
        yield url


@pytest.fixture(scope="module")
def set_stack(stack, ollama):
    own = servers.Stack(stack.state.name + "-settings", stack.build_dir, {**SETTINGS, "OLLAMA_BASE_URL": ollama})
    with servers.running(own):
        yield own


@pytest.fixture(scope="module")
def admin(set_stack):
    return servers.SignedInClient(set_stack.url, set_stack.admin_email, set_stack.admin_password)


def cross(stack, method, path, origin, **headers):
    return requests.request(method, stack.url + path, headers={"Origin": origin, **headers}, timeout=60)


def cors(answer):
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


# ---- settings ----


@pytest.mark.parametrize(
    "program,environment,words",
    [
        ("potto-fcgi", {"DATABASE_URL": "sqlite:///./app/db/observability.db"}, "DATABASE_URL must be an address of"),
        ("potto-collector", {"POTTO_OWNER_DATABASE_URL": "sqlite:///a.db"}, "POTTO_OWNER_DATABASE_URL must be an"),
        ("potto-collector", {"MAX_QUERIES_PER_POLL": "100"}, "MAX_QUERIES_PER_POLL has nothing that it could limit"),
        ("potto-fcgi", {"SECRET_KEY": "ab" * 32, "JWT_SECRET": "cd" * 32}, "JWT_SECRET and SECRET_KEY are both set"),
        ("potto-fcgi", {"POTTO_CORS_ORIGINS": "https://app.example.com/"}, "POTTO_CORS_ORIGINS must be"),
        ("potto-collector", {"MONITORING_ENABLED": "sometimes"}, "MONITORING_ENABLED must be true or false"),
    ],
)
def test_a_program_refuses_a_setting_in_words(stack, program, environment, words):
    done = subprocess.run([stack.program(program)], env={"PATH": os.environ["PATH"], **environment},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode in (1, 2) and words in done.stderr, done.stderr


def test_secret_of_the_seed_must_be_a_key(stack):
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": stack.api_dsn, "POTTO_SOCKET": "/nowhere/a.sock",
                   "ENCRYPTION_KEY": "ab" * 32, "SECRET_KEY": "your-secret-key-change-this"}
    done = subprocess.run([stack.program("potto-fcgi")], env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "hexadecimal" in done.stderr, done.stderr
    assert "your-secret-key-change-this" not in done.stderr


def test_interval_of_a_new_connection_is_the_setting(admin, set_stack):
    body = {"name": unique("interval"), "engine": "postgresql", "visibility_scope": "ORG_WIDE"}
    assert admin.post("/api/v1/database-connections", json=body).json()["interval_s"] == 3600
    own = admin.post("/api/v1/database-connections", json={**body, "name": unique("interval"), "interval_s": 90})
    assert own.json()["interval_s"] == 90
    name = unique("interval")
    set_stack.cli("connection", "create", "--name", name, "--engine", "postgresql")
    listed = admin.get("/api/v1/database-connections", params={"limit": 500}).json()["items"]
    assert [connection["interval_s"] for connection in listed if connection["name"] == name] == [3600]
    page = requests.get(set_stack.url + "/databases/new", cookies={"potto_access": admin.token}, timeout=60)
    assert re.search(r'name="interval_s"[^>]*placeholder="3600"', page.text), page.text


def test_without_monitoring_a_database_is_collected_from_on_demand_alone(admin, set_stack):
    body = {"engine": "postgresql", "host": "127.0.0.1", "port": 1, "username": "potto", "visibility_scope": "ORG_WIDE"}
    never = admin.post("/api/v1/database-connections", json={**body, "name": unique("never")}).json()["id"]
    asked = admin.post("/api/v1/database-connections",
                       json={**body, "name": unique("asked"), "engine": "mysql"}).json()["id"]
    job = follow(admin, started(admin.post("/api/v1/collectors/mysql/collect"))["job_url"])
    assert [database["database_connection_id"] for database in job["result"]["databases"]] == [asked]
    path = "/api/v1/database-connections/"
    assert admin.get(path + str(asked)).json()["collection"]["last_run_at"] is not None
    assert admin.get(path + str(never)).json()["collection"]["last_run_at"] is None
    assert admin.get("/api/v1/monitoring/status").json()["is_running"] is False


def health_with(client, status):
    """/health, as soon as its language model has this status."""
    seen = {}

    def look():
        seen.update(client.get("/health").json())
        return seen["llm"]["status"] == status

    servers.wait_until(look, what=f"a language model that is {status}")
    return seen


def test_health_tells_of_the_language_model_what_the_collector_found(set_stack):
    health = health_with(servers.Client(set_stack.url), "reachable")
    assert health["monitoring_agent"] is False
    assert health["llm"].pop("checked_at") is not None
    assert health["llm"] == {"status": "reachable", "kind": "ollama", "model": "sqlcoder:latest", "problem": None}
    assert health["ollama"] == {
        "status": "healthy", "url": None, "model": "sqlcoder:latest", "model_available": True, "problem": None}


def test_the_page_of_collectors_tells_of_the_language_model(set_stack, admin):
    health_with(admin, "reachable")
    page = requests.get(set_stack.url + "/collectors", cookies={"potto_access": admin.token}, timeout=60).text
    assert "sqlcoder:latest (Ollama)" in page and ">reachable</span>" in page


def test_health_tells_that_no_language_model_is_configured(anonymous):
    health = health_with(anonymous, "off")
    assert health["llm"] == {"status": "off", "kind": None, "model": None, "checked_at": None, "problem": None}
    assert health["ollama"] == {
        "status": "not configured", "url": None, "model": None, "model_available": False, "problem": None}


def test_the_command_llm_asks_one_question_without_literals(set_stack):
    told = json.loads(set_stack.cli("llm", "check", "--json").stdout)
    asked = ollama_stand_in.ASKED[-1]["messages"][-1]["content"]
    assert "?" in asked and "example.com" not in asked
    assert told["question"].pop("seconds") >= 0
    assert told == {
        "kind": "ollama", "model": "sqlcoder:latest", "status": "reachable", "problem": None,
        "question": {"asked": asked, "outcome": "answered", "problem": None,
                     "said": ollama_stand_in.SAID,
                     "answer": {"tables": ["orders"], "kind": "select"},
                     "input_tokens": 50, "output_tokens": 12, "attempts": 1}}


def test_the_command_llm_says_what_is_wrong(set_stack):
    silent = subprocess.run([set_stack.program("potto"), "llm", "check"], capture_output=True, text=True, timeout=60,
                            env={**os.environ, "OLLAMA_BASE_URL": "http://127.0.0.1:1", "OLLAMA_MODEL": "m"})
    assert silent.returncode == 1
    assert "not reachable" in silent.stdout and "takes no connection" in silent.stdout


# ---- pages of other addresses ----


@pytest.mark.parametrize("origin", [LISTED, ALSO_LISTED])
def test_a_listed_origin_may_read_answers_and_refusals(set_stack, admin, origin):
    admin.get("/api/v1/auth/me")
    for token, status in ((admin.token, 200), ("nonsense", 401)):
        answer = cross(set_stack, "GET", "/api/v1/stats/overview", origin, Authorization=f"Bearer {token}")
        assert answer.status_code == status
        assert cors(answer) == {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "ETag, Location, Retry-After, X-Next-Cursor, X-Request-Id"}
        assert "Origin" in answer.headers["Vary"]
    assert cors(cross(set_stack, "GET", "/health", origin))["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origin", [OTHER, "null", LISTED + ".evil.example", LISTED.upper(), "http://localhost:30001"])
def test_another_origin_may_read_nothing(set_stack, origin):
    for method, path in (("GET", "/health"), ("GET", "/api/v1/auth/me"), ("OPTIONS", "/api/v1/slow-queries")):
        answer = cross(set_stack, method, path, origin)
        assert cors(answer) == {} and "Origin" in answer.headers["Vary"]


def test_an_answer_without_an_origin_varies_by_it(set_stack):
    answer = requests.get(set_stack.url + "/health", timeout=60)
    assert cors(answer) == {} and "Origin" in answer.headers["Vary"]


def test_a_browser_that_asks_before_is_told_methods_and_headers(set_stack):
    answer = cross(set_stack, "OPTIONS", "/api/v1/database-connections/7", LISTED,
                   **{"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert cors(answer)["Access-Control-Allow-Origin"] == LISTED
    allowed = set(cors(answer)["Access-Control-Allow-Methods"].split(", "))
    assert {"GET", "HEAD", "PATCH", "DELETE"} <= allowed
    assert "Authorization" in cors(answer)["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in cors(answer)
    assert set(answer.headers["Allow"].split(", ")) == allowed | {"OPTIONS"}
    assert cross(set_stack, "OPTIONS", "/api/v1/no-such-address", LISTED).status_code == 404


@pytest.mark.parametrize("path", ["/", "/login", "/metrics"])
def test_pages_and_metrics_are_for_no_other_origin(set_stack, path):
    assert cors(cross(set_stack, "GET", path, LISTED)) == cors(cross(set_stack, "OPTIONS", path, LISTED)) == {}


def test_without_the_setting_no_origin_may_read_anything(stack):
    for method in ("GET", "OPTIONS"):
        answer = cross(stack, method, "/health", LISTED)
        assert answer.status_code == (200 if method == "GET" else 204)
        assert cors(answer) == {} and "Origin" not in answer.headers.get("Vary", "")


def test_all_origins_may_read_what_a_token_opens_and_never_what_a_cookie_does(set_stack):
    set_stack.set(POTTO_CORS_ORIGINS="*")
    answer = cross(set_stack, "OPTIONS", "/api/v1/slow-queries", OTHER, Cookie="potto_access=x")
    assert cors(answer)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in cors(answer)


# ---- addresses of other systems ----


@pytest.mark.parametrize(
    "address,place",
    [("/redoc", "/docs"), ("/database-connections", "/databases"), ("/database-connections/7?a=b", "/databases/7?a=b"),
     ("/database-connections/new", "/databases/new")],
)
def test_an_address_of_the_seeds_leads_somewhere(stack, address, place):
    answer = requests.get(stack.url + address, allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (308, place)


def test_redoc_ends_at_the_description(stack):
    assert requests.get(stack.url + "/redoc", timeout=60).status_code == 200
