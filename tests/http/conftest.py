"""Fixtures: one Potto for all tests of a session, and database servers for it to watch.

POTTO_BUILD_DIR: the build under test; dev/test gives one with AddressSanitizer. Without it,
build-asan/ if it is there, else dev/up builds.
"""

import functools
import os
import shutil
from pathlib import Path

import pytest

import servers
from accounts import Account, unique

STACK_NAME = f"http-{os.getpid()}"


_build_dir = servers.build_dir

# The files that take the longest, the longest first, so that no process is left alone with one of them at the end.
LONG_FILES = [
    "fairness", "legacy", "store_hangs", "supervision", "collection", "waits", "budget", "legacy_accounts", "retention",
    "kill", "row_security", "jobs", "key_rotation", "several_collectors", "hostile_postgres", "keep_literals",
    "property_api", "log_files", "bad_input_all", "child", "segments", "fold_isolation", "hostile_mysql",
    "hostile_memory", "collection_problems", "fastcgi_limits", "turns", "upgrade", "schema_version", "backup",
]  # fmt: skip


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # processes of pytest-xdist inherit it
        os.environ["POTTO_TEST_TEMPLATES"] = str(servers.STATES / f"templates-{os.getpid()}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(os.environ["POTTO_TEST_TEMPLATES"], ignore_errors=True)


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path.stem.removeprefix("test_"), len(place)))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show the last lines of the programs' logs below a failure: the test itself seldom tells which program failed."""
    outcome = yield
    report = outcome.get_result()
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack is not None:
        for name in ("nginx-error.log", "fcgi.log"):
            report.sections.append((f"end of {name}", stack.log_end(name)))


@pytest.fixture(scope="session")
def stack():
    with servers.running(servers.Stack(STACK_NAME, _build_dir())) as stack:
        yield stack


@pytest.fixture(scope="session")
def plain_stack():
    """A second Potto, from a build without sanitizers, to measure memory and time, which sanitizers distort."""
    plain = os.environ.get("POTTO_PLAIN_BUILD_DIR")
    stack = servers.Stack(f"{STACK_NAME}-plain", Path(plain) if plain else None)
    try:
        stack.start()
        yield stack
    finally:
        stack.down()
        stack.remove()


@pytest.fixture(scope="session")
def api(stack):
    return servers.SignedInClient(stack.url, stack.admin_email, stack.admin_password)


@pytest.fixture()
def anonymous(stack):
    return servers.Client(stack.url)


@pytest.fixture()
def agent(api):
    return servers.AgentFactory(api)


@pytest.fixture()
def people(stack):
    """An organization of its own, so that its schedule and collect-now concern the connections of the test alone."""

    class People:
        """Made when they are first asked for; the admin makes organization and team."""

        organization, team = unique("organization"), unique("team")

        def __init__(self):
            self.admin = Account(stack, role="admin", organization=self.organization, team=self.team)

        @functools.cached_property
        def member(self):
            return Account(stack, organization=self.organization, team=self.team)

        @functools.cached_property
        def outsider(self):
            return Account(stack, organization=self.organization)

        @functools.cached_property
        def viewer(self):
            return Account(stack, role="viewer", organization=self.organization, team=self.team)

        @functools.cached_property
        def stranger(self):
            return Account(stack, role="admin", organization=unique("organization"))

    people = People()
    yield people
    stack.sql(
        "UPDATE database_connections SET monitoring_enabled = false WHERE organization_id = %s",
        people.admin.organization_id,
    )
    servers.wait_until(
        lambda: not stack.sql(
            "SELECT 1 FROM connection_collection WHERE organization_id = %s AND lease_until > now()",
            people.admin.organization_id,
        ),
        60,
        what="the end of runs",
    )


@pytest.fixture(scope="session")
def store_sql(stack):
    return stack.sql


@pytest.fixture(scope="session")
def target_postgres():
    target = servers.PostgresTarget(f"{STACK_NAME}-postgresql", "postgresql")
    try:
        yield target.start()
    finally:
        target.stop()
        target.remove()


@pytest.fixture(scope="session")
def target_mariadb():
    target = servers.MariadbTarget(f"{STACK_NAME}-mariadb", "mariadb")
    try:
        yield target.start()
    finally:
        target.stop()
        target.remove()
