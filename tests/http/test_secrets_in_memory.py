"""Which process may hold which secret: what a reader of its memory and of its environment finds."""

import contextlib
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import hostile_field
import pytest
import servers
from hostile_mysql_server import HostileMysql
from hostile_postgres_server import HostilePostgres
from hostile_server import Attack

PIECE = 4 << 20

# A child has the password of its own connection, and nothing else.
MAY_HOLD = {
    "child": {"own password"},
    "target": set(),
    "collector": {"ENCRYPTION_KEY", "owner's password"},
    "manager": {"ENCRYPTION_KEY", "JWT_SECRET", "API's password"},
    "worker": {"ENCRYPTION_KEY", "JWT_SECRET", "API's password"},
    "nginx": set(),
    "monitored server": set(),
}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of other processes")


def silent(session):
    session.link.silence()


class Household:
    """Two connections whose runs are under way, in children; and the secrets of all."""

    def __init__(self, stack, target):
        self.stack, self.target, self.caught = stack, target, []
        self.servers = [HostilePostgres(Attack("about", silent), "own-password-of-one"),
                        HostileMysql(Attack("settings", silent), "own-password-of-two")]
        for server in self.servers:
            client = hostile_field.member(stack, "household")
            body = {"name": "silent", "engine": server.engine, "host": server.host, "port": server.port,
                    "database": "shop", "username": "potto_monitor", "password": server.password.decode(),
                    "visibility_scope": "ORG_WIDE", "interval_s": 5, "tls_mode": "disable"}
            answer = client.post(hostile_field.CONNECTIONS, json=body)
            assert answer.status_code == 201, answer.text

    def forms(self):
        """Name: what it may look like in memory."""
        env = self.stack.env
        passwords = {
            "owner's password": unquote(urlsplit(env["POTTO_OWNER_DATABASE_URL"]).password),
            "API's password": unquote(urlsplit(env["DATABASE_URL"]).password),
        }
        found = {name: [value.encode()] for name, value in passwords.items()}
        for name in ("ENCRYPTION_KEY", "JWT_SECRET"):
            found[name] = [env[name].encode(), env[name].upper().encode(), bytes.fromhex(env[name])]
        return found

    def children(self):
        """(its connection's password, memory, environment) of the children of both runs, once they are under way."""

        def both():
            found = []
            for pid in self.targets()[1:]:
                memory = memory_of(pid)
                own = [server.password for server in self.servers if server.password in memory]
                with contextlib.suppress(OSError):
                    found += [(password, memory, Path(f"/proc/{pid}/environ").read_bytes()) for password in own]
            return found if len({own for own, _, _ in found}) == 2 else None

        return servers.wait_until(both, 60, 0.3, what="a child of each connection")

    def targets(self):
        """potto-target, and the children that it has cloned for runs."""
        collector = self.stack.pids()["collector"]
        family = [pid for pid in hostile_field.descendants(collector) if pid != collector]
        return sorted(family, key=lambda pid: hostile_field.start_of(pid))

    def processes(self, kind):
        pids = self.stack.pids()
        if kind == "collector":
            return [pids["collector"]]
        if kind == "manager":
            return [pids["fcgi"]]
        if kind == "worker":
            return self.stack.children("fcgi")
        if kind == "nginx":
            return [pids["nginx"], *self.stack.children("nginx")]
        if kind == "target":
            return self.targets()[:1]
        return hostile_field.descendants(int((self.target.directory / "run/shop_postgresql.pid").read_text()))

    def stop(self):
        for server in self.servers:
            server.stop()


def memory_of(pid):
    """All that can be read of a process's memory; empty if it ended meanwhile."""
    pieces = []
    with contextlib.suppress(OSError):
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r.* (\[v\w+\])?", line)
                if not found or "[vvar]" in line or "[vsyscall]" in line:
                    continue
                at, end = int(found[1], 16), int(found[2], 16)
                while at < end:
                    with contextlib.suppress(OSError):
                        memory.seek(at)
                        pieces.append(memory.read(min(PIECE, end - at)))
                    at += PIECE
    return b"".join(pieces)


def names_in(memory, forms):
    return {name for name, values in forms.items() if any(value in memory for value in values)}


@pytest.fixture(scope="module")
def household(plain_stack, target_postgres):
    household = Household(plain_stack, target_postgres)
    try:
        with contextlib.suppress(AssertionError):
            household.caught = household.children()
        yield household
    finally:
        household.stop()


def test_a_child_holds_the_password_of_its_own_connection_alone(household):
    assert household.caught, "there is no child of each connection"
    for own, memory, _ in household.caught:
        other = [server.password for server in household.servers if server.password != own]
        forms = {**household.forms(), "own password": [own], "other password": other}
        assert names_in(memory, forms) == MAY_HOLD["child"]


def test_an_environment_of_a_child_is_empty(household):
    assert household.caught and not any(environment for _, _, environment in household.caught)


@pytest.mark.parametrize("kind", [kind for kind in MAY_HOLD if kind != "child"])
def test_a_process_holds_no_secret_that_it_does_not_need(household, kind):
    pids = household.processes(kind)
    assert pids, f"there is no {kind}"
    forms = household.forms()
    if kind in ("target", "monitored server"):  # nginx and the workers pass passwords on when people enter them
        forms["other password"] = [server.password for server in household.servers]
    for pid in pids:
        held = names_in(memory_of(pid), forms)
        assert held <= MAY_HOLD[kind], f"process {pid} of {kind} holds {held - MAY_HOLD[kind]}"


@pytest.mark.parametrize("kind", ["collector", "worker"])
def test_the_search_finds_what_is_there(household, kind):
    found = set().union(*(names_in(memory_of(pid), household.forms()) for pid in household.processes(kind)))
    assert "ENCRYPTION_KEY" in found


@pytest.mark.parametrize("kind", [kind for kind in MAY_HOLD if kind != "child"])
def test_an_environment_holds_no_secret_that_its_process_does_not_need(household, kind):
    for pid in household.processes(kind):
        with contextlib.suppress(FileNotFoundError):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            held = names_in(environment, household.forms())
            assert held <= MAY_HOLD[kind], f"process {pid} of {kind} has {held - MAY_HOLD[kind]}"
            assert kind != "target" or environment == b"", f"the environment of process {pid} is not empty"
