"""Bad input for ingest: each is answered by a clear problem+json, nothing is stored, and the worker continues."""

import gzip
import json
import os
import zlib

import pytest

from ingest_client import PATH, Stored, assert_problem, fields_of, query

JSON = {"Content-Type": "application/json"}


@pytest.fixture()
def sender(agent, stack, store_sql):
    """An agent. After each test, nothing of it is stored and no worker has died."""
    workers, one = stack.children("fcgi"), agent()
    yield one
    stored = Stored(store_sql, one.connection_id)
    assert stored.sample_count() == 0
    assert stored.batch_count() == 0
    assert stored.rolled_up()[0] == 0
    assert stack.children("fcgi") == workers
    assert one.get("/health").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'{"queries": [}',
        b'{"queries": [{"full_sql": "SELECT 1",}]}',
        b'{"queries": [{"full_sql": "\\ud800]}',
        b'{"queries": [{"duration_ms": nan}]}',
        b'{"queries": [{"duration_ms": 01}]}',
        b'{"queries": []} x',
        b'{"queries": ' + b"[" * 100_000,
        b"\x00" * 1000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_wrong_json_is_malformed(sender, body):
    assert_problem(sender.post(PATH, data=body, headers=JSON), 400)


def test_error_says_where_the_json_is_broken(sender):
    problem = assert_problem(sender.post(PATH, data=b'{"queries": [5, x]}', headers=JSON), 400)
    assert "byte 17" in problem["detail"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "queries"),
        ({"queries": []}, "queries"),
        ({"queries": None}, "queries"),
        ({"queries": {}}, "queries"),
        ({"queries": "SELECT 1"}, "queries"),
        ({"queries": [{}], "batch_id": 5}, "batch_id"),
        ({"queries": [{}], "batch_id": ""}, "batch_id"),
        ({"queries": [{}], "batch_id": "x" * 101}, "batch_id"),
        ({"queries": [{}], "batch_id": "a\x00b"}, "batch_id"),
        ({"queries": [{}], "unknown": 1}, "unknown"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_wrong_envelope_is_invalid_and_the_member_named(sender, body, field):
    problem = assert_problem(sender.post(PATH, body), 422)
    assert fields_of(problem) == [field]


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"duration_ms": "fast"}, "duration_ms"),
        ({"duration_ms": -1}, "duration_ms"),
        ({"duration_ms": -0.001}, "duration_ms"),
        ({"duration_ms": 1e13}, "duration_ms"),
        ({"duration_ms": None}, "duration_ms"),
        ({"duration_ms": True}, "duration_ms"),
        ({"captured_at": None}, "captured_at"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"captured_at": "1970-01-01T00:00:00Z"}, "captured_at"),
        ({"captured_at": "9999-12-31T23:59:59Z"}, "captured_at"),
        ({"captured_at": "2025-02-30T10:00:00Z"}, "captured_at"),
        ({"captured_at": "2025-11-02T10:30:00+1"}, "captured_at"),
        ({"captured_at": 1762079400}, "captured_at"),
        ({"captured_at": "294277-01-01T00:00:00Z"}, "captured_at"),
        ({"full_sql": None}, "full_sql"),
        ({"full_sql": ""}, "full_sql"),
        ({"full_sql": 5}, "full_sql"),
        ({"full_sql": ["SELECT 1"]}, "full_sql"),
        ({"full_sql": "SELECT '\x00'"}, "full_sql"),
        ({"full_sql": "x" * (8 * 1024 * 1024)}, "full_sql"),
        ({"fingerprint": "x\x00"}, "fingerprint"),
        ({"user_host": "x" * 256}, "user_host"),
        ({"user_host": "\x00"}, "user_host"),
        ({"database": "x" * 129}, "database"),
        ({"rows_examined": -1}, "rows_examined"),
        ({"rows_examined": 1.5}, "rows_examined"),
        ({"rows_examined": 2**63}, "rows_examined"),
        ({"rows_returned": "1"}, "rows_returned"),
        ({"lock_ms": -0.5}, "lock_ms"),
        ({"lock_ms": 1e12}, "lock_ms"),
        ({"lock_ms": "1"}, "lock_ms"),
        ({"colour": "red"}, "colour"),
        ({"connection_id": 1}, "connection_id"),
        ({"x" * 5000: 1}, "x" * 64),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_item_is_invalid_and_the_field_named(sender, fields, field):
    problem = assert_problem(sender.post(PATH, {"queries": [query(**fields)]}), 422)
    assert fields_of(problem) == [field]
    assert problem["rejected"] == 1


@pytest.mark.parametrize(
    "number, field",
    [
        ("1e999", "duration_ms"),
        ("-1e999", "duration_ms"),
        ("9" * 401, "duration_ms"),
        ("1e309", "rows_examined"),
        ("NaN", "duration_ms"),
        ("-Infinity", "rows_returned"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_number_out_of_range_is_refused(sender, number, field):
    body = json.dumps({"queries": [query(**{field: "NUMBER"})]}).replace('"NUMBER"', number)
    assert fields_of(assert_problem(sender.post(PATH, data=body, headers=JSON), 422)) == [field]


@pytest.mark.parametrize("text", [b"a\x00b", b"a\nb", b"\\x41", b"\\u12"], ids=repr)
def test_string_that_is_not_json_costs_its_item_alone(sender, text):
    body = json.dumps({"queries": [query(full_sql="TEXT")]}).encode().replace(b"TEXT", text)
    assert fields_of(assert_problem(sender.post(PATH, data=body, headers=JSON), 422)) == ["full_sql"]


def test_member_given_twice_is_refused(sender):
    item = json.dumps(query())
    twice = item[:-1] + ', "duration_ms": 1}'
    assert fields_of(assert_problem(sender.post(PATH, data=f'{{"queries": [{twice}]}}', headers=JSON), 422)) == [
        "duration_ms"
    ]
    body = f'{{"queries": [{item}], "queries": [{item}]}}'
    assert fields_of(assert_problem(sender.post(PATH, data=body, headers=JSON), 422)) == ["queries"]


# ---- size ----


def test_body_of_20_megabytes_is_too_large(sender):
    body = b'{"queries": [' + b" " * (20 * 1024 * 1024) + b"]}"
    assert_problem(sender.post(PATH, data=body, headers=JSON), 413)


def test_million_queries_are_too_many(sender):
    body = b'{"queries": [' + b"{}," * 999_999 + b"{}]}"
    problem = assert_problem(sender.post(PATH, data=body, headers=JSON), 413)
    assert "10000" in problem["detail"]


def test_million_queries_in_gzip_are_too_many(sender):
    item = json.dumps(query()).encode()
    body = gzip.compress(b'{"queries": [' + (item + b",") * 300_000 + item + b"]}", 6)
    answer = sender.post(PATH, data=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert_problem(answer, 413)


# ---- gzip ----


def post_packed(sender, body, encoding="gzip"):
    return sender.post(PATH, data=body, headers={**JSON, "Content-Encoding": encoding})


def test_gzip_bomb_is_too_large(sender):
    bomb = gzip.compress(b'{"queries": [' + b" " * (1024 * 1024 * 1024 // 4), 9)
    assert len(bomb) < 1024 * 1024
    assert_problem(post_packed(sender, bomb), 413)


def test_gzip_of_many_members_has_the_same_bound(sender):
    member = gzip.compress(b" " * (1024 * 1024), 9)
    assert_problem(post_packed(sender, member * 500), 413)


@pytest.mark.parametrize("cut", [1, 5, 10, 20, -8, -1])
def test_gzip_that_is_cut_off_is_malformed(sender, cut):
    packed = gzip.compress(json.dumps({"queries": [query() for _ in range(10)]}).encode())
    assert_problem(post_packed(sender, packed[:cut]), 400)


def test_gzip_with_a_wrong_checksum_is_malformed(sender):
    packed = bytearray(gzip.compress(json.dumps({"queries": [query()]}).encode()))
    packed[-6] ^= 0xFF
    assert_problem(post_packed(sender, bytes(packed)), 400)


@pytest.mark.parametrize(
    "body",
    [b"not gzip", zlib.compress(b"{}"), os.urandom(1000), gzip.compress(b"{}") + b"rest"],
    ids=["words", "zlib", "noise", "trailing"],
)
def test_body_that_is_not_gzip_is_malformed(sender, body):
    assert_problem(post_packed(sender, body), 400)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x"])
def test_other_encodings_are_not_understood(sender, encoding):
    assert_problem(post_packed(sender, json.dumps({"queries": [query()]}), encoding), 415)


def test_other_media_types_are_not_understood(sender):
    assert_problem(
        sender.post(PATH, data="queries=1", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415
    )


# ---- callers ----


@pytest.mark.parametrize(
    "token",
    ["agt_" + "x" * 43, "agt_", "x", "", "agt_" + "å" * 20, "a" * 5000, "agt_'; --"],
    ids=lambda token: repr(token[:20]),
)
def test_unknown_token_in_the_body_is_refused(anonymous, sender, token):
    assert_problem(anonymous.post(PATH, {"agent_token": token, "queries": [query()]}), 401)


def test_unknown_token_in_the_header_is_refused(anonymous, sender):
    for value in ("Bearer agt_" + "x" * 43, "Bearer ", "Basic YTpi", "agt_x"):
        assert_problem(anonymous.post(PATH, {"queries": [query()]}, headers={"Authorization": value}), 401)


def test_no_token_is_refused(anonymous, sender):
    assert_problem(anonymous.post(PATH, {"queries": [query()]}), 401)
    assert_problem(anonymous.post(PATH, {"agent_token": 5, "queries": [query()]}), 401)


def test_broken_body_without_a_token_before_the_break_is_malformed(anonymous, sender):
    assert_problem(anonymous.post(PATH, data=b'{"queries": [x', headers=JSON), 400)
    assert_problem(anonymous.post(PATH, data=b"", headers=JSON), 401)


def test_token_of_an_item_is_no_token(anonymous, sender):
    assert_problem(anonymous.post(PATH, {"queries": [{**query(), "agent_token": sender.token}]}), 401)


def test_user_token_is_no_agent_token(api, sender):
    assert_problem(api.post(PATH, {"queries": [query()]}), 401)


def test_token_of_an_inactive_connection_is_refused(sender, store_sql):
    store_sql("UPDATE database_connections SET is_active = false WHERE id = %s", sender.connection_id)
    assert_problem(sender.post(PATH, {"queries": [query()]}), 401)


def test_revoked_token_is_refused_when_its_grace_is_over(api, sender, store_sql):
    api.post(f"/api/v1/database-connections/{sender.connection_id}/rotate-token")
    store_sql(
        "UPDATE database_connections SET agent_token_previous_until = now() - interval '1 second' WHERE id = %s",
        sender.connection_id,
    )
    assert_problem(sender.post(PATH, {"queries": [query()]}), 401)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_not_allowed(sender, method):
    answer = getattr(sender, method)(PATH)
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "POST"


# ---- strangers: nothing is received, inflated or judged for them ----


GZIP = {**JSON, "Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    "body, headers",
    [
        (b"{", JSON),
        (b"x", {"Content-Type": "text/plain"}),
        (b"not gzip", GZIP),
        (b"{}", {**JSON, "Content-Encoding": "br"}),
        (gzip.compress(b" " * 200_000_000, 9), GZIP),
    ],
    ids=["not json", "media type", "not gzip", "encoding", "bomb"],
)
@pytest.mark.parametrize("header", ["Bearer agt_" + "0" * 40, "Bearer x", "Basic eDp4", "nonsense"])
def test_stranger_is_told_so_whatever_the_body(anonymous, header, body, headers):
    answer = anonymous.request("POST", PATH, data=body, headers={**headers, "Authorization": header})
    assert_problem(answer, 401)


@pytest.mark.parametrize("path", ["/api/v1/database-connections", "/api/v1/users", "/api/v1/teams"])
def test_stranger_is_told_so_before_a_body_of_the_api_is_read(anonymous, path):
    bomb = gzip.compress(b" " * 50_000_000, 9)
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert_problem(anonymous.request("POST", path, data=bomb, headers={**GZIP, **headers}), 401)
        assert_problem(anonymous.request("POST", path, data=b"x" * 5_000_000, headers=headers), 401)


def test_bomb_without_a_token_is_not_inflated_to_its_end(anonymous):
    bomb = gzip.compress(b'{"queries": [' + b" " * 200_000_000, 9)
    assert "first MiB" in assert_problem(anonymous.request("POST", PATH, data=bomb, headers=GZIP), 401)["detail"]


def packed_message(token, filler_bytes, is_token_first):
    noise = os.urandom(50_000).hex()  # else the body would inflate too much for its size
    item = json.dumps(query(full_sql="SELECT " + noise))
    fields = [f'"agent_token": "{token}"', f'"queries": [{item}{" " * filler_bytes}]']
    return gzip.compress(("{" + ", ".join(fields if is_token_first else fields[::-1]) + "}").encode())


def test_token_in_a_gzip_body_is_found_in_its_first_mebibyte(anonymous, agent):
    one = agent()
    near = packed_message(one.token, 100_000, is_token_first=False)
    far = packed_message(one.token, 2_000_000, is_token_first=False)
    first = packed_message(one.token, 2_000_000, is_token_first=True)
    assert anonymous.request("POST", PATH, data=near, headers=GZIP).status_code == 200
    assert anonymous.request("POST", PATH, data=first, headers=GZIP).status_code == 200
    assert_problem(anonymous.request("POST", PATH, data=far, headers=GZIP), 401)


def test_token_at_the_end_of_a_plain_body_is_found(anonymous, agent):
    one = agent()
    queries = [query(full_sql="SELECT " + "1" * 100_000) for _ in range(20)]
    body = json.dumps({"queries": queries, "agent_token": one.token})
    assert anonymous.request("POST", PATH, data=body, headers=JSON).status_code == 200


def test_form_of_a_page_is_small(anonymous):
    answer = anonymous.request(
        "POST", "/login", data=b"email=" + b"x" * 70_000, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413
