"""Cached answers: the same while nothing changes, and never for a caller who may not see them."""

import re

import servers
from accounts import Account, team_id, unique
from test_slow_queries import GROUPS, Shop, items, query, send


def cache_counts(stack):
    text = servers.Client(stack.url).get("/metrics").text
    return [
        int(re.search(rf"^potto_answer_cache_{name}_total (\d+)$", text, re.M).group(1)) for name in ("hits", "misses")
    ]


def test_second_answer_comes_from_the_cache_and_is_the_same(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    params = {"connection_id": shop.connection_id, "limit": 3}
    bodies, hits = set(), cache_counts(stack)[0]
    for _ in range(30):  # often enough to reach all workers
        bodies.add(api.get(GROUPS, params=params).content)
    assert len(bodies) == 1
    assert cache_counts(stack)[0] > hits


def test_order_of_parameters_does_not_matter_and_their_values_do(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(10):
        first = api.get(f"{GROUPS}?connection_id={shop.connection_id}&limit=2")
        second = api.get(f"{GROUPS}?limit=2&connection_id={shop.connection_id}")
        third = api.get(f"{GROUPS}?limit=1&connection_id={shop.connection_id}")
        # Of a parameter given twice the first one counts, so this must equal the third answer, cached or not.
        fourth = api.get(f"{GROUPS}?limit=1&limit=2&connection_id={shop.connection_id}")
        assert first.content == second.content
        assert len(first.json()["items"]) == 2
        assert len(third.json()["items"]) == len(fourth.json()["items"]) == 1


def test_new_data_shows_at_once_when_it_is_rolled_up(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(12):
        assert sum(g["calls"] for g in items(api, GROUPS, connection_id=shop.connection_id)) == 40
    send(shop.agent, [query(f"DELETE FROM {shop.table}_carts WHERE id = 77", 9, 30)])

    def calls():
        return sum(g["calls"] for g in items(api, GROUPS, connection_id=shop.connection_id))

    servers.wait_until(lambda: calls() == 41, 30, what="the new sample")
    assert [calls() for _ in range(12)] == [41] * 12


def test_etag_saves_the_body(api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    params = {"connection_id": shop.connection_id}
    etag = api.get(GROUPS, params=params).headers["ETag"]
    answer = api.get(GROUPS, params=params, headers={"If-None-Match": etag})
    assert answer.status_code == 304 and answer.content == b""
    assert api.get(GROUPS, params=params, headers={"If-None-Match": '"other"'}).status_code == 200


def test_answer_of_one_user_never_reaches_another(stack):
    owner, other = Account(stack), Account(stack)
    shop = Shop(servers.AgentFactory(owner.client), owner.client, visibility_scope="USER_ONLY")
    for _ in range(12):  # every worker has the owner's answer and is asked for the other's
        assert len(items(owner.client, GROUPS, q=shop.table)) == 4
        assert items(other.client, GROUPS, q=shop.table) == []


def test_users_of_one_team_see_it_and_those_who_leave_do_not(stack):
    team = unique("team")
    owner, member = Account(stack, team=team), Account(stack, team=team)
    shop = Shop(servers.AgentFactory(owner.client), owner.client, visibility_scope="TEAM_ONLY",
                team_id=team_id(stack, team))
    for _ in range(8):
        assert len(items(member.client, GROUPS, q=shop.table)) == 4
    stack.sql("DELETE FROM team_members WHERE user_id = %s", member.id)
    for _ in range(8):
        assert items(member.client, GROUPS, q=shop.table) == []
        assert len(items(owner.client, GROUPS, q=shop.table)) == 4


def test_deactivated_user_gets_nothing_out_of_the_cache(stack, api, agent):
    account = Account(stack)
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(8):
        assert len(items(account.client, GROUPS, q=shop.table)) == 4
    account.deactivate()
    for _ in range(8):
        assert account.client.get(GROUPS, params={"q": shop.table}).status_code == 401


def test_deactivated_connection_is_gone_at_once(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(8):
        assert len(items(api, GROUPS, q=shop.table)) == 4
    stack.sql("UPDATE database_connections SET is_active = false WHERE id = %s", shop.connection_id)
    for _ in range(8):
        assert items(api, GROUPS, q=shop.table) == []
        assert api.get(GROUPS, params={"connection_id": shop.connection_id}).status_code == 404


def test_hidden_connection_leaves_the_answers_of_those_who_saw_it(stack, api, agent):
    viewer = Account(stack, role="viewer")
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(8):
        assert len(items(viewer.client, GROUPS, q=shop.table)) == 4
    stack.sql("UPDATE database_connections SET visibility_scope = 'USER_ONLY' WHERE id = %s", shop.connection_id)
    for _ in range(8):
        assert items(viewer.client, GROUPS, q=shop.table) == []
        assert len(items(api, GROUPS, q=shop.table)) == 4


def test_changed_role_has_answers_of_its_own(stack, api, agent):
    account = Account(stack, role="member")
    shop = Shop(servers.AgentFactory(api), api)
    for _ in range(4):
        assert len(items(account.client, GROUPS, q=shop.table)) == 4
    misses = cache_counts(stack)[1]
    stack.sql("UPDATE users SET role = 'viewer' WHERE id = %s", account.id)
    assert len(items(account.client, GROUPS, q=shop.table)) == 4
    assert cache_counts(stack)[1] > misses


def test_cached_csv_stays_csv_and_json_stays_json(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    path, params = "/api/v1/statistics/fingerprints", {"connection_id": shop.connection_id, "limit": 1}
    hits = cache_counts(stack)[0]
    seen = {"text/csv": set(), "application/json": set()}
    for _ in range(15):  # often enough to find the cache of each worker
        for wanted, answers in seen.items():
            answer = api.get(path, params=params, headers={"Accept": wanted})
            names = ("Content-Type", "Content-Disposition", "X-Next-Cursor", "Vary", "ETag")
            answers.add((answer.content, *(answer.headers.get(name) for name in names)))
    assert cache_counts(stack)[0] > hits
    (csv,), (plain,) = seen["text/csv"], seen["application/json"]
    assert csv[1].startswith("text/csv") and csv[2].startswith("attachment") and csv[3]
    assert csv[0].startswith(b"sql_hash,")
    assert plain[1].startswith("application/json") and plain[2] is None and plain[0].startswith(b"{")
    assert csv[5] != plain[5]


def test_cached_answer_carries_no_cookie_of_the_caller_who_asked_first(stack, api, agent):
    shop = Shop(servers.AgentFactory(api), api)
    params = {"connection_id": shop.connection_id}
    answers = [api.get("/api/v1/statistics/daily", params=params) for _ in range(12)]
    assert all(answer.status_code == 200 for answer in answers)
    assert not any("Set-Cookie" in answer.headers for answer in answers)
