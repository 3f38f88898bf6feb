"""Collectors: agents register, send heartbeats, and are listed for those who see their connections."""

import uuid

import pytest

import servers
from accounts import Account, team_id, unique
from ingest_client import assert_problem, fields_of

REGISTER = "/api/v1/collectors/register"
COLLECTORS = "/api/v1/collectors"


@pytest.fixture()
def sender(agent):
    return agent()


def register(sender, hostname=None, version="1.0.0"):
    answer = sender.post(REGISTER, {"hostname": hostname or f"host-{uuid.uuid4().hex}", "version": version})
    assert answer.status_code in (200, 201), answer.text
    return answer


def listed(api, collector_id):
    items = api.get(COLLECTORS, params={"limit": 500}).json()["items"]
    return next((item for item in items if item["id"] == collector_id), None)


def test_agent_registers_and_is_listed(api, sender):
    answer = register(sender, "db-host-1." + uuid.uuid4().hex, "2.1")
    assert answer.status_code == 201
    body = answer.json()
    assert body["collector_id"] == body["id"]
    assert body["status"] == "online"
    item = listed(api, body["id"])
    assert (item["kind"], item["version"], item["status"]) == ("agent", "2.1", "online")
    assert item["connection_ids"] == [sender.connection_id]
    assert 0 <= item["lag_s"] < 60


def test_same_host_keeps_its_id(sender):
    first = register(sender, "same-" + uuid.uuid4().hex)
    hostname = first.json()["hostname"]
    again = register(sender, hostname, "3")
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]


def test_agents_of_two_databases_on_one_host_are_two_collectors(api, agent):
    one, two = agent(), agent()
    hostname = "two-" + uuid.uuid4().hex
    ids = [register(sender, hostname).json()["id"] for sender in (one, two)]
    assert [listed(api, collector_id)["connection_ids"] for collector_id in ids] == [
        [one.connection_id],
        [two.connection_id],
    ]


def test_two_teams_agents_on_one_host_learn_nothing_of_each_other(stack):
    hostname, organization = "shared-" + uuid.uuid4().hex, unique("organization")
    teams = [unique("team"), unique("team")]
    people = [Account(stack, team=team, organization=organization) for team in teams]
    senders = [servers.AgentFactory(person.client)(visibility_scope="TEAM_ONLY", team_id=team_id(stack, team))
               for person, team in zip(people, teams)]
    made = [register(sender, hostname, f"{number}.0") for number, sender in enumerate(senders)]
    assert [answer.status_code for answer in made] == [201, 201]  # the second does not notice the first
    ids = [answer.json()["id"] for answer in made]
    assert ids[0] != ids[1]
    for number, sender in enumerate(senders):
        assert sender.post(f"{COLLECTORS}/{ids[number]}/heartbeat", {"spool": {"batches": number}}).status_code == 200
        assert_problem(sender.post(f"{COLLECTORS}/{ids[1 - number]}/heartbeat", {"spool": {"batches": 99}}), 404)
        again = register(sender, hostname, f"{number}.1")
        assert (again.status_code, again.json()["id"]) == (200, ids[number])
    for number, person in enumerate(people):
        items = [item for item in person.client.get(COLLECTORS).json()["items"] if item["kind"] == "agent"]
        assert [(item["id"], item["version"], item["connection_ids"], item["detail"]) for item in items] == [
            (ids[number], f"{number}.1", [senders[number].connection_id], {"spool": {"batches": number}})]


def test_heartbeat_is_kept_and_shown_without_the_token(api, anonymous, sender):
    collector_id = register(sender).json()["id"]
    spool = {"bytes": 12345, "batches": 3, "oldest_at": "2025-11-02T10:30:00Z"}
    answer = anonymous.post(
        f"{COLLECTORS}/{collector_id}/heartbeat",
        {"agent_token": sender.token, "status": "ok", "version": "1.0.1", "spool": spool},
    )
    assert answer.status_code == 200
    item = listed(api, collector_id)
    assert item["detail"] == {"status": "ok", "spool": spool}
    assert item["version"] == "1.0.1"


def test_daemons_tell_nothing_of_what_they_do_for_others(stack, store_sql):
    store_sql("UPDATE collectors SET detail = detail || '{\"cycles\": 424242}' WHERE kind = 'daemon'")
    viewer = Account(stack, "viewer", organization=unique("organization"))
    answer = viewer.client.get(COLLECTORS)
    daemons = [item for item in answer.json()["items"] if item["kind"] == "daemon"]
    assert daemons and all(item["detail"] == {} for item in daemons)


def test_silent_agent_is_late_then_offline_then_online_again(api, sender, store_sql):
    collector_id = register(sender).json()["id"]
    for minutes, status in ((4, "late"), (16, "offline")):
        store_sql(
            "UPDATE collectors SET last_seen_at = now() - make_interval(mins => %s) WHERE id = %s",
            minutes,
            collector_id,
        )
        assert listed(api, collector_id)["status"] == status
    assert sender.post(f"{COLLECTORS}/{collector_id}/heartbeat", {}).status_code == 200
    assert listed(api, collector_id)["status"] == "online"


def test_heartbeat_of_somebody_elses_collector_looks_absent(agent):
    one, two = agent(), agent()
    collector_id = register(one).json()["id"]
    assert_problem(two.post(f"{COLLECTORS}/{collector_id}/heartbeat", {}), 404)
    assert_problem(two.post(f"{COLLECTORS}/999999999/heartbeat", {}), 404)
    assert_problem(two.post(f"{COLLECTORS}/x/heartbeat", {}), 404)
    assert_problem(two.post(f"{COLLECTORS}/-1/heartbeat", {}), 404)


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "hostname"),
        ({"hostname": ""}, "hostname"),
        ({"hostname": 5}, "hostname"),
        ({"hostname": "x" * 256}, "hostname"),
        ({"hostname": "a\x00b"}, "hostname"),
        ({"hostname": "a\nb"}, "hostname"),
        ({"hostname": "a", "version": "x" * 65}, "version"),
        ({"hostname": "a", "version": None}, "version"),
        ({"hostname": "a", "colour": "red"}, "colour"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_registration_is_invalid_and_the_member_named(sender, body, field):
    assert fields_of(assert_problem(sender.post(REGISTER, body), 422)) == [field]


def test_wrong_heartbeat_is_refused(sender):
    path = f"{COLLECTORS}/{register(sender).json()['id']}/heartbeat"
    assert_problem(sender.post(path, data="{", headers={"Content-Type": "application/json"}), 400)
    assert_problem(sender.post(path, {"spool": "\x00"}), 422)
    assert_problem(sender.post(path, {"spool": "x" * 20_000}), 422)
    assert_problem(sender.post(path, {"Spool Size": 1}), 422)
    assert_problem(sender.post(path, {f"m{number}": 1 for number in range(100)}), 422)


def test_unknown_token_is_refused(anonymous, sender):
    body = {"agent_token": "agt_" + "x" * 43, "hostname": "h", "version": "1"}
    assert_problem(anonymous.post(REGISTER, body), 401)
    assert_problem(anonymous.post(REGISTER, {"hostname": "h", "version": "1"}), 401)
    assert_problem(anonymous.post(f"{COLLECTORS}/1/heartbeat", {"agent_token": "agt_x"}), 401)


def test_list_needs_a_user(anonymous, sender):
    assert_problem(anonymous.get(COLLECTORS), 401)
    assert_problem(sender.get(COLLECTORS), 401)


def test_collector_of_an_invisible_connection_is_not_listed(api, sender, store_sql):
    collector_id = register(sender).json()["id"]
    assert listed(api, collector_id)
    (other,) = store_sql(
        """INSERT INTO users (organization_id, email, password_hash)
           SELECT organization_id, %s, '' FROM database_connections WHERE id = %s RETURNING id""",
        f"{uuid.uuid4().hex}@example.org",
        sender.connection_id,
    )
    store_sql(
        "UPDATE database_connections SET visibility_scope = 'USER_ONLY', owner_user_id = %s WHERE id = %s",
        other.id,
        sender.connection_id,
    )
    assert listed(api, collector_id) is None


def test_pages_of_the_list_hold_each_collector_once(api, agent):
    sender = agent()
    mine = {register(sender).json()["id"] for _ in range(5)}
    seen, cursor = [], None
    while True:
        page = api.get(COLLECTORS, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert mine <= set(seen)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "colour=red"])
def test_wrong_parameter_of_the_list_is_invalid(api, query):
    assert fields_of(assert_problem(api.get(f"{COLLECTORS}?{query}"), 422)) == [query.split("=")[0]]


@pytest.mark.parametrize("cursor", ["", "x", "1-", "1762079400000000-1"])
def test_forged_cursor_of_the_list_is_malformed(api, cursor):
    assert fields_of(assert_problem(api.get(COLLECTORS, params={"cursor": cursor}), 400)) == ["cursor"]
