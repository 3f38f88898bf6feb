"""POST /api/v1/collectors/ingest/slow-queries: what is stored, and that everything counts once."""

import gzip
import json
import subprocess
import uuid
from datetime import datetime, timezone

import pytest

from ingest_client import PATH, Stored, assert_problem, query
from seed_lines import INGEST_LINE, REGISTER_LINE


def run_seed(line, stack, token):
    line = line.replace("http://localhost:8000", stack.url).replace("agt_YOUR_TOKEN_HERE", token)
    done = subprocess.run(["bash", "-c", line + " -s"], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.fixture()
def sender(agent):
    return agent()


@pytest.fixture()
def stored(sender, store_sql):
    return Stored(store_sql, sender.connection_id)


def test_curl_lines_of_the_quick_start_work(stack, sender, stored):
    registered = run_seed(REGISTER_LINE, stack, sender.token)
    assert registered["collector_id"] > 0
    assert run_seed(INGEST_LINE, stack, sender.token) == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": 0,
        "errors": [],
        "notes": [
            "1 of the queries ran more than 14 days ago, the oldest at 2025-11-02T10:30:00Z. "
            "Pages show them only where a period is chosen that reaches back so far. "
            "As all samples they are removed 14 days after they came."
        ],
    }
    (sample,) = stored.samples()
    assert sample.full_sql == "SELECT * FROM users WHERE id = 123"
    assert sample.duration_ms == 1250.5
    assert (sample.rows_examined, sample.rows_returned) == (10000, 1)
    assert sample.captured_at == datetime(2025, 11, 2, 10, 30, tzinfo=timezone.utc)
    assert sample.provenance == 1


def test_a_time_without_a_zone_is_utc_and_the_answer_says_so(sender, stored):
    zoned = query(captured_at="2025-11-02T12:30:00+02:00")
    answer = sender.post(PATH, {"queries": [query(captured_at="2025-11-02T10:30:00"), zoned]}).json()
    assert answer["accepted"] == 2 and "1 time was read as UTC, since there was no zone." in answer["notes"]
    assert {row.captured_at for row in stored.samples()} == {datetime(2025, 11, 2, 10, 30, tzinfo=timezone.utc)}
    assert not any("UTC" in note for note in sender.post(PATH, {"queries": [query()]}).json().get("notes", []))


def test_every_field_is_stored(sender, stored, store_sql):
    plan = {"Plan": {"Node Type": "Seq Scan", "Relation Name": "users", "Total Cost": 12.5}}
    answer = sender.post(PATH, {"queries": [query(user_host="app@10.0.0.5", database="shop", plan=plan)]})
    assert answer.status_code == 200
    (sample,) = stored.samples()
    assert (sample.user_host, sample.database_name) == ("app@10.0.0.5", "shop")
    plans = store_sql(
        "SELECT * FROM query_plans WHERE database_connection_id = %s AND plan_hash = %s",
        sender.connection_id,
        sample.plan_hash,
    )
    assert [row.plan for row in plans] == [plan]
    (statement,) = store_sql("SELECT * FROM query_fingerprints WHERE organization_id = %s AND sql_hash = %s",
                             sample.organization_id, sample.sql_hash)
    assert statement.fingerprint.lower() == "select * from users where id = ?"
    assert statement.statement_kind == "select"
    assert statement.tables == ["users"]
    (seen,) = store_sql(
        "SELECT * FROM query_fingerprint_connections WHERE database_connection_id = %s", sender.connection_id
    )
    assert seen.first_seen_at == seen.last_seen_at == sample.captured_at


def test_token_may_stand_in_the_body_behind_the_queries(stack, anonymous, sender, stored):
    answer = anonymous.post(PATH, {"queries": [query()], "agent_token": sender.token})
    assert answer.status_code == 200
    assert stored.sample_count() == 1


def test_rollups_add_up_to_the_samples(sender, stored):
    queries = [query(duration_ms=number) for number in range(1, 201)]
    assert sender.post(PATH, {"queries": queries}).json()["accepted"] == 200
    assert stored.wait_for_rollup(200) == (200, sum(range(1, 201)))


def test_gzip_body_is_taken(sender, stored):
    body = gzip.compress(json.dumps({"queries": [query() for _ in range(500)]}).encode())
    answer = sender.post(PATH, data=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 500
    assert stored.sample_count() == 500


def test_fingerprint_alone_is_kept_when_literals_never_left_the_host(sender, stored, store_sql):
    sent = query(full_sql=None, fingerprint="SELECT * FROM orders WHERE id = ?")
    assert sender.post(PATH, {"queries": [sent]}).json()["accepted"] == 1
    (sample,) = stored.samples()
    assert sample.full_sql is None
    (statement,) = store_sql("SELECT * FROM query_fingerprints WHERE organization_id = %s AND sql_hash = %s",
                             sample.organization_id, sample.sql_hash)
    assert statement.fingerprint == "SELECT * FROM orders WHERE id = ?"


def test_agents_fingerprint_and_ours_are_one_statement(sender, stored):
    queries = [
        query(full_sql="SELECT * FROM carts WHERE id = 5"),
        query(full_sql=None, fingerprint="SELECT * FROM carts WHERE id = ?"),
    ]
    assert sender.post(PATH, {"queries": queries}).json()["accepted"] == 2
    assert len({sample.sql_hash for sample in stored.samples()}) == 1


def test_literals_are_not_stored_where_they_are_not_kept(agent, store_sql):
    sender = agent(keep_literals=False)
    plan = {"Plan": {"Node Type": "Seq Scan", "Filter": "(email = 'secret@example.org')"}}
    sent = query(full_sql="SELECT * FROM users WHERE email = 'secret@example.org'", plan=plan)
    assert sender.post(PATH, {"queries": [sent]}).json()["accepted"] == 1
    (sample,) = Stored(store_sql, sender.connection_id).samples()
    assert sample.full_sql is None and sample.plan_hash is None
    assert store_sql("SELECT 1 FROM query_plans WHERE database_connection_id = %s", sender.connection_id) == []
    (statement,) = store_sql("SELECT * FROM query_fingerprints WHERE organization_id = %s AND sql_hash = %s",
                             sample.organization_id, sample.sql_hash)
    assert "secret" not in statement.fingerprint
    # Sent again, it is recognized as the same execution.
    assert sender.post(PATH, {"queries": [sent]}).json()["duplicates"] == 1


# ---- once ----


def test_batch_sent_again_gets_its_answer_again_and_counts_once(sender, stored):
    good, wrong = [query() for _ in range(20)], query(duration_ms=-1)
    body = {"batch_id": uuid.uuid4().hex, "queries": [*good, wrong]}
    first = sender.post(PATH, body).json()
    assert (first["accepted"], first["duplicates"], first["rejected"]) == (20, 0, 1)
    again = sender.post(PATH, body)
    assert again.status_code == 200
    assert again.json() == {**first, "accepted": 0, "duplicates": 20}
    assert stored.sample_count() == 20
    assert stored.batch_count() == 1
    assert stored.wait_for_rollup(20)[0] == 20


def test_batch_sent_again_under_a_new_token_is_the_same_batch(api, sender, stored):
    body = {"agent_token": sender.token, "batch_id": uuid.uuid4().hex, "queries": [query()]}
    assert sender.post(PATH, body).json()["accepted"] == 1
    rotated = api.post(f"/api/v1/database-connections/{sender.connection_id}/rotate-token")
    assert rotated.status_code == 200
    answer = sender.post(PATH, {**body, "agent_token": rotated.json()["agent_token"]})
    assert answer.status_code == 200
    assert answer.json()["duplicates"] == 1


def test_batch_id_of_another_body_is_a_conflict(sender, stored):
    batch_id = uuid.uuid4().hex
    assert sender.post(PATH, {"batch_id": batch_id, "queries": [query()]}).status_code == 200
    assert_problem(sender.post(PATH, {"batch_id": batch_id, "queries": [query()]}), 409)
    assert stored.sample_count() == 1


def test_batch_ids_of_two_connections_do_not_meet(agent):
    batch_id = uuid.uuid4().hex
    for sender in (agent(), agent()):
        assert sender.post(PATH, {"batch_id": batch_id, "queries": [query()]}).json()["accepted"] == 1


def test_sample_sent_twice_without_a_batch_id_counts_once(sender, stored):
    queries = [query() for _ in range(10)]
    assert sender.post(PATH, {"queries": queries}).json()["accepted"] == 10
    again = sender.post(PATH, {"queries": [*queries, query()]}).json()
    assert (again["accepted"], again["duplicates"]) == (1, 10)
    assert stored.sample_count() == 11
    assert stored.wait_for_rollup(11)[0] == 11


def test_sample_twice_in_one_batch_counts_once(sender, stored):
    twice = query()
    answer = sender.post(PATH, {"batch_id": uuid.uuid4().hex, "queries": [twice, query(), twice]}).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    assert stored.wait_for_rollup(2)[0] == 2


@pytest.mark.parametrize(
    "difference",
    [
        {"full_sql": "SELECT 2"},
        {"duration_ms": 6},
        {"rows_examined": 2},
        {"rows_returned": 2},
        {"user_host": "b"},
        {"database": "b"},
        {"captured_at": "2025-11-02T10:30:00.000001Z"},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_executions_that_differ_are_two(sender, stored, difference):
    one = query(full_sql="SELECT 1", duration_ms=5, captured_at="2025-11-02T10:30:00Z", user_host="a", database="a")
    assert sender.post(PATH, {"queries": [one, {**one, **difference}]}).json()["accepted"] == 2
    assert stored.sample_count() == 2


# ---- item by item ----


def test_wrong_items_are_named_and_the_others_stored(sender, stored):
    queries = [query(), query(duration_ms="fast"), query(), query(captured_at=None), query(colour="red")]
    answer = sender.post(PATH, {"queries": queries})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (2, 3)
    assert [(error["index"], error["field"]) for error in body["errors"]] == [
        (1, "duration_ms"),
        (3, "captured_at"),
        (4, "colour"),
    ]
    assert all(error["message"] for error in body["errors"])
    assert stored.sample_count() == 2


def test_batch_of_nothing_but_wrong_items_is_refused_as_a_whole(sender, stored):
    answer = sender.post(PATH, {"batch_id": "b", "queries": [query(duration_ms=-1), {}, 5]})
    problem = assert_problem(answer, 422)
    assert (problem["accepted"], problem["duplicates"], problem["rejected"]) == (0, 0, 3)
    assert [error["index"] for error in problem["errors"]] == [0, 1, 2]
    assert stored.sample_count() == 0
    assert stored.batch_count() == 0


# A byte that is not UTF-8, what Python makes of such a byte, and a character in WTF-8.
NO_CHARACTERS = [b"\xff", b"\\udcff", b"\xed\xa0\x80", b"\\ud83d"]


def test_bad_string_costs_its_item_or_less_and_the_others_are_stored(sender, stored):
    good = [query(), query()]
    replaced = [query(full_sql=f"SELECT 'R{i}R'") for i in range(len(NO_CHARACTERS))]
    refused = [query(full_sql="SELECT 'NUL'"), query(user_host="x" * 256), query(duration_ms=float("nan"))]
    body = json.dumps({"queries": [good[0], *replaced, *refused, good[1]]}).encode().replace(b"NUL", b"a\x00b")
    for i, wrong in enumerate(NO_CHARACTERS):
        body = body.replace(b"R%dR" % i, wrong)
    for repetition in range(2):
        answer = sender.post(PATH, data=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["accepted"], told["duplicates"]) == ((6, 0), (0, 6))[repetition]
        assert [(error["index"], error["field"]) for error in told["errors"]] == [
            (5, "full_sql"),
            (6, "user_host"),
            (7, "duration_ms"),
        ]
        assert [(warning["index"], warning["field"]) for warning in told["warnings"]] == [
            (i, "full_sql") for i in range(1, 5)
        ]
    texts = [sample.full_sql for sample in stored.samples()]
    assert len(texts) == 6
    assert sum("\ufffd" in text for text in texts) == 4


def nested_plan(nodes):
    plan = {"Node Type": "Seq Scan", "Relation Name": "t", "Total Cost": 1.0}
    for level in range(nodes - 1):
        plan = {"Node Type": "Nested Loop", "Total Cost": level + 2.0, "Plans": [plan]}
    return {"Plan": plan}


def test_plan_that_cannot_be_taken_costs_the_plan_alone(sender, stored):
    plans = ["{}", {"a": "\x00"}, {"a": "\ud83d"}, {"a": "x" * (256 * 1024)}, {"a": float("inf")}, [nested_plan(1)] * 2]
    queries = [query(), *[query(plan=plan) for plan in plans]]
    body = json.dumps({"queries": queries})
    told = sender.post(PATH, data=body, headers={"Content-Type": "application/json"}).json()
    assert (told["accepted"], told["rejected"], told["errors"]) == (7, 0, [])
    assert [(warning["index"], warning["field"]) for warning in told["warnings"]] == [
        (i, "plan") for i in range(1, len(queries))
    ]
    assert all("left out" in warning["message"] for warning in told["warnings"])
    assert all(sample.plan_hash is None for sample in stored.samples())


def test_deep_plan_is_taken_and_one_that_is_too_deep_costs_the_plan_alone(sender, stored, store_sql):
    deep, deeper = nested_plan(128), nested_plan(400)
    queries = [query(), query(plan=deep), query(plan=deeper), query(plan=[nested_plan(40)])]
    told = sender.post(PATH, {"queries": queries}).json()
    assert (told["accepted"], told["rejected"]) == (4, 0)
    assert [(warning["index"], warning["field"]) for warning in told["warnings"]] == [(2, "plan")]
    assert "nested too deep" in told["warnings"][0]["message"]
    plans = dict(
        store_sql("SELECT plan_hash, plan FROM query_plans WHERE database_connection_id = %s", sender.connection_id)
    )
    assert [plans.get(sample.plan_hash) for sample in stored.samples()] == [None, deep, None, nested_plan(40)]


def test_no_more_than_a_hundred_errors_are_told(sender):
    answer = sender.post(PATH, {"queries": [query(), *[{}] * 300]}).json()
    assert answer["rejected"] == 300
    assert len(answer["errors"]) == 100


def test_text_of_every_script_comes_back_as_it_was(sender, stored):
    sql = "SELECT 'åäö €  \u2028 😹 \"quoted\" \\ \t\n' -- ☃"
    assert sender.post(PATH, {"queries": [query(full_sql=sql)]}).json()["accepted"] == 1
    (sample,) = stored.samples()
    assert sample.full_sql == sql


def test_text_of_a_megabyte_is_stored_whole(sender, stored):
    sql = "SELECT '" + "x" * (1024 * 1024 - 9) + "'"
    assert sender.post(PATH, {"queries": [query(full_sql=sql)]}).json()["accepted"] == 1
    assert stored.samples()[0].full_sql == sql


@pytest.mark.parametrize("engine", ["mysql", "mssql", "oracle", "mongodb"])
def test_agents_of_every_engine_may_send(agent, engine):
    assert agent(engine=engine).post(PATH, {"queries": [query()]}).json()["accepted"] == 1
