"""MySQL's cases for make.py, and what MariaDB shares with it; see cases_postgresql.py."""

NUMBERS = "digits a, digits b, digits c, digits d, digits e"
N = "(a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d)"

MYSQL_TABLES = [
    "CREATE TABLE digits (d int)",
    "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    f"CREATE TABLE numbers (n int PRIMARY KEY) AS SELECT {N} AS n FROM {NUMBERS}",
    """CREATE TABLE events (id int PRIMARY KEY, user_id int, kind int, amount int, created datetime, note char(32),
       phone varchar(20), KEY events_user (user_id), KEY events_phone (phone))""",
    """INSERT INTO events SELECT n, n % 5000, n % 100, (n * 7919) % 1000, '2026-01-01' + INTERVAL n MINUTE, md5(n),
       concat('0', n) FROM numbers""",
    "CREATE TABLE users (id int PRIMARY KEY, name varchar(50), region int)",
    "INSERT INTO users SELECT n, concat('user ', n), n % 10 FROM numbers WHERE n < 20000",
    "CREATE TABLE points (id int, value int)",
    "INSERT INTO points SELECT n, n * 16 FROM numbers WHERE n < 3000",
    "CREATE TABLE points_indexed (id int, value int, KEY points_value (value))",
    "INSERT INTO points_indexed SELECT * FROM points",
    "CREATE TABLE crossed (id int PRIMARY KEY, a int, b int, note char(32), KEY crossed_a (a), KEY crossed_b (b))",
    "INSERT INTO crossed SELECT n, n % 90, (n DIV 7) % 83, md5(n) FROM numbers",
    "CREATE TABLE parts (id int, n int, note char(32), PRIMARY KEY (id)) PARTITION BY HASH (id) PARTITIONS 16",
    "INSERT INTO parts SELECT n, n % 1000, md5(n) FROM numbers",
    "ANALYZE TABLE events, users, points, points_indexed, crossed, parts",
]

# With the same statement in EXPLAIN of both.
EXPLAINED = [
    {
        "rule": "full_index_scan",
        "fires": "SELECT user_id FROM events WHERE user_id % 7 = 3",
        "near": "SELECT user_id FROM events WHERE user_id BETWEEN 3 AND 5",
    },
    {
        "rule": "range_checked",
        "fires": "SELECT count(*) FROM users u STRAIGHT_JOIN points_indexed p ON p.value > u.region * 4000 + u.id",
        "near": "SELECT count(*) FROM users u STRAIGHT_JOIN points_indexed p ON p.value = u.id",
    },
    {
        "rule": "partitions_read",
        "fires": "SELECT * FROM parts WHERE n = 5",
        "near": "SELECT * FROM parts WHERE id IN (5, 21)",
    },
    {
        "rule": "never_true",
        "fires": "SELECT * FROM events WHERE 1 = 2",
        "near": "SELECT * FROM events WHERE id = -1",
    },
    {
        "rule": "leading_wildcard",
        "fires": "SELECT * FROM events WHERE note LIKE '%abc'",
        "near": "SELECT * FROM events WHERE note LIKE 'abc%'",
    },
    {
        "rule": "function_on_column",
        "fires": "SELECT * FROM events WHERE month(created) = 3",
        "near": "SELECT * FROM events WHERE amount = floor(rand() * 1000)",
    },
    {
        "rule": "cast_on_column",
        "fires": "SELECT * FROM events WHERE date(created) = '2026-01-02'",
        "near": "SELECT * FROM events WHERE created = '2026-01-02 00:00:00'",
    },
    {
        "rule": "derived_materialized",
        "fires": "SELECT count(*) FROM (SELECT user_id, note FROM events GROUP BY user_id, note) d WHERE note > 'a'",
        "near": "SELECT count(*) FROM (SELECT value, count(*) AS n FROM points GROUP BY value) d WHERE n > 5",
    },
    {
        "rule": "filesort_large",
        "fires": "SELECT * FROM events ORDER BY note",
        "near": "SELECT * FROM points ORDER BY value",
    },
    {
        "rule": "temporary_table_large",
        "fires": "SELECT note, count(*) FROM events GROUP BY note ORDER BY NULL",
        "near": "SELECT value, count(*) FROM points GROUP BY value ORDER BY NULL",
    },
    {
        "rule": "sorts_by_random",
        "fires": "SELECT * FROM events ORDER BY rand() LIMIT 5",
        "near": "SELECT * FROM points ORDER BY rand() LIMIT 5",
    },
]

# What MySQL 8.0.15's EXPLAIN does not tell: that the key of a sort is random, how many rows a temporary table has.
NOT_TOLD = ("sorts_by_random", "temporary_table_large")
MYSQL_CASES = [{"mode": "explain", **case} for case in EXPLAINED if case["rule"] not in NOT_TOLD] + [
    {
        "rule": "seq_scan_keeps_few_expected",
        "mode": "explain",
        "fires": "SELECT * FROM events WHERE amount = 7",
        "near": "SELECT * FROM events WHERE amount > 7",
    },
    {
        "rule": "unused_possible_key",
        "mode": "explain",
        "fires": "SELECT * FROM events WHERE phone = 5",
        "near": "SELECT * FROM events WHERE user_id > 10",
    },
    {
        "rule": "index_merge",
        "mode": "explain",
        "fires": "SELECT * FROM crossed WHERE a = 5 AND b = 7",
        "near": "SELECT * FROM crossed WHERE a = 5 OR b = 7",
    },
    {
        "rule": "join_buffer",
        "mode": "explain",
        "fires": "SELECT count(*) FROM users u JOIN points p ON p.value = u.region",
        "near": "SELECT count(*) FROM users u JOIN points_indexed p ON p.value = u.region",
    },
    {
        "rule": "nested_loop_inner_scan",
        "mode": "explain",
        "fires": "SELECT count(*) FROM users u STRAIGHT_JOIN points p ON p.value = u.region",
        "fires_set": ["SET optimizer_switch = 'block_nested_loop=off'"],
        "near": "SELECT count(*) FROM (SELECT * FROM users LIMIT 20) u STRAIGHT_JOIN points p ON p.value = u.region",
        "near_set": ["SET optimizer_switch = 'block_nested_loop=off'"],
    },
    {
        "rule": "subplan_per_row",
        "mode": "explain",
        "fires": "SELECT * FROM users u WHERE region < (SELECT max(amount) FROM events e WHERE e.user_id = u.id)",
        "near": "SELECT * FROM users u WHERE region < (SELECT max(amount) FROM events e WHERE e.user_id = 7)",
    },
]
