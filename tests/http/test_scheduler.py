"""The schedule of an organization: its state as older clients read it, starting and stopping it, and what obeys it."""

import time

import pytest
import servers
from accounts import Account, problem_fields, team_id, unique

STATUS, START, STOP = ("/api/v1/collectors/" + path for path in ("status", "scheduler/start", "scheduler/stop"))
CONNECTIONS = "/api/v1/database-connections"


def connect(client, body, **fields):
    answer = client.post(CONNECTIONS, json={**body, "tls_mode": "disable", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def collection(stack, connection_id):
    return stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s", connection_id)[0]


def wait_idle(stack, connection_id, after=None):
    def idle():
        row = collection(stack, connection_id)
        return (
            row
            if row.last_duration_ms is not None
            and row.lease_owner is None
            and (after is None or row.last_run_at > after)
            else None
        )

    return servers.wait_until(idle, 30, what="a run")


def test_status_has_the_shape_that_is_known(people):
    status = people.viewer.client.get(STATUS).json()
    assert status["is_running"] is True and status["collectors_online"] >= 1 and status["interval_minutes"] is None
    assert [(job["id"], job["name"]) for job in status["jobs"]] == [
        ("mysql_collector", "MySQL Slow Query Collector"), ("postgres_collector", "PostgreSQL Slow Query Collector")]
    assert status["mysql_last_run"] is status["postgres_last_run"] is None
    assert status["mysql_total_collected"] == status["postgres_total_collected"] == 0


def test_status_tells_of_the_callers_connections_alone(stack, people, target_postgres, target_mariadb):
    team = team_id(stack, people.team)
    shared = connect(
        people.member.client,
        target_postgres.connection_body("shared"),
        visibility_scope="TEAM_ONLY",
        team_id=team,
        interval_s=86400,
    )
    own = connect(
        people.member.client, target_mariadb.connection_body("own"), visibility_scope="USER_ONLY", interval_s=86400
    )
    rows = {i: wait_idle(stack, i) for i in (shared, own)}

    def seconds(text):
        return text[:19]

    def utc(time):
        return time.strftime("%Y-%m-%dT%H:%M:%S")

    mine = people.member.client.get(STATUS).json()
    assert seconds(mine["postgres_last_run"]) == utc(rows[shared].last_run_at)
    assert seconds(mine["mysql_last_run"]) == utc(rows[own].last_run_at)
    assert mine["postgres_total_collected"] == rows[shared].total_found
    assert mine["mysql_total_collected"] == rows[own].total_found
    runs = {job["id"]: seconds(job["next_run"]) for job in mine["jobs"]}
    assert runs == {"postgres_collector": utc(rows[shared].next_run_at), "mysql_collector": utc(rows[own].next_run_at)}
    teams = people.viewer.client.get(STATUS).json()
    assert seconds(teams["postgres_last_run"]) == utc(rows[shared].last_run_at) and teams["mysql_last_run"] is None
    nothing = people.outsider.client.get(STATUS).json()
    assert nothing["postgres_last_run"] is nothing["mysql_last_run"] is None
    assert nothing["postgres_total_collected"] == nothing["mysql_total_collected"] == 0
    assert [job["next_run"] for job in nothing["jobs"]] == [None, None]


def test_start_while_running_and_stop_while_stopped_conflict(stack, people):
    client = people.admin.client
    assert client.post(START, params={"interval_minutes": 5}).status_code == 409
    stopped = client.post(STOP)
    assert (
        stopped.status_code == 200 and stopped.json()["status"] == "stopped" and stopped.json()["is_running"] is False
    )
    status = people.viewer.client.get(STATUS).json()
    assert status["is_running"] is False and status["jobs"] == []
    assert people.viewer.client.get("/api/v1/monitoring/status").json()["is_running"] is False
    assert client.post(STOP).status_code == 409
    started = client.post(START, params={"interval_minutes": 5})
    assert (
        started.status_code == 200 and started.json()["status"] == "started" and started.json()["interval_minutes"] == 5
    )
    status = people.viewer.client.get(STATUS).json()
    assert status["is_running"] is True and status["interval_minutes"] == 5 and len(status["jobs"]) == 2
    assert client.post(START).status_code == 409
    assert client.post(STOP).status_code == client.post(START).status_code == 200
    assert people.viewer.client.get(STATUS).json()["interval_minutes"] == 5
    log = stack.sql(
        "SELECT action, user_id, detail FROM audit_log WHERE organization_id = %s "
        "AND action LIKE 'scheduler%%' ORDER BY id",
        people.admin.organization_id,
    )
    assert [row.action for row in log] == ["scheduler_stopped", "scheduler_started"] * 2
    assert {row.user_id for row in log} == {people.admin.id}
    assert log[1].detail == {"interval_minutes": 5}


def test_other_organizations_run_on(stack, people):
    other = Account(stack, role="admin", organization=unique("organization"))
    assert people.admin.client.post(STOP).status_code == 200
    assert other.client.get(STATUS).json()["is_running"] is True
    assert other.client.post(STOP).status_code == 200
    assert people.admin.client.post(START).status_code == 200
    assert other.client.get(STATUS).json()["is_running"] is False


def test_stopped_schedule_runs_nothing_but_what_is_asked_for(stack, people, target_postgres):
    client = people.admin.client
    watched = connect(client, target_postgres.connection_body("watched"), interval_s=5)
    wait_idle(stack, watched)
    assert client.post(STOP).status_code == 200
    stack.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s", watched)
    time.sleep(0.7)
    before = wait_idle(stack, watched).last_run_at
    time.sleep(2.5)  # the collector polls twice a second
    assert collection(stack, watched).last_run_at == before
    url = client.post("/api/v1/collectors/postgres/collect").json()["job_url"]
    servers.wait_until(lambda: client.get(url).json()["state"] == "done", 30, what="what was asked for")
    asked = collection(stack, watched).last_run_at
    assert asked > before
    stack.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s", watched)
    time.sleep(2)
    assert collection(stack, watched).last_run_at == asked
    assert client.post(START).status_code == 200
    wait_idle(stack, watched, after=asked)


def test_interval_is_the_least_between_two_runs(stack, people, target_postgres):
    client = people.admin.client
    often = connect(client, target_postgres.connection_body("often"), interval_s=5)
    seldom = connect(client, target_postgres.connection_body("seldom"), interval_s=7200)
    for i in (often, seldom):
        wait_idle(stack, i)
    assert client.post(STOP).status_code == client.post(START, params={"interval_minutes": 30}).status_code == 200
    waits = []
    for i in (often, seldom):
        before = wait_idle(stack, i).last_run_at
        stack.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = %s", i)
        row = wait_idle(stack, i, after=before)
        waits.append((row.next_run_at - row.last_run_at).total_seconds())
    assert all(0 <= most - wait < 3 for wait, most in zip(waits, (1800, 7200))), waits


def test_start_runs_at_once_and_every_five_minutes_unless_a_connection_has_its_own(stack, people, target_postgres):
    client = people.admin.client
    usual = connect(client, target_postgres.connection_body("usual"))
    own = connect(client, target_postgres.connection_body("own"), interval_s=7200)
    hidden = connect(people.member.client, target_postgres.connection_body("hidden"), visibility_scope="USER_ONLY",
                     interval_s=86400)
    before = {i: wait_idle(stack, i).last_run_at for i in (usual, own, hidden)}
    assert client.post(STOP).status_code == 200
    started = client.post(START)
    assert (started.status_code, started.json()["interval_minutes"]) == (200, 5)
    for i, wait_s in ((usual, 300), (own, 7200), (hidden, 86400)):
        row = wait_idle(stack, i, after=before[i])
        assert 0 <= wait_s - (row.next_run_at - row.last_run_at).total_seconds() < 3


def test_status_dashboard_and_list_count_alike(stack):
    admin = Account(stack, role="admin", organization=unique("organization"))
    client = admin.client
    for body in ({"engine": "postgresql", "host": "a.invalid"}, {"engine": "oracle", "host": "b.invalid"},
                 {"engine": "mysql", "host": "c.invalid", "monitoring_enabled": False}, {"engine": "mysql"}):
        connect(client, {"name": unique("counted"), "visibility_scope": "USER_ONLY", "interval_s": 86400, **body})
    listed = client.get(CONNECTIONS).json()["items"]
    active = [item for item in listed if item["host"] is not None and item["monitoring_enabled"]]
    status, board = (client.get(f"/api/v1/{path}").json() for path in ("monitoring/status", "dashboard/stats"))
    assert len(listed) == status["total_connections"] == board["total_connections"] == 4
    assert len(active) == status["active_connections"] == board["active_connections"] == 1


@pytest.mark.parametrize("interval", ["0", "-5", "1441", "five", "1.5", ""])
def test_bad_interval_is_named_and_changes_nothing(people, interval):
    client = people.admin.client
    assert client.post(STOP).status_code == 200
    answer = client.post(START, params={"interval_minutes": interval})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"interval_minutes"}
    assert client.get(STATUS).json()["is_running"] is False


@pytest.mark.parametrize("method,path", [("GET", STATUS), ("POST", START), ("POST", STOP)])
def test_unknown_parameters_are_named(people, method, path):
    answer = people.admin.client.request(method, path, params={"when": "now"})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"when"}


def test_only_admins_start_and_stop(people):
    for path in (START, STOP):
        assert people.member.client.post(path).status_code == 403
        assert people.viewer.client.post(path).status_code == 403
        assert servers.Client(people.admin.client.url).post(path).status_code == 401
        answer = people.admin.client.post(path, json={"force": True})
        assert answer.status_code == 422 and set(problem_fields(answer)) == {"force"}
    assert people.admin.client.get(START).status_code == 405
    assert people.admin.client.get(STATUS).json()["is_running"] is True
