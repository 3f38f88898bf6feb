"""A Potto with the product's default settings, a real PostgreSQL and a real MariaDB, for as long as a soak takes."""

import contextlib
import os
from pathlib import Path

import servers


@contextlib.contextmanager
def running(name):
    """(stack, PostgreSQL, MariaDB)"""
    name = f"{name}-{os.getpid()}"
    stack = servers.Stack(name, Path(os.environ["POTTO_BUILD_DIR"]))
    stack.settings = {}
    targets = [servers.PostgresTarget(f"{name}-postgresql", "postgresql"),
               servers.MariadbTarget(f"{name}-mariadb", "mariadb")]
    try:
        for part in (stack, *targets):
            part.start()
        yield stack, *targets
    finally:
        for target in targets:
            target.stop()
            target.remove()
        stack.down()
        stack.remove()
