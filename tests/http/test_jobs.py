"""Jobs, which take longer than a request: collecting at once and tests of connections. potto-collector runs them, and
/jobs/{id} shows them."""

import json
import signal
import time
import uuid

import pytest
import servers
from accounts import problem_fields, team_id, unique

CONNECTIONS = "/api/v1/database-connections"
MYSQL, POSTGRES = "/api/v1/collectors/mysql/collect", "/api/v1/collectors/postgres/collect"
NEVER_S = 86400  # an interval in which nothing runs by itself


def follow(client, url, timeout_s=60):
    """The job, once it has ended."""

    def ended():
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        job = answer.json()
        assert job["state"] in ("queued", "running", "done", "failed") and 0 <= job["progress"] <= 1
        return job if job["state"] in ("done", "failed") else None

    return servers.wait_until(ended, timeout_s, what=f"the end of {url}")


def started(answer):
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert body["status"] == "started" and body["message"]
    assert body["job_url"] == answer.headers["Location"] == f"/api/v1/jobs/{body['job_id']}"
    return body


def connect(client, body, **fields):
    answer = client.post(CONNECTIONS, json={**body, "interval_s": NEVER_S, "tls_mode": "disable", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def first_run(stack, connection_id):
    def has_run():
        row = stack.sql("SELECT last_run_at, lease_owner, last_duration_ms FROM connection_collection "
                        "WHERE database_connection_id = %s", connection_id)[0]
        return row.last_duration_ms is not None and row.lease_owner is None and row.last_run_at

    return servers.wait_until(has_run, 30, what="the first run")


def table(target):
    """Make a table, so that pg_stat_statements counts statements on it on their own."""
    name = "m" + uuid.uuid4().hex[:12]
    target.execute(f"CREATE TABLE {name} (id int)")
    return name


# ---- collect now ----


def test_collect_now_runs_the_visible_connections_of_the_engine(stack, people, target_postgres, target_mariadb):
    client = people.member.client
    wide = connect(client, target_postgres.connection_body("one"))
    own = connect(people.admin.client, target_postgres.connection_body("two"), visibility_scope="USER_ONLY")
    other = connect(client, target_mariadb.connection_body("three"))
    off = connect(client, target_postgres.connection_body("four"), monitoring_enabled=False)
    before = {i: first_run(stack, i) for i in (wide, own, other)}
    marker = table(target_postgres)
    for _ in range(3):
        target_postgres.execute(f"SELECT count(*) FROM {marker}")
    body = started(client.post(POSTGRES))
    assert body["collector"] == "postgres"
    job = follow(client, body["job_url"])
    assert job["state"] == "done" and job["progress"] == 1 and job["kind"] == "collect", job
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    databases = job["result"]["databases"]
    assert [d["database_connection_id"] for d in databases] == [wide]
    assert databases[0]["name"] == "one" and databases[0]["state"] in ("ok", "warning")
    assert job["result"]["collected"] == databases[0]["found"] >= 1
    after = {i: first_run(stack, i) for i in (wide, own, other)}
    assert after[wide] > before[wide]
    assert after[own] == before[own] and after[other] == before[other]
    found = stack.sql(
        "SELECT 1 FROM query_fingerprint_connections JOIN query_fingerprints USING (organization_id, sql_hash) "
        "WHERE database_connection_id = %s AND strpos(fingerprint, %s) > 0",
        wide,
        marker,
    )
    assert found
    assert off not in [d["database_connection_id"] for d in databases]


def test_collect_job_tells_nothing_of_what_its_caller_sees_no_more(stack, people):
    client, body = people.member.client, {
        "engine": "postgresql",
        "host": "127.0.0.1",
        "port": 1,
        "database": "d",
        "username": "u",
    }
    kept = connect(client, {**body, "name": unique("kept")}, visibility_scope="ORG_WIDE")
    moved, hidden = unique("moved"), connect(client, {**body, "name": unique("before")})
    body = started(client.post(POSTGRES))
    job = follow(client, body["job_url"])
    assert {d["database_connection_id"] for d in job["result"]["databases"]} == {kept, hidden}
    stack.sql(
        "UPDATE jobs SET result = jsonb_set(jsonb_set(result, '{databases,1,found}', '40'), "
        "'{collected}', '40') WHERE id = %s",
        job["id"],
    )
    changed = people.admin.client.patch(f"{CONNECTIONS}/{hidden}", json={"name": moved, "visibility_scope": "USER_ONLY",
                                                                       "owner_user_id": people.admin.id})
    assert changed.status_code == 200, changed.text
    result = client.get(body["job_url"]).json()["result"]
    assert [d["database_connection_id"] for d in result["databases"]] == [kept]
    assert result["collected"] == 0


def test_collect_now_of_mysql_and_of_everything(stack, people, target_postgres, target_mariadb):
    client = people.member.client
    ids = [
        connect(client, target_postgres.connection_body("pg")),
        connect(client, target_mariadb.connection_body("my")),
    ]
    for i in ids:
        first_run(stack, i)
    job = follow(client, started(client.post(MYSQL))["job_url"])
    assert [d["database_connection_id"] for d in job["result"]["databases"]] == ids[1:]
    body = started(client.post("/api/v1/monitoring/trigger"))
    assert body["success"] is True
    job = follow(client, body["job_url"])
    assert [d["database_connection_id"] for d in job["result"]["databases"]] == ids


def test_collect_now_tells_of_a_database_that_is_away(stack, people):
    client = people.member.client
    away = connect(client, {"name": "away", "engine": "postgresql", "host": "127.0.0.1", "port": 9, "database": "x",
                            "username": "x", "password": "x", "visibility_scope": "ORG_WIDE"})
    job = follow(client, started(client.post(POSTGRES))["job_url"])
    assert job["state"] == "done"
    (database,) = job["result"]["databases"]
    assert database["database_connection_id"] == away and database["state"] == "failed"
    assert database["problem"] and database["remedy"] and database["found"] == 0


def test_collect_now_without_connections_is_done(people):
    job = follow(people.outsider.client, started(people.outsider.client.post(POSTGRES))["job_url"])
    assert job["state"] == "done" and job["result"] == {"collected": 0, "databases": []}


def test_collect_now_does_not_wait_for_jobs_that_another_organization_piled_up(stack, people):
    # No collector runs the connection of an agent, so these jobs stay.
    silent = servers.AgentFactory(people.stranger.client)().connection_id
    stack.sql("INSERT INTO jobs (organization_id, user_id, kind, state, started_at, payload) "
              "SELECT %s, %s, 'collect', 'running', now(), jsonb_build_object('connection_ids', jsonb_build_array(%s)) "
              "FROM generate_series(1, 150)", people.stranger.organization_id, people.stranger.id, silent)
    try:
        job = follow(people.member.client, started(people.member.client.post(POSTGRES))["job_url"], 120)
        assert job["state"] == "done"
        assert stack.sql("SELECT count(*) FROM jobs WHERE organization_id = %s AND state = 'running'",
                         people.stranger.organization_id)[0][0] == 150
    finally:
        stack.sql("DELETE FROM jobs WHERE organization_id = %s AND state = 'running'", people.stranger.organization_id)


def test_collect_now_with_a_threshold_of_its_own(stack, people, target_postgres):
    client = people.member.client
    wide = connect(client, target_postgres.connection_body("thresholds"), min_duration_ms=0)
    first_run(stack, wide)
    marker = table(target_postgres)

    def slow_calls():
        target_postgres.execute(f"SELECT count(*) FROM {marker}")
        servers.wait_until(lambda: not stack.sql("SELECT 1 FROM rollup_deltas WHERE database_connection_id = %s", wide),
                           20, what="the rollup")
        rows = stack.sql("SELECT coalesce(sum(calls), 0)::int AS calls, coalesce(sum(slow_calls), 0)::int AS slow "
                         "FROM query_fingerprint_metrics JOIN query_fingerprints USING (organization_id, sql_hash) "
                         "WHERE database_connection_id = %s AND resolution_s = 300 AND strpos(fingerprint, %s) > 0 "
                         "AND statement_kind = 'select'", wide, marker)
        return rows[0]

    slow_calls()
    follow(client, started(client.post(POSTGRES))["job_url"])
    first = slow_calls()
    assert first.calls == first.slow == 1
    follow(client, started(client.post(POSTGRES, params={"min_duration_ms": "60000"}))["job_url"])
    second = slow_calls()
    assert (second.calls, second.slow) == (2, 1)
    follow(client, started(client.post(POSTGRES))["job_url"])  # its own threshold again
    third = slow_calls()
    assert (third.calls, third.slow) == (3, 2)


@pytest.mark.parametrize(
    "path,params,fields",
    [
        (POSTGRES, {"min_duration_ms": "-1"}, {"min_duration_ms"}),
        (POSTGRES, {"min_duration_ms": "soon", "force": "1"}, {"min_duration_ms", "force"}),
        (MYSQL, {"min_duration_ms": "500"}, {"min_duration_ms"}),
        ("/api/v1/monitoring/trigger", {"now": "1"}, {"now"}),
    ],
)
def test_bad_parameter_is_named(people, path, params, fields):
    answer = people.member.client.post(path, params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields


@pytest.mark.parametrize("path", [POSTGRES, MYSQL, "/api/v1/monitoring/trigger"])
def test_body_may_be_empty_and_nothing_else(people, path):
    client = people.outsider.client
    assert client.post(path, json={}).status_code == 202
    answer = client.post(path, json={"engine": "oracle"})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"engine"}
    assert client.post(path, data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert people.viewer.client.post(path).status_code == 403
    assert servers.Client(client.url).post(path).status_code == 401


# ---- jobs ----


def test_job_is_seen_by_who_made_it_alone(people):
    url = started(people.member.client.post(POSTGRES))["job_url"]
    assert people.member.client.get(url).status_code == 200
    absent = people.member.client.get("/api/v1/jobs/999999999999")
    for other in (people.admin, people.viewer, people.outsider, people.stranger):
        answer = other.client.get(url)
        assert answer.status_code == absent.status_code == 404
        assert answer.json()["detail"] == absent.json()["detail"]
    assert servers.Client(people.member.client.url).get(url).status_code == 401
    answer = people.member.client.get(url, params={"verbose": 1})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"verbose"}


@pytest.mark.parametrize("identity", ["0", "-1", "x", "99999999999999999999", "1.0"])
def test_id_that_is_none_is_absent(api, identity):
    assert api.get(f"/api/v1/jobs/{identity}").status_code == 404


def test_jobs_of_one_person_are_bounded(stack, people):
    member = people.member
    stack.sql("INSERT INTO jobs (organization_id, user_id, kind) SELECT %s, %s, 'later' FROM generate_series(1, 20)",
              member.organization_id, member.id)
    answer = member.client.post(MYSQL)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert people.admin.client.post(MYSQL).status_code == 202
    stack.sql("DELETE FROM jobs WHERE user_id = %s AND kind = 'later'", member.id)
    assert member.client.post(MYSQL).status_code == 202


def test_job_of_a_connection_that_is_seen_no_more_is_gone(stack, people):
    team = team_id(stack, people.team)
    hidden = connect(people.member.client, {"name": "x", "engine": "mysql", "host": "127.0.0.1", "port": 9},
                     visibility_scope="TEAM_ONLY", team_id=team, monitoring_enabled=False)
    url = started(people.member.client.post(f"{CONNECTIONS}/{hidden}/test"))["job_url"]
    assert people.member.client.get(url).status_code == 200
    stack.sql("DELETE FROM team_members WHERE user_id = %s", people.member.id)
    assert people.member.client.get(url).status_code == 404


# ---- tests of connections ----


def run_test(client, connection_id):
    job = follow(client, started(client.post(f"{CONNECTIONS}/{connection_id}/test"))["job_url"])
    assert job["kind"] == "connection_test" and job["database_connection_id"] == connection_id
    assert job["state"] == "done", job
    return job["result"]


def checks(result):
    return {check["name"]: check for check in result["checks"]}


def test_postgresql_that_has_all(people, target_postgres):
    result = run_test(people.member.client, connect(people.member.client, target_postgres.connection_body("fit")))
    assert result["success"] is True and result["is_fit"] is True and result["problem"] is None
    assert result["server_version"].split(".")[0].isdigit() and result["latency_ms"] > 0
    assert result["user"] == target_postgres.user and result["database"] == target_postgres.database
    found = checks(result)
    assert set(found) == {"version", "pg_stat_statements", "pg_read_all_stats", "not_superuser", "plans"}
    assert all(check["is_ok"] for check in found.values() if check["is_required"])
    assert all(check["problem"] is None and check["remedy"] is None for check in found.values() if check["is_ok"])


def test_postgresql_says_what_is_missing_and_the_sql_that_grants_it(people, target_postgres):
    user = f'Poor "{uuid.uuid4().hex[:8]}"'
    quoted = '"' + user.replace('"', '""') + '"'
    target_postgres.execute(f"CREATE ROLE {quoted} LOGIN PASSWORD 'secret'")
    try:
        body = target_postgres.connection_body("poor", username=user, password="secret")
        connection_id = connect(people.member.client, body, monitoring_enabled=False)
        poor = checks(run_test(people.member.client, connection_id))
        assert poor["pg_read_all_stats"]["is_ok"] is False
        assert poor["pg_read_all_stats"]["remedy"] == f"GRANT pg_monitor TO {quoted};"
        assert poor["plans"]["is_ok"] is False and poor["plans"]["is_required"] is False
        for check in poor.values():
            assert bool(check["problem"]) == bool(check["remedy"]) == (not check["is_ok"])
        target_postgres.execute(poor["pg_read_all_stats"]["remedy"])  # the SQL works unchanged
        granted = run_test(people.member.client, connection_id)
        assert checks(granted)["pg_read_all_stats"]["is_ok"] is True and granted["is_fit"] is True
    finally:
        target_postgres.execute(f"DROP ROLE {quoted}")


def test_nothing_is_advised_about_plans_that_are_switched_off(people, target_postgres):
    user = "noplans_" + uuid.uuid4().hex[:8]
    target_postgres.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'secret'")
    try:
        target_postgres.execute(f"GRANT pg_monitor TO {user}")
        target_postgres.execute(f"ALTER ROLE {user} SET potto.plans = 'off'")
        body = target_postgres.connection_body("no plans", username=user, password="secret")
        connection_id = connect(people.member.client, body, min_duration_ms=0)
        found = run_test(people.member.client, connection_id)
        assert found["is_fit"] is True and set(checks(found)) == {
            "version", "pg_stat_statements", "pg_read_all_stats", "not_superuser"}
        path = f"/api/v1/database-connections/{connection_id}"
        shown = servers.wait_until(lambda: (lambda item: item if item["collection"]["state"] != "waiting" else None)(
            people.member.client.get(path).json()), 30, what="a run")
        assert (shown["collection"]["state"], shown["collection"]["remedy"]) == ("ok", None)
        assert people.member.client.delete(path).status_code == 204
    finally:
        target_postgres.execute(f"DROP ROLE {user}")


def test_postgresql_without_the_extension(people, target_postgres):
    name = "bare_" + uuid.uuid4().hex[:8]
    target_postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        body = target_postgres.connection_body("bare", database=name)
        result = run_test(people.member.client, connect(people.member.client, body, monitoring_enabled=False))
        assert result["success"] is True and result["is_fit"] is False
        assert "CREATE EXTENSION pg_stat_statements" in checks(result)["pg_stat_statements"]["remedy"]
    finally:
        target_postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_superuser_is_told_to_step_down(people, target_postgres):
    body = target_postgres.connection_body(
        "root", username=target_postgres.admin_user, password=target_postgres.admin_password
    )
    result = run_test(people.member.client, connect(people.member.client, body, monitoring_enabled=False))
    assert checks(result)["not_superuser"]["is_ok"] is False and result["is_fit"] is True


def test_mariadb_says_what_is_missing_and_the_sql_that_grants_it(people, target_mariadb):
    client = people.member.client
    fit = run_test(client, connect(client, target_mariadb.connection_body("fit")))
    assert fit["success"] is True and "MariaDB" in fit["server_version"]
    assert all(check["is_ok"] for check in fit["checks"] if check["is_required"]), fit
    assert checks(fit)["plans"]["is_ok"] is True and checks(fit)["performance_schema"]["is_ok"] is True
    user = "poor_" + uuid.uuid4().hex[:8]
    target_mariadb.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
    try:
        body = target_mariadb.connection_body("poor", username=user, password="secret", database=None)
        connection_id = connect(client, body, monitoring_enabled=False)
        poor = checks(run_test(client, connection_id))
        assert poor["mysql.slow_log"]["is_ok"] is False and poor["plans"]["is_ok"] is False
        assert poor["mysql.slow_log"]["remedy"] == f"GRANT SELECT ON mysql.slow_log TO '{user}'@'127.0.0.1';"
        assert poor["performance_schema"]["is_ok"] is False and poor["performance_schema"]["is_required"] is False
        assert poor["mysql.slow_log"]["is_required"] is True
        target_mariadb.execute(poor["performance_schema"]["remedy"])
        counting = run_test(client, connection_id)
        assert counting["is_fit"] is True and checks(counting)["mysql.slow_log"]["is_ok"] is False
        target_mariadb.execute(poor["mysql.slow_log"]["remedy"])
        target_mariadb.execute(poor["plans"]["remedy"])
        granted = run_test(client, connection_id)
        assert granted["is_fit"] is True and checks(granted)["plans"]["is_ok"] is True
        assert checks(granted)["performance_schema"]["is_ok"] is True
    finally:
        target_mariadb.execute(f"DROP USER {user}@'127.0.0.1'")


@pytest.mark.parametrize(
    "change,words",
    [
        ({"port": 9}, "listen"),
        ({"password": "wrong hunter2"}, "password"),
        ({"database": "no_such_database"}, "database"),
        ({"host": "no-such-host.invalid"}, "host"),
    ],
)
def test_database_that_cannot_be_reached(stack, people, target_postgres, change, words):
    body = {**target_postgres.connection_body("unreachable"), **change}
    result = run_test(people.member.client, connect(people.member.client, body, monitoring_enabled=False))
    assert result["success"] is False and result["is_fit"] is False and result["checks"] == []
    assert result["server_version"] is None and result["latency_ms"] is None
    assert words in (result["problem"] + " " + result["remedy"]).lower()
    assert "hunter2" not in json.dumps(result)


def test_engine_that_cannot_be_collected_from_is_said(people):
    connection_id = connect(people.member.client, {"name": "ora", "engine": "oracle", "host": "127.0.0.1"})
    result = run_test(people.member.client, connection_id)
    assert result["success"] is False and result["problem"]


def test_connection_test_waits_for_a_run(stack, people, target_postgres):
    """A database gets only one connection of Potto at a time: while another run has it, the test waits."""
    connection_id = connect(people.member.client, target_postgres.connection_body("busy"))
    first_run(stack, connection_id)
    stack.sql("UPDATE connection_collection SET lease_owner = 'somebody', lease_until = now() + interval '3 seconds' "
              "WHERE database_connection_id = %s", connection_id)
    began = time.monotonic()
    assert run_test(people.member.client, connection_id)["success"] is True
    assert time.monotonic() - began > 2
    assert stack.sql("SELECT lease_owner FROM connection_collection WHERE database_connection_id = %s",
                     connection_id)[0].lease_owner is None


def test_connection_of_an_agent_has_nothing_to_test(people):
    agent = servers.AgentFactory(people.member.client)()
    answer = people.member.client.post(f"{CONNECTIONS}/{agent.connection_id}/test")
    assert answer.status_code == 409 and "host" in answer.json()["detail"]


def test_hidden_connection_cannot_be_tested(stack, people, target_postgres):
    connection_id = connect(
        people.member.client,
        target_postgres.connection_body("hidden"),
        visibility_scope="USER_ONLY",
        monitoring_enabled=False,
    )
    path = f"{CONNECTIONS}/{connection_id}/test"
    for other in (people.admin, people.outsider, people.stranger):
        assert other.client.post(path).status_code == 404
    wide = connect(people.member.client, target_postgres.connection_body("wide"), monitoring_enabled=False)
    assert people.viewer.client.post(f"{CONNECTIONS}/{wide}/test").status_code == 403
    assert servers.Client(people.member.client.url).post(path).status_code == 401
    client = people.member.client
    assert client.post(f"{CONNECTIONS}/0/test").status_code == client.post(f"{CONNECTIONS}/x/test").status_code == 404
    answer = client.post(path, params={"deep": 1})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"deep"}
    answer = client.post(path, json={"timeout": 5})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"timeout"}


# ---- collectors that die ----


def test_job_of_a_killed_collector_is_taken_over(stack, people, target_postgres):
    connection_id = connect(people.member.client, target_postgres.connection_body("survivor"), monitoring_enabled=False)
    stack.kill("collector", signal.SIGKILL)
    url = started(people.member.client.post(f"{CONNECTIONS}/{connection_id}/test"))["job_url"]
    assert people.member.client.get(url).json()["state"] == "queued"
    # As if the killed collector had taken it and its lease had ended.
    stack.sql(
        "UPDATE jobs SET state = 'running', lease_owner = 'the dead', "
        "lease_until = now() - interval '1 second', attempts = 1, "
        "started_at = now() WHERE user_id = %s AND state = 'queued'",
        people.member.id,
    )
    stack.up()
    job = follow(people.member.client, url)
    assert job["state"] == "done" and job["result"]["success"] is True


def test_job_that_kills_its_collectors_is_given_up(stack, people, target_postgres):
    connection_id = connect(people.member.client, target_postgres.connection_body("poison"), monitoring_enabled=False)
    stack.kill("collector", signal.SIGKILL)
    url = started(people.member.client.post(f"{CONNECTIONS}/{connection_id}/test"))["job_url"]
    stack.sql(
        "UPDATE jobs SET state = 'running', lease_owner = 'the dead', "
        "lease_until = now() - interval '1 second', attempts = 3, "
        "started_at = now() WHERE user_id = %s AND state = 'queued'",
        people.member.id,
    )
    stack.up()
    job = follow(people.member.client, url)
    assert job["state"] == "failed" and job["result"] is None
    assert job["problem"] and job["remedy"]


def test_collect_now_survives_the_collector(stack, people, target_postgres):
    wide = connect(people.member.client, target_postgres.connection_body("surviving"))
    before = first_run(stack, wide)
    stack.kill("collector", signal.SIGKILL)
    url = started(people.member.client.post(POSTGRES))["job_url"]
    assert people.member.client.get(url).json()["state"] == "queued"
    stack.up()
    job = follow(people.member.client, url)
    assert job["state"] == "done" and job["result"]["databases"][0]["database_connection_id"] == wide
    assert first_run(stack, wide) > before


def test_collect_now_that_cannot_end_fails_and_says_so(stack, people, target_postgres):
    wide = connect(people.member.client, target_postgres.connection_body("held"))
    first_run(stack, wide)
    stack.sql("UPDATE connection_collection SET lease_owner = 'somebody', lease_until = now() + interval '10 minutes' "
              "WHERE database_connection_id = %s", wide)
    url = started(people.member.client.post(POSTGRES))["job_url"]
    servers.wait_until(lambda: people.member.client.get(url).json()["state"] == "running", 20, what="the job's start")
    stack.sql("UPDATE jobs SET started_at = started_at - interval '6 minutes' WHERE user_id = %s AND state = 'running'",
              people.member.id)
    job = follow(people.member.client, url)
    assert job["state"] == "failed" and "1 of 1" in job["problem"]
    assert job["result"]["databases"][0]["state"] == "waiting"
    stack.sql("UPDATE connection_collection SET lease_until = now() WHERE database_connection_id = %s", wide)


def test_jobs_that_ended_long_ago_are_forgotten(stack, people):
    url = started(people.outsider.client.post(POSTGRES))["job_url"]
    follow(people.outsider.client, url)
    stack.sql("UPDATE jobs SET finished_at = now() - interval '8 days' WHERE user_id = %s", people.outsider.id)
    stack.restart_collector()
    servers.wait_until(
        lambda: people.outsider.client.get(url).status_code == 404, 30, what="the end of the job's memory"
    )
