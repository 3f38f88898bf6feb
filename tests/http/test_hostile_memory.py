"""Servers of both kinds that go for memory, beside an honest one: how much the collector and its children have at most.
Without sanitizers, which need memory of their own and with which the children have no limit.
"""

import os
from pathlib import Path

import hostile_mysql
import hostile_postgres
from hostile_tests import (  # noqa: F401
    field,
    pytest_generate_tests,
    test_a_connection_test_survives,
    test_all_lines_of_the_logs_are_json,
    test_an_attack_fails_alone_and_says_why,
    test_the_honest_server_was_collected_from_all_the_time,
)

THREADS = 8
CHILD_BYTES_MAX = 320 << 20  # 256 MB for what it reads, and what the program has before that
COLLECTOR_BYTES_MAX = 300 << 20  # it reads the children's answers, of at most 64 MB each

ATTACKS = {
    f"{module.__name__[8:]}_{name}": stand_in
    for module in (hostile_postgres, hostile_mysql)
    for name, stand_in in module.stand_ins(lambda attack: attack.is_hungry).items()
}
TARGET, SETTINGS = "target_postgres", {"POTTO_COLLECTOR_THREADS": str(THREADS)}
BUILD_DIR = Path(os.environ["POTTO_PLAIN_BUILD_DIR"]) if os.environ.get("POTTO_PLAIN_BUILD_DIR") else None


def test_memory_stays_bounded(field):
    for name in ATTACKS:
        field.wait(name)
    assert field.memory.one_bytes < CHILD_BYTES_MAX
    assert field.memory.all_bytes < THREADS * CHILD_BYTES_MAX + COLLECTOR_BYTES_MAX
