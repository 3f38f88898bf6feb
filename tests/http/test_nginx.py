"""nginx in front of the workers: limits, its own errors, headers of static files, logs."""

import json
import os
import signal
import socket

import servers
from accounts import unique


def test_body_over_the_limit_is_a_problem_json(anonymous):
    answer = anonymous.post("/api/v1/collectors/ingest/slow-queries", data=b"x" * (17 << 20))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == 413
    assert len(answer.headers["X-Request-Id"]) == 32


def test_absent_workers_are_a_problem_json_with_retry_after(stack, anonymous):
    workers = stack.children("fcgi")
    stack.kill("fcgi")
    try:
        servers.wait_until(lambda: not any(map(servers.is_alive, workers)), what="the end of the workers")
        answer = anonymous.get("/health")
        assert answer.status_code == 503
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        stack.up()
    assert anonymous.get("/health").status_code == 200


def test_health_is_answered_though_its_worker_hangs(stack, anonymous):
    workers = stack.children("fcgi")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer = anonymous.get("/health", timeout=30)  # of the 60 s that any other request may take
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert anonymous.get("/health").status_code == 200


def test_static_files_are_typed_and_do_not_tell_the_server_version(anonymous):
    answer = anonymous.get("/static/no-such-file.css")
    assert answer.status_code == 404
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_request_that_nginx_cannot_read_is_a_problem_json(anonymous):
    answer = anonymous.get("/api/v1/slow-queries/%00")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    answer = anonymous.get("/api/v1/slow-queries?q=" + "x" * 9000)
    assert (answer.status_code, answer.json()["status"]) == (414, 414)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    answer = anonymous.get("/api/v1/slow-queries", headers={"X-Long": "x" * 9000})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    answer = anonymous.request("TRACE", "/api/v1/slow-queries")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert "POST" in answer.headers["Allow"]


def test_access_log_has_no_query(stack, anonymous):
    looked_for = unique("somebodys-card-number")
    assert anonymous.get(f"/api/v1/slow-queries?q={looked_for}").status_code == 401
    request_id = anonymous.get(f"/login?next=/queries%3Fq%3D{looked_for}").headers["X-Request-Id"]
    log = stack.state / "logs" / "nginx-access.log"
    servers.wait_until(lambda: request_id in log.read_text(), what="the line in the access log")
    assert '"uri":"/api/v1/slow-queries"' in log.read_text()
    assert looked_for not in log.read_text()


def test_error_log_has_no_query(stack, anonymous):
    looked_for = unique("somebodys-card-number")
    workers = stack.children("fcgi")
    stack.kill("fcgi")
    try:
        servers.wait_until(lambda: not any(map(servers.is_alive, workers)), what="the end of the workers")
        answer = anonymous.get(f"/queries?q={looked_for}", headers={"Referer": f"{stack.url}/?q={looked_for}"})
        assert answer.status_code == 503
    finally:
        stack.up()
    log = stack.state / "logs" / "nginx-access.log"
    servers.wait_until(lambda: '"worker_status":"502"' in log.read_text(), what="the line in the access log")
    assert looked_for not in (stack.state / "logs" / "nginx-error.log").read_text()
    assert looked_for not in log.read_text()


def test_access_log_is_json_whatever_is_asked(stack):
    marks = [unique("bytes") for _ in range(7)]
    requests = [
        b"GET /%b/\xff\xfe\x80?q=1 HTTP/1.0\r\n\r\n",
        b"GET /caf\xc3\xa9?%b HTTP/1.0\r\n\r\n",
        b'GET /%b/"\\\x01\x1b\x7f HTTP/1.0\r\n\r\n',
        b"GET /%b\xed\xa0\x80\r\n",  # HTTP/0.9
        b"\xff\xfe%b\r\n\r\n",
        b"M\xc3\xa4H /%b HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"GET /%b HTTP/1.1\r\nHost: \xff\r\nUser-Agent: \xfe\r\nConnection: close\r\n\r\n",
    ]
    log = stack.state / "logs" / "nginx-access.log"
    before = len(log.read_bytes().splitlines())
    for request, mark in zip(requests, marks):
        with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
            connection.sendall(request % mark.encode())
            while connection.recv(65536):
                pass
    servers.wait_until(lambda: marks[6] in log.read_text(errors="replace"), what="the lines in the access log")
    lines = [json.loads(line.decode("utf-8")) for line in log.read_bytes().splitlines()[before:]]
    addresses = [line["uri"] for line in lines]
    assert f"/{marks[0]}/…" in addresses and "/caf…" in addresses and f"/{marks[6]}" in addresses
    assert all(isinstance(line["status"], int) for line in lines)


def test_clients_that_send_or_read_slowly_hold_no_worker(stack, api, agent):
    one, peers = agent(), []
    texts = [f"SELECT {number} FROM unread WHERE word = '{'x' * 20000}'" for number in range(100)]
    queries = [{"full_sql": text, "duration_ms": 5, "captured_at": "2026-01-01T00:00:00Z"} for text in texts]
    assert one.post("/api/v1/collectors/ingest/slow-queries", json={"queries": queries}).status_code == 200
    path = f"/api/v1/slow-queries?connection_id={one.connection_id}&limit=100&from=2025-12-31T00:00:00Z"
    bearer = f"Host: potto\r\nAuthorization: {api.session.headers['Authorization']}\r\n"
    asking = f"GET {path} HTTP/1.1\r\n{bearer}\r\n".encode()
    sending = f"POST /api/v1/teams HTTP/1.1\r\n{bearer}Content-Length: 1000\r\n\r\n{{".encode()
    try:
        for data in [sending, asking] * 6:
            peer = socket.socket()
            peers.append(peer)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.connect(("127.0.0.1", stack.port))
            peer.sendall(data)
        for peer in peers[1::2]:
            assert peer.recv(1)  # nginx has the beginning of the answer
        for _ in range(6):
            assert api.get("/api/v1/auth/me", timeout=9).status_code == 200  # a worker would be held for 10 s
    finally:
        for peer in peers:
            peer.close()
