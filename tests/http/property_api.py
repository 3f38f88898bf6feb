"""Requests made from the description: every operation with boundary and hostile values for each of its parameters and
members of its body, as viewer, member, admin and agent. Every answer must have these properties:

- it is as described (status, content type, schema), which the clients of servers.py check;
- its status is below 500;
- it shows nothing that its caller may not see: neither the texts planted in another organization and in another team's
  connection nor their ids.

The same seed makes the same requests for the same world.
"""

import copy
import hashlib
import json
import random
import struct
import time
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import description
import mongodb_reports
import servers
from accounts import Account, team_id, unique

V1 = "/api/v1"
INGEST = f"{V1}/collectors/ingest/slow-queries"
PLACES = ("path", "query", "body")
ROLES = ("viewer", "member", "admin", "agent")

TEXTS = [
    "",
    " ",
    "0",
    "null",
    "'",
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "$1",
    "%",
    "_",
    "\\",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{CSRF}}",
    "../../../../etc/passwd",
    "a\r\nX-Evil: 1",
    "a\u0000b",
    "\u202eevil",
    "\ufeff",
    "💥" * 60,
    "e\u0301" * 10,
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "0x10",
    "1 2",
    "٣",
    "x" * 255,
    "x" * 3000,
]
NUMBERS = [
    0,
    1,
    -1,
    2,
    0.5,
    -0.0,
    1e-320,
    1e12,
    1e300,
    2**31 - 1,
    2**31,
    2**32,
    2**53,
    2**53 + 1,
    2**62,
    2**63 - 1,
    2**63,
    -(2**63),
]
TIMES = [
    "2025-11-02T10:30:00Z",
    "2025-11-02 10:30:00",
    "2025-11-02T10:30:00+14:00",
    "2025-11-02T10:30:00.123456789Z",
    "0001-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "2025-02-30T00:00:00Z",
    "2025-11-02T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "2025-11-02",
    "yesterday",
]
OTHERS = [None, True, False, [], {}, [1], {"a": 1}, [[[[]]]]]
# Sent without encoding in an address.
RAW_QUERY = ["%", "%zz", "%ff", "%c0%80", "%ed%a0%80", "+", "a&b", "a=b", "a%26b", "%00"]


def forge_cursor(list_name, numbers, text=b""):
    """A cursor with a correct check and any content, in the format of fcgi/request/cursor.c."""
    rest = bytes([1, len(numbers)]) + b"".join(struct.pack(">q", number) for number in numbers) + text
    check = hashlib.sha256(list_name.encode() + b"\0" + rest).digest()[:4]
    return urlsafe_b64encode(check + rest).rstrip(b"=").decode()


# By list: the name and the count of numbers in its cursors, as in its handler.
CURSORS = {
    "slow-queries:captured_at": 2,
    "slow-queries:duration_ms": 2,
    "fingerprints:total_ms": 1,
    "fingerprint-plans": 4,
    "database-connections": 1,
    "collectors": 2,
    "teams": 1,
    "team-members": 1,
    "users": 1,
    "api-tokens": 1,
    "audit-log": 1,
    "llm-questions": 1,
    "stats/top-queries:total_ms": 3,
    "stats/top-tables": 1,
    "stats/by-database": 2,
    "stats/improvements": 3,
    "statistics/daily": 1,
    "statistics/fingerprints": 3,
    "statistics/databases": 2,
    "monitoring/queries": 4,
    "dashboard/activity": 4,
    "metrics/mongodb": 1,
    "mongodb/cluster-status": 1,
}
CURSOR_NUMBERS = [
    0,
    1,
    -1,
    2**63 - 1,
    -(2**63),
    2**53,
    253402300800000000,
    -62135596800000000,
    0x7FF8000000000000,
    0x7FF0000000000000,
]


class World:
    """Callers with data that they may read, and data that they must not see."""

    def __init__(self, stack):
        self.stack = stack
        self.marker = unique("zebrafish").replace("-", "")
        self.hidden_ids = {
            "connection": set(),
            "user": set(),
            "team": set(),
            "sample": set(),
            "job": set(),
            "token": set(),
        }
        self.own_team = unique("team")
        self.organization = unique("organization")
        self.viewer = Account(stack, "viewer", self.own_team, self.organization)
        self.member = Account(stack, "member", self.own_team, self.organization)
        self.admin = Account(stack, "admin", None, unique("organization"))
        self._plant_in_another_team()
        self._plant_in_another_organization()
        self.make_own()
        admins_own = self._make_connection(self.admin.client, unique("own"), visibility_scope="ORG_WIDE")
        self._ingest(admins_own, "SELECT a, b FROM admins_table WHERE id = 5", "own")
        self._report(self.admin.client, "own", visibility_scope="ORG_WIDE")
        self._wait_for_rollups()

    def make_own(self):
        """Make a connection of the callers' team and its agent; called again when a caller has removed one of them."""
        team = team_id(self.stack, self.own_team)
        self.own = self._make_connection(self.member.client, unique("own"), team=team)
        self._ingest(self.own, "SELECT a, b FROM own_table WHERE id = 5", "own")
        self.agent = servers.Agent(self.stack.url, self.own, self.own["agent_token"])
        self.own_collector = self.agent.post(f"{V1}/collectors/register", {"hostname": "own-host"}).json()["id"]
        self.own_mongodb = self._report(self.member.client, "own", team=team)
        self.mongodb_agent = servers.Agent(self.stack.url, self.own_mongodb, self.own_mongodb["agent_token"])

    def _make_connection(self, client, name, team=None, **fields):
        body = {"name": name, "engine": "postgresql", **({"team_id": team} if team else {}), **fields}
        answer = client.post(f"{V1}/database-connections", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def _report(self, client, word, **fields):
        """A MongoDB of whose nodes one is named `word`."""
        connection = self._make_connection(client, unique(word), engine="mongodb", **fields)
        agent = servers.Agent(self.stack.url, connection, connection["agent_token"])
        answer = agent.post(mongodb_reports.PATH, {"type": "mongodb", "data": [mongodb_reports.report(word)]})
        assert answer.json()["accepted"] == 1, answer.text
        return connection

    def _ingest(self, connection, sql, word):
        agent = servers.Agent(self.stack.url, connection, connection["agent_token"])
        now = datetime.now(timezone.utc)
        queries = [
            {
                "full_sql": sql,
                "duration_ms": 100 + i,
                "captured_at": (now - timedelta(minutes=i + 1)).isoformat(),
                "user_host": f"{word}@10.0.0.5",
                "database": word,
                "plan": {"Plan": {"Node Type": "Seq Scan", "Relation Name": word, "Total Cost": 10 + i % 2}},
            }
            for i in range(6)
        ]
        answer = agent.post(INGEST, {"queries": queries})
        assert answer.json()["accepted"] == 6, answer.text
        agent.post(f"{V1}/collectors/register", {"hostname": f"{word}-host"})

    def _plant(self, account, **fields):
        word = self.marker
        connection = self._make_connection(
            account.client, f"{word} database", host=f"{word}.example.com", database=word, username=word, **fields
        )
        self._ingest(connection, f"SELECT {word}_column FROM {word}_table WHERE secret = '{word}'", word)
        self.hidden_ids["connection"].add(connection["id"])
        self.hidden_ids["connection"].add(self._report(account.client, word, **fields)["id"])
        self.hidden_ids["user"].add(account.id)
        token = {
            "name": word,
            "scope": "read",
            "expires_at": (datetime.now(timezone.utc) + timedelta(days=9)).isoformat(),
        }
        self.hidden_ids["token"].add(account.client.post(f"{V1}/api-tokens", json=token).json()["id"])
        job = account.client.post(f"{V1}/collectors/postgres/collect")
        self.hidden_ids["job"].add(job.json()["job_id"])

    def _plant_in_another_team(self):
        team = unique(f"{self.marker}team")
        account = Account(self.stack, "member", team, self.organization)
        self.hidden_ids["team"].add(team_id(self.stack, team))
        self._plant(account, team=team_id(self.stack, team))

    def _plant_in_another_organization(self):
        team = unique(f"{self.marker}team")
        account = Account(self.stack, "admin", team, unique(f"{self.marker}organization"))
        self.hidden_ids["team"].add(team_id(self.stack, team))
        self._plant(account, visibility_scope="ORG_WIDE")
        account.client.post(
            f"{V1}/users",
            json={"email": f"{unique(self.marker)}@example.com", "role": "viewer", "display_name": self.marker},
        )

    def _wait_for_rollups(self):
        ids = [*self.hidden_ids["connection"], self.own["id"], self.own_mongodb["id"]]
        for connection_id in ids:
            servers.wait_until(
                lambda: self.stack.sql(
                    "SELECT 1 FROM query_fingerprint_metrics WHERE database_connection_id = %s "
                    "UNION SELECT 1 FROM mongodb_stats WHERE database_connection_id = %s LIMIT 1",
                    connection_id,
                    connection_id,
                ),
                60,
                what=f"the rollup of connection {connection_id}",
            )
        rows = self.stack.sql(
            "SELECT id, database_connection_id, replace(sql_hash::text, '-', "
            "'') AS hash FROM slow_queries_raw WHERE database_connection_id = ANY (%s)",
            ids,
        )
        self.own_samples = [row.id for row in rows if row.database_connection_id == self.own["id"]]
        self.own_hash = next(row.hash for row in rows if row.database_connection_id == self.own["id"])
        self.hidden_ids["sample"] = {row.id for row in rows if row.database_connection_id != self.own["id"]}
        self.hidden_hashes = sorted({row.hash for row in rows} - {self.own_hash})

    def client(self, role):
        return getattr(self, role) if role.endswith("agent") else getattr(self, role).client

    def renew(self, role):
        """Replace a caller whose own requests have ended or changed its account."""
        if role == "agent":
            self.make_own()
        elif role == "admin":
            self.admin = Account(self.stack, "admin", None, unique("organization"))


# ---- values ----


def good_value(schema, chooser):
    """A value that the schema allows."""
    schema = description.resolve(schema)
    if "oneOf" in schema or "anyOf" in schema:
        return good_value(chooser.choice(schema.get("oneOf") or schema["anyOf"]), chooser)
    if "enum" in schema:
        return chooser.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = chooser.choice(kind)
    if kind == "integer":
        low = schema.get("minimum", 0)
        return chooser.choice([low, min(low + 4, schema.get("maximum", low + 4)), schema.get("maximum", 1000)])
    if kind == "number":
        return chooser.choice([schema.get("minimum", 0), 0.5, 1, schema.get("maximum", 1000.5)])
    if kind == "boolean":
        return chooser.random() < 0.5
    if kind == "null":
        return None
    if kind == "array":
        return [good_value(schema["items"], chooser) for _ in range(max(1, schema.get("minItems", 1)))]
    if kind == "object":
        required = set(schema.get("required", []))
        members = schema.get("properties", {})
        return {
            name: good_value(of, chooser) for name, of in members.items() if name in required or chooser.random() < 0.5
        }
    if schema.get("format") == "date-time":
        return (datetime.now(timezone.utc) + timedelta(hours=chooser.randint(-30, 0))).isoformat()
    if "@" in schema.get("pattern", ""):
        return f"{chooser.getrandbits(40):x}@example.com"
    return (
        "a" * max(schema.get("minLength", 1), 1)
        + f"{chooser.getrandbits(32):x}"[: max(0, schema.get("maxLength", 50) - 1)]
    )


def plain_value(schema):
    """The same good value each time."""
    return good_value(schema, random.Random(1))


def plain_body(schema):
    """The required members, with good values."""
    members, required = schema.get("properties", {}), schema.get("required", [])
    body = {name: plain_value(members[name]) for name in required}
    if schema.get("minProperties") and not body:
        name = "name" if "name" in members else sorted(members)[0]
        body[name] = plain_value(members[name])
    if "expires_at" in body:
        body["expires_at"] = tomorrow()
    return body


def tomorrow():
    return (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()


def hostile_value(schema, chooser):
    """A value at or beyond the limits of the schema."""
    schema = description.resolve(schema)
    edges = []
    for bound in ("minimum", "maximum"):
        if bound in schema:
            edges += [schema[bound], schema[bound] - 1, schema[bound] + 1]
    for bound in ("minLength", "maxLength"):
        if bound in schema and schema[bound] < 5000:
            edges += [
                "y" * schema[bound],
                "y" * max(0, schema[bound] - 1),
                "y" * (schema[bound] + 1),
                "é" * schema[bound],
            ]
    edges += [str(value).swapcase() for value in schema.get("enum", [])]
    pools = (
        [TEXTS, NUMBERS, OTHERS]
        + ([edges] * 3 if edges else [])
        + ([TIMES] * 4 if schema.get("format") == "date-time" else [])
    )
    return chooser.choice(chooser.choice(pools))


# ---- requests ----


class Maker:
    """Makes requests for an operation: good ones with up to three changes."""

    def __init__(self, world, seed):
        self.world, self.chooser = world, random.Random(seed)

    def _ids(self, path, name):
        world, hidden = self.world, self.world.hidden_ids
        kind = next(
            (
                kind
                for word, kind in (
                    ("slow-queries", "sample"),
                    ("connections", "connection"),
                    ("teams", "team"),
                    ("users", "user"),
                    ("jobs", "job"),
                    ("tokens", "token"),
                )
                if word in path
            ),
            "connection",
        )
        own = {"sample": world.own_samples, "connection": [world.own["id"]], "user": [world.admin.id]}.get(
            kind, [world.own_collector]
        )
        if name == "user_id":
            own, kind = [world.admin.id], "user"
        elif "mongodb" in path:
            own = [world.own_mongodb["id"]]
        return list(own) * 2 + sorted(hidden[kind]) * 2 + [2**63 - 1, 999999999]

    def _good_parameter(self, path, parameter):
        name = parameter["name"]
        if name == "hash":
            return self.chooser.choice([self.world.own_hash] * 2 + self.world.hidden_hashes)
        if name in ("connection_id", "id", "user_id", "team_id", "subject_id"):
            return self.chooser.choice(self._ids(path, name))
        if name == "cursor":
            list_name = self.chooser.choice(list(CURSORS))
            matching = [known for known in CURSORS if known.split(":")[0].split("/")[-1] in path]
            if matching:
                list_name = self.chooser.choice(matching)
            numbers = [self.chooser.choice(CURSOR_NUMBERS) for _ in range(CURSORS[list_name])]
            return forge_cursor(list_name, numbers, self.chooser.choice([b"", b"a", "é".encode(), b"\xff", b"\0"]))
        return good_value(parameter["schema"], self.chooser)

    def choose_role(self, operation):
        """Mostly a role that may call the operation."""
        allowed = roles_of(operation)
        return self.chooser.choice(allowed if allowed and self.chooser.random() < 0.8 else ROLES)

    def make(self, method, path, operation):
        """(address, body, headers, description of the request); body None: no body, bytes: sent unchanged."""
        chooser = self.chooser
        parameters = [description.resolve(parameter) for parameter in operation.get("parameters", [])]
        values = {}
        for parameter in parameters:
            if parameter["in"] == "path" or (parameter["in"] == "query" and chooser.random() < 0.3):
                values[parameter["in"], parameter["name"]] = self._good_parameter(path, parameter)
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            body = good_value(schema, chooser)
            if path == INGEST and isinstance(body, dict):
                body.pop("agent_token", None)
        headers = {}
        for _ in range(chooser.choice([0, 1, 1, 1, 2, 3])):
            body = self._spoil(parameters, values, operation, body, headers)
        target = path
        for (place, name), value in values.items():
            if place == "path":
                target = target.replace(
                    "{" + name + "}", value if isinstance(value, Raw) else quote(as_text(value), safe="")
                )
        pairs = [(name, value) for (place, name), value in values.items() if place == "query"]
        query = "&".join(
            f"{quote(name)}={value if isinstance(value, Raw) else quote(as_text(value), safe='')}"
            for name, value in pairs
        )
        return target + ("?" + query if query else ""), body, headers

    def _spoil(self, parameters, values, operation, body, headers):
        chooser = self.chooser
        place = chooser.choice(PLACES)
        of_place = [parameter for parameter in parameters if parameter["in"] == place]
        if place in ("path", "query") and of_place:
            parameter = chooser.choice(of_place)
            value = hostile_value(parameter["schema"], chooser)
            if chooser.random() < 0.2:
                value = Raw(chooser.choice(RAW_QUERY))
            if place == "path" and value in ("", ".", ".."):
                value = "x"
            values[place, parameter["name"]] = value
        elif place == "query" and chooser.random() < 0.2:
            values["query", chooser.choice(TEXTS)[:40] or "x"] = "1"
        elif place == "body" and isinstance(body, dict):
            body = self._spoil_body(operation, copy.deepcopy(body))
        elif place == "body" and body is not None and chooser.random() < 0.3:
            body = chooser.choice([b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"{}x", b"[" * 3000])
        return body

    def _spoil_body(self, operation, body):
        chooser = self.chooser
        schema = description.resolve(operation["requestBody"]["content"]["application/json"]["schema"])
        members = schema.get("properties", {})
        what = chooser.random()
        if what < 0.05:
            body[chooser.choice(TEXTS)[:200]] = 1
        elif what < 0.1 and body:
            body.pop(chooser.choice(sorted(body)))
        elif members:
            name = chooser.choice(sorted(members))
            body[name] = hostile_value(members[name], chooser)
            if name in ("team_id", "owner_user_id", "user_id"):
                body[name] = chooser.choice(sorted(self.world.hidden_ids["team" if "team" in name else "user"]))
            if name == "queries":
                item = description.resolve(members[name]["items"])
                field = chooser.choice(sorted(item["properties"]))
                body[name] = [{**good_value(item, chooser), field: hostile_value(item["properties"][field], chooser)}]
        return body


def roles_of(operation):
    """The roles that may call the operation: the described one and those above it."""
    roles = {role for alternative in operation["security"] for roles in alternative.values() for role in roles}
    ladder = ["viewer", "member", "admin"]
    if "reporter" in roles:  # an agent, or who may change connections
        return ["agent", *ladder[ladder.index("member") :]]
    return ladder[ladder.index(min(roles, key=ladder.index)) :] if roles & set(ladder) else sorted(roles)


class Raw(str):
    """A text that is encoded already."""


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


# ---- properties ----


def hidden_ids_in(value, hidden, key=""):
    """(key, id) for each hidden id in an answer."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from hidden_ids_in(member, hidden, name)
    elif isinstance(value, list):
        for member in value:
            yield from hidden_ids_in(member, hidden, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        for word, kind in (
            ("connection_id", "connection"),
            ("user_id", "user"),
            ("team_id", "team"),
            ("job_id", "job"),
        ):
            if word in key and value in hidden[kind]:
                yield key, value


def send(client, method, address, body, headers):
    options = {"headers": headers, "timeout": 60}
    if isinstance(body, bytes):
        options["data"], options["headers"] = body, {**headers, "Content-Type": "application/json"}
    elif body is not None:
        # As json.dumps writes it: with lone surrogates, and NaN and the like, which JSON does not have.
        options["data"] = json.dumps(body).encode()
        options["headers"] = {**headers, "Content-Type": "application/json"}
    return client.request(method, address, **options)


def run(world, seed, seconds, log=print):
    """Send requests until the time is over; returns their number by status. AssertionError: a property is violated."""
    log(f"seed {seed}, {seconds} s, marker {world.marker}")
    operations = sorted(description.operations(), key=lambda row: (row[1], row[0]))
    maker, counts, end = Maker(world, seed), {}, time.monotonic() + seconds
    round_number = 0
    while time.monotonic() < end:
        for method, path, operation in operations:
            role = maker.choose_role(operation)
            address, body, headers = maker.make(method, path, operation)
            told = (
                f"seed {seed}, round {round_number}: {role} {method} {address} "
                f"{body if isinstance(body, bytes) else json.dumps(body)}"
            )
            try:
                answer = send(world.client(role), method, address, body, headers)
            except AssertionError as fault:
                raise AssertionError(f"{told}\n{fault}") from fault
            assert answer.status_code < 500, f"{told}\n{answer.status_code} {answer.text[:2000]}"
            check_no_leak(world, answer, address, body, told)
            counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
            takes = roles_of(operation)
            is_demoted = role == "admin" and takes == ["admin"] and answer.status_code == 403
            if is_demoted or (answer.status_code == 401 and role in takes):
                world.renew(role)
            if time.monotonic() > end:
                break
        round_number += 1
    log(f"{sum(counts.values())} requests in {round_number} rounds: {dict(sorted(counts.items()))}")
    return counts


def check_no_leak(world, answer, address, body, told):
    text = answer.text
    assert world.marker not in text, f"{told}\nshows what is hidden: {text[:2000]}"
    if "json" not in answer.headers.get("Content-Type", "") or answer.status_code >= 300:
        return
    found = list(hidden_ids_in(answer.json(), world.hidden_ids))
    assert not found, f"{told}\nnames what is hidden, {found}: {text[:2000]}"
