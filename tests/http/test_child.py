"""Cycles and tests of connections run in child processes, which may do little and whose death harms nothing else."""

import datetime
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
import servers
from accounts import unique
from watched import Watched
from test_jobs import follow, started

NEVER_S = 86400


class SlowServer:
    """Takes connections and says nothing, so that whoever connects waits."""

    def __enter__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def _take(self):
        while True:
            try:
                self.taken.append(self.listening.accept()[0])
            except OSError:
                return
            self._took(self.taken[-1])

    def _took(self, client):
        pass

    def __exit__(self, *_):
        self.listening.close()
        for taken in self.taken:
            taken.close()


class Flood(SlowServer):
    """A PostgreSQL that lets everybody in, and answers the first statement with a row of a gigabyte."""

    def _took(self, client):
        threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    @staticmethod
    def _message(kind, body):
        return kind + struct.pack(">i", len(body) + 4) + body

    def _serve(self, client):
        column = b"a\0" + struct.pack(">ihihih", 0, 0, 25, -1, -1, 0)
        try:
            size = struct.unpack(">i", client.recv(4))[0]
            client.recv(size - 4)
            client.sendall(self._message(b"R", struct.pack(">i", 0)) + self._message(b"S", b"server_version\x0015.4\0")
                           + self._message(b"Z", b"I"))
            client.recv(65536)
            client.sendall(self._message(b"1", b"") + self._message(b"2", b"")
                           + self._message(b"T", struct.pack(">h", 1) + column)
                           + b"D" + struct.pack(">ihi", 0x3FFFFFF0, 1, 0x3FFFFFF0 - 10))
            while True:
                client.sendall(b"x" * 65536)
        except OSError:
            return


@pytest.fixture()
def slow_server():
    with SlowServer() as server:
        yield server


@pytest.fixture()
def watch(api, store_sql):
    watched = []

    def make(body, **fields):
        watched.append(Watched(api, store_sql, {**body, "interval_s": NEVER_S, "tls_mode": "disable", **fields}))
        return watched[-1]

    yield make
    for one in watched:
        api.delete(f"/api/v1/database-connections/{one.id}")


def body_of(server, engine="postgresql"):
    return {
        "name": unique("slow"),
        "engine": engine,
        "host": "127.0.0.1",
        "port": server.port,
        "username": "somebody",
        "password": "secret word of a connection",
    }


def status_of(pid):
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def targets_of(stack):
    """The collector's potto-target that loads the libraries, and the children beside it."""
    found = [pid for pid in stack.children("collector") if status_of(pid)["Name"] == "potto-target"]
    confined = [pid for pid in found if status_of(pid)["Seccomp"] == "2"]
    return [pid for pid in found if pid not in confined], confined


def child_of(stack, server):
    """A confined child that has connected to the server."""

    def busy():
        children = targets_of(stack)[1]
        return children[0] if server.taken and len(children) == 1 else None

    return servers.wait_until(busy, 30, what="a child that waits for the server")


def test_a_child_can_do_little_and_knows_nothing(stack, watch, slow_server):
    watch(body_of(slow_server))
    child = child_of(stack, slow_server)
    status = status_of(child)
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    assert int(status["CapPrm"], 16) == int(status["CapEff"], 16) == int(status["CapAmb"], 16) == 0
    assert Path(f"/proc/{child}/environ").read_bytes() == b""
    # Standard streams, the collector's socket, the server's.
    links = [os.readlink(f"/proc/{child}/fd/{fd}") for fd in os.listdir(f"/proc/{child}/fd")]
    assert len(links) <= 5 and sum(link.startswith("socket:") for link in links) == 2
    limits = Path(f"/proc/{child}/limits").read_text()
    if b"__asan_init" not in stack.program("potto-target").read_bytes():
        assert re.search(r"Max file size +0 +0 ", limits)
        assert re.search(r"Max address space +[0-9]{9} +[0-9]{9} ", limits)
    assert re.search(r"Max processes +0 +0 ", limits)
    assert re.search(r"Max core file size +0 +0 ", limits)
    assert re.search(r"Max cpu time +30 +31 ", limits)
    loader = targets_of(stack)[0]
    assert len(loader) == 1 and Path(f"/proc/{loader[0]}/environ").read_bytes() == b""


def test_a_child_that_dies_is_said_on_its_connection_and_the_next_run_works(stack, watch, slow_server, target_postgres):
    other = watch(target_postgres.connection_body(unique("other")))
    other.wait_first_run()
    slow = watch(body_of(slow_server))
    os.kill(child_of(stack, slow_server), signal.SIGKILL)
    slow.wait_first_run()
    state = slow.state()
    assert state.state == "failed" and state.problem == "The process that talks with this server died (signal 9)."
    assert "longer pause" in state.remedy
    other.collect()
    assert other.state().state in ("ok", "warning")
    taken = len(slow_server.taken)
    slow.collect()
    assert len(slow_server.taken) > taken
    assert slow.state().problem != state.problem


def test_a_test_whose_child_dies_says_so(stack, api, watch, slow_server):
    slow = watch(body_of(slow_server), monitoring_enabled=False)
    job = started(api.post(f"/api/v1/database-connections/{slow.id}/test"))
    os.kill(child_of(stack, slow_server), signal.SIGKILL)
    result = follow(api, job["job_url"])["result"]
    assert result["success"] is False
    assert result["problem"] == "The process that talks with this server died (signal 9)."


def test_a_killed_potto_target_is_started_again(stack, watch, target_postgres):
    one = watch(target_postgres.connection_body(unique("one")))
    one.wait_first_run()
    for _ in range(3):
        loader = targets_of(stack)[0]
        assert len(loader) == 1
        os.kill(loader[0], signal.SIGKILL)
        one.collect()
        assert one.state().state in ("ok", "warning")
        assert targets_of(stack)[0] != loader


def test_a_killed_potto_target_takes_no_running_child_with_it(stack, watch, slow_server):
    watch(body_of(slow_server))
    child = child_of(stack, slow_server)
    os.kill(targets_of(stack)[0][0], signal.SIGKILL)
    time.sleep(0.3)
    assert servers.is_alive(child)


def test_a_killed_collector_takes_its_children_with_it(stack, watch, slow_server):
    watch(body_of(slow_server))
    child = child_of(stack, slow_server)
    loader = targets_of(stack)[0]
    try:
        stack.kill("collector")
        servers.wait_until(lambda: not any(map(servers.is_alive, [child, *loader])), 5, what="the end of the children")
    finally:
        stack.up()


def test_a_collector_that_stops_ends_its_children_in_time(stack, watch, slow_server):
    watch(body_of(slow_server))
    child = child_of(stack, slow_server)
    loader = targets_of(stack)[0]
    began = time.monotonic()
    try:
        stack.kill("collector", signal.SIGTERM)
        assert time.monotonic() - began < 8
        servers.wait_until(lambda: not any(map(servers.is_alive, [child, *loader])), 5, what="the end of the children")
    finally:
        stack.up()


def test_no_child_is_left_as_a_zombie(stack, watch, target_postgres):
    one = watch(target_postgres.connection_body(unique("one")))
    one.wait_first_run()
    for _ in range(5):
        one.collect()

    def children():
        stats = [stat.read_text().rsplit(")", 1)[1].split() for stat in Path("/proc").glob("[0-9]*/stat")]
        return [fields for fields in stats if int(fields[1]) == stack.pids()["collector"]]

    servers.wait_until(lambda: [fields[0] for fields in children()] == ["S"], 10, what="potto-target alone")


def test_a_server_whose_answers_need_too_much_memory_is_told_so(plain_stack):
    # Sanitizers know no limit of memory.
    api = servers.SignedInClient(plain_stack.url, plain_stack.admin_email, plain_stack.admin_password)
    with Flood() as server:
        flooded = Watched(api, plain_stack.sql, {**body_of(server), "interval_s": NEVER_S, "tls_mode": "disable"})
        flooded.wait_first_run()
    state = flooded.state()
    assert state.state == "failed"
    assert state.problem.startswith("The server's answers needed more than 256 MB")


@pytest.fixture()
def silent_name_server():
    """A name server that takes questions and never answers. Its address is one of this machine alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as questions:
        try:
            questions.bind(("127.0.0.97", 53))
        except PermissionError as problem:
            pytest.skip(f"port 53 can't be used: {problem}")
        questions.settimeout(30)
        yield questions


@pytest.fixture()
def collector_that_asks_it(stack, silent_name_server, tmp_path):
    """The stack's only collector, which finds another /etc/resolv.conf than this machine's."""
    settings = tmp_path / "resolv.conf"
    settings.write_text("nameserver 127.0.0.97\noptions timeout:30 attempts:5\n")
    settings.chmod(0o644)
    program = shlex.quote(str(stack.program("potto-collector")))
    bind = f"mount --bind {shlex.quote(str(settings))} \"$(realpath /etc/resolv.conf)\""
    if subprocess.run(["unshare", "--mount", "sh", "-c", bind], capture_output=True).returncode != 0:
        pytest.skip("this machine allows no mounts of a process's own")
    stack.kill("collector", signal.SIGTERM)
    log = open(stack.state / "logs" / "collector-names.log", "ab")
    environment = {**os.environ, **stack.env, "ASAN_OPTIONS": "detect_leaks=0"}
    process = subprocess.Popen(["unshare", "--mount", "sh", "-c", f"{bind} && exec {program}"],
                               env=environment, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        log.close()
        stack.up()


def test_a_name_that_is_never_resolved_ends_at_the_deadline_and_keeps_nobody_waiting(
        collector_that_asks_it, silent_name_server, slow_server, watch, target_postgres):
    other = watch(target_postgres.connection_body(unique("other")))
    other.wait_first_run()
    lost = watch({**body_of(slow_server), "host": "database.example.org"})
    assert b"database" in silent_name_server.recv(512)
    ran = other.collect()
    lost.wait_first_run()
    ended = lost.state()
    assert ran.state in ("ok", "warning")
    assert ran.last_run_at < ended.last_run_at + datetime.timedelta(milliseconds=ended.last_duration_ms)
    assert (ended.state, ended.problem) == ("failed", "The look took longer than 10 s and was ended.")
