"""Budgets: what one connection may have stored in an hour, and what the store may hold as a whole."""

import time
from concurrent.futures import ThreadPoolExecutor

import ingest_client
import pytest
import servers
from accounts import Account, unique
from conftest import STACK_NAME, _build_dir
from ingest_client import PATH, Stored, assert_problem

CONNECTIONS = "/api/v1/database-connections"
ROWS, STATEMENTS = 3600, 500  # of an hour: a row a second


@pytest.fixture(scope="module")
def budget_stack():
    settings = {
        "POTTO_CONNECTION_ROWS_PER_HOUR": str(ROWS),
        "POTTO_CONNECTION_STATEMENTS_PER_HOUR": str(STATEMENTS),
        "POTTO_CONNECTION_BYTES_PER_HOUR": str(4 << 20),
        "POTTO_UPKEEP_INTERVAL_S": "1",
    }
    with servers.running(servers.Stack(f"{STACK_NAME}-budget", _build_dir(), settings)) as stack:
        yield stack


@pytest.fixture()
def admin(budget_stack):
    return servers.SignedInClient(budget_stack.url, budget_stack.admin_email, budget_stack.admin_password)


@pytest.fixture()
def agents(admin):
    return servers.AgentFactory(admin)


def batch(count, batch_id=None, **fields):
    body = {"queries": [ingest_client.query(**fields) for _ in range(count)]}
    return {**body, "batch_id": batch_id} if batch_id else body


def use_up(agent):
    """Send batches until one is refused; that answer."""
    for _ in range(20):
        answer = agent.post(PATH, json=batch(500))
        if answer.status_code != 200:
            return answer
    raise AssertionError("nothing was refused")


def spending(stack, agent):
    return stack.sql("SELECT * FROM connection_spending WHERE database_connection_id = %s", agent.connection_id)[0]


def forgive(stack, agent):
    """As if an hour had passed."""
    stack.sql("UPDATE connection_spending SET counted_at = counted_at - interval '1 hour' "
              "WHERE database_connection_id = %s", agent.connection_id)


def test_an_agent_over_its_budget_is_told_to_wait_and_keeps_its_batch(agents, budget_stack):
    agent = agents()
    refused = use_up(agent)
    assert_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    stored = Stored(budget_stack.sql, agent.connection_id)
    count = stored.sample_count()
    assert ROWS <= count < ROWS * 1.5
    kept = batch(10, "kept")
    assert_problem(agent.post(PATH, json=kept), 429)
    assert stored.sample_count() == count and stored.batch_count() == 0
    forgive(budget_stack, agent)
    answer = agent.post(PATH, json=kept)
    assert answer.status_code == 200 and answer.json()["accepted"] == 10


def test_a_batch_that_is_stored_is_answered_whatever_the_budget(agents, budget_stack):
    agent = agents()
    first = batch(10, "first")
    assert agent.post(PATH, json=first).json()["accepted"] == 10
    use_up(agent)
    again = agent.post(PATH, json=first)
    assert again.status_code == 200
    assert (again.json()["accepted"], again.json()["duplicates"]) == (0, 10)
    assert_problem(agent.post(PATH, json={**first, "queries": first["queries"][:5]}), 409)


def test_the_budget_of_one_token_is_not_that_of_another(agents):
    greedy, modest = agents(), agents()
    use_up(greedy)
    assert modest.post(PATH, json=batch(10)).json()["accepted"] == 10


def test_the_budget_comes_back_as_time_passes(agents, budget_stack):
    agent = agents()
    wait_s = int(use_up(agent).headers["Retry-After"])
    budget_stack.sql("UPDATE connection_spending SET counted_at = counted_at - make_interval(secs => %s) "
                     "WHERE database_connection_id = %s", wait_s, agent.connection_id)
    assert agent.post(PATH, json=batch(1)).status_code == 200


def test_long_texts_use_up_the_bytes(agents, budget_stack):
    agent = agents()
    answers = [agent.post(PATH, json=batch(20, full_sql="SELECT '" + f"{n:08d}" * 6000 + "'")) for n in range(6)]
    codes = [answer.status_code for answer in answers]
    assert codes[0] == 200 and codes[-1] == 429
    assert spending(budget_stack, agent).bytes > 4 << 20
    assert spending(budget_stack, agent).row_count < 200


def test_a_flood_of_new_statements_is_refused(agents, budget_stack):
    agent = agents()

    def flood(start):
        queries = [ingest_client.query(full_sql=f"SELECT column_{start + n} FROM flood") for n in range(200)]
        return agent.post(PATH, json={"queries": queries}).status_code

    assert [flood(start) for start in range(0, 1000, 200)] == [200, 200, 200, 429, 429]
    assert 600 <= spending(budget_stack, agent).statements + 1 and spending(budget_stack, agent).row_count <= 1200


def test_statements_that_are_known_count_once(agents, budget_stack):
    agent = agents()
    for _ in range(4):
        assert agent.post(PATH, json=batch(200)).status_code == 200
    assert spending(budget_stack, agent).statements <= 1


def test_duplicates_cost_nothing(agents, budget_stack):
    agent = agents()
    same = batch(500)
    for _ in range(12):
        assert agent.post(PATH, json=same).status_code == 200
    assert spending(budget_stack, agent).row_count <= 510


def test_the_id_of_a_batch_costs_a_row_though_its_samples_are_known(agents, budget_stack):
    agent = agents()
    same = batch(1)
    for number in range(300):
        answer = agent.post(PATH, json={**same, "batch_id": f"id-{number}"})
        assert answer.status_code == 200 and answer.json()["accepted"] == (number == 0)
    assert Stored(budget_stack.sql, agent.connection_id).batch_count() == 1
    assert 300 - 3 * ROWS / 64 <= spending(budget_stack, agent).row_count <= 302  # each worker keeps a 64th to itself


def test_workers_together_take_little_more_than_the_budget(agents, budget_stack):
    agent = agents()
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: agent.post(PATH, json=batch(50)).status_code, range(150)))
    count = Stored(budget_stack.sql, agent.connection_id).sample_count()
    assert set(codes) == {200, 429}
    assert ROWS - 50 <= count <= ROWS * 1.2, count


def test_the_page_says_how_much_is_used(agents, admin):
    agent = agents()
    use_up(agent)
    admin.sign_in()
    page = admin.get(f"/databases/{agent.connection_id}", cookies={"potto_access": admin.token}).text
    assert "It sends more than Potto keeps in an hour" in page and "of an hour" in page


def test_the_collector_waits_where_a_database_has_more_than_its_budget(admin, budget_stack, target_postgres):
    body = target_postgres.connection_body(f"many {time.time_ns()}", interval_s=5, tls_mode="disable")
    made = admin.post(CONNECTIONS, json=body).json()["id"]

    def state():
        return budget_stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s", made)[0]

    servers.wait_until(lambda: state().last_success_at, 30, what="the first run")
    columns = [f"c{number}" for number in range(700)]
    target_postgres.execute(f"CREATE TABLE many_{made} ({', '.join(name + ' int' for name in columns)})")
    for name in columns:
        target_postgres.execute(f"SELECT {name} FROM many_{made}")
    paused = servers.wait_until(lambda: (row := state()).paused_until and row, 60, what="the pause")
    assert paused.state == "warning" and "sends more than Potto keeps" in paused.problem
    status = admin.get("/api/v1/collectors/status").json()
    assert status["paused_connections"] >= 1
    before = state().last_run_at
    time.sleep(8)
    assert state().last_run_at == before
    budget_stack.sql("UPDATE connection_spending SET counted_at = counted_at - interval '1 hour'")
    budget_stack.sql("UPDATE connection_collection SET paused_until = now() WHERE database_connection_id = %s", made)
    servers.wait_until(lambda: state().last_run_at > before and state().state == "ok", 30, what="the next run")
    budget_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", made)


def test_a_full_store_takes_nothing_and_says_so(agents, admin, budget_stack, target_postgres):
    agent = agents()
    assert agent.post(PATH, json=batch(10, "before")).status_code == 200
    body = target_postgres.connection_body(f"full {time.time_ns()}", interval_s=5, tls_mode="disable")
    made = admin.post(CONNECTIONS, json=body).json()["id"]
    budget_stack.set(POTTO_STORE_BYTES_MAX="1000000")
    try:
        servers.wait_until(
            lambda: agent.post(PATH, json=batch(1)).status_code == 503, 120, 1, what="the refusal")
        kept = batch(10, "kept")
        refused = agent.post(PATH, json=kept)
        assert_problem(refused, 503)
        assert int(refused.headers["Retry-After"]) > 0
        row = servers.wait_until(
            lambda: (found := budget_stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s "
                                               "AND problem LIKE 'The store is full%%'", made)) and found[0], 90,
            what="the word on the connection")
        assert row.state == "warning"
        servers.wait_until(lambda: admin.get("/health").json()["store"]["status"] == "full", 10, what="/health")
        assert "potto_store_full 1" in admin.get("/metrics").text
        admin.sign_in()
        assert "The store is full" in admin.get("/settings/storage", cookies={"potto_access": admin.token}).text
    finally:
        budget_stack.set(POTTO_STORE_BYTES_MAX="0")
    servers.wait_until(lambda: agent.post(PATH, json=kept).status_code == 200, 120, 1, what="room")
    budget_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", made)


# ---- an organization as a whole ----

@pytest.fixture()
def others(budget_stack):
    """The API for another organization."""
    return Account(budget_stack, role="admin", organization=unique("organization")).client


def spent_by_all(stack, agent):
    return stack.sql(
        """SELECT spending.* FROM organization_spending AS spending
           JOIN database_connections AS connection USING (organization_id) WHERE connection.id = %s""",
        agent.connection_id)[0]


def use_up_all(stack, connection_id):
    """As if the organization had stored three hours of its budget of new statements."""
    stack.sql("UPDATE organization_spending SET statements = 1500000, counted_at = now() WHERE organization_id = "
              "(SELECT organization_id FROM database_connections WHERE id = %s)", connection_id)


def test_the_connections_of_an_organization_share_a_budget(agents, others, budget_stack):
    made = servers.AgentFactory(others)
    first, second = made(), made()
    assert [agent.post(PATH, json=batch(200)).status_code for agent in (first, second)] == [200, 200]
    assert spent_by_all(budget_stack, first).row_count >= 200
    assert first.post(PATH, json=batch(10, "known")).status_code == 200
    use_up_all(budget_stack, first.connection_id)
    for agent in (first, second):
        refused = agent.post(PATH, json=batch(10, "kept"))
        assert_problem(refused, 429)
        assert "databases of this organization together" in refused.json()["detail"]
        assert 3600 < int(refused.headers["Retry-After"]) <= 7201
    assert agents().post(PATH, json=batch(10)).status_code == 200
    budget_stack.sql("UPDATE organization_spending SET counted_at = counted_at - interval '3 hours'")
    assert second.post(PATH, json=batch(10, "kept")).json()["accepted"] == 10


def test_the_collector_waits_where_the_organization_has_more_than_its_budget(others, budget_stack, target_postgres):
    agent = servers.AgentFactory(others)()
    assert agent.post(PATH, json=batch(200)).status_code == 200
    use_up_all(budget_stack, agent.connection_id)
    target_postgres.execute("SELECT 1 AS shared")
    body = target_postgres.connection_body(f"shared {time.time_ns()}", interval_s=5, tls_mode="disable")
    made = others.post(CONNECTIONS, json=body).json()["id"]
    paused = servers.wait_until(
        lambda: (found := budget_stack.sql("SELECT * FROM connection_collection WHERE database_connection_id = %s "
                                           "AND paused_until IS NOT NULL", made)) and found[0], 60, what="the pause")
    assert paused.state == "warning" and "databases of this organization together" in paused.problem
    assert "POTTO_ORGANIZATION_ROWS_PER_HOUR" in paused.remedy
    budget_stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", made)
