"""Bad input on every endpoint, made from the description: each operation, parameter and member of a body is a case, so
that additions to the description are tested at once. (test_openapi.py tests unknown names.)"""

import json
import re

import pytest

import description
import mongodb_reports
import property_api
import servers
from accounts import Account, team_id, unique
from ingest_client import assert_problem, fields_of
from ingest_client import query as ingest_query

V1 = "/api/v1"
CONNECTIONS = f"{V1}/database-connections"
INGEST = property_api.INGEST
OPERATIONS = sorted(
    (row for row in description.operations() if row[1].startswith("/api/")), key=lambda row: (row[1], row[0])
)
JSON = {"Content-Type": "application/json"}


def parameters(operation, place="query"):
    return [p for p in map(description.resolve, operation.get("parameters", [])) if p["in"] == place]


def schema_of(thing):
    """The schema of a parameter or member, without the alternative null."""
    schema = description.resolve(thing)
    if "oneOf" in schema:
        schema = description.resolve(next(one for one in schema["oneOf"] if one.get("type") != "null"))
    return schema


def body_schema(operation):
    if "requestBody" not in operation:
        return None
    return description.resolve(operation["requestBody"]["content"]["application/json"]["schema"])


def kind_of(schema):
    kind = schema.get("type", "string")
    return next(one for one in kind if one != "null") if isinstance(kind, list) else kind


def title(row):
    return " ".join(str(part) if not isinstance(part, dict) else "" for part in row).replace("  ", " ")


class Caller:
    """Callers for each operation, and things that they own."""

    def __init__(self, stack, api):
        self.stack, self.api = stack, api
        self.account = Account(stack, "admin", unique("team"))
        self.client = self.account.client
        self.organization_id = self.client.get(f"{V1}/auth/me").json()["organization_id"]
        self._agent = None

    def of(self, operation):
        roles = property_api.roles_of(operation)
        if roles == ["agent"]:
            if self._agent is None:
                self._agent = servers.AgentFactory(self.api)()
                self._agent.collector_id = self._agent.post(f"{V1}/collectors/register", {"hostname": "h"}).json()["id"]
            return self._agent
        return self.client if roles else servers.Client(self.stack.url)

    def address(self, path, **values):
        """The address of the operation, with ids that exist or, where that does not matter, valid ids of nothing."""
        if "organizations" in path:
            values.setdefault("id", self.organization_id)
        if path.endswith("/heartbeat") and self._agent:
            values.setdefault("id", self._agent.collector_id)
        return re.sub(r"\{(\w+)\}", lambda m: str(values.get(m[1], "0" * 32 if m[1] == "hash" else 999999999)), path)


@pytest.fixture(scope="module")
def caller(stack, api):
    return Caller(stack, api)


# ---- parameters ----

WRONG_VALUES = {
    "integer": ["x", "1.5", "", "0x10", "1e3", "99999999999999999999", "null", "١"],
    "number": ["x", "", "NaN", "Infinity", "1e999", "--1"],
    "date-time": ["yesterday", "2025-02-30T00:00:00Z", "1762079400", "2025-11-02T25:00:00Z", ""],
    "enum": ["nothing-like-it", "'; --"],
    "hash": ["x", "0" * 31, "g" * 32],
}


def wrong_values(parameter):
    schema = schema_of(parameter["schema"])
    if schema.get("format") == "date-time":
        return WRONG_VALUES["date-time"]
    if "enum" in schema:
        return WRONG_VALUES["enum"]
    if "pattern" in schema and "32" in schema["pattern"]:
        return WRONG_VALUES["hash"]
    values = list(WRONG_VALUES.get(kind_of(schema), []))
    values += [str(schema["minimum"] - 1)] if "minimum" in schema else []
    values += [str(schema["maximum"] + 1)] if schema.get("maximum", 2**63) < 2**62 else []
    values += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    return values


PARAMETERS = [
    (method, path, parameter["name"], parameter, operation)
    for method, path, operation in OPERATIONS
    for parameter in parameters(operation)
    if parameter["name"] != "cursor"
]


@pytest.mark.parametrize("row", PARAMETERS, ids=title)
def test_wrong_parameter_is_named(caller, row):
    method, path, name, parameter, operation = row
    for value in wrong_values(parameter):
        body = {} if body_schema(operation) is not None else None
        answer = caller.of(operation).request(method, caller.address(path), params={name: value}, json=body)
        assert name in fields_of(assert_problem(answer, 422)), f"{name}={value}: {answer.text}"


@pytest.mark.parametrize("row", [row for row in OPERATIONS if parameters(row[2])], ids=title)
def test_parameter_that_is_no_utf8_is_malformed(caller, row):
    method, path, operation = row
    name = parameters(operation)[0]["name"]
    for value in ("%ff", "%c0%80", "%ed%a0%80", "%00"):
        assert_problem(caller.of(operation).request(method, f"{caller.address(path)}?{name}={value}"), 400)


PERIODS = [row for row in OPERATIONS if {"from", "to"} <= {parameter["name"] for parameter in parameters(row[2])}]


@pytest.mark.parametrize("row", PERIODS, ids=title)
@pytest.mark.parametrize(
    "start, end",
    [
        ("2025-11-02T10:00:00Z", "2025-11-02T09:00:00Z"),
        ("2025-11-02T10:00:00Z", "2025-11-02T10:00:00Z"),
        ("2025-11-02T10:00:00Z", "2025-11-02T11:00:00+02:00"),
        ("1925-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
    ids=["reversed", "empty", "reversed by its offset", "a century", "all time"],
)
def test_period_that_is_none_or_too_long_is_invalid(caller, row, start, end):
    method, path, operation = row
    problem = assert_problem(
        caller.of(operation).request(method, caller.address(path), params={"from": start, "to": end}), 422
    )
    assert fields_of(problem) and set(fields_of(problem)) <= {"from", "to"}


@pytest.mark.parametrize("row", [row for row in PERIODS if row[1] != f"{V1}/audit-log"], ids=title)
@pytest.mark.parametrize(
    "end", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-02T00:00:00Z", "1899-12-31T00:00:00Z"]
)
def test_period_in_a_year_that_rounding_would_leave_is_invalid(caller, row, end):
    method, path, operation = row
    problem = assert_problem(caller.of(operation).request(method, caller.address(path), params={"to": end}), 422)
    assert fields_of(problem) == ["to"]


PAGED = [row for row in OPERATIONS if "cursor" in {parameter["name"] for parameter in parameters(row[2])}]


class Pages:
    """An organization in which each list has a second page."""

    def __init__(self, stack):
        self.team = unique("team")
        self.account = Account(stack, "admin", self.team, unique("organization"))
        Account(stack, "member", self.team, self.organization_name(stack))
        self.client, self.team_id = self.account.client, team_id(stack, self.team)
        for number in range(2):
            body = {"name": unique("database"), "engine": "postgresql", "visibility_scope": "ORG_WIDE"}
            connection = self.client.post(CONNECTIONS, json=body).json()
            agent = servers.Agent(stack.url, connection, connection["agent_token"])
            agent.post(f"{V1}/collectors/register", {"hostname": unique("host")})
            queries = [
                ingest_query(
                    full_sql=f"SELECT {word} FROM t_{word}{number} WHERE a = 1", plan={"Plan": {"Node Type": kind}}
                )
                for word in ("x", "y")
                for kind in ("Seq Scan", "Result")
            ]
            agent.post(INGEST, {"queries": queries})
            self._report(unique("cluster"))
            self.client.post(f"{V1}/teams", json={"name": unique("team")})
            token = {"name": unique("token"), "scope": "read", "expires_at": property_api.tomorrow()}
            self.client.post(f"{V1}/api-tokens", json=token)
            stack.sql("SELECT llm_reserve(%s, NULL, NULL, 'test', 'ollama', 'm', 1, 1, 1, 0, 0, 0, 'SELECT ?')",
                      self.account.organization_id)
        servers.wait_until(
            lambda: len(self.client.get(f"{V1}/stats/top-queries").json()["items"]) == 4, 60, what="the rollup"
        )
        self.hash = self.client.get(f"{V1}/slow-queries/fingerprints").json()["items"][0]["sql_hash"]
        self.cursors = {path: self._second_page(path) for _, path, _ in PAGED}

    def _report(self, name):
        """Two nodes of a MongoDB cluster."""
        body = {"name": name, "engine": "mongodb", "visibility_scope": "ORG_WIDE"}
        connection_id = self.client.post(CONNECTIONS, json=body).json()["id"]
        reports = [mongodb_reports.report(node) for node in ("rs0-a:27017", "rs0-b:27017")]
        body = {"type": "mongodb", "connection_id": connection_id, "data": reports}
        assert self.client.post(f"{V1}/metrics", json=body).status_code == 200

    def organization_name(self, stack):
        return stack.sql("SELECT name FROM organizations WHERE id = %s", self.account.organization_id)[0].name

    def address(self, path):
        return path.replace("{id}", str(self.team_id)).replace("{hash}", self.hash)

    def _second_page(self, path):
        answer = self.client.get(self.address(path), params={"limit": 1})
        assert answer.status_code == 200, answer.text
        return answer.json()["next_cursor"]


@pytest.fixture(scope="module")
def pages(stack):
    return Pages(stack)


FORGED = ["x", "AAAA", "===", "a" * 5000, "0", "null", "'; --", "é", "AQEAAAAAAAAAAQ"]


@pytest.mark.parametrize("row", PAGED, ids=title)
def test_forged_cursor_is_malformed(pages, row):
    for cursor in FORGED:
        assert_problem(pages.client.get(pages.address(row[1]), params={"cursor": cursor}), 400)


# Lists with at most one row for an organization, or one a day.
ONE_ROW = {f"{V1}/stats/improvements", f"{V1}/statistics/daily"}


@pytest.mark.parametrize("row", PAGED, ids=title)
def test_cursor_of_another_list_is_malformed(pages, row):
    path = row[1]
    assert pages.cursors[path] is not None or path in ONE_ROW, "the list has one page only: nothing is tried"
    for other, cursor in pages.cursors.items():
        if other != path and cursor is not None:
            assert_problem(pages.client.get(pages.address(path), params={"cursor": cursor}), 400)


@pytest.mark.parametrize("row", PAGED, ids=title)
def test_cursor_that_was_changed_is_malformed(pages, row):
    cursor = pages.cursors[row[1]]
    if cursor is None:
        assert row[1] in ONE_ROW
        return
    assert pages.client.get(pages.address(row[1]), params={"limit": 1, "cursor": cursor}).status_code == 200
    for at in (0, len(cursor) // 2, len(cursor) - 3):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        assert_problem(pages.client.get(pages.address(row[1]), params={"cursor": changed}), 400)
    assert_problem(pages.client.get(pages.address(row[1]), params={"cursor": cursor[:-4]}), 400)


@pytest.mark.parametrize("row", [row for row in PAGED if "sort" in {p["name"] for p in parameters(row[2])}], ids=title)
def test_cursor_goes_stale_with_another_order(pages, row):
    sort = next(parameter for parameter in parameters(row[2]) if parameter["name"] == "sort")
    orders = [value for value in schema_of(sort["schema"])["enum"] if not value.startswith("-")]
    for order in orders[1:]:
        assert_problem(
            pages.client.get(pages.address(row[1]), params={"cursor": pages.cursors[row[1]], "sort": order}), 400
        )


@pytest.mark.parametrize("list_name", sorted(property_api.CURSORS))
def test_cursor_with_a_right_check_and_any_content_breaks_nothing(pages, list_name):
    """Anybody can make such a cursor."""
    count = property_api.CURSORS[list_name]
    for number in property_api.CURSOR_NUMBERS:
        for text in (b"", b"x", b"\xff", b"x" * 300):
            cursor = property_api.forge_cursor(list_name, [number] * count, text)
            for path in pages.cursors:
                if list_name.split(":")[0].split("/")[-1].split("-")[-1] in path:
                    sort = {"sort": list_name.split(":")[1]} if ":" in list_name else {}
                    answer = pages.client.get(pages.address(path), params={"cursor": cursor, **sort})
                    assert answer.status_code in (200, 400, 422), answer.text


# ---- bodies ----

BODIES = [row for row in OPERATIONS if body_schema(row[2]) is not None]


@pytest.mark.parametrize("row", BODIES, ids=title)
@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a": }', b"{}}", b"nonsense", b"[" * 100_000, b'{"a": 01}'],
    ids=repr,
)
def test_broken_json_is_malformed(caller, row, body):
    method, path, operation = row
    assert_problem(caller.of(operation).request(method, caller.address(path), data=body, headers=JSON), 400)


# Of agents' messages a string costs its item, not the batch.
LENIENT = {f"{V1}/collectors/ingest/slow-queries", f"{V1}/metrics"}


@pytest.mark.parametrize("row", BODIES, ids=title)
@pytest.mark.parametrize("body", [b'{"a": "\xff"}', b'{"a": "\\ud800"}'], ids=repr)
def test_string_that_is_no_text_is_malformed(caller, row, body):
    method, path, operation = row
    answer = caller.of(operation).request(method, caller.address(path), data=body, headers=JSON)
    assert_problem(answer, 422 if path in LENIENT else 400)


@pytest.mark.parametrize("row", BODIES, ids=title)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"5", b"true"], ids=repr)
def test_json_that_is_no_object_is_refused(caller, row, body):
    method, path, operation = row
    answer = caller.of(operation).request(method, caller.address(path), data=body, headers=JSON)
    assert_problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("row", BODIES, ids=title)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", None]
)
def test_other_content_type_is_not_understood(caller, row, media_type):
    method, path, operation = row
    headers = {} if media_type is None else {"Content-Type": media_type}
    assert_problem(caller.of(operation).request(method, caller.address(path), data=b"{}", headers=headers), 415)


@pytest.mark.parametrize("row", BODIES, ids=title)
def test_other_encoding_is_not_understood(caller, row):
    method, path, operation = row
    answer = caller.of(operation).request(
        method, caller.address(path), data=b"{}", headers={**JSON, "Content-Encoding": "br"}
    )
    assert_problem(answer, 415)


WRONG_TYPES = {
    "string": [5, True, [], {}, ["x"]],
    "integer": ["1", 1.5, True, [], {}],
    "number": ["1", True, [], {}],
    "boolean": ["true", 1, [], {}],
    "array": ["x", 1, {}],
    "object": ["x", 1, [], True],
}
MEMBERS = [
    (method, path, name, member, operation)
    for method, path, operation in BODIES
    for name, member in body_schema(operation).get("properties", {}).items()
    if name != "agent_token"
]


def wrong_members(member):
    schema = schema_of(member)
    values = list(WRONG_TYPES[kind_of(schema)])
    values += [schema["minimum"] - 1] if "minimum" in schema else []
    values += [schema["maximum"] + 1] if "maximum" in schema else []
    values += ["x" * (schema["minLength"] - 1)] if schema.get("minLength", 0) > 0 else []
    values += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    values += ["nothing-like-it", ""] if "enum" in schema else []
    values += ["yesterday", "2025-02-30T00:00:00Z"] if schema.get("format") == "date-time" else []
    values += ["a\0b"] if kind_of(schema) == "string" else []
    return values


@pytest.mark.parametrize("row", MEMBERS, ids=title)
def test_wrong_member_is_named(caller, row):
    method, path, name, member, operation = row
    good = property_api.plain_body(body_schema(operation))
    for value in wrong_members(member):
        answer = caller.of(operation).request(method, caller.address(path), json={**good, name: value})
        assert name in fields_of(assert_problem(answer, 422)), f"{name}={value!r:.60}: {answer.text}"


@pytest.mark.parametrize("row", MEMBERS, ids=title)
def test_member_given_twice_is_named(caller, row):
    method, path, name, member, operation = row
    good = {**property_api.plain_body(body_schema(operation)), name: property_api.plain_value(member)}
    twice = json.dumps(good)[:-1] + f", {json.dumps(name)}: {json.dumps(good[name])}}}"
    answer = caller.of(operation).request(method, caller.address(path), data=twice, headers=JSON)
    assert fields_of(assert_problem(answer, 422)) == [name]


# ---- absent things, and things of others ----

WITH_IDS = [row for row in OPERATIONS if "{id}" in row[1]]


@pytest.mark.parametrize("row", WITH_IDS, ids=title)
@pytest.mark.parametrize(
    "identity", ["0", "-1", "9223372036854775807", "9223372036854775808", "x", "1x", "1.0", "%31%20", "null"]
)
def test_absent_id_is_not_found(caller, row, identity):
    method, path, operation = row
    body = property_api.plain_body(body_schema(operation)) if body_schema(operation) is not None else None
    address = path.replace("{id}", identity).replace("{user_id}", "1")
    assert_problem(caller.of(operation).request(method, address, json=body), 404)


class Strangers:
    """Things of another organization, by the word in the paths to them."""

    def __init__(self, stack):
        self.pages = Pages(stack)
        client = self.pages.client
        connection = client.get(CONNECTIONS).json()["items"][0]
        self.ids = {
            "organizations": self.pages.account.organization_id,
            "users": self.pages.account.id,
            "teams": self.pages.team_id,
            "api-tokens": client.get(f"{V1}/api-tokens").json()["items"][0]["id"],
            "database-connections": connection["id"],
            "monitoring": connection["id"],
            "collectors": client.get(f"{V1}/collectors", params={"limit": 500}).json()["items"],
            "slow-queries": client.get(f"{V1}/slow-queries").json()["items"][0]["id"],
            "jobs": client.post(f"{V1}/collectors/postgres/collect").json()["job_id"],
        }
        self.ids["collectors"] = next(item["id"] for item in self.ids["collectors"] if item["kind"] == "agent")

    def unchanged(self):
        """Everything that the strangers see of their own things."""
        client = self.pages.client
        paths = (f"{V1}/organizations", f"{V1}/users", f"{V1}/teams", f"{V1}/api-tokens", CONNECTIONS)
        return [client.get(path).json()["items"] for path in paths]


@pytest.fixture(scope="module")
def strangers(stack):
    return Strangers(stack)


@pytest.mark.parametrize("row", WITH_IDS, ids=title)
def test_id_of_another_organization_is_not_found_and_untouched(caller, strangers, row):
    method, path, operation = row
    before = strangers.unchanged()
    identity = strangers.ids[path.split("/")[3]]
    body = property_api.plain_body(body_schema(operation)) if body_schema(operation) is not None else None
    address = path.replace("{id}", str(identity)).replace("{user_id}", str(strangers.ids["users"]))
    stranger = caller.of(operation).request(method, address, json=body)
    absent = caller.of(operation).request(
        method, path.replace("{id}", "999999999").replace("{user_id}", "999999999"), json=body
    )
    hidden, missing = assert_problem(stranger, 404), assert_problem(absent, 404)
    assert {**hidden, "request_id": ""} == {**missing, "request_id": ""}, "hidden and absent look the same"
    assert strangers.unchanged() == before


@pytest.mark.parametrize("row", [row for row in PARAMETERS if row[2] == "connection_id"], ids=title)
def test_connection_of_another_organization_is_not_found(caller, strangers, row):
    method, path, name, _, operation = row
    for identity in (strangers.ids["database-connections"], 999999999):
        assert_problem(caller.of(operation).request(method, caller.address(path), params={name: identity}), 404)


@pytest.mark.parametrize("row", [row for row in OPERATIONS if "{hash}" in row[1]], ids=title)
def test_statement_of_another_organization_is_not_found(caller, strangers, row):
    for value in (strangers.pages.hash, "0" * 32, "x", "0" * 33):
        assert_problem(caller.of(row[2]).request(row[0], row[1].replace("{hash}", value)), 404)


@pytest.mark.parametrize("name, kind", [("team_id", "teams"), ("owner_user_id", "users")])
def test_member_with_an_id_of_another_organization_is_named(caller, strangers, name, kind):
    own = caller.client.post(
        CONNECTIONS, json={"name": unique("own"), "engine": "mysql", "visibility_scope": "ORG_WIDE"}
    ).json()
    answer = caller.client.patch(f"{CONNECTIONS}/{own['id']}", json={name: strangers.ids[kind]})
    assert fields_of(assert_problem(answer, 422)) == [name]


# ---- text is text ----

TEXTS = [
    "'; DROP TABLE users; --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{CSRF}} &amp; %00 \\u0000 $1",
    "Ünïcödé 💥 \u202e",
]


@pytest.fixture(scope="module")
def owner(stack):
    return Account(stack, "admin", unique("team"), unique("organization")).client


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_stored_and_shown_as_text(owner, stack, text):
    """Every member of a body that takes any text is read back from the answers that show it."""
    name = f"{text} {unique('n')}"
    me = owner.get(f"{V1}/auth/me").json()

    connection = owner.post(
        CONNECTIONS,
        json={
            "name": name,
            "engine": "postgresql",
            "host": "db.example.com",  # a host is one name or address
            "database": text,
            "username": text,
            "password": text,
            "visibility_scope": "ORG_WIDE",
        },
    ).json()
    shown = owner.get(f"{CONNECTIONS}/{connection['id']}").json()
    assert [shown[member] for member in ("name", "database", "username")] == [name, text, text]

    organization = owner.patch(f"{V1}/organizations/{me['organization_id']}", json={"name": name}).json()
    assert organization["name"] == owner.get(f"{V1}/organizations").json()["items"][0]["name"] == name

    team = owner.post(f"{V1}/teams", json={"name": name}).json()
    renamed = owner.patch(f"{V1}/teams/{team['id']}", json={"name": name + "!"}).json()
    listed = owner.get(f"{V1}/teams", params={"limit": 500}).json()["items"]
    assert [team["name"], renamed["name"]] == [name, name + "!"]
    assert name + "!" in {item["name"] for item in listed}

    email = f"{unique('who')}@example.com"
    user = owner.post(f"{V1}/users", json={"email": email, "display_name": text, "role": "viewer"}).json()
    assert owner.get(f"{V1}/users/{user['id']}").json()["display_name"] == text

    token = owner.post(
        f"{V1}/api-tokens", json={"name": name, "scope": "read", "expires_at": property_api.tomorrow()}
    ).json()
    assert token["name"] == name

    agent = servers.Agent(stack.url, connection, connection["agent_token"])
    collector = agent.post(f"{V1}/collectors/register", {"hostname": name, "version": text[:60]}).json()
    agent.post(f"{V1}/collectors/{collector['id']}/heartbeat", {"note": text})
    listed = owner.get(f"{V1}/collectors", params={"limit": 500}).json()["items"]
    mine = next(item for item in listed if item["id"] == collector["id"])
    assert (mine["hostname"], mine["version"], mine["detail"]) == (name, text[:60], {"note": text})

    sql = "SELECT '" + text.replace("'", "''") + "' AS \"" + text.replace('"', '""') + '"'
    sent = ingest_query(full_sql=sql, user_host=text, database=text, plan={"Plan": {"Node Type": text}})
    assert agent.post(INGEST, {"queries": [sent]}).json()["accepted"] == 1
    sample = owner.get(f"{V1}/slow-queries", params={"connection_id": connection["id"]}).json()["items"][0]
    assert (sample["full_sql"], sample["user_host"], sample["database"]) == (sql, text, text)
    one = owner.get(f"{V1}/slow-queries/{sample['id']}").json()
    assert one["plan"]["plan"] == {"Plan": {"Node Type": text}}

    # Pages show it too, and never as markup. The API's session works for pages, because reads take a cookie.
    cookies = {"potto_access": owner.token}
    for path in (
        "/",
        "/databases",
        f"/databases/{connection['id']}",
        "/queries",
        f"/queries/{sample['sql_hash']}",
        "/collectors",
    ):
        page = servers.Client(stack.url).get(path, cookies=cookies, headers={"Accept": "text/html"})
        assert page.status_code == 200, path
        assert "<script>alert(1)" not in page.text and "<img src=x" not in page.text, path


@pytest.mark.parametrize("row", [row for row in PARAMETERS if "maxLength" in schema_of(row[3]["schema"])], ids=title)
@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_parameter_is_looked_for_and_no_more(caller, row, text):
    method, path, name, _, operation = row
    if name == "tag":  # a key, a colon and a value
        text = f"action:{text}"
    answer = caller.of(operation).request(method, caller.address(path), params={name: text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == []
