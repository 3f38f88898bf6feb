"""PostgreSQL's cases for make.py: tables, and for each rule a statement in which it holds and one in which it does not.

`mode`: analyze (the default) or explain. `fires_set`, `near_set`: settings of the session; `…_before`: statements of
another session before it; `…_lock`: what another session holds meanwhile."""

ONE_PROCESS = "max_parallel_workers_per_gather = 0"

POSTGRESQL_TABLES = [
    "SET client_min_messages = warning",
    "CREATE EXTENSION IF NOT EXISTS postgres_fdw",
    "ALTER DATABASE shop SET max_parallel_workers_per_gather = 0",
    """CREATE TABLE users AS SELECT i AS id, 'user ' || i AS name, ('u' || i || '@example.org')::varchar(100) AS email,
       i % 10 AS region FROM generate_series(1, 20000) i""",
    "ALTER TABLE users ADD PRIMARY KEY (id)",
    """CREATE TABLE events AS SELECT i AS id, i % 20000 AS user_id, i % 100 AS kind, (i * 79) % 1000 AS amount,
       timestamptz '2026-01-01 00:00+00' + i * interval '1 minute' AS created_at, md5(i::text) AS note,
       (i > 299000)::int AS late FROM generate_series(1, 300000) i""",
    "ALTER TABLE events ADD PRIMARY KEY (id)",
    "CREATE INDEX events_user ON events (user_id)",
    "CREATE INDEX events_created ON events (created_at)",
    "CREATE TABLE ranges AS SELECT i AS id, i * 10 AS low, i * 10 + 9 AS high FROM generate_series(1, 5000) i",
    "CREATE TABLE points AS SELECT i AS id, i * 16 AS value FROM generate_series(1, 3000) i",
    """CREATE TABLE documents AS SELECT i AS id, CASE WHEN i % 50 = 0 THEN 'a red car' WHEN i % 5 = 0 THEN
       'a red and fast car' ELSE 'the blue boat number ' || md5(i::text) || md5((-i)::text) END AS body
       FROM generate_series(1, 60000) i""",
    "ALTER TABLE documents ADD COLUMN words tsvector",
    "UPDATE documents SET words = to_tsvector('english', body)",
    "CREATE INDEX documents_words ON documents USING gin (words)",
    """CREATE TABLE visits (id int PRIMARY KEY, place int) WITH (autovacuum_enabled = off)""",
    "INSERT INTO visits SELECT i, i % 7 FROM generate_series(1, 60000) i",
    "VACUUM (ANALYZE) visits",
    "UPDATE visits SET place = place + 1 WHERE id % 4 = 0",
    """CREATE TABLE tied AS SELECT i AS id, i % 100 AS a, i % 100 AS b, i % 10 AS c, i % 10 AS d, i % 10 AS e,
       i % 20000 AS user_id, md5(i::text) AS note FROM generate_series(1, 200000) i""",
    "CREATE INDEX tied_a ON tied (a)",
    "CREATE TABLE tied_known AS SELECT * FROM tied",
    "CREATE INDEX tied_known_a ON tied_known (a)",
    "CREATE STATISTICS tied_known_ab (mcv) ON a, b FROM tied_known",
    "CREATE STATISTICS tied_known_cde (mcv) ON c, d, e FROM tied_known",
    "CREATE TABLE wide AS SELECT i AS id, md5(i::text) AS v, repeat(md5(i::text), 30) AS body "
    "FROM generate_series(1, 20000) i",
    "CREATE TABLE keys AS SELECT i AS k FROM generate_series(1, 20000) i",
    "ALTER TABLE keys ALTER k SET (n_distinct = 10)",
    "CREATE TABLE few_keys AS SELECT i % 10 + 1 AS k FROM generate_series(1, 20000) i",
    "CREATE TABLE parent AS SELECT i AS id FROM generate_series(1, 2000) i",
    "ALTER TABLE parent ADD PRIMARY KEY (id)",
    """CREATE TABLE child AS SELECT i AS id, 1000 + i % 1000 AS parent_id FROM generate_series(1, 100000) i""",
    "ALTER TABLE child ADD CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id)",
    "CREATE TABLE logged (id int)",
    "CREATE TABLE plain (id int)",
    """CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN PERFORM md5(repeat('x', 2000)); RETURN NULL; END$$""",
    "CREATE TRIGGER work_each AFTER INSERT ON logged FOR EACH ROW EXECUTE FUNCTION work()",
    "CREATE TRIGGER work_once AFTER INSERT ON plain FOR EACH STATEMENT EXECUTE FUNCTION work()",
    "CREATE TABLE months (at date NOT NULL, n int) PARTITION BY RANGE (at)",
    """DO $$BEGIN FOR i IN 0..23 LOOP EXECUTE format('CREATE TABLE months_%s PARTITION OF months FOR VALUES FROM (%L) '
       'TO (%L)', i, date '2025-01-01' + i * interval '1 month', date '2025-01-01' + (i + 1) * interval '1 month');
       END LOOP; END$$""",
    "INSERT INTO months SELECT date '2025-01-01' + i % 730, i FROM generate_series(1, 100000) i",
    "CREATE TABLE days (at date NOT NULL, n int) PARTITION BY RANGE (at)",
    """DO $$BEGIN FOR i IN 0..299 LOOP EXECUTE format('CREATE TABLE days_%s PARTITION OF days FOR VALUES FROM (%L) '
       'TO (%L)', i, date '2025-01-01' + i, date '2025-01-01' + i + 1); END LOOP; END$$""",
    "CREATE TABLE scattered AS SELECT i AS id, (i * 6101) % 1000 AS spread, md5(i::text) AS note "
    "FROM generate_series(1, 300000) i",
    "CREATE INDEX scattered_spread ON scattered (spread)",
    "CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '{port}', dbname 'shop')",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user 'postgres', password '{password}')",
    """CREATE FOREIGN TABLE far_events (id int, user_id int, kind int, amount int, note text) SERVER loopback
       OPTIONS (table_name 'events')""",
    "CREATE FUNCTION is_seven(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 % 100 = 7'",
    "CREATE FUNCTION is_seven_plpgsql(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN $1 % 100 = 7; END'",
    "VACUUM (ANALYZE) users, events, ranges, points, documents, tied, tied_known, wide, keys, few_keys, parent, child, "
    "months, days, scattered",
]

LATERAL = """SELECT u.id, x.notes FROM users u CROSS JOIN LATERAL
             (SELECT count(DISTINCT e.note || e.amount) AS notes FROM events e WHERE e.user_id = u.id) x"""
SCANNED = """SELECT r.id, p.id FROM (SELECT * FROM ranges LIMIT {rows}) r CROSS JOIN LATERAL
             (SELECT id FROM points WHERE value % 100 > r.low % 90 ORDER BY value LIMIT 1) p"""

POSTGRESQL_CASES = [
    {
        "rule": "seq_scan_keeps_few",
        "fires": "SELECT * FROM events WHERE amount = 7",
        "near": "SELECT * FROM events WHERE amount < 700",
    },
    {
        "rule": "seq_scan_keeps_few_expected",
        "mode": "explain",
        "fires": "SELECT * FROM events WHERE amount = 7",
        "near": "SELECT * FROM events WHERE amount < 700",
    },
    {
        "rule": "index_filter_removes",
        "fires": "SELECT * FROM events WHERE user_id < 2000 AND note LIKE 'a%'",
        "near": "SELECT * FROM events WHERE user_id < 2000 AND kind < 70",
    },
    {
        "rule": "bitmap_lossy",
        "fires": "SELECT count(note) FROM scattered WHERE spread < 15 OR spread > 984",
        "fires_set": ["work_mem = '64kB'", "random_page_cost = 1.1"],
        "near": "SELECT count(note) FROM scattered WHERE spread < 15 OR spread > 984",
        "near_set": ["work_mem = '4MB'", "random_page_cost = 1.1"],
    },
    {
        "rule": "recheck_removes",
        "fires": "SELECT count(*) FROM documents WHERE words @@ to_tsquery('english', 'red <-> car')",
        "fires_set": ["random_page_cost = 1.1"],
        "near": "SELECT count(*) FROM documents WHERE words @@ to_tsquery('english', 'red & car')",
        "near_set": ["random_page_cost = 1.1"],
    },
    {
        "rule": "heap_fetches",
        "fires": "SELECT count(*) FROM visits WHERE id < 20000",
        "near": "SELECT count(*) FROM visits WHERE id < 20000",
        "near_before": ["VACUUM visits"],
    },
    {
        "rule": "limit_reads_along_index",
        "fires": "SELECT * FROM events WHERE late = 1 ORDER BY created_at LIMIT 10",
        "near": "SELECT * FROM events WHERE kind = 1 ORDER BY created_at LIMIT 10",
    },
    {
        "rule": "limit_sorts_many",
        "fires": "SELECT * FROM tied ORDER BY note LIMIT 10",
        "near": "SELECT * FROM points ORDER BY value LIMIT 10",
    },
    {
        "rule": "join_reads_all",
        "fires": "SELECT count(*) FROM users u JOIN tied t ON t.user_id = u.id WHERE u.id <= 20",
        "near": "SELECT count(*) FROM users u JOIN tied t ON t.user_id = u.id WHERE u.id <= 5000",
    },
    {
        "rule": "offset_large",
        "fires": "SELECT id, note FROM events ORDER BY id LIMIT 10 OFFSET 200000",
        "near": "SELECT id, note FROM events ORDER BY id LIMIT 10 OFFSET 5000",
    },
    {
        "rule": "partitions_scanned",
        "fires": "SELECT * FROM months WHERE n BETWEEN 10 AND 12",
        "near": "SELECT * FROM months WHERE at >= '2026-10-05' AND n < 50000",
    },
    {
        "rule": "foreign_filter_local",
        "fires": "SELECT * FROM far_events WHERE is_seven_plpgsql(amount)",
        "near": "SELECT * FROM far_events WHERE amount % 100 = 7",
    },
    {
        "rule": "cte_filter_late",
        "fires": "WITH c AS MATERIALIZED (SELECT * FROM events) SELECT * FROM c WHERE amount = 7",
        "near": "WITH c AS MATERIALIZED (SELECT * FROM events) SELECT * FROM c WHERE amount < 700",
    },
    {
        "rule": "never_true",
        "fires": "SELECT * FROM events WHERE 1 = 2",
        "near": "SELECT * FROM events WHERE id = -1",
    },
    {
        "rule": "function_on_column",
        "fires": "SELECT * FROM events WHERE date_trunc('day', created_at) = '2026-03-01 00:00+00'",
        "near": "SELECT * FROM events WHERE note = md5(now()::text)",
    },
    {
        "rule": "cast_on_column",
        "fires": "SELECT * FROM events WHERE created_at::date = '2026-03-01'",
        "near": "SELECT * FROM users WHERE email = 'u7@example.org'",
    },
    {
        "rule": "leading_wildcard",
        "fires": "SELECT * FROM events WHERE note LIKE '%abc'",
        "near": "SELECT * FROM events WHERE note LIKE 'abc%'",
    },
    {
        "rule": "nested_loop_costly",
        "fires": LATERAL,
        "near": LATERAL + " WHERE u.id <= 900",
    },
    {
        "rule": "nested_loop_inner_scan",
        "fires": SCANNED.format(rows=1000),
        "near": SCANNED.format(rows=30),
    },
    {
        "rule": "subplan_per_row",
        "fires": "SELECT u.id, (SELECT count(*) FROM events e WHERE e.user_id = u.id) FROM users u",
        "near": "SELECT u.id, (SELECT count(*) FROM events e WHERE e.user_id = u.id) FROM users u WHERE u.id <= 900",
    },
    {
        "rule": "not_in_subplan",
        "fires": "SELECT * FROM users WHERE id NOT IN (SELECT user_id FROM events WHERE amount < 50)",
        "fires_set": ["work_mem = '64kB'"],
        "near": "SELECT * FROM users WHERE NOT EXISTS (SELECT 1 FROM events WHERE user_id = users.id AND amount < 50)",
        "near_set": ["work_mem = '64kB'"],
    },
    {
        "rule": "materialize_reread",
        "fires": "SELECT count(*) FROM ranges r JOIN points p ON p.value BETWEEN r.low AND r.high",
        "near": "SELECT count(*) FROM ranges r JOIN points p ON p.value BETWEEN r.low AND r.high "
        "WHERE r.id <= 90 AND p.id <= 900",
    },
    {
        "rule": "misestimate_nested_loop",
        "fires": "SELECT count(e.note) FROM tied t JOIN events e ON e.user_id = t.user_id WHERE t.a = 5 AND t.b = 5",
        "near": "SELECT count(e.note) FROM tied_known t JOIN events e ON e.user_id = t.user_id "
        "WHERE t.a = 5 AND t.b = 5",
    },
    {
        "rule": "join_filter_drops",
        "fires": "SELECT count(*) FROM ranges r JOIN points p ON p.value BETWEEN r.low AND r.high WHERE r.id <= 500",
        "near": "SELECT count(*) FROM ranges r JOIN points p ON p.value > r.low WHERE r.id <= 500",
    },
    {
        "rule": "or_filter_late",
        "fires": "SELECT count(*) FROM events e JOIN users u ON u.id = e.user_id WHERE e.amount = 7 OR u.region = 3",
        "near": "SELECT count(*) FROM events e JOIN users u ON u.id = e.user_id WHERE e.amount = 7 OR e.kind = 3",
    },
    {
        "rule": "cartesian_product",
        "fires": "SELECT count(*) FROM users u, points p WHERE u.region = 1 AND p.id <= 200",
        "near": "SELECT count(*) FROM users u, points p WHERE u.region = 1 AND p.id <= 20",
    },
    {
        "rule": "memoize_misses",
        "fires": "SELECT count(u.name) FROM keys k JOIN users u ON u.id = k.k",
        "fires_set": ["enable_hashjoin = off", "enable_mergejoin = off"],
        "near": "SELECT count(u.name) FROM few_keys k JOIN users u ON u.id = k.k",
        "near_set": ["enable_hashjoin = off", "enable_mergejoin = off"],
    },
    {
        "rule": "sort_on_disk",
        "fires": "SELECT * FROM events ORDER BY note",
        "fires_set": ["work_mem = '1MB'"],
        "near": "SELECT * FROM events ORDER BY note",
        "near_set": ["work_mem = '256MB'"],
    },
    {
        "rule": "sort_large_expected",
        "mode": "explain",
        "fires": "SELECT * FROM events ORDER BY note",
        "near": "SELECT * FROM events ORDER BY note LIMIT 10",
    },
    {
        "rule": "sort_wide_rows",
        "fires": "SELECT * FROM wide ORDER BY v",
        "near": "SELECT id, v FROM wide ORDER BY v",
        "near_set": ["work_mem = '512kB'"],
    },
    {
        "rule": "sorts_by_random",
        "fires": "SELECT * FROM events ORDER BY random() LIMIT 5",
        "near": "SELECT * FROM ranges ORDER BY random() LIMIT 5",
    },
    {
        "rule": "hash_batches",
        "fires": "SELECT count(*) FROM events a JOIN events b ON a.note = b.note",
        "fires_set": ["work_mem = '1MB'", "enable_mergejoin = off"],
        "near": "SELECT count(*) FROM events a JOIN events b ON a.note = b.note",
        "near_set": ["work_mem = '256MB'", "enable_mergejoin = off"],
    },
    {
        "rule": "hash_aggregate_on_disk",
        "fires": "SELECT note, count(*) FROM events GROUP BY note",
        "fires_set": ["work_mem = '1MB'", "enable_sort = off"],
        "near": "SELECT note, count(*) FROM events GROUP BY note",
        "near_set": ["work_mem = '256MB'", "enable_sort = off"],
    },
    {
        "rule": "temp_blocks",
        "fires": "WITH c AS MATERIALIZED (SELECT * FROM events) SELECT count(note) FROM c",
        "fires_set": ["work_mem = '1MB'"],
        "near": "WITH c AS MATERIALIZED (SELECT * FROM events) SELECT count(note) FROM c",
        "near_set": ["work_mem = '256MB'"],
    },
    {
        "rule": "misestimate_spills",
        "fires": "SELECT * FROM tied WHERE c = 5 AND d = 5 AND e = 5 ORDER BY note",
        "fires_set": ["work_mem = '512kB'"],
        "near": "SELECT * FROM tied_known WHERE c = 5 AND d = 5 AND e = 5 ORDER BY note",
        "near_set": ["work_mem = '512kB'"],
    },
    {
        "rule": "distinct_removes_nothing",
        "fires": "SELECT DISTINCT id, note FROM events",
        "fires_set": ["enable_hashagg = off"],
        "near": "SELECT DISTINCT user_id, kind FROM events",
        "near_set": ["enable_hashagg = off"],
    },
    {
        "rule": "union_removes_nothing",
        "fires": "SELECT id FROM events WHERE id <= 20000 UNION SELECT -id FROM events WHERE id <= 20000",
        "near": "SELECT id FROM events WHERE id <= 20000 UNION SELECT id FROM users",
    },
    {
        "rule": "workers_missing",
        "fires": "SELECT count(*) FROM events WHERE md5(md5(note)) LIKE 'a%'",
        "fires_set": ["max_parallel_workers_per_gather = 2", "max_parallel_workers = 0",
                      "min_parallel_table_scan_size = 0", "parallel_setup_cost = 0"],
        "near": "SELECT count(*) FROM events WHERE md5(md5(note)) LIKE 'a%'",
        "near_set": ["max_parallel_workers_per_gather = 2", "min_parallel_table_scan_size = 0",
                     "parallel_setup_cost = 0"],
    },
    {
        "rule": "jit_long",
        "fires": "SELECT kind, sum(amount), max(note) FROM events WHERE user_id + amount > 50 GROUP BY kind",
        "fires_set": ["jit = on", "jit_above_cost = 0", "jit_optimize_above_cost = 0", "jit_inline_above_cost = 0"],
        "near": "SELECT kind, sum(amount), max(md5(md5(md5(note)))) FROM events, generate_series(1, 4) "
        "WHERE user_id + amount > 50 GROUP BY kind",
        "near_set": ["jit = on", "jit_above_cost = 0", "jit_optimize_above_cost = -1", "jit_inline_above_cost = -1"],
    },
    {
        "rule": "planning_long",
        "fires": "SELECT count(*) FROM days a JOIN days b USING (at) WHERE a.n = 1",
        "near": "SELECT count(*) FROM days a JOIN days b USING (at) WHERE a.n = 1 AND a.at = '2025-02-01' "
        "AND b.at = '2025-02-01'",
    },
    {
        "rule": "trigger_long",
        "fires": "INSERT INTO logged SELECT * FROM generate_series(1, 20000)",
        "near": "INSERT INTO plain SELECT * FROM generate_series(1, 20000)",
    },
    {
        "rule": "foreign_key_without_index",
        "fires": "DELETE FROM parent WHERE id <= 100",
        "near": "DELETE FROM parent WHERE id <= 100",
        "near_before": ["CREATE INDEX child_parent ON child (parent_id)", "ANALYZE child"],
    },
    {
        "rule": "planner_switched_off",
        "fires": "SELECT * FROM events WHERE amount = 7",
        "fires_set": ["enable_seqscan = off"],
        "near": "SELECT * FROM events WHERE amount = 7",
        "near_set": ["work_mem = '8MB'"],
    },
    {
        "rule": "lock_rows_waits",
        "fires": "SELECT * FROM users WHERE id < 100 FOR UPDATE",
        "fires_lock": "SELECT * FROM users WHERE id = 50 FOR UPDATE",
        "near": "SELECT * FROM users WHERE id < 100 FOR UPDATE",
    },
]
