"""Fixtures of the tests on far servers: tests/http's Potto, and the table of what the walk found."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))

import servers  # noqa: E402

COLUMNS = (
    "calls",
    "time",
    "rows",
    "blocks",
    "measures",
    "digests",
    "plans",
    "waits",
    "coverage",
    "reset of all",
    "reset of one",
    "restart",
    "crash",
    "eviction",
    "old extension",
    "failover",
)
walked = {}  # server: {column: what was found}


@pytest.fixture(scope="session")
def stack():
    with servers.running(servers.Stack(f"far-{os.getpid()}", servers.build_dir())) as stack:
        yield stack


@pytest.fixture(scope="session")
def waits_stack():
    """A Potto that looks at sessions. The other one does not, so that its statements alone are in the statistics."""
    settings = {"POTTO_WAITS": "1", "POTTO_WAITS_STRETCH_S": "2"}
    with servers.running(servers.Stack(f"far-waits-{os.getpid()}", servers.build_dir(), settings)) as stack:
        yield stack


@pytest.fixture(scope="session")
def api(stack):
    return servers.SignedInClient(stack.url, stack.admin_email, stack.admin_password)


@pytest.fixture(scope="session")
def store_sql(stack):
    return stack.sql


@pytest.fixture(scope="session")
def walk_table():
    """found(server, column=words, …) adds to the table."""

    def found(server, **columns):
        walked.setdefault(server, {}).update(columns)

    return found


def pytest_terminal_summary(terminalreporter):
    if not walked:
        return
    rows = [("server", *COLUMNS)]
    rows += [(server, *(row.get(column, "–") for column in COLUMNS)) for server, row in walked.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    table = "\n".join(f"| {line}" for line in lines)
    file = servers.STATES / "logs" / "far-walk.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(table + "\n")
    terminalreporter.section(f"the walk, in {file.relative_to(servers.PROJECT)}")
    terminalreporter.write_line(table)
