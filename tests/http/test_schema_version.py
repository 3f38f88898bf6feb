"""Programs and store of different versions: both programs say so, and what to do, instead of failing at random."""

import json
import signal

import pytest
import servers

NEWEST = max(int(path.name[:3]) for path in (servers.PROJECT / "migrations").glob("[0-9]*.sql"))


def told(stack, name, event):
    """The messages of an event in a log."""
    lines = (stack.state / "logs" / name).read_text().splitlines()
    read = [json.loads(line) for line in lines if f'"{event}"' in line]
    return [line["message"] for line in read if line["event"] == event]


def schema_of(stack):
    return servers.Client(stack.url).get("/health").json()["schema"]


def wait_for_schema(stack, status):
    servers.wait_until(lambda: schema_of(stack)["status"] == status, 30, 0.5, f"a schema that is {status}")


@pytest.fixture()
def of_version(stack):
    """Makes the store look as if its newest migration were another one."""
    newest = stack.sql("SELECT version, name, checksum FROM schema_migrations WHERE version = %s", NEWEST)[0]

    def make(version):
        stack.sql("DELETE FROM schema_migrations WHERE version >= %s", NEWEST)
        if version >= NEWEST:
            stack.sql("INSERT INTO schema_migrations VALUES (%s, %s, %s)", version, newest.name, newest.checksum)

    yield make
    make(NEWEST)
    wait_for_schema(stack, "healthy")


def restart(stack, name):
    stack.kill_supervised(name, signal.SIGTERM)
    servers.wait_until(lambda: name in stack.pids(), 30, what=f"{name} again")


@pytest.mark.parametrize(
    ("version", "status", "advice"),
    [(NEWEST + 7, "newer", "Start the newer program"), (NEWEST - 1, "older", "Run `potto migrate`")],
)
def test_programs_tell_that_the_store_has_another_schema(stack, of_version, version, status, advice):
    assert schema_of(stack) == {"status": "healthy", "version": NEWEST, "expected": NEWEST, "problem": None}
    logs = {"fcgi.log": "fcgi", "collector.log": "collector"}
    before = {log: len(told(stack, log, "schema_differs")) for log in logs}
    agreed = len(told(stack, "fcgi.log", "schema_agrees"))
    of_version(version)
    wait_for_schema(stack, status)
    health = servers.Client(stack.url).get("/health").json()
    assert health["status"] == "degraded"
    assert health["schema"]["version"] == version and health["schema"]["expected"] == NEWEST
    assert advice in health["schema"]["problem"]
    restart(stack, "collector")
    for log in logs:
        messages = servers.wait_until(lambda log=log: told(stack, log, "schema_differs")[before[log] :], 30, what=log)
        assert len(messages) == 1
        assert f"migration {version}, this program {NEWEST}: " in messages[0] and advice in messages[0]
    of_version(NEWEST)
    wait_for_schema(stack, "healthy")
    assert len(told(stack, "fcgi.log", "schema_agrees")) == agreed + 1
    # Asking more often tells nothing twice.
    assert len(told(stack, "fcgi.log", "schema_differs")) == before["fcgi.log"] + 1


def test_a_store_that_cannot_tell_its_version_is_older(stack, of_version):
    """A store of a Potto from before its schema could be asked for."""
    before = len(told(stack, "fcgi.log", "schema_differs"))
    stack.sql("ALTER FUNCTION schema_version() RENAME TO schema_version_away")
    try:
        restart(stack, "fcgi")
        # The program looks by itself, before anybody asks for /health.
        messages = servers.wait_until(lambda: told(stack, "fcgi.log", "schema_differs")[before:], 30, what="fcgi.log")
        assert len(messages) == 1 and "migration 0, this program" in messages[0]
        wait_for_schema(stack, "older")
    finally:
        stack.sql("ALTER FUNCTION schema_version_away() RENAME TO schema_version")
