"""The tests of test_hostile_*.py, which say what is attacked how: ATTACKS (by name, the class of the stand-in and the
attack), TARGET (the fixture of an honest server), BUILD_DIR and SETTINGS.
"""

import tempfile
from pathlib import Path

import hostile_field
import pytest
import servers
from accounts import unique
from hostile_server import Attack


def pytest_generate_tests(metafunc):
    attacks = metafunc.module.ATTACKS
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", attacks)
    if "tested" in metafunc.fixturenames:
        metafunc.parametrize("tested", [name for name, (_, attack) in attacks.items() if attack.probed])


@pytest.fixture(scope="module")
def field(request):
    """A Potto of its own under those attacks that this session's tests ask for, all at once."""
    module, asked = request.module, set()
    for item in request.session.items:
        if item.module is module and hasattr(item, "callspec"):
            asked.update(item.callspec.params.values())
    attacks = {name: attack for name, attack in module.ATTACKS.items() if name in asked}
    honest = [request.getfixturevalue(module.TARGET)]
    stack = servers.Stack(unique("attacked"), module.BUILD_DIR, module.SETTINGS)
    with servers.running(stack):
        field = hostile_field.Field(stack, attacks, honest)
        try:
            yield field
        finally:
            field.stop()


def test_an_attack_fails_alone_and_says_why(field, attack):
    hostile_field.check_attacked(field, field.wait(attack))


def test_a_connection_test_survives(field, tested):
    hostile_field.check_test(field.wait(tested))


def test_the_honest_server_was_collected_from_all_the_time(field):
    hostile_field.check_honest(field)


def test_all_lines_of_the_logs_are_json(field):
    hostile_field.check_logs(field.stack)


def test_a_unix_socket_is_no_host(field, request):
    """A server at a unix socket would see the collector's own user, and might let it in without a password."""
    server_class, _ = next(iter(request.module.ATTACKS.values()))
    with tempfile.TemporaryDirectory(prefix="potto-socket-") as directory:
        Path(directory).chmod(0o755)
        path = Path(directory) / (".s.PGSQL.5432" if server_class.engine == "postgresql" else "mysqld.sock")
        host = directory if server_class.engine == "postgresql" else str(path)
        server = server_class(Attack("nothing", lambda session: None), "secret", path)
        try:
            client = hostile_field.member(field.stack, "local")
            body = {"name": "local", "engine": server.engine, "host": host, "port": 5432, "database": "shop",
                    "username": "postgres", "password": "secret", "visibility_scope": "ORG_WIDE", "tls_mode": "disable"}
            assert client.post(hostile_field.CONNECTIONS, json=body).status_code == 422
            answer = client.post(hostile_field.CONNECTIONS, json={**body, "host": "127.0.0.1", "port": 1})
            field.stack.sql("UPDATE database_connections SET host = %s, port = 5432 WHERE id = %s; "
                            "UPDATE connection_collection SET next_run_at = now(), last_run_at = NULL "
                            "WHERE database_connection_id = %s", host, answer.json()["id"], answer.json()["id"])
            refused = servers.wait_until(lambda: field.stack.sql(
                "SELECT problem FROM connection_collection WHERE database_connection_id = %s AND state = 'failed' "
                "AND strpos(problem, 'socket') > 0", answer.json()["id"]), 60, what="a run that refuses the socket")
            hostile_field.check_sentence(refused[0].problem)
            assert server.connections == 0
        finally:
            server.stop()
