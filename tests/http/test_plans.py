"""Plans of a fingerprint over time: how each change of plan changed the mean, by the rollups around it, what changed
between two plans, and where a change is marked."""

import datetime
import json
import re

import pytest
import servers
from accounts import Account, problem_fields, team_id, unique
from facts import BAD_PAGES, FORGED_CURSORS, INGEST, UTC, iso
from test_pages import Browser, browser  # noqa: F401

GROUPS = "/api/v1/slow-queries/fingerprints"
BUCKET = datetime.timedelta(minutes=5)


def bucket(ago):
    """The start of the five-minute bucket that is `ago` buckets before the current one."""
    now = datetime.datetime.now(UTC)
    return now - (now - datetime.datetime(2000, 1, 1, tzinfo=UTC)) % BUCKET - ago * BUCKET


class Planned:
    """A statement that ran with three plans, one after the other. Their times are set afterwards, because a plan of an
    agent is dated when it is sent. The plans came 30, 20 and 10 buckets ago; their means are 100, 300 and 50 ms."""

    def __init__(self, stack, client, **fields):
        self.stack, self.client = stack, client
        self.sender = servers.AgentFactory(client)(**fields)
        self.connection_id = self.sender.connection_id
        self.table = unique("t").replace("-", "_")
        self.sql_hash = None
        self.hashes = []
        for number, (first, last, ms) in enumerate([(30, 21, 100), (20, 11, 300), (10, 1, 50)]):
            self.run(number, first, last, ms)
        for number, ago in enumerate([30, 20, 10]):
            self.came(number, bucket(ago) + datetime.timedelta(seconds=100))

    def run(self, number, first, last, ms):
        plan = {
            "Plan": {
                "Node Type": ["Seq Scan", "Index Scan", "Bitmap Heap Scan"][number % 3],
                "Relation Name": self.table,
                "Total Cost": number + 1.5,
                "Plan Rows": 10 ** (number + 2),
            }
        }
        queries = []
        for ago in range(last, first + 1):
            for i in range(2):
                queries.append({"full_sql": f"SELECT * FROM {self.table} WHERE id = {number * 100 + ago * 2 + i}",
                                "duration_ms": ms, "captured_at": iso(bucket(ago) + datetime.timedelta(seconds=60 + i)),
                                "plan": plan})
        answer = self.sender.post(INGEST, json={"queries": queries})
        assert answer.status_code == 200 and answer.json()["accepted"] == len(queries), answer.text
        known = self.stack.sql(
            "SELECT plan_hash, sql_hash FROM query_plans WHERE database_connection_id = %s", self.connection_id
        )
        fresh = [row for row in known if row.plan_hash not in self.hashes]
        assert len(fresh) == 1
        self.hashes.append(fresh[0].plan_hash)
        self.sql_hash = str(fresh[0].sql_hash).replace("-", "")

    def came(self, number, at):
        """The plan before it was seen until then."""
        seen = "UPDATE query_plans SET {} = %s WHERE database_connection_id = %s AND plan_hash = %s"
        self.stack.sql(seen.format("first_seen_at"), at, self.connection_id, self.hashes[number])
        if number > 0:
            self.stack.sql(seen.format("last_seen_at"), at, self.connection_id, self.hashes[number - 1])

    def seen_again(self, number, at):
        self.stack.sql("UPDATE query_plans SET last_seen_at = %s WHERE database_connection_id = %s AND plan_hash = %s",
                       at, self.connection_id, self.hashes[number])

    def named(self, number):
        return self.hashes[number].replace("-", "")

    def compare(self, before, after, **params):
        return self.client.get(f"{self.path}/compare", params={"before": before, "after": after, **params})

    def listed(self, **params):
        """The statement in the list of fingerprints."""
        items = self.client.get(GROUPS, params={"connection_id": self.connection_id, **params}).json()["items"]
        assert [item["sql_hash"] for item in items] == [self.sql_hash]
        return items[0]

    @property
    def path(self):
        return f"{GROUPS}/{self.sql_hash}/plans"

    def read(self, client=None, **params):
        answer = (client or self.client).get(self.path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settled(self, calls):
        def condition():
            found = self.stack.sql(
                "SELECT sum(calls) FROM query_metrics WHERE database_connection_id = %s AND resolution_s = 300",
                self.connection_id,
            )
            return found[0][0] == calls

        servers.wait_until(condition, 30, what="the rollup of what was sent")
        return self


@pytest.fixture(scope="module")
def planned(stack, api):
    return Planned(stack, api).settled(60)


def test_plans_come_newest_first_with_what_they_changed(planned):
    body = planned.read()
    third, second, first = body["items"]
    assert body["sql_hash"] == planned.sql_hash and body["next_cursor"] is None
    assert [item["plan_hash"] for item in body["items"]] == [h.replace("-", "") for h in reversed(planned.hashes)]
    assert first["change"] is None
    assert first["plan"]["Plan"]["Node Type"] == "Seq Scan"
    assert second["first_seen_at"] < third["first_seen_at"] <= third["last_seen_at"]
    # Only complete buckets count, without the one in which the plan came: 10 of 2 calls before, 9 after.
    assert second["change"]["previous_plan_hash"] == first["plan_hash"]
    assert second["change"]["changed_at"] == second["first_seen_at"]
    assert second["change"]["before"]["mean_ms"] == 100 and second["change"]["after"]["mean_ms"] == 300
    assert second["change"]["mean_ratio"] == 3 and second["change"]["is_regression"] is True
    assert third["change"]["before"]["mean_ms"] == 300 and third["change"]["after"]["mean_ms"] == 50
    assert third["change"]["is_regression"] is False and third["change"]["mean_ratio"] == pytest.approx(1 / 6, abs=1e-6)
    assert body["regression_count"] == 1
    assert [item["change"]["difference"] for item in (third, second)] == ["faster", "slower"]
    assert not any(item["change"]["is_back_and_forth"] for item in (third, second))


def sums(side):
    return {name: side[name] for name in ("calls", "total_ms", "mean_ms")}


def test_sums_around_a_change_are_exact(planned):
    third, second, _ = planned.read()["items"]
    # The first plan came within bucket 30 and counts from the next one on; the second within bucket 20.
    assert sums(second["change"]["before"]) == {"calls": 18, "total_ms": 1800, "mean_ms": 100}
    assert sums(second["change"]["after"]) == {"calls": 18, "total_ms": 5400, "mean_ms": 300}
    assert sums(third["change"]["before"]) == {"calls": 18, "total_ms": 5400, "mean_ms": 300}
    assert third["change"]["after"]["calls"] >= 18 - 2
    # All of them are samples, so their distribution is known.
    assert second["change"]["before"]["sampled_calls"] == 18
    assert second["change"]["before"]["p95_ms"] == pytest.approx(100, rel=0.05)
    assert second["change"]["after"]["p95_ms"] == pytest.approx(300, rel=0.05)


def test_few_calls_say_nothing(stack, api):
    planned = Planned(stack, api)
    planned.settled(60)
    planned.came(1, bucket(29))  # one bucket of the first plan before it, and none whole
    second = planned.read()["items"][1]
    assert second["change"]["mean_ratio"] is None and second["change"]["is_regression"] is False
    assert second["change"]["difference"] == "unknown"


def test_cost_is_what_explain_said(planned, stack):
    stack.sql("UPDATE query_plans SET total_cost = 12.5 WHERE database_connection_id = %s AND plan_hash = %s",
              planned.connection_id, planned.hashes[2])
    third, second, _ = planned.read()["items"]
    assert third["total_cost"] == 12.5 and second["total_cost"] is None


def test_changes_of_long_ago_are_read_from_hours(stack, api):
    planned = Planned(stack, api).settled(60)
    stack.sql("UPDATE query_fingerprint_metrics SET bucket_at = bucket_at - interval '60 days' "
              "WHERE database_connection_id = %s AND resolution_s = 3600", planned.connection_id)
    stack.sql(
        "DELETE FROM query_fingerprint_metrics WHERE database_connection_id = %s AND resolution_s = 300",
        planned.connection_id,
    )
    hours = stack.sql(
        "SELECT bucket_at, calls, total_ms FROM query_fingerprint_metrics WHERE database_connection_id = %s "
        "AND resolution_s = 3600 ORDER BY bucket_at",
        planned.connection_id,
    )
    assert len(hours) >= 3
    planned.came(0, hours[0].bucket_at)
    planned.came(1, hours[1].bucket_at + datetime.timedelta(minutes=10))
    planned.came(2, hours[-1].bucket_at + datetime.timedelta(days=1))
    second = planned.read()["items"][1]
    assert sums(second["change"]["before"]) == {
        "calls": hours[0].calls,
        "total_ms": hours[0].total_ms,
        "mean_ms": pytest.approx(hours[0].total_ms / hours[0].calls, abs=0.001),
    }
    assert second["change"]["difference"] == "unknown"  # one hour does not tell how much hours differ
    assert second["change"]["after"]["calls"] == sum(row.calls for row in hours[2:])


def test_plans_page_without_gap_or_repetition(planned):
    whole = planned.read()["items"]
    found, cursor = [], {}
    while cursor is not None:
        body = planned.read(limit=1, **cursor)
        assert len(body["items"]) == 1
        found += body["items"]
        cursor = {"cursor": body["next_cursor"]} if body["next_cursor"] else None
    assert found == whole


def test_each_caller_sees_plans_of_own_databases(stack):
    team = unique("team")
    owner, mate, other = Account(stack, team=team), Account(stack, team=team), Account(stack, role="admin")
    planned = Planned(stack, owner.client, visibility_scope="TEAM_ONLY", team_id=team_id(stack, team))
    assert len(planned.read(mate.client)["items"]) == 3
    hidden, absent = other.client.get(planned.path), other.client.get(f"{GROUPS}/{'0' * 32}/plans")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["detail"] == absent.json()["detail"]
    # The same statement on a database that the other caller sees: only that database's plans are shown.
    sender = servers.AgentFactory(other.client)(visibility_scope="USER_ONLY")
    sql = f"SELECT * FROM {planned.table} WHERE id = 1"
    plan = {"Plan": {"Node Type": "Result"}}
    body = {"queries": [{"full_sql": sql, "duration_ms": 5, "captured_at": iso(bucket(1)), "plan": plan}]}
    assert sender.post(INGEST, json=body).json()["accepted"] == 1
    found = planned.read(other.client)["items"]
    assert [item["database_connection_id"] for item in found] == [sender.connection_id]
    assert found[0]["change"] is None
    assert len(planned.read(owner.client)["items"]) == 3


def test_connection_chooses(planned, agent):
    assert len(planned.read(connection_id=planned.connection_id)["items"]) == 3
    other = agent()
    assert planned.client.get(planned.path, params={"connection_id": other.connection_id}).status_code == 404


# ---- two plans ----


def test_two_plans_are_compared(planned):
    answer = planned.compare(planned.named(0), planned.named(1))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["sql_hash"] == planned.sql_hash and body["is_same"] is False
    assert body["before"]["plan_hash"] == planned.named(0) and body["after"]["plan_hash"] == planned.named(1)
    assert [change["kind"] for change in body["changes"]] == ["access"]
    assert body["changes"][0]["sentence"] == f"{planned.table} is read by Index Scan; before by Seq Scan."
    assert body["changes"][0]["before"]["label"] == "Seq Scan" and body["changes"][0]["after"]["number"] == 0
    assert [reason["kind"] for reason in body["reasons"]] == ["rows"]
    assert "from 100 to 1000, 10 times" in body["reasons"][0]["sentence"]
    relation = body["relations"][0]
    assert (relation["name"], relation["rows_ratio"]) == (planned.table, 10)
    assert (relation["before"]["rows"], relation["after"]["rows"]) == (100, 1000)


def test_a_plan_is_the_same_as_itself(planned):
    body = planned.compare(planned.named(1), planned.named(1), connection_id=planned.connection_id).json()
    assert body["is_same"] is True and body["changes"] == body["reasons"] == []


def test_plans_that_are_not_there_or_no_trees_are_not_compared(stack, planned):
    assert planned.compare("0" * 32, planned.named(0)).status_code == 404
    assert planned.compare(planned.named(0), "0" * 32).status_code == 404
    elsewhere = Account(stack, "admin", unique("team"), unique("elsewhere")).client
    pair = {"before": planned.named(0), "after": planned.named(1)}
    hidden = elsewhere.get(f"{planned.path}/compare", params=pair)
    absent = planned.client.get(f"{GROUPS}/{'0' * 32}/plans/compare", params=pair)
    assert hidden.status_code == absent.status_code == 404 and hidden.json()["detail"] == absent.json()["detail"]
    assert set(problem_fields(planned.client.get(f"{planned.path}/compare"))) == {"before", "after"}
    stack.sql(
        "INSERT INTO query_plans (organization_id, database_connection_id, sql_hash, plan_hash, plan, provenance) "
        "SELECT organization_id, database_connection_id, sql_hash, %s, '{\"a\": 1}', 'agent' FROM query_plans "
        "WHERE database_connection_id = %s AND plan_hash = %s",
        "f" * 32,
        planned.connection_id,
        planned.hashes[0],
    )
    answer = planned.compare(planned.named(0), "f" * 32)
    stack.sql("DELETE FROM query_plans WHERE plan_hash = %s", "f" * 32)
    assert answer.status_code == 422 and "as a tree" in answer.json()["detail"]


# ---- where a change is marked ----


def test_a_change_is_marked_in_lists_and_on_the_statement(stack, api, browser):  # noqa: F811
    planned = Planned(stack, api).settled(60)
    change = planned.listed()["plan_change"]
    assert change == planned.client.get(f"{GROUPS}/{planned.sql_hash}").json()["plan_change"]
    assert (change["plan_count"], change["is_back_and_forth"]) == (3, False)
    assert change["database_connection_id"] == planned.connection_id
    steps = planned.read()["items"]
    assert change["first_changed_at"] == steps[1]["first_seen_at"]
    assert change["last_changed_at"] == steps[0]["first_seen_at"]
    place = {"connection_id": planned.connection_id, "period": "6h"}
    assert 'class="tag warn"' in browser.get("/queries", params=place).text
    page = browser.get(f"/queries/{planned.sql_hash}", params=place).text
    assert "Its plan changed" in page and "6 times as fast" in page
    assert f"{planned.table} is read by Bitmap Heap Scan; before by Index Scan." in page
    chosen = browser.get(f"/queries/{planned.sql_hash}", params={**place, "change": planned.named(1)}).text
    assert "3 times as long" in chosen and "from 100 to 1000, 10 times" in chosen
    # A period in which nothing changed has no mark.
    quiet = {"from": iso(bucket(9)), "to": iso(bucket(0)), "connection_id": planned.connection_id}
    assert "plan changed" not in browser.get("/queries", params=quiet).text


def test_plans_that_take_turns_are_one_change(stack, api, browser):  # noqa: F811
    planned = Planned(stack, api).settled(60)
    planned.seen_again(1, bucket(2))
    planned.seen_again(2, bucket(1))
    change = planned.listed()["plan_change"]
    assert (change["plan_count"], change["is_back_and_forth"]) == (3, True)
    assert datetime.datetime.fromisoformat(change["last_changed_at"].replace("Z", "+00:00")) == bucket(2)
    newest = planned.read()["items"][0]["change"]
    assert newest["is_back_and_forth"] is True and newest["difference"] == "unknown"
    place = {"connection_id": planned.connection_id, "period": "6h"}
    page = browser.get(f"/queries/{planned.sql_hash}", params=place).text
    assert page.count("changes back and forth") == 1 and "take turns" in page


def test_plans_made_in_two_ways_are_no_change(stack, api):
    planned = Planned(stack, api)
    stack.sql("UPDATE query_plans SET provenance = 'generic_plan' WHERE database_connection_id = %s AND plan_hash = %s",
              planned.connection_id, planned.hashes[2])
    planned.settled(60)
    assert planned.listed()["plan_change"]["plan_count"] == 2
    stack.sql("UPDATE query_plans SET provenance = 'explain' WHERE database_connection_id = %s AND plan_hash = %s",
              planned.connection_id, planned.hashes[1])
    assert planned.client.get(f"{GROUPS}/{planned.sql_hash}").json()["plan_change"] is None


def test_a_difference_within_the_noise_is_none_to_be_seen(stack, api, browser):  # noqa: F811
    planned = Planned(stack, api).settled(60)
    # Every second bucket took three times as long, before and after.
    stack.sql(
        "UPDATE query_fingerprint_metrics "
        "SET sample_ms = CASE WHEN mod(extract(epoch FROM bucket_at)::bigint / 300, 2) = 0 THEN 600 ELSE 200 END "
        "WHERE database_connection_id = %s AND resolution_s = 300",
        planned.connection_id,
    )
    third, second, _ = planned.read()["items"]
    assert [item["change"]["difference"] for item in (third, second)] == ["none", "none"]
    assert third["change"]["is_regression"] is False
    place = {"connection_id": planned.connection_id, "period": "6h"}
    assert "No difference to be seen" in browser.get(f"/queries/{planned.sql_hash}", params=place).text


@pytest.mark.parametrize(
    "params,fields", BAD_PAGES + [({"from": "now"}, {"from"}), ({"connection_id": "0"}, {"connection_id"})]
)
def test_bad_parameter_is_named(planned, params, fields):
    answer = planned.client.get(planned.path, params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields


@pytest.mark.parametrize("cursor", FORGED_CURSORS)
def test_forged_cursor_is_malformed(planned, cursor):
    assert planned.client.get(planned.path, params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("sql_hash", ["0" * 32, "0" * 31, "g" * 32, "%2e%2e"])
def test_hash_that_is_none_is_absent(api, anonymous, sql_hash):
    assert api.get(f"{GROUPS}/{sql_hash}/plans").status_code == 404
    assert anonymous.get(f"{GROUPS}/{sql_hash}/plans").status_code == 401


def fetched(stack, name, column_count, *values):
    """Numbers of what a statement of the store returns: rows, plans, and bytes of plans, which are the fifth column."""
    statement = re.sub(r"--.*", "", next((servers.PROJECT / "lib/store").glob(f"*/sql/{name}")).read_text())
    arguments = [values[int(number) - 1] for number in re.findall(r"\$(\d+)", statement)]
    columns = ", ".join("plan" if n == 4 else f"c{n}" for n in range(column_count))
    return stack.sql(f"""SELECT count(*) AS rows, count(plan) AS plans, sum(octet_length(plan::text)) AS bytes
                         FROM ({re.sub(r"[$][0-9]+", "%s", statement)}) AS answer ({columns})""", *arguments)[0]


def test_page_of_large_plans_ends_early_and_goes_on(stack):
    account = Account(stack, team=unique("team"))
    sender = servers.AgentFactory(account.client)()
    table = unique("t").replace("-", "_")
    for number in range(140):
        plan = {
            "Plan": {
                "Node Type": "Seq Scan",
                "Relation Name": f"{table}_{number}",
                "Total Cost": 1.5,
                "Filter": "x" * 250_000,
            }
        }
        query = {
            "fingerprint": f"SELECT * FROM {table}",
            "duration_ms": 5 + number,
            "captured_at": iso(bucket(0)),
            "plan": plan,
        }
        assert sender.post(INGEST, json={"queries": [query]}).json()["accepted"] == 1
    known = stack.sql(
        "SELECT plan_hash, sql_hash FROM query_plans WHERE database_connection_id = %s", sender.connection_id
    )
    scope = (account.organization_id, [sender.connection_id])
    place = (known[0].sql_hash, 86400, 86400, 501, None, None, None)
    answer = fetched(stack, "query_plan_history.sql", 21, *scope, *place, 8 * 1024 * 1024, 86400, 600)
    assert answer.bytes <= 8 * 1024 * 1024 and (answer.rows, answer.plans) == (140, 33)
    least = fetched(stack, "query_plan_history.sql", 21, *scope, *place, 1000, 86400, 600)
    assert least[:2] == (140, 1)  # at least one plan, or paging would stop
    path, seen, cursor, pages = f"{GROUPS}/{str(known[0].sql_hash).replace('-', '')}/plans", [], {}, 0
    while cursor is not None:
        answer = account.client.get(path, params={"limit": 500, **cursor})
        assert answer.status_code == 200, answer.text
        seen += [item["plan_hash"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"] and {"cursor": answer.json()["next_cursor"]}
        pages += 1
    assert sorted(seen) == sorted(str(row.plan_hash).replace("-", "") for row in known) and len(seen) == 140
    assert pages > 1


# ---- what is found in a plan ----

ANALYZE = "/api/v1/plans/analyze"
SLOW_SCAN = """Seq Scan on orders  (cost=0.00..18334.00 rows=9 width=44) (actual time=0.061..812.340 rows=9 loops=1)
  Filter: (customer_id = 42)
  Rows Removed by Filter: 999991
Planning Time: 0.105 ms
Execution Time: 812.401 ms
"""
SLOW_JSON = [
    {
        "Plan": {
            "Node Type": "Seq Scan",
            "Relation Name": "orders",
            "Alias": "orders",
            "Startup Cost": 0,
            "Total Cost": 18334,
            "Plan Rows": 9,
            "Plan Width": 44,
            "Actual Startup Time": 0.061,
            "Actual Total Time": 812.34,
            "Actual Rows": 9,
            "Actual Loops": 1,
            "Filter": "(customer_id = 42)",
            "Rows Removed by Filter": 999991,
        },
        "Planning Time": 0.105,
        "Execution Time": 812.401,
    }
]
MARIADB = {
    "query_block": {
        "select_id": 1,
        "nested_loop": [
            {
                "table": {
                    "table_name": "orders",
                    "access_type": "ALL",
                    "rows": 99735,
                    "filtered": 0.01,
                    "attached_condition": "orders.customer_id = 42",
                }
            }
        ],
    }
}


@pytest.mark.parametrize(
    "body, engine",
    [
        ({"plan": SLOW_SCAN}, "postgresql"),
        ({"plan": SLOW_JSON}, "postgresql"),
        ({"plan": SLOW_JSON[0], "engine": "postgresql"}, "postgresql"),
        ({"plan": json.dumps(SLOW_JSON, indent=2)}, "postgresql"),
        ({"plan": MARIADB}, "mysql"),
        ({"plan": json.dumps(MARIADB), "engine": "mariadb"}, "mysql"),
    ],
    ids=["text", "JSON", "one object", "JSON in a string", "MariaDB", "MariaDB in a string"],
)
def test_a_pasted_plan_is_examined(api, body, engine):
    answer = api.post(ANALYZE, json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["engine"] == engine and found["has_actuals"] == (engine == "postgresql")
    relations = {node["number"]: node["relation"] for node in (finding["node"] for finding in found["findings"])}
    assert "orders" in relations.values(), found["findings"]
    number = next(number for number, relation in relations.items() if relation == "orders")
    assert found["nodes"][number]["relation"] == "orders"
    finding = next(finding for finding in found["findings"] if finding["node"]["relation"] == "orders")
    assert finding["remedy"] and finding["evidence"] and finding["severity"] in ("warning", "critical")


@pytest.mark.parametrize(
    "plan, cause",
    [("no plan at all", None), ("", "is empty"), ('{"a": 1}', None), ("[]", None), ("{", None), ({"a": 1}, None),
     ("[" * 1000 + "]" * 1000, None)],
    ids=["words", "nothing", "another object", "an empty list", "half", "an object", "deep"],
)
def test_what_is_no_plan_is_refused_with_what_was_expected(api, plan, cause):
    answer = api.post(ANALYZE, json={"plan": plan})
    assert answer.status_code in (413, 422), answer.text
    if answer.status_code == 422:
        assert "EXPLAIN of PostgreSQL" in answer.json()["detail"]
        assert set(problem_fields(answer)) == {"plan"}
        assert cause is None or problem_fields(answer)["plan"] == cause


def test_a_plan_of_another_engine_than_said_is_refused(api):
    assert api.post(ANALYZE, json={"plan": SLOW_JSON, "engine": "mysql"}).status_code == 422
    answer = api.post(ANALYZE, json={"plan": SLOW_JSON, "engine": "oracle"})
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"engine"}


def test_a_plan_of_too_many_nodes_is_too_large(api):
    node = {"Node Type": "Seq Scan", "Relation Name": "t"}
    plan = {"Plan": {"Node Type": "Append", "Plans": [node] * 2100}}
    assert api.post(ANALYZE, json={"plan": plan}).status_code == 413


def test_plans_of_a_statement_and_of_a_sample_have_findings(stack, api):
    account = Account(stack, team=unique("team"))
    sender = servers.AgentFactory(account.client)()
    query = {"full_sql": f"SELECT * FROM {unique('t').replace('-', '_')} WHERE a = 1", "duration_ms": 812.4,
             "captured_at": iso(bucket(1)), "plan": SLOW_JSON[0]}
    assert sender.post(INGEST, json={"queries": [query]}).json()["accepted"] == 1
    listed = account.client.get("/api/v1/slow-queries", params={"connection_id": sender.connection_id})
    sample = listed.json()["items"][0]
    group = f"{GROUPS}/{sample['sql_hash']}"
    plans = [
        account.client.get(f"/api/v1/slow-queries/{sample['id']}").json()["plan"],
        account.client.get(group).json()["plans"][0],
        account.client.get(f"{group}/plans").json()["items"][0],
    ]
    pasted = account.client.post(ANALYZE, json={"plan": SLOW_JSON}).json()
    assert pasted["findings"]
    for plan in plans:
        assert plan["findings"] == pasted["findings"] and plan["not_examined"] == pasted["not_examined"]


# ---- the page for a pasted plan ----


def pasted_page(browser, **fields):  # noqa: F811
    return browser.submit("/plans/new", {"csrf": browser.csrf(), **fields})


def test_the_page_examines_a_pasted_plan_and_stores_nothing(stack, browser):  # noqa: F811
    tables = "SELECT (SELECT count(*) FROM query_plans) AS plans, (SELECT count(*) FROM audit_log) AS lines"
    before = stack.sql(tables)[0]
    assert "Analyze a plan" in browser.get("/queries").text
    empty = browser.get("/plans/new").text
    assert "EXPLAIN (ANALYZE" in empty and "What was found" not in empty
    answer = pasted_page(browser, plan=SLOW_SCAN, engine="")
    assert answer.status_code == 200, answer.text
    assert "What was found" in answer.text and "PostgreSQL · run in 8" in answer.text
    assert "Rows Removed by Filter: 999991" in answer.text  # what was pasted stays in the form
    assert "Reads 1,000,000 rows and keeps 9" in answer.text
    assert stack.sql(tables)[0] == before


def test_the_page_says_what_is_no_plan(browser):  # noqa: F811
    answer = pasted_page(browser, plan="SELECT 1", engine="postgresql")
    assert answer.status_code == 422 and "This is no plan that Potto reads" in answer.text
    assert ">SELECT 1</textarea>" in answer.text.replace("\n", "")
    assert '<option value="postgresql" selected>' in answer.text
    assert pasted_page(browser, plan=SLOW_SCAN, engine="foxpro").status_code == 422
    assert browser.submit("/plans/new", {"plan": SLOW_SCAN}).status_code == 403


def test_the_page_takes_a_long_plan_and_no_endless_one(browser):  # noqa: F811
    node = {"Node Type": "Seq Scan", "Relation Name": "t", "Filter": "x" * 500}
    plan = json.dumps({"Plan": {"Node Type": "Append", "Plans": [node] * 300}})
    assert len(plan) > 128 * 1024
    assert pasted_page(browser, plan=plan).status_code == 200
    assert pasted_page(browser, plan="x" * 1_100_000).status_code == 413


def test_hostile_texts_of_a_pasted_plan_are_no_markup(browser):  # noqa: F811
    hostile = "</textarea><script>alert(1)</script>"
    plan = json.dumps({"Plan": {"Node Type": hostile, "Relation Name": hostile, "Filter": hostile}})
    answer = pasted_page(browser, plan=plan)
    assert answer.status_code == 200 and "<script>alert" not in answer.text
    assert answer.text.count("</textarea>") == 1
