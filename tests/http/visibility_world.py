"""A world in which it is known who sees what, and calling every route in it; see test_route_walk.py.

There are two organizations; the first one has the teams blue and red. Each of the five connections has its own mark in
everything that belongs to it: names, statements, literals, plans, hosts, collectors. The marks in an answer tell which
connections it shows. In answers with only numbers the calls tell it: their number is a power of two for each
connection.
"""

import datetime
import re

import description
import requests
import servers
from accounts import PASSWORD, Account, team_id, unique

SCOPES = ("TEAM_ONLY", "ORG_WIDE", "USER_ONLY")
CALLERS = ("anonymous", "viewer", "member", "admin", "agent", "other_team", "other_organization", "deactivated")

# The connections whose queries each caller may read; an agent reads those of its own connection. RED is TEAM_ONLY of
# the team red, FOREIGN is ORG_WIDE in the other organization, and USER_ONLY belongs to the member.
SEES = {
    "anonymous": set(),
    "viewer": {"TEAM_ONLY", "ORG_WIDE"},
    "member": {"TEAM_ONLY", "ORG_WIDE", "USER_ONLY"},
    "admin": {"ORG_WIDE"},
    "other_team": {"ORG_WIDE", "RED"},
    "other_organization": {"FOREIGN"},
    "deactivated": set(),
}
HOME = {"TEAM_ONLY", "ORG_WIDE", "USER_ONLY", "RED"}  # connections of the first organization

UTC = datetime.timezone.utc


class Marked:
    """A connection with its mark, and ids of things that belong to it. Beside it stands a connection of MongoDB with
    the same mark and visibility."""

    def __init__(self, name, weight, mark, made):
        self.name, self.weight, self.mark = name, weight, mark
        self.id, self.token = made["id"], made["agent_token"]
        self.hash = self.sample_id = self.collector_id = self.mongodb_id = None


class World:
    def __init__(self, stack):
        self.stack = stack
        self.url = stack.url
        blue, red = unique("blue"), unique("red")
        home, other = unique("home"), unique("elsewhere")
        self.people = {
            "viewer": Account(stack, "viewer", blue, home),
            "member": Account(stack, "member", blue, home),
            "admin": Account(stack, "admin", None, home),
            "other_team": Account(stack, "member", red, home),
            "other_organization": Account(stack, "admin", unique("foreign"), other),
            "deactivated": Account(stack, "admin", blue, home),
        }
        self.blue_id, self.red_id = team_id(stack, blue), team_id(stack, red)
        self.home_id = self.people["member"].organization_id
        self._tokens = {name: self._api_login(person) for name, person in self.people.items()}
        self._cookies = {name: self._page_login(person) for name, person in self.people.items()}
        self.people["deactivated"].deactivate()
        self.connections = {}
        for number, (name, maker, scope, team) in enumerate([
            ("TEAM_ONLY", "member", "TEAM_ONLY", self.blue_id),
            ("ORG_WIDE", "member", "ORG_WIDE", self.blue_id),
            ("USER_ONLY", "member", "USER_ONLY", self.blue_id),
            ("RED", "other_team", "TEAM_ONLY", self.red_id),
            ("FOREIGN", "other_organization", "ORG_WIDE", None),
        ]):
            self.connections[name] = self._make(name, 1 << number, maker, scope, team)
        self._wait_for_rollup()
        for marked in self.connections.values():
            stack.sql(
                "UPDATE connection_collection SET total_found = %s WHERE database_connection_id = %s",
                marked.weight,
                marked.id,
            )
        self.job_id = self._make_job()

    # ---- making ----

    def _api_login(self, person):
        answer = requests.post(
            self.url + "/api/v1/auth/login", json={"email": person.email, "password": PASSWORD}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def _page_login(self, person):
        form = {"email": person.email, "password": PASSWORD, "next": "/"}
        answer = requests.post(self.url + "/login", data=form, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        return answer.cookies.get_dict()

    def make_connection(self, maker="member", **fields):
        """Make a connection; returns the API's answer, which has the agent token."""
        answer = self.call(maker, None, "POST", "/api/v1/database-connections", json={"engine": "postgresql", **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def fresh(self, scope):
        """Make another connection with the visibility `scope`, for requests that change or delete it."""
        return self.make_connection(name=unique("fresh"), visibility_scope=scope, team_id=self.blue_id)

    def _make(self, name, weight, maker, scope, team):
        mark = unique("mk" + name.replace("_", "").lower()).replace("-", "")
        fields = {
            "name": f"{mark} connection",
            "host": f"{mark}.invalid",
            "database": f"{mark}_db",
            "username": f"{mark}_user",
            "visibility_scope": scope,
            "interval_s": 86400,
        }
        marked = Marked(
            name, weight, mark, self.make_connection(maker, **fields, **({"team_id": team} if team else {}))
        )
        answer = self._agent(marked, "/api/v1/collectors/register", {"hostname": f"{mark}-host", "version": "1.0"})
        assert answer.status_code == 201, answer.text
        marked.collector_id = answer.json()["collector_id"]
        # Half of the samples are in the last complete hour; the other half, three times as slow, in the hour before.
        self.to = datetime.datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.start, hour = self.to - datetime.timedelta(hours=1), datetime.timedelta(hours=1)
        queries = []
        for start, duration_ms, node in ((self.start, 100, "Index Scan"), (self.start - hour, 300, "Seq Scan")):
            for n in range(weight):
                queries.append(
                    {
                        "full_sql": f"SELECT * FROM {mark}_orders_{n} WHERE id = '{mark}-{n}' /*controller:{mark}*/",
                        "duration_ms": duration_ms,
                        "rows_examined": 10,
                        "rows_returned": 1,
                        "captured_at": (start + datetime.timedelta(seconds=60 + 30 * n)).isoformat(),
                        "user_host": f"{mark}@host",
                        "database": f"{mark}_other",
                        "plan": {
                            "Plan": {
                                "Node Type": node,
                                "Relation Name": f"{mark}_orders",
                                "Total Cost": 1.5,
                                "Startup Cost": 0,
                                "Plan Rows": 1,
                                "Plan Width": 8,
                            }
                        },
                    }
                )
        answer = self._agent(marked, "/api/v1/collectors/ingest/slow-queries", {"queries": queries})
        assert answer.status_code == 200 and answer.json()["accepted"] == 2 * weight, answer.text
        row = self.stack.sql(
            "SELECT id, sql_hash FROM slow_queries_raw WHERE database_connection_id = %s LIMIT 1", marked.id
        )[0]
        marked.sample_id, marked.hash = row.id, row.sql_hash.replace("-", "")
        self._make_mongodb(marked, maker, fields["visibility_scope"], team)
        self._make_waits(marked)
        self._make_coverage(marked)
        self.stack.sql(
            "INSERT INTO connection_overhead (organization_id, database_connection_id, level_us, counted_at, stage, "
            "held_back_since) SELECT organization_id, id, 3000000, now(), 1, now() FROM database_connections "
            "WHERE id = %s ON CONFLICT DO NOTHING", marked.id)  # a collector may have been there
        self._make_logs(marked)
        return marked

    def _make_waits(self, marked):
        """Sessions of a user with the mark, one at the root of another one's wait."""
        self.stack.sql(
            "INSERT INTO session_waits (organization_id, database_connection_id, resolution_s, bucket_at, watched_ms, "
            "look_count, cost_us, session_ms, wait_classes, wait_events, wait_statements, wait_users, wait_hosts, "
            "wait_applications, wait_ms, block_states, block_roots, block_users, block_applications, "
            "block_statements, block_ms, block_depths, block_waiters) "
            "SELECT organization_id, id, 300, %s, 1000, 1, 1, 1000, '{2}', '{relation}', ARRAY[%s::uuid], ARRAY[%s], "
            "'{\"\"}', ARRAY[%s], '{1000}', '{2}', ARRAY[%s::uuid], ARRAY[%s], ARRAY[%s], ARRAY[%s::uuid], '{1000}', "
            "'{1}', '{1}' FROM database_connections WHERE id = %s",
            self.start,
            *(marked.hash, f"{marked.mark}_waiter", f"{marked.mark}_program"),
            *(marked.hash, f"{marked.mark}_root", f"{marked.mark}_program", marked.hash, marked.id),
        )

    def _make_logs(self, marked):
        """A log file and a deadlock with the mark."""
        self.stack.sql(
            "INSERT INTO log_files (organization_id, database_connection_id, path, state) "
            "SELECT organization_id, id, %s, 'ok' FROM database_connections WHERE id = %s",
            *(f"/var/log/{marked.mark}.log", marked.id),
        )
        self.stack.sql(
            "INSERT INTO deadlocks (organization_id, database_connection_id, noticed_at, digest, username, processes, "
            "blocked_by, waits, statements) SELECT organization_id, id, %s, 1, %s, '{1,2}', '{2,1}', '{NULL,NULL}', "
            "ARRAY[%s::uuid, NULL] FROM database_connections WHERE id = %s",
            *(self.start, f"{marked.mark}_victim", marked.hash, marked.id),
        )

    def _make_coverage(self, marked):
        """As many attributed calls as the connection's weight."""
        self.stack.sql(
            "INSERT INTO connection_coverage (organization_id, database_connection_id, bucket_at, basis, covered_us, "
            "first_looks, server_ms, attributed_ms, server_calls, attributed_calls, running_ms, own_ms, evicted_ms, "
            "no_right_ms, text_missing_ms, beyond_bound_ms, not_counted_ms, reset_ms, evictions, looks, look_cost_us) "
            "SELECT organization_id, id, %s, 'active_time', 1, 0, 2, 1, 0, %s, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 "
            "FROM database_connections WHERE id = %s",
            *(self.start, marked.weight, marked.id),
        )

    def _make_mongodb(self, marked, maker, scope, team):
        fields = {"name": f"{marked.mark} mongodb", "engine": "mongodb", "visibility_scope": scope}
        made = self.make_connection(maker, **fields, **({"team_id": team} if team else {}))
        marked.mongodb_id = made["id"]
        body = {"type": "mongodb", "data": {"nodeId": f"{marked.mark}-node", "role": "primary", "opsInsert": 1}}
        answer = requests.post(
            self.url + "/api/v1/metrics", json={"agent_token": made["agent_token"], **body}, timeout=30
        )
        assert answer.status_code == 200 and answer.json()["accepted"] == 1, answer.text

    def _agent(self, marked, path, body):
        return requests.post(self.url + path, json={"agent_token": marked.token, **body}, timeout=30)

    def _wait_for_rollup(self):
        ids = [marked.id for marked in self.connections.values()]
        servers.wait_until(
            lambda: self.stack.sql(
                "SELECT count(*) AS n FROM rollup_deltas WHERE database_connection_id = ANY (%s)", ids
            )[0].n
            == 0,
            30,
            what="the rollup",
        )

    def _make_job(self):
        answer = self.call("member", None, "POST", "/api/v1/collectors/postgres/collect")
        assert answer.status_code == 202, answer.text
        return int(answer.json()["job_url"].rsplit("/", 1)[1])

    # ---- asking ----

    def call(self, caller, scope, method, path, *, params=None, json=None, form=None, is_page=False, url=None):
        """Send a request as `caller`; an agent is the one of the connection `scope`. A form gets its CSRF token."""
        headers, cookies = {}, None
        if is_page:
            cookies = self._cookies.get(caller)
            if form is not None and cookies is not None and caller != "deactivated":
                form = {"csrf": self._csrf(caller), **form}
        elif caller == "agent":
            headers["Authorization"] = f"Bearer {self.connections[scope].token}"
        elif caller in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[caller]}"
        answer = requests.request(
            method,
            (url or self.url) + path,
            params=params,
            json=json,
            data=form,
            headers=headers,
            cookies=cookies,
            allow_redirects=False,
            timeout=60,
        )
        if not is_page:
            description.check(method, path, answer)
        return answer

    def _csrf(self, caller):
        page = requests.get(self.url + "/databases", cookies=self._cookies[caller], timeout=30).text
        return re.search(r'name="csrf" value="([^"]+)"', page).group(1)

    # ---- checking ----

    def sees(self, caller, scope=None):
        return {scope} if caller == "agent" else SEES[caller]

    def marks_in(self, text):
        return {name for name, marked in self.connections.items() if marked.mark in text}

    def of_calls(self, calls):
        """The connections whose calls in both hours add up to this number."""
        if calls % 2 != 0 or calls // 2 >= 1 << len(self.connections):
            return {"somebody else's"}
        return {name for name, marked in self.connections.items() if calls // 2 & marked.weight}


def faults(world, name, expectation, url=None):
    """Call one route as every caller about each connection. Returns a line for each difference from the expectation."""
    method, path = name.split(" #")[0].split(" ", 1)
    found = []
    for caller in CALLERS:
        for scope in SCOPES:
            for fault in _faults_of_one(world, method, path, expectation, caller, scope, url):
                found.append(f"{name} as {caller}, {scope}: {fault}")
    return found


def _faults_of_one(world, method, path, expectation, caller, scope, url):
    request = expectation.request(world, caller, scope)
    for name, value in request.pop("ids", {}).items():
        path = path.replace("{" + name + "}", str(value))
    assert "{" not in path, f"no id for {path}"
    answer = world.call(caller, scope, method, path, is_page=expectation.is_page, url=url, **request)
    status = expectation.status(world, caller, scope)
    allowed = expectation.may_show(world, caller, scope)
    shown = world.marks_in(answer.text)
    if answer.status_code != status:
        yield f"{answer.status_code}, not {status}: {answer.text[:300]}"
    elif not shown <= allowed:
        yield f"shows {sorted(shown - allowed)}"
    elif status < 300 and expectation.rows is not None:
        rows = expectation.rows(world, answer)
        wanted = expectation.shows(world, caller, scope)
        # Without the statements' own filters a narrowed page may show the caller's other connections, and no more.
        if rows != wanted and not (url is not None and expectation.narrows and wanted < rows <= allowed):
            yield f"rows of {sorted(map(str, rows))}, not of {sorted(map(str, wanted))}: {answer.text[:300]}"
