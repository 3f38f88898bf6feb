"""MariaDB and MySQL servers that attack Potto, all at once beside an honest one: what they must not bring about. What
goes for memory is in test_hostile_memory.py.
"""

import hostile_mysql
from conftest import _build_dir
from hostile_field import SETTINGS  # noqa: F401
from hostile_tests import (  # noqa: F401
    field,
    pytest_generate_tests,
    test_a_connection_test_survives,
    test_a_unix_socket_is_no_host,
    test_all_lines_of_the_logs_are_json,
    test_an_attack_fails_alone_and_says_why,
    test_the_honest_server_was_collected_from_all_the_time,
)

ATTACKS = hostile_mysql.stand_ins(lambda attack: not attack.is_hungry)
TARGET, BUILD_DIR = "target_mariadb", _build_dir()
