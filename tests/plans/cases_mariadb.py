"""MariaDB's cases for make.py; see cases_postgresql.py."""

from cases_mysql import EXPLAINED, MYSQL_TABLES

MARIADB_TABLES = ["SET sql_log_bin = 0", *MYSQL_TABLES, "ANALYZE TABLE events, users PERSISTENT FOR ALL"]

FEW, MANY = "SELECT * FROM events WHERE amount = 7", "SELECT * FROM events WHERE amount < 700"

MARIADB_CASES = EXPLAINED + [
    {
        "rule": "seq_scan_keeps_few",
        "fires": FEW,
        "near": MANY,
    },
    {
        "rule": "seq_scan_keeps_few_expected",
        "mode": "explain",
        "fires": FEW,
        "near": MANY,
    },
    {
        "rule": "index_filter_removes",
        "fires": "SELECT * FROM events FORCE INDEX (events_user) WHERE user_id < 1000 AND note LIKE 'a%'",
        "near": "SELECT * FROM events FORCE INDEX (events_user) WHERE user_id < 1000 AND kind < 70",
    },
    {
        "rule": "unused_possible_key",
        "fires": "SELECT * FROM events WHERE phone = 5",
        "near": "SELECT * FROM events WHERE user_id > 10",
    },
    {
        "rule": "index_merge",
        "fires": "SELECT * FROM crossed WHERE a = 5 AND b = 7",
        "near": "SELECT * FROM crossed WHERE a = 5 OR b = 7",
    },
    {
        "rule": "old_row_versions",
        "fires_set": ["START TRANSACTION WITH CONSISTENT SNAPSHOT"],
        "fires_meanwhile": ["UPDATE crossed SET note = reverse(note)"],
        "fires": "SELECT count(*) FROM crossed WHERE note LIKE 'a%'",
        "near": "SELECT count(*) FROM crossed WHERE note LIKE 'a%'",
    },
    {
        "rule": "join_buffer",
        "fires": "SELECT count(*) FROM users u JOIN points p ON p.value = u.region",
        "near": "SELECT count(*) FROM users u JOIN points_indexed p ON p.value = u.region",
    },
    {
        "rule": "nested_loop_inner_scan",
        "fires": "SELECT count(*) FROM users u STRAIGHT_JOIN points p ON p.value = u.region WHERE u.id < 500",
        "fires_set": ["SET join_cache_level = 0"],
        "near": "SELECT count(*) FROM users u STRAIGHT_JOIN points p ON p.value = u.region WHERE u.id < 20",
        "near_set": ["SET join_cache_level = 0"],
    },
    {
        "rule": "subplan_per_row",
        "fires": "SELECT u.id, (SELECT max(amount) FROM events e WHERE e.user_id = u.id) FROM users u",
        "near": "SELECT u.id, (SELECT max(amount) FROM events e WHERE e.user_id = u.id) FROM users u WHERE u.id < 900",
    },
    {
        "rule": "filesort_passes",
        "fires": "SELECT * FROM events ORDER BY note",
        "fires_set": ["SET sort_buffer_size = 262144"],
        "near": "SELECT * FROM events ORDER BY note",
        "near_set": ["SET sort_buffer_size = 67108864"],
    },
]
