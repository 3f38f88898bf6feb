"""The expected answer of every route for every caller: the table that test_route_walk.py and test_row_security.py walk.
Whoever adds a route adds its row here. The table does not repeat routes.c or the code: it tells what should happen.

A row is named by method and path; if a route has several rows, a name after # tells them apart. A row has: who may call
the route (a status for each caller), which ids are put into its path, what is sent, and what a read shows. `rows` finds
the connections whose data an answer holds; the walk compares them with those that the caller sees. Without `rows`, the
answer must at least show nothing that the caller may not see.
"""

import datetime
from dataclasses import dataclass, field
from typing import Callable, Optional

from accounts import PASSWORD, unique
from visibility_world import HOME

# ---- callers: a status for each ----


def everybody(status):
    return dict.fromkeys(("anonymous", "agent", "deactivated", *PEOPLE), status)


PEOPLE = ("viewer", "member", "admin", "other_team", "other_organization")


def people(status=200, **others):
    """Everybody who is signed in."""
    return {**everybody(status), "anonymous": 401, "agent": 401, "deactivated": 401, **others}


def members(status=200):
    return people(status, viewer=403)


def admins(status=200):
    return people(status, viewer=403, member=403, other_team=403)


def agents(status=200):
    return {**everybody(401), "agent": status}


def visitors(status=200, **others):
    """For pages: the caller is signed in by a cookie or is sent to /login. An agent has no cookie."""
    return {**everybody(status), "anonymous": 303, "agent": 303, "deactivated": 303, **others}


def page_admins(status=200, **others):
    return visitors(status, **{"viewer": 403, "member": 403, "other_team": 403, **others})


# ---- a row ----


@dataclass(frozen=True)
class Expectation:
    callers: dict
    ids: Callable = lambda world, caller, scope: {}
    # The ids are of something that belongs to the connection; if the connection is hidden, the answer is 404.
    target: bool = False
    administered: bool = False  # an admin may, even if the connection is hidden
    exceptions: dict = field(default_factory=dict)  # (caller, scope): status
    params: Optional[dict] = None
    body: Optional[Callable] = None  # (world, caller, scope) -> JSON
    form: Optional[Callable] = None  # the same, of a page's form
    rows: Optional[Callable] = None  # (world, answer) -> names of connections
    rows_of_all: bool = False  # an answer about one thing also names the other visible connections
    # A page of one connection lists by a scope that is narrowed to it. Row policies know the caller's own scope alone.
    narrows: bool = False
    rows_of_admin: Optional[set] = None  # hidden connections that an admin sees too: their settings, never queries
    is_page: bool = False

    def request(self, world, caller, scope):
        request = {"ids": self.ids(world, caller, scope), "params": self.params}
        if self.body is not None:
            request["json"] = self.body(world, caller, scope)
        if self.form is not None:
            request["form"] = self.form(world, caller, scope)
        return request

    def status(self, world, caller, scope):
        status = self.callers[caller]
        if status >= 400 or (self.is_page and status == 303 and caller not in PEOPLE):
            return status
        if (caller, scope) in self.exceptions:
            return self.exceptions[caller, scope]
        is_visible = scope in world.sees(caller, scope) or (self.administered and caller == "admin")
        return 404 if self.target and not is_visible else status

    def may_show(self, world, caller, scope):
        return world.sees(caller, scope) | ((self.rows_of_admin or set()) if caller == "admin" else set())

    def shows(self, world, caller, scope):
        return {scope} if self.target and not self.rows_of_all else self.may_show(world, caller, scope)


# ---- connections whose data an answer holds ----


def marks(world, answer):
    return world.marks_in(answer.text)


def calls(*path):
    """The sum of `calls` at a path of keys; if a list is there, of all its items."""

    def rows(world, answer):
        found = answer.json()
        for key in path:
            found = found[key]
        return world.of_calls(sum(item["calls"] for item in found) if isinstance(found, list) else found["calls"])

    return rows


def number(*path):
    """A number that is the sum of the connections' weights."""

    def rows(world, answer):
        found = answer.json()
        for key in path:
            found = found[key]
        return world.of_calls(2 * found)

    return rows


def collected(world, answer):
    """The number that collectors have found; for each connection World sets it to the connection's weight."""
    body = answer.json()
    return world.of_calls(2 * (body["mysql_total_collected"] + body["postgres_total_collected"]))


# ---- ids for the paths ----


def of_connection(world, caller, scope):
    return {"id": world.connections[scope].id}


def of_sample(world, caller, scope):
    return {"id": world.connections[scope].sample_id}


def of_hash(world, caller, scope):
    return {"hash": world.connections[scope].hash}


def of_collector(world, caller, scope):
    return {"id": world.connections[scope].collector_id}


def fresh_connection(world, caller, scope):
    return {"id": world.fresh(scope)["id"]}


def of_job(world, caller, scope):
    return {"id": world.job_id}


def of_home(world, caller, scope):
    return {"id": world.home_id}


def of_blue(world, caller, scope):
    return {"id": world.blue_id}


def of_viewer(world, caller, scope):
    return {"id": world.people["viewer"].id}


def fresh_user(world, caller, scope):
    answer = world.call("admin", None, "POST", "/api/v1/users", json=new_user(world, caller, scope))
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"]}


def fresh_team(world, caller, scope):
    answer = world.call("admin", None, "POST", "/api/v1/teams", json={"name": unique("walk")})
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"]}


def fresh_token(world, caller, scope):
    """A token of the member's."""
    answer = world.call("member", None, "POST", "/api/v1/api-tokens", json=new_token(world, caller, scope))
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"]}


def while_stopped(world, caller, scope):
    for admin in ("admin", "other_organization"):
        world.call(admin, None, "POST", "/api/v1/collectors/scheduler/stop")
    return {}


def while_running(world, caller, scope):
    for admin in ("admin", "other_organization"):
        world.call(admin, None, "POST", "/api/v1/collectors/scheduler/start")
    return {}


def sends(**body):
    return lambda world, caller, scope: dict(body)


def unique_name(**body):
    return lambda world, caller, scope: {"name": unique("walk"), **body}


def new_user(world, caller, scope):
    return {"email": unique("walk") + "@example.com", "password": PASSWORD, "role": "viewer"}


def new_token(world, caller, scope):
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    return {"name": unique("walk"), "scope": "read", "expires_at": ends.isoformat()}


def new_report(world, caller, scope):
    marked = world.connections[scope]
    body = {"type": "mongodb", "data": {"nodeId": f"{marked.mark}-node", "opsInsert": 1}}
    return body if caller == "agent" else {**body, "connection_id": marked.mongodb_id}


def signs_in(world, caller, scope):
    return {"email": world.people["viewer"].email, "password": PASSWORD}


def whole_connection(world, caller, scope):
    """What the connection is already; visibility_world.py made it."""
    mark = world.connections[scope].mark
    return {"name": f"{mark} connection", "engine": "postgresql", "host": f"{mark}.invalid", "database": f"{mark}_db",
            "username": f"{mark}_user", "interval_s": 86400}


# Everybody sees ORG_WIDE, but only the owner, its team and admins may read or replace its agent token.
NOT_THEIRS = {("other_team", "ORG_WIDE"): 403}
SAMPLE = {"full_sql": "SELECT 1 FROM walked", "duration_ms": 1, "captured_at": "2020-01-01T00:00:00Z"}


class Improvements(Expectation):
    """Compares the last complete hour with the one before it."""

    def request(self, world, caller, scope):
        return {**super().request(world, caller, scope),
                "params": {"from": world.start.isoformat(), "to": world.to.isoformat(), "min_calls": 1}}


class Compared(Expectation):
    """The two plans of the connection's statement."""

    def request(self, world, caller, scope):
        rows = world.stack.sql("SELECT plan_hash FROM query_plans WHERE database_connection_id = %s AND sql_hash = %s",
                               world.connections[scope].id, world.connections[scope].hash)
        hashes = [str(row.plan_hash).replace("-", "") for row in rows]
        return {**super().request(world, caller, scope), "params": {"before": hashes[0], "after": hashes[-1]}}


E = Expectation


def changes_connection(body):
    return E(
        members(),
        ids=of_connection,
        target=True,
        administered=True,
        rows_of_admin=HOME,
        exceptions=NOT_THEIRS,
        body=body,
    )


EXPECTATIONS = {
    "GET /health": E(everybody(200)),
    "GET /metrics": E(everybody(200)),
    # ---- signing in ----
    # With the right password, because failures count against everybody on this network.
    "POST /api/v1/auth/login": E(everybody(200), body=signs_in),
    "POST /api/v1/auth/refresh": E(everybody(401), body=sends(refresh_token="rft_unknown")),
    "POST /api/v1/auth/logout": E(everybody(204), body=sends(refresh_token="rft_unknown")),
    "GET /api/v1/auth/me": E(people()),
    "POST /api/v1/auth/password": E(people(422), body=sends(new_password="")),
    "GET /api/v1/api-tokens": E(people()),
    "POST /api/v1/api-tokens": E(people(201), body=new_token),
    "DELETE /api/v1/api-tokens/{id}": E({**people(404), "member": 204}, ids=fresh_token),
    # ---- administration of the own organization ----
    "GET /api/v1/organizations": E(admins()),
    "PATCH /api/v1/organizations/{id}": E({**admins(), "other_organization": 404}, ids=of_home, body=unique_name()),
    "GET /api/v1/users": E(admins()),
    "POST /api/v1/users": E(admins(201), body=new_user),
    "GET /api/v1/users/{id}": E({**admins(), "other_organization": 404}, ids=of_viewer),
    "PATCH /api/v1/users/{id}": E(
        {**admins(), "other_organization": 404}, ids=of_viewer, body=sends(display_name="Somebody")
    ),
    "DELETE /api/v1/users/{id}": E({**admins(204), "other_organization": 404}, ids=fresh_user),
    "GET /api/v1/teams": E(people()),
    "POST /api/v1/teams": E(admins(201), body=unique_name()),
    "PATCH /api/v1/teams/{id}": E({**admins(), "other_organization": 404}, ids=of_blue, body=unique_name()),
    "DELETE /api/v1/teams/{id}": E({**admins(204), "other_organization": 404}, ids=fresh_team),
    "GET /api/v1/teams/{id}/members": E({**admins(), "other_organization": 404}, ids=of_blue),
    "POST /api/v1/teams/{id}/members": E(
        {**admins(201), "other_organization": 404},
        ids=fresh_team,
        body=lambda world, caller, scope: {"user_id": world.people["viewer"].id},
    ),
    "DELETE /api/v1/teams/{id}/members/{user_id}": E(
        {**admins(404), "other_organization": 404},
        ids=lambda world, caller, scope: {"id": world.red_id, "user_id": world.people["viewer"].id},
    ),
    "GET /api/v1/audit-log": E(admins(), rows_of_admin=HOME),
    # ---- connections ----
    "GET /api/v1/database-connections": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/database-connections #all": E(
        admins(), rows=marks, params={"limit": 500, "all": "true"}, rows_of_admin=HOME
    ),
    "POST /api/v1/database-connections": E(members(201), body=unique_name(engine="mysql", visibility_scope="ORG_WIDE")),
    "GET /api/v1/database-connections/{id}": E(people(), ids=of_connection, target=True, rows=marks),
    "PATCH /api/v1/database-connections/{id}": changes_connection(sends(interval_s=86400)),
    "PUT /api/v1/database-connections/{id}": changes_connection(whole_connection),
    "DELETE /api/v1/database-connections/{id}": E(
        members(204), ids=fresh_connection, target=True, administered=True, exceptions=NOT_THEIRS
    ),
    "POST /api/v1/database-connections/{id}/rotate-token": E(
        members(), ids=fresh_connection, target=True, exceptions=NOT_THEIRS
    ),
    "GET /api/v1/database-connections/{id}/agent-token": E(
        members(), ids=of_connection, target=True, exceptions=NOT_THEIRS
    ),
    "POST /api/v1/database-connections/{id}/test": E(members(202), ids=of_connection, target=True),
    # ---- collecting ----
    "GET /api/v1/collectors/status": E(people(), rows=collected),
    "POST /api/v1/collectors/mysql/collect": E(members(202)),
    "POST /api/v1/collectors/postgres/collect": E(members(202)),
    "POST /api/v1/collectors/scheduler/start": E(admins(), ids=while_stopped),
    "POST /api/v1/collectors/scheduler/stop": E(admins(), ids=while_running),
    "GET /api/v1/collectors": E(people(), rows=marks, params={"limit": 500}),
    "POST /api/v1/collectors/register": E(
        agents(200),
        body=lambda world, caller, scope: {"hostname": f"{world.connections[scope].mark}-host", "version": "1.0"},
    ),
    "POST /api/v1/collectors/{id}/heartbeat": E(agents(), ids=of_collector, body=sends(status="online")),
    "POST /api/v1/collectors/ingest/slow-queries": E(agents(422), body=sends(queries=[{**SAMPLE, "duration_ms": -1}])),
    # ---- queries ----
    "GET /api/v1/slow-queries": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/slow-queries/fingerprints": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/slow-queries/fingerprints/{hash}": E(people(), ids=of_hash, target=True, rows=marks),
    "GET /api/v1/slow-queries/fingerprints/{hash}/plans": E(people(), ids=of_hash, target=True, rows=marks),
    "GET /api/v1/slow-queries/fingerprints/{hash}/plans/compare": Compared(
        people(), ids=of_hash, target=True, rows=marks
    ),
    "GET /api/v1/slow-queries/{id}": E(people(), ids=of_sample, target=True, rows=marks),
    "POST /api/v1/plans/analyze": E(people(), body=sends(plan="Seq Scan on t  (cost=0.00..1.50 rows=9 width=4)")),
    "GET /api/v1/stats/overview": E(people(), rows=calls()),
    "GET /api/v1/stats/trends": E(people(), rows=calls("items")),
    "GET /api/v1/stats/top-queries": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/stats/top-tables": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/stats/by-database": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/stats/by-engine": E(people(), rows=calls("items")),
    "GET /api/v1/stats/improvements": Improvements(people(), rows=marks),
    "GET /api/v1/stats/tags": E(people(), rows=marks, params={"key": "controller", "limit": 500}),
    "GET /api/v1/statistics/daily": E(people(), rows=calls("items")),
    "GET /api/v1/statistics/fingerprints": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/statistics/databases": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/llm/questions": E(people()),
    "GET /api/v1/jobs/{id}": E({**people(404), "member": 200}, ids=of_job),
    "GET /api/v1/monitoring/status": E(people(), rows=number("queries_discovered")),
    "POST /api/v1/monitoring/trigger": E(members(202)),
    "GET /api/v1/monitoring/queries": E(people(), rows=marks, params={"limit": 500}),
    "GET /api/v1/monitoring/connections/{id}/waits": E(
        people(), ids=of_connection, params={"group_by": "user"}, target=True, rows=marks, narrows=True
    ),
    "GET /api/v1/monitoring/connections/{id}/deadlocks": E(
        people(), ids=of_connection, target=True, rows=marks, narrows=True
    ),
    "GET /api/v1/monitoring/connections/{id}/log-files": E(
        people(), ids=of_connection, target=True, rows=marks, narrows=True
    ),
    "GET /api/v1/monitoring/connections/{id}/coverage": E(
        people(), ids=of_connection, target=True, rows=number("attributed_calls"), narrows=True
    ),
    "GET /api/v1/dashboard/stats": E(people(), rows=number("total_queries_discovered")),
    "GET /api/v1/dashboard/activity": E(people(), rows=marks, params={"limit": 500}),
    # ---- MongoDB ----
    # The agent's connection is of another engine.
    "POST /api/v1/metrics": E({**members(), "agent": 422}, target=True, exceptions=NOT_THEIRS, body=new_report),
    "GET /api/v1/metrics/mongodb": E(people(), rows=marks, params={"limit": 20}),
    "GET /api/v1/mongodb/cluster-status": E(people(), rows=marks),
    # ---- pages ----
    "GET /login": E({**everybody(200), **dict.fromkeys(PEOPLE, 303)}, is_page=True),
    "POST /login": E(everybody(303), is_page=True, form=signs_in),
    "POST /logout": E(visitors(403), is_page=True, form=sends(csrf="not the token")),
    "GET /": E(visitors(), is_page=True, rows=marks),
    "GET /queries": E(visitors(), is_page=True, rows=marks),
    "GET /queries/{hash}": E(visitors(), is_page=True, ids=of_hash, target=True, rows=marks, rows_of_all=True),
    "GET /plans/new": E(visitors(), is_page=True),
    "POST /plans/new": E(visitors(422), is_page=True, form=sends(plan="no plan")),
    "GET /databases": E(visitors(), is_page=True, rows=marks),
    "GET /databases/new": E(visitors(viewer=403), is_page=True),
    "POST /databases/new": E(visitors(422, viewer=403), is_page=True, form=sends(name="")),
    "GET /databases/{id}": E(
        visitors(), is_page=True, ids=of_connection, params={"period": "24h"}, target=True, rows=marks, narrows=True
    ),
    "GET /databases/{id}/waits": E(
        visitors(), is_page=True, ids=of_connection, params={"period": "24h"}, target=True, rows=marks, narrows=True
    ),
    "POST /databases/{id}/waits": E(
        visitors(303, viewer=403), is_page=True, ids=fresh_connection, target=True, administered=True,
        form=sends(looks="on"), exceptions=NOT_THEIRS
    ),
    "POST /databases/{id}/overhead": E(
        visitors(303, viewer=403), is_page=True, ids=fresh_connection, target=True, administered=True,
        form=sends(percent="0.5"), exceptions=NOT_THEIRS
    ),
    "POST /databases/{id}/reveal-token": E(
        visitors(viewer=403), is_page=True, ids=of_connection, target=True, form=sends(), exceptions=NOT_THEIRS
    ),
    "POST /databases/{id}/rotate-token": E(
        visitors(viewer=403), is_page=True, ids=fresh_connection, target=True, form=sends(), exceptions=NOT_THEIRS
    ),
    "GET /mongodb": E(visitors(), is_page=True, rows=marks),
    "GET /collectors": E(visitors(), is_page=True, rows=marks),
    "GET /settings/tokens": E(visitors(), is_page=True),
    "POST /settings/tokens": E(visitors(), is_page=True, form=unique_name(scope="read", days="30")),
    "POST /settings/tokens/{id}/revoke": E(visitors(404, member=303), is_page=True, ids=fresh_token, form=sends()),
    "POST /settings/password": E(visitors(422), is_page=True, form=sends(new_password="")),
    "GET /settings/users": E(page_admins(), is_page=True),
    "POST /settings/users": E(page_admins(), is_page=True, form=new_user),
    "POST /settings/users/{id}": E(
        page_admins(303, other_organization=404), is_page=True, ids=fresh_user, form=sends(action="deactivate")
    ),
    "GET /settings/teams": E(page_admins(), is_page=True),
    "POST /settings/teams": E(page_admins(303), is_page=True, form=unique_name()),
    "GET /settings/teams/{id}": E(page_admins(other_organization=404), is_page=True, ids=of_blue),
    "POST /settings/teams/{id}": E(
        page_admins(303, other_organization=404), is_page=True, ids=fresh_team, form=unique_name(action="rename")
    ),
    "GET /settings/audit": E(page_admins(), is_page=True, rows_of_admin=HOME),
    "GET /settings/storage": E(page_admins(), is_page=True),
}
