"""The workers' socket, when something else than nginx is connected to it: no peer holds a worker for long."""

import contextlib
import json
import threading
import time

import fastcgi
import pytest
import servers

SILENT = 6  # twice as many as there are workers
HEAD_MAX_S, BODY_MAX_S, WRITE_MAX_S = 3, 10, 10  # the limits of fcgi/server/worker.c
GRACE_S = 8  # of a busy machine


@pytest.fixture()
def socket_path(stack):
    return stack.state / "run/fcgi/fcgi.sock"


@pytest.fixture(autouse=True)
def no_worker_dies(stack):
    before = stack.children("fcgi")
    yield
    assert stack.children("fcgi") == before
    assert servers.Client(stack.url).get("/health").status_code == 200


def seconds_until_closed(peer):
    from_s = time.monotonic()
    data = fastcgi.read_all(peer)
    return time.monotonic() - from_s, data


def test_honest_request_by_hand_is_answered(socket_path):
    with fastcgi.connect(socket_path) as peer:
        peer.sendall(fastcgi.request("/api/v1/nothing"))
        code, body = fastcgi.answer_of(fastcgi.read_all(peer))
    assert code == 404
    assert json.loads(body)["status"] == 404


def test_request_in_single_bytes_and_padded_records_is_the_same_request(socket_path):
    named = fastcgi.pairs("/api/v1/nothing", QUERY_STRING="x" * 300)
    cut = len(named) // 2
    data = (
        fastcgi.begin(padding=7)
        + fastcgi.record(fastcgi.PARAMS, named[:cut], padding=255)
        + fastcgi.record(fastcgi.PARAMS, named[cut:], padding=1)
        + fastcgi.record(fastcgi.PARAMS)
    )
    with fastcgi.connect(socket_path) as peer:
        for byte in data:
            peer.sendall(bytes([byte]))
        # A request without a body may be answered before its empty body ends.
        with contextlib.suppress(BrokenPipeError):
            for byte in fastcgi.record(fastcgi.STDIN):
                peer.sendall(bytes([byte]))
        assert fastcgi.answer_of(fastcgi.read_all(peer))[0] == 404


def test_silent_connections_hold_no_worker_for_long(stack, api, socket_path):
    silent = [fastcgi.connect(socket_path) for _ in range(SILENT)]
    try:
        from_s = time.monotonic()
        assert api.get("/api/v1/auth/me").status_code == 200
        assert time.monotonic() - from_s < HEAD_MAX_S * 2 + GRACE_S
        for peer in silent:
            assert fastcgi.read_all(peer) == b""
    finally:
        for peer in silent:
            peer.close()


def drip(peer, data, stop):
    for byte in data:
        if stop.wait(0.2):
            return
        try:
            peer.sendall(bytes([byte]))
        except OSError:
            return


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_byte_now_and_then_does_not_prolong_a_request(api, socket_path, part):
    body = b'{"email": "' + b"a" * 1000
    whole = fastcgi.request("/api/v1/auth/login", "POST", body, CONTENT_TYPE="application/json")
    head_bytes = len(whole) - len(body) - 16  # without the header of the body's record and the last record
    at_once = 1 if part == "head" else head_bytes + 9
    limit_s = HEAD_MAX_S if part == "head" else BODY_MAX_S
    stop = threading.Event()
    with fastcgi.connect(socket_path) as peer:
        peer.sendall(whole[:at_once])
        dripping = threading.Thread(target=drip, args=(peer, whole[at_once:], stop))
        dripping.start()
        try:
            took_s, data = seconds_until_closed(peer)
        finally:
            stop.set()
            dripping.join()
    assert took_s < limit_s + GRACE_S
    if part == "body":
        assert fastcgi.answer_of(data)[0] == 400
    else:
        assert data == b""


def test_peer_that_does_not_read_is_left(api, agent, socket_path):
    one = agent()
    texts = [f"SELECT {number} FROM unread WHERE word = '{'x' * 20000}'" for number in range(100)]
    queries = [{"full_sql": text, "duration_ms": 5, "captured_at": "2026-01-01T00:00:00Z"} for text in texts]
    assert one.post("/api/v1/collectors/ingest/slow-queries", json={"queries": queries}).status_code == 200
    api.get("/api/v1/auth/me")
    path = f"/api/v1/slow-queries?connection_id={one.connection_id}&limit=100&from=2025-12-31T00:00:00Z"
    with fastcgi.connect(socket_path) as peer:
        peer.sendall(fastcgi.request(path, HTTP_AUTHORIZATION=api.session.headers["Authorization"]))
        time.sleep(1)
        from_s = time.monotonic()
        assert api.get("/api/v1/auth/me").status_code == 200  # by another worker
        assert time.monotonic() - from_s < GRACE_S
        time.sleep(WRITE_MAX_S + 1)
        data = fastcgi.read_all(peer)
    assert data.startswith(b"\x01\x06")
    assert fastcgi.record(3, b"\0" * 8) not in data[-16:]  # the request was not ended properly


HUGE = fastcgi.length(0x7FFFFFFF) + fastcgi.length(0x7FFFFFFF) + b"A" * 1000


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: potto\r\n\r\n",
        b"\0" * 4096,
        fastcgi.begin(version=2) + fastcgi.record(fastcgi.PARAMS),
        fastcgi.begin(request_id=0),
        fastcgi.begin(role=3),
        fastcgi.record(fastcgi.BEGIN, b"\0" * 9),
        fastcgi.record(fastcgi.PARAMS, fastcgi.pairs("/health")),
        fastcgi.begin() + fastcgi.record(fastcgi.STDIN),
        fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, request_id=2),
        fastcgi.begin() + fastcgi.record(9, b"x" * 100),
        fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, HUGE) + fastcgi.record(fastcgi.PARAMS),
        fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, b"\x80\0") + fastcgi.record(fastcgi.PARAMS),
        fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, b"\x05\x7fabcde") + fastcgi.record(fastcgi.PARAMS),
        fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, b"x" * 65535) * 3,
    ],
    ids=["http", "zeros", "version", "id", "role", "begin", "no begin", "no params", "other id", "management",
         "huge lengths", "cut length", "length past the end", "too many params"],
)
def test_nonsense_is_closed_without_an_answer(socket_path, data):
    with fastcgi.connect(socket_path) as peer:
        try:
            peer.sendall(data)
        except OSError:
            pass  # closed before all was sent
        took_s, answer = seconds_until_closed(peer)
    assert answer == b""
    assert took_s < GRACE_S


@pytest.mark.parametrize("claimed", ["5", "5000", "-1", "x", "99999999999999999999"])
def test_body_of_another_size_than_it_claims_is_refused(socket_path, claimed):
    body = b'{"email": "a@b.c", "password": "x"}'
    data = fastcgi.request("/api/v1/auth/login", "POST", body, CONTENT_TYPE="application/json", CONTENT_LENGTH=claimed)
    with fastcgi.connect(socket_path) as peer:
        peer.sendall(data)
        code, _ = fastcgi.answer_of(fastcgi.read_all(peer))
    assert code in (400, 401, 413)
    assert code == 400 or claimed in ("-1", "x", "99999999999999999999")


def test_record_of_another_kind_within_the_body_ends_it(socket_path):
    body = b'{"email": "a@b.c", "pass'
    whole = fastcgi.request("/api/v1/auth/login", "POST", body, CONTENT_TYPE="application/json", CONTENT_LENGTH="40")
    data = whole[:-8] + fastcgi.record(8, b"x" * 16) + fastcgi.record(fastcgi.STDIN)
    with fastcgi.connect(socket_path) as peer:
        peer.sendall(data)
        assert fastcgi.answer_of(fastcgi.read_all(peer))[0] == 400
