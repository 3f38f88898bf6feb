"""Connections to what is no database, or another one than the connection says: the page says what it is."""

import contextlib
import socket
import ssl
import subprocess
import threading

import pytest
from test_jobs import CONNECTIONS, connect, first_run, follow, started

SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"


class Talker:
    """Says its words to whoever connects, and closes or keeps the connection; with a context it speaks TLS alone."""

    def __init__(self, host, words=b"", closes=False, context=None):
        self.words, self.closes, self.context, self.kept = words, closes, context, []
        self.listening = socket.create_server((host, 0))
        self.host, self.port = self.listening.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client = self.listening.accept()[0]
            except OSError:
                return
            with contextlib.suppress(OSError):
                client.settimeout(5)
                if self.context:
                    client = self.context.wrap_socket(client, server_side=True)
                client.sendall(self.words)
            if self.closes:
                client.close()
            self.kept.append(client)

    def stop(self):
        self.listening.close()
        for client in self.kept:
            client.close()


@pytest.fixture(scope="module")
def talkers(tmp_path_factory):
    place = tmp_path_factory.mktemp("certificate")
    files = place / "certificate.pem", place / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-out", files[0],
                    "-keyout", files[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    made = {"ssh": Talker("127.9.0.1", SSH), "closing": Talker("127.9.0.2", closes=True), "silent": Talker("127.9.0.3"),
            "tls": Talker("127.9.0.4", context=context, closes=True)}
    yield made
    for talker in made.values():
        talker.stop()


def test_the_connection_says_what_answers_there(stack, people, target_postgres, target_mariadb, talkers):
    cases = [
        ("postgresql", target_mariadb, "A MariaDB or MySQL server answers at 127.0.0.1", "says PostgreSQL"),
        ("mysql", target_postgres, "A PostgreSQL server answers at 127.0.0.1", "the connection says MariaDB or MySQL"),
        ("postgresql", stack.ports["http"], "An HTTP server answers at 127.0.0.1", "PostgreSQL"),
        ("mysql", stack.ports["http"], "An HTTP server answers", "MariaDB"),
        ("postgresql", talkers["ssh"], "An SSH server answers at 127.9.0.1", "PostgreSQL"),
        ("mysql", talkers["ssh"], "An SSH server answers", "MariaDB"),
        ("postgresql", talkers["tls"], "A server that speaks TLS alone answers at 127.9.0.4", "PostgreSQL"),
        ("postgresql", talkers["closing"], "127.9.0.2 takes connections", "closes them without an answer"),
        ("mysql", talkers["closing"], "127.9.0.2 takes connections", "closes them without an answer"),
        ("postgresql", talkers["silent"], "127.9.0.3 takes connections", "did not answer in time"),
        ("mysql", talkers["silent"], "127.9.0.3 takes connections", "did not answer in time"),
    ]
    client, made = people.member.client, []
    for number, (engine, server, *words) in enumerate(cases):
        host, port = ("127.0.0.1", server) if isinstance(server, int) else (server.host, server.port)
        made.append(connect(client, {"name": f"other {number}", "engine": engine, "host": host, "port": port,
                                     "username": "monitor", "password": "secret", "database": "shop"}))
    for connection_id, (engine, _, *words) in zip(made, cases, strict=True):
        first_run(stack, connection_id)
        row = stack.sql("SELECT state, problem, remedy FROM connection_collection WHERE database_connection_id = %s",
                        connection_id)[0]
        assert row.state == "failed" and all(word in row.problem for word in words), (engine, words, row)
        assert str(client.get(f"{CONNECTIONS}/{connection_id}").json()["port"]) in row.problem and row.remedy
    result = follow(client, started(client.post(f"{CONNECTIONS}/{made[1]}/test"))["job_url"])["result"]
    assert not result["success"] and cases[1][2] in result["problem"] and "3306" in result["remedy"]
