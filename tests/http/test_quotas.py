"""Quotas: how many of each thing there may be, and that nothing grows without a bound."""

import html
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import ingest_client
import pytest
import servers
from accounts import PASSWORD, Account, unique
from conftest import STACK_NAME, _build_dir
from ingest_client import PATH, assert_problem
from test_pages import browser_of
from test_settings_pages import submit

CONNECTIONS, TEAMS, USERS = "/api/v1/database-connections", "/api/v1/teams", "/api/v1/users"
REGISTER, COLLECTORS = "/api/v1/collectors/register", "/api/v1/collectors"
AUDIT_LINES, AUDIT_LINES_PER_HOUR = 2500, 1000


@pytest.fixture(scope="module")
def quota_stack():
    settings = {
        "POTTO_CONNECTIONS_PER_ORGANIZATION": "6",
        "POTTO_USERS_PER_ORGANIZATION": "4",
        "POTTO_TEAMS_PER_ORGANIZATION": "3",
        "POTTO_AGENTS_PER_CONNECTION": "3",
        "POTTO_AUDIT_LINES_MAX": str(AUDIT_LINES),
        "POTTO_UPKEEP_INTERVAL_S": "1",
    }
    with servers.running(servers.Stack(f"{STACK_NAME}-quotas", _build_dir(), settings)) as stack:
        yield stack


@pytest.fixture()
def admin(quota_stack):
    """An admin of an organization with one team."""
    return Account(quota_stack, "admin", unique("team"), unique("organization"))


@pytest.fixture()
def sender(admin):
    return servers.AgentFactory(admin.client)()


def count(stack, table, account):
    return stack.sql(f"SELECT count(*) AS n FROM {table} WHERE organization_id = %s", account.organization_id)[0].n


def at_once(post, tries):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(post, range(tries)))


def assert_used_up(answers, made, words):
    assert sorted(answer.status_code for answer in answers) == [201] * made + [409] * (len(answers) - made)
    for answer in answers:
        if answer.status_code == 409:
            assert words in assert_problem(answer, 409)["detail"]


# ---- what people make ----


def test_an_organization_has_no_more_databases_than_it_may_have(quota_stack, admin):
    other = Account(quota_stack, "admin", unique("team"), unique("organization"))
    body = {"engine": "postgresql", "visibility_scope": "ORG_WIDE"}
    answers = at_once(lambda _: admin.client.post(CONNECTIONS, json={**body, "name": unique("c")}), 16)
    assert_used_up(answers, 6, "may have 6 databases")
    assert count(quota_stack, "database_connections", admin) == 6
    form = submit(browser_of(admin), "/databases/new", **body, name=unique("c"), host="h", username="u")
    assert form.status_code == 409 and "POTTO_CONNECTIONS_PER_ORGANIZATION" in html.unescape(form.text)
    name = quota_stack.sql("SELECT name FROM organizations WHERE id = %s", admin.organization_id)[0].name
    by_hand = quota_stack.cli("connection", "create", "--organization", name, "--name", unique("c"), "--engine",
                              "postgresql", "--visibility", "ORG_WIDE", check=False)
    assert by_hand.returncode == 1 and "may have 6 databases" in by_hand.stderr
    assert other.client.post(CONNECTIONS, json={**body, "name": unique("c")}).status_code == 201
    admin.client.delete(f"{CONNECTIONS}/{next(a for a in answers if a.status_code == 201).json()['id']}")
    servers.wait_until(lambda: admin.client.post(CONNECTIONS, json={**body, "name": unique("c")}).status_code == 201,
                       30, 0.5, what="room, when the deleted one's data is removed")


def test_an_organization_has_no_more_users_than_it_may_have(quota_stack, admin):
    def make(_):
        return admin.client.post(USERS, json={"email": unique("u") + "@example.com", "role": "viewer",
                                              "password": PASSWORD})

    assert_used_up(at_once(make, 8), 3, "may have 4 users")
    name = quota_stack.sql("SELECT name FROM organizations WHERE id = %s", admin.organization_id)[0].name
    by_hand = quota_stack.cli("user", "create", "--email", unique("u") + "@example.com", "--role", "viewer",
                              "--organization", name, "--password-file", "-", stdin=PASSWORD + "\n", check=False)
    assert by_hand.returncode == 1 and "may have 4 users" in by_hand.stderr
    assert count(quota_stack, "users", admin) == 4


def test_an_organization_has_no_more_teams_than_it_may_have(quota_stack, admin):
    assert_used_up(at_once(lambda _: admin.client.post(TEAMS, json={"name": unique("t")}), 8), 2, "may have 3 teams")
    assert count(quota_stack, "teams", admin) == 3


def test_memberships_tokens_and_jobs_have_an_end(quota_stack, admin, sender):
    """The bounds that are no settings, with rows that the test makes."""
    organization, user = admin.organization_id, admin.id
    quota_stack.sql("INSERT INTO teams (organization_id, name) "
                    "SELECT %s, 'team ' || n FROM generate_series(1, 200) AS n", organization)
    quota_stack.sql("INSERT INTO users (organization_id, email, password_hash) "
                    "SELECT %s, %s || n || '@example.com', '' FROM generate_series(1, 100) AS n", organization,
                    unique("p"))
    quota_stack.sql("INSERT INTO team_members (organization_id, team_id, user_id) "
                    "SELECT organization_id, team.id, person.id FROM teams AS team JOIN users AS person "
                    "USING (organization_id) WHERE organization_id = %s ON CONFLICT DO NOTHING", organization)
    team = admin.client.get(TEAMS).json()["items"][0]["id"]
    answer = admin.client.post(f"{TEAMS}/{team}/members", json={"user_id": user})
    assert "20000 members" in assert_problem(answer, 409)["detail"]
    expires_at = (datetime.now(timezone.utc) + timedelta(days=7)).isoformat()
    token = {"name": "t", "scope": "read", "expires_at": expires_at}
    quota_stack.sql("INSERT INTO api_tokens (organization_id, user_id, name, scope, token_hash, token_hint, "
                    "expires_at, revoked_at) SELECT %s, %s, 'ended', 'read', sha256(('ended ' || n)::bytea), '', "
                    "now() + interval '1 day', now() FROM generate_series(1, 1000) AS n", organization, user)
    assert "1000 tokens" in assert_problem(admin.client.post("/api/v1/api-tokens", json=token), 409)["detail"]
    quota_stack.sql("UPDATE api_tokens SET revoked_at = now() - interval '91 days' WHERE user_id = %s", user)
    servers.wait_until(lambda: count(quota_stack, "api_tokens", admin) == 0, 30, what="retention of ended tokens")
    quota_stack.sql("INSERT INTO jobs (organization_id, user_id, kind, state, finished_at) "
                    "SELECT %s, %s, 'collect', 'done', now() FROM generate_series(1, 1000)", organization, user)
    answer = admin.client.post("/api/v1/collectors/postgres/collect")
    assert answer.status_code in (202, 429) and (answer.status_code == 202 or answer.headers["Retry-After"] == "60")


def test_sign_ins_of_a_user_are_bounded_and_the_oldest_ends(quota_stack, admin):
    def opened(family, number, tokens_max=4):
        return quota_stack.sql("SELECT auth_session_open(%s, %s, %s::uuid, sha256((%s)::bytea), 1000, NULL, %s) AS at",
                               admin.organization_id, admin.id, f"{family:032x}", f"{admin.id} {family} {number}",
                               tokens_max)[0].at

    assert all(opened(1, number) for number in range(3)) and opened(2, 0)
    assert opened(2, 1), "the sign-in that was used the longest ago makes room"
    families = quota_stack.sql("SELECT family_id::text FROM refresh_tokens WHERE user_id = %s", admin.id)
    assert [row.family_id[-1] for row in families] == ["2", "2"]
    assert opened(2, 2) and opened(2, 3) and opened(2, 4) is None, "a sign-in alone does not pass the bound"


# ---- agents ----


def register(sender, hostname, version="1"):
    return sender.post(REGISTER, {"hostname": hostname, "version": version})


def test_a_database_has_no_more_agents_than_it_may_have(quota_stack, sender):
    answers = at_once(lambda n: register(sender, f"host-{n}"), 8)
    assert_used_up(answers, 3, "may have 3 agents")
    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    quota_stack.sql("UPDATE collectors SET last_seen_at = now() - interval '16 minutes' WHERE id = %s", made[1])
    assert register(sender, "the next").status_code == 201
    assert_problem(register(sender, "one more"), 409)
    assert_problem(sender.post(f"{COLLECTORS}/{made[1]}/heartbeat", {}), 404)
    assert sender.post(f"{COLLECTORS}/{made[0]}/heartbeat", {}).status_code == 200


def test_an_agent_writes_20_times_at_once_and_what_is_the_same_not_at_all(quota_stack, sender):
    made = register(sender, "host").json()["id"]

    def version():
        return quota_stack.sql("SELECT xmin::text, writes FROM collectors WHERE id = %s", made)[0]

    def beat(number):
        return sender.post(f"{COLLECTORS}/{made}/heartbeat", {"number": number})

    assert beat(0).status_code == 200
    before = version()
    assert {beat(0).status_code for _ in range(30)} | {register(sender, "host").status_code} == {200}
    assert version() == before
    codes = [beat(number).status_code for number in range(1, 31)]
    assert codes == sorted(codes) and 18 <= codes.count(200) <= 22 and codes[-1] == 429
    refused = beat(-1)
    assert_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert_problem(register(sender, "host", "2"), 429)
    quota_stack.sql("UPDATE collectors SET last_seen_at = last_seen_at - interval '1 minute' WHERE id = %s", made)
    assert register(sender, "host", "2").status_code == 200


def test_agents_that_are_silent_for_a_month_are_removed(quota_stack, sender):
    gone, kept = [register(sender, name).json()["id"] for name in ("gone", "kept")]
    quota_stack.sql("UPDATE collectors SET last_seen_at = now() - interval '32 days' WHERE id = %s", gone)
    servers.wait_until(lambda: not quota_stack.sql("SELECT 1 FROM collectors WHERE id = %s", gone), 30,
                       what="retention of agents")
    assert quota_stack.sql("SELECT 1 FROM collectors WHERE id = %s", kept)


def test_a_batch_of_duplicates_leaves_nothing(quota_stack, sender):
    queries = [ingest_client.query() for _ in range(5)]

    def batches():
        return quota_stack.sql("SELECT count(*) AS n FROM ingest_batches WHERE database_connection_id = %s",
                               sender.connection_id)[0].n

    assert sender.post(PATH, {"batch_id": "first", "queries": queries}).json()["accepted"] == 5
    for number in range(3):
        answer = sender.post(PATH, {"batch_id": f"again-{number}", "queries": queries}).json()
        assert (answer["accepted"], answer["duplicates"]) == (0, 5)
    assert_problem(sender.post(PATH, {"batch_id": "none", "queries": []}), 422)
    assert batches() == 1
    quota_stack.sql("UPDATE ingest_batches SET received_at = now() - interval '9 days' "
                    "WHERE database_connection_id = %s", sender.connection_id)
    servers.wait_until(lambda: batches() == 0, 30, what="retention of batch ids")


def test_a_connection_says_how_much_of_its_budget_is_used(admin, sender):
    shown = admin.client.get(f"{CONNECTIONS}/{sender.connection_id}").json()
    assert shown["budget_used"] == 0


# ---- the audit log ----


def add_lines(stack, organization, user, action, lines, ago="0 seconds", spread="0 seconds"):
    stack.sql("INSERT INTO audit_log (organization_id, user_id, action, at, detail) SELECT %s, %s, %s, "
              "now() - %s::interval - n * %s::interval, jsonb_build_object('n', n) FROM generate_series(1, %s) AS n",
              organization, user, action, ago, spread, lines)


def lines_of(stack, organization, **where):
    condition = "".join(f" AND {column} = %s" for column in where)
    return stack.sql(f"SELECT * FROM audit_log WHERE organization_id = %s{condition} ORDER BY at", organization,
                     *where.values())


def test_a_flood_of_one_users_events_is_counted_in_one_line(quota_stack, admin):
    organization, more = admin.organization_id, 500
    stack = quota_stack
    begin = stack.sql("SELECT date_trunc('hour', now()) AS at")[0].at
    add_lines(stack, organization, 10**9, "flood", AUDIT_LINES_PER_HOUR + more)
    add_lines(stack, organization, 10**9, "else", 1)
    add_lines(stack, organization, 10**9 + 1, "flood", 1)
    flood = lines_of(stack, organization, user_id=10**9, action="flood")
    if stack.sql("SELECT date_trunc('hour', now()) AS at")[0].at == begin:
        assert len(flood) == AUDIT_LINES_PER_HOUR
        assert sum(line.repeats for line in flood) == more
    assert len(flood) + sum(line.repeats for line in flood) == AUDIT_LINES_PER_HOUR + more
    assert len(lines_of(stack, organization, user_id=10**9, action="else")) == 1
    assert len(lines_of(stack, organization, user_id=10**9 + 1)) == 1
    shown = admin.client.get("/api/v1/audit-log", params={"action": "flood", "limit": 500}).json()["items"]
    counted = [item for item in shown if item["repeats"] > 0]
    assert counted and all(item["last_at"] >= item["at"] for item in counted)
    assert "more that hour" in browser_of(admin).get("/settings/audit", params={"action": "flood"}).text


def test_an_audit_log_that_is_too_long_loses_what_there_is_most_of(quota_stack, admin):
    organization = admin.organization_id
    add_lines(quota_stack, organization, 7, "quiet", 10, ago="300 days", spread="1 day")
    add_lines(quota_stack, organization, 8, "flood", 3500, spread="30 seconds")
    servers.wait_until(lambda: count(quota_stack, "audit_log", admin) <= AUDIT_LINES, 60, what="the bound")
    assert len(lines_of(quota_stack, organization, action="quiet")) == 10
    newest = [line.detail["n"] for line in lines_of(quota_stack, organization, action="flood")]
    assert len(newest) > AUDIT_LINES - 100 and max(newest) == len(newest), "the oldest are gone"
    assert lines_of(quota_stack, organization, action="user_created")


def test_lines_of_the_audit_log_end_after_400_days_and_are_short(quota_stack, admin):
    organization = admin.organization_id
    add_lines(quota_stack, organization, 7, "old", 10, ago="402 days")
    quota_stack.sql("INSERT INTO audit_log (organization_id, action, detail, remote_address) "
                    "VALUES (%s, 'long', jsonb_build_object('x', repeat('x', 1000000)), repeat('9', 1000))",
                    organization)
    (line,) = lines_of(quota_stack, organization, action="long")
    assert len(json.dumps(line.detail)) < 9000 and len(line.remote_address) == 64
    servers.wait_until(lambda: not lines_of(quota_stack, organization, action="old"), 30, what="retention")
    assert lines_of(quota_stack, organization, action="user_created")


# ---- the command line ----


def test_a_rebuild_goes_on_after_a_piece_that_failed(quota_stack, admin):
    agents = servers.AgentFactory(admin.client)
    bad, good = agents(), agents()
    for sender in (bad, good):
        assert sender.post(PATH, {"queries": [ingest_client.query()]}).json()["accepted"] == 1
    ids = [bad.connection_id, good.connection_id]
    waiting = "SELECT 1 FROM rollup_deltas WHERE database_connection_id = ANY (%s)"
    servers.wait_until(lambda: not quota_stack.sql(waiting, ids), 30, what="the fold")
    quota_stack.sql("UPDATE query_metrics SET sample_calls = 5 WHERE database_connection_id = ANY (%s)", ids)
    quota_stack.sql("CREATE FUNCTION fail_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF new.database_connection_id = {ids[0]} THEN RAISE 'made to fail'; END IF; RETURN new; END $$")
    quota_stack.sql("CREATE TRIGGER fail_here BEFORE INSERT OR UPDATE ON query_metrics FOR EACH ROW "
                    "EXECUTE FUNCTION fail_here()")
    try:
        done = quota_stack.cli("rollup", "rebuild", check=False)
    finally:
        quota_stack.sql("DROP FUNCTION fail_here CASCADE")
    assert done.returncode == 1
    assert f"connection {ids[0]}, " in done.stderr and f"connection {ids[1]}, " not in done.stderr
    assert "1 of " in done.stderr and "made to fail" in done.stderr
    calls = quota_stack.sql("SELECT database_connection_id AS id, sample_calls FROM query_metrics "
                            "WHERE database_connection_id = ANY (%s) AND resolution_s = 86400", ids)
    assert {row.id: row.sample_calls for row in calls} == {ids[0]: 5, ids[1]: 1}
