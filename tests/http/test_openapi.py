"""The description (static/openapi.json) and the route table agree: every route is described, and everything described
exists, with its role, its parameters and the members of its body. All tests check that answers are as described,
because their clients do (see description.py)."""

import json
import re
import subprocess

import jsonschema
import pytest

import description
import servers
from accounts import Account, problem_fields
from property_api import tomorrow

USER_ROLES = {"viewer", "member", "admin"}
FIELDS_AT_ONCE = 15  # an error names at most 16
OPERATIONS = sorted(
    ((method, path, operation) for method, path, operation in description.operations()),
    key=lambda row: (row[1], row[0]),
)


def name_of(row):
    return f"{row[0]} {row[1]}"


@pytest.fixture(scope="module")
def routes(stack):
    done = subprocess.run(
        [stack.program("potto-fcgi"), "--check"], capture_output=True, text=True, check=True, timeout=30
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {(row["method"], row["path"]): row for row in rows if not row["is_page"]}


@pytest.fixture(scope="module")
def admin(stack):
    return Account(stack, "admin").client


def role_of(operation):
    """Who may call the operation, as the route table names it."""
    roles = {role for alternative in operation["security"] for roles in alternative.values() for role in roles}
    if not roles:
        return "loopback" if operation.get("x-potto-loopback") else "public"
    assert len(roles) == 1, roles
    return roles.pop()


def parameters_of(operation, place):
    return [p for p in map(description.resolve, operation.get("parameters", [])) if p["in"] == place]


def body_of(operation):
    """The resolved schema of the JSON body; None: the operation takes no body."""
    if "requestBody" not in operation:
        return None
    return description.resolve(operation["requestBody"]["content"]["application/json"]["schema"])


def address(path, client=None):
    """The address with a valid value for each parameter that names nothing; but with the client's own organization,
    which is checked before anything else."""
    if "/organizations/{id}" in path and client is not None:
        return path.replace("{id}", str(client.get("/api/v1/auth/me").json()["organization_id"]))
    return path.replace("{hash}", "0" * 32).replace("{id}", "999999999").replace("{user_id}", "999999999")


# ---- the description by itself ----


def test_every_reference_leads_somewhere_and_every_component_is_used():
    text = json.dumps(description.load())
    references = set(re.findall(r'"\$ref": "([^"]+)"', text))
    for reference in references:
        description.resolve({"$ref": reference})
    for kind in ("schemas", "parameters", "responses", "headers"):
        unused = {
            name for name in description.load()["components"][kind] if f"#/components/{kind}/{name}" not in references
        }
        assert not unused, f"{kind}: {unused}"


def schemas_of(thing, pointer="#"):
    """(pointer, schema) of every schema in the description."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            here = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key == "schema" or pointer == "#/components/schemas":
                yield here, value
            yield from schemas_of(value, here)
    elif isinstance(thing, list):
        for i, value in enumerate(thing):
            yield from schemas_of(value, f"{pointer}/{i}")


def test_every_schema_is_one():
    found = list(schemas_of(description.load()))
    assert len(found) > 100
    for pointer, schema in found:
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("row", OPERATIONS, ids=name_of)
def test_examples_are_valid(row):
    method, path, operation = row
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [media["example"]] if "example" in media else [e["value"] for e in media.get("examples", {}).values()]
    pointer = f"#/paths/{path.replace('/', '~1')}/{method.lower()}/requestBody/content/application~1json/schema"
    for example in examples:
        assert description.faults(example, pointer) == []


def test_objects_of_answers_have_no_members_but_those_described():
    for method, path, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            for media_type, media in description.resolve(response).get("content", {}).items():
                schema = description.resolve(media["schema"])
                if schema.get("type") == "object":
                    assert schema.get("additionalProperties") is False, f"{method} {path} {status}"


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))


# ---- the route table ----


def test_every_route_is_described_and_everything_described_is_a_route(routes):
    assert {(method, path) for method, path, _ in OPERATIONS} == set(routes)


@pytest.mark.parametrize("row", OPERATIONS, ids=name_of)
def test_role_visibility_and_cache_are_those_of_the_route(row, routes):
    method, path, operation = row
    route = routes[method, path]
    assert role_of(operation) == route["access"]
    assert operation["x-potto-sees"] == route["sees"]
    assert ("304" in operation["responses"]) == route["is_cached"]


@pytest.mark.parametrize("row", OPERATIONS, ids=name_of)
def test_parameters_of_the_path_are_described(row):
    _, path, operation = row
    described = [parameter["name"] for parameter in parameters_of(operation, "path")]
    assert described == re.findall(r"\{(\w+)\}", path)
    assert all(parameter["required"] for parameter in parameters_of(operation, "path"))


# ---- the server ----


def test_description_is_served(anonymous):
    answer = anonymous.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert answer.json() == description.load()


class Callers:
    def __init__(self, stack):
        self._stack, self._made = stack, {}

    def __getitem__(self, role):
        if role not in self._made:
            self._made[role] = Account(self._stack, role).client
        return self._made[role]


@pytest.fixture(scope="module")
def callers(stack):
    return Callers(stack)


@pytest.fixture()
def caller(callers, agent, anonymous):
    """The lowest role that may call an operation."""

    def choose(operation):
        role = role_of(operation)
        return callers[role] if role in USER_ROLES else agent() if role in ("agent", "reporter") else anonymous

    return choose


def refused_names(client, method, path, operation, names, is_query):
    """The names that are refused as unknown when all are sent at once, as parameters or members of the body."""
    body = {} if body_of(operation) is not None else None
    if is_query:
        answer = client.request(method, address(path, client), params={name: "1" for name in names}, json=body)
    else:
        answer = client.request(method, address(path, client), json={name: None for name in names})
    if answer.status_code != 422:
        return None, answer
    words = "is not a parameter here" if is_query else ("is not a field here", "is not a member of this message")
    return {error["field"] for error in answer.json()["errors"] if error["message"].startswith(words)}, answer


def in_parts(names):
    names = sorted(names)
    return [names[i : i + FIELDS_AT_ONCE] for i in range(0, len(names), FIELDS_AT_ONCE)]


ALL_PARAMETERS = {p["name"] for _, _, operation in OPERATIONS for p in parameters_of(operation, "query")}
ALL_MEMBERS = {
    name for _, _, operation in OPERATIONS if body_of(operation) for name in body_of(operation).get("properties", {})
}
API = [row for row in OPERATIONS if row[1].startswith("/api/")]


@pytest.mark.parametrize("row", API, ids=name_of)
def test_parameters_taken_are_those_described(row, caller):
    method, path, operation = row
    client = caller(operation)
    described = {parameter["name"] for parameter in parameters_of(operation, "query")}
    for names in in_parts(ALL_PARAMETERS - described | {"colour"}):
        refused, answer = refused_names(client, method, path, operation, names, is_query=True)
        assert refused == set(names), f"{answer.status_code} {answer.text}"
    for names in in_parts(described):
        refused, _ = refused_names(client, method, path, operation, names, is_query=True)
        assert not refused


BODIES = [row for row in API if body_of(row[2]) is not None]


@pytest.mark.parametrize("row", BODIES, ids=name_of)
def test_members_taken_are_those_described(row, caller):
    method, path, operation = row
    client, schema = caller(operation), body_of(operation)
    described = set(schema.get("properties", {}))
    if schema.get("additionalProperties") is False:
        for names in in_parts(ALL_MEMBERS - described | {"colour"}):
            # An answer to an agent names only the first unknown member.
            for one in [[name] for name in names] if role_of(operation) == "agent" else [names]:
                refused, answer = refused_names(client, method, path, operation, one, is_query=False)
                assert refused == set(one), f"{answer.status_code} {answer.text}"
    for names in in_parts(described - {"agent_token"}):
        refused, _ = refused_names(client, method, path, operation, names, is_query=False)
        assert not refused


@pytest.mark.parametrize("row", BODIES, ids=name_of)
def test_members_that_must_be_given_are_those_described(row, caller):
    method, path, operation = row
    required = set(body_of(operation).get("required", []))
    client = caller(operation)
    answer = client.request(method, address(path, client), json={})
    missing = set()
    if answer.status_code == 422:
        missing = {field for field, message in problem_fields(answer).items() if message == "is missing"}
    assert missing == required, answer.text


@pytest.mark.parametrize("row", API, ids=name_of)
def test_who_may_call_is_as_described(row, callers, anonymous, agent):
    method, path, operation = row
    role, body = role_of(operation), {} if body_of(operation) is not None else None
    call = lambda client: client.request(method, address(path), json=body).status_code
    if role == "public":
        assert call(anonymous) != 403
        return
    assert call(anonymous) == 401
    if role == "agent":
        assert call(callers["admin"]) == 401
        return
    assert (call(agent()) == 401) == (role != "reporter")
    role = "member" if role == "reporter" else role  # an agent, or a member
    ladder = ["viewer", "member", "admin"]
    for weaker in ladder[: ladder.index(role)]:
        assert call(callers[weaker]) == 403
    assert call(callers[role]) not in (401, 403)


@pytest.mark.parametrize("row", API, ids=name_of)
def test_tokens_of_scripts_open_what_says_so(row, callers):
    """apiToken is given for exactly the operations that a token may call."""
    method, path, operation = row
    if role_of(operation) not in USER_ROLES:
        return
    if not hasattr(callers, "token_client"):
        made = callers["admin"].post(
            "/api/v1/api-tokens", json={"name": "script", "scope": "admin", "expires_at": tomorrow()}
        )
        assert made.status_code == 201, made.text
        callers.token_client = servers.Client(callers["admin"].url, {"Authorization": f"Bearer {made.json()['token']}"})
    takes_tokens = any("apiToken" in alternative for alternative in operation["security"])
    body = {"current_password": "x", "new_password": "x" * 10, "name": "x", "scope": "read", "expires_at": tomorrow()}
    body = (
        {name: body[name] for name in body_of(operation).get("required", []) if name in body}
        if body_of(operation)
        else None
    )
    status = callers.token_client.request(method, address(path), json=body).status_code
    assert (status == 403) != takes_tokens, status
