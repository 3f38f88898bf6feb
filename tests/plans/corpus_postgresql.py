"""PostgreSQL's cases of the corpus: the tables of each group, and what is done to a statement or its tables.

`label` is what was done, `table` where. `done` and `undone` are statements before the faulty plan and before the
healthy one, `set` and `healthy_set` settings of their sessions, `always` of both; `healthy` is the statement of the
twin where it is another one. `harms`: the harm is another one than time. `meanwhile`: what another session locks.
A case without a label is healthy: nothing was done, and an expert would leave the plan alone."""

CASES = []


def add(group, label, table, statement, **more):
    CASES.append({"group": group, "label": label, "table": table, "statement": statement, **more})


def dropped(group, index, definition, table, statement, label="index_dropped", **more):
    add(group, label, table, statement, done=[f"DROP INDEX {index}"],
        undone=[f"CREATE INDEX {index} ON {definition}", f"ANALYZE {table}"], **more)  # fmt: skip


BOTH = ("analyze", "explain")
ALONE = ["max_parallel_workers_per_gather = 0"]
HASH = "('x' || substr(md5(({0})::text), 1, 7))::bit(28)::int"


def random_of(key, below):
    return f"({HASH.format(key)} % {below})"


# ---- the first group: a shop's purchases ----

PURCHASES = f"""SELECT i AS id, {random_of('i', 20000)} + 1 AS buyer_id,
       CASE WHEN i % 100 < 96 THEN 'done' WHEN i % 100 < 99 THEN 'open' ELSE 'held' END AS status,
       {random_of('i * 3', 100000)}::numeric / 100 AS total, timestamptz '2026-01-01 00:00+00' + i * interval '1 minute'
       AS placed_at, lpad(i::text, 8, '0')::varchar(12) AS code, md5(i::text) AS note, i % 12 AS shop,
       (i > 198000)::int AS rare, (i % 3 = 0) AS gift"""

TABLES = {"tune": [
    "SET client_min_messages = error",
    f"""CREATE TABLE buyers AS SELECT i AS id, 'buyer ' || i AS name, ('b' || i || '@example.org')::varchar(80) AS
       email,
        i % 20 AS region, {random_of('i', 50)} AS country, timestamptz '2020-01-01 00:00+00' + i * interval '1 hour'
        AS joined FROM generate_series(1, 20000) i""",
    "ALTER TABLE buyers ADD PRIMARY KEY (id)",
    "CREATE INDEX buyers_email ON buyers (email text_pattern_ops)",
    "CREATE INDEX buyers_email_plain ON buyers (email)",
    f"CREATE TABLE purchases AS {PURCHASES} FROM generate_series(1, 200000) i",
    "ALTER TABLE purchases ADD PRIMARY KEY (id)",
    "CREATE INDEX purchases_buyer ON purchases (buyer_id)",
    "CREATE INDEX purchases_placed ON purchases (placed_at)",
    "CREATE INDEX purchases_code ON purchases (code)",
    "CREATE INDEX purchases_rare ON purchases (rare, id)",
    "CREATE INDEX purchases_shop_placed ON purchases (shop, placed_at)",
    f"""CREATE TABLE lines AS SELECT i AS id, {random_of('i', 200000)} + 1 AS purchase_id, {random_of('i * 7',
       3000)} + 1
        AS good_id, i % 9 + 1 AS quantity, {random_of('i * 5', 9000)} AS price, md5((-i)::text) AS mark
        FROM generate_series(1, 300000) i""",
    "ALTER TABLE lines ADD PRIMARY KEY (id)",
    "CREATE INDEX lines_purchase ON lines (purchase_id)",
    "CREATE INDEX lines_good ON lines (good_id)",
    "CREATE TABLE goods AS SELECT i AS id, 'good ' || i AS name, i % 40 AS category, i % 25 AS brand, "
    "i * 3 AS price, i * 3 + 1 AS price_to, repeat(md5(i::text), 40) AS text FROM generate_series(1, 3000) i",
    "ALTER TABLE goods ADD PRIMARY KEY (id)",
    f"""CREATE TABLE places AS SELECT i AS id, {random_of('i', 40)} AS city, {random_of('i', 40)} * 7 AS zip,
        {random_of('i', 40)} / 10 AS state, {random_of('i * 3', 20000)} + 1 AS buyer_id, md5(i::text) AS street
        FROM generate_series(1, 120000) i""",
    "CREATE INDEX places_city ON places (city)",
    "CREATE STATISTICS places_all (mcv) ON city, zip, state FROM places",
    "CREATE TABLE visits (id int PRIMARY KEY, place int, n int) WITH (autovacuum_enabled = off)",
    "INSERT INTO visits SELECT i, i % 70, i % 5 FROM generate_series(1, 90000) i",
    "CREATE INDEX visits_place ON visits (place, n)",
    "CREATE TABLE letters AS SELECT i AS id, md5(i::text) AS head, repeat(md5(i::text), 25) AS body "
    "FROM generate_series(1, 25000) i",
    "ALTER TABLE letters ADD PRIMARY KEY (id)",
    "CREATE TABLE months (at timestamp NOT NULL, n int, note text) PARTITION BY RANGE (at)",
    """DO $$BEGIN FOR i IN 0..23 LOOP EXECUTE format('CREATE TABLE months_%s PARTITION OF months FOR VALUES FROM (%L) '
       'TO (%L)', i, date '2025-01-01' + i * interval '1 month', date '2025-01-01' + (i + 1) * interval '1 month');
       END LOOP; END$$""",
    "INSERT INTO months SELECT date '2025-01-01' + (i % 730) * interval '1 day', i, md5(i::text) "
    "FROM generate_series(1, 150000) i",
    "CREATE TABLE folders AS SELECT i AS id FROM generate_series(1, 3000) i",
    "ALTER TABLE folders ADD PRIMARY KEY (id)",
    "CREATE TABLE papers AS SELECT i AS id, 1500 + i % 1500 AS folder_id FROM generate_series(1, 120000) i",
    "CREATE INDEX papers_folder ON papers (folder_id)",
    "ALTER TABLE papers ADD CONSTRAINT papers_folder_fk FOREIGN KEY (folder_id) REFERENCES folders (id)",
    "CREATE TABLE journal (id int, what text)",
    """CREATE FUNCTION journal_each() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN PERFORM md5(repeat('x', 3000)); RETURN NULL; END$$""",
    "CREATE TRIGGER journal_each AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_each()",
    "ALTER TABLE journal DISABLE TRIGGER journal_each",
    "CREATE TABLE scores AS SELECT i AS id, i AS good_id FROM generate_series(1, 30000) i",
    "VACUUM (ANALYZE) buyers, purchases, lines, goods, places, visits, letters, months, folders, papers, scores",
]}  # fmt: skip

A = "tune"
P_BUYER = ("purchases_buyer", "purchases (buyer_id)", "purchases")
P_PLACED = ("purchases_placed", "purchases (placed_at)", "purchases")

dropped(A, *P_BUYER, "SELECT * FROM purchases WHERE buyer_id = 4711", modes=BOTH)
dropped(A, *P_PLACED, "SELECT count(*), sum(total) FROM purchases WHERE placed_at >= '2026-03-01' "
        "AND placed_at < '2026-03-02'", modes=BOTH)  # fmt: skip
dropped(A, "lines_purchase", "lines (purchase_id)", "lines",
        "SELECT sum(quantity * price) FROM lines WHERE purchase_id BETWEEN 1000 AND 1010", modes=BOTH)  # fmt: skip
dropped(A, "purchases_code", "purchases (code)", "purchases", "SELECT id, total FROM purchases WHERE code = '00012345'",
        modes=BOTH, always=ALONE)  # fmt: skip
dropped(A, "lines_good", "lines (good_id)", "lines",
        "SELECT l.id, g.name FROM lines l JOIN goods g ON g.id = l.good_id WHERE l.good_id IN (17, 18)")  # fmt: skip
add(A, "index_invalid", "lines", "SELECT * FROM lines WHERE good_id = 77",
    done=["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'lines_good'::regclass"],
    undone=["UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'lines_good'::regclass"],
    what="the index lines_good was left invalid", modes=BOTH)  # fmt: skip
dropped(A, *P_BUYER, "SELECT b.name, p.id FROM buyers b JOIN purchases p ON p.buyer_id = b.id "
        "WHERE b.email = 'b77@example.org'", label="join_index_dropped", modes=BOTH)  # fmt: skip
dropped(A, "lines_purchase", "lines (purchase_id)", "lines",
        "SELECT p.id, sum(l.price) FROM purchases p JOIN lines l ON l.purchase_id = p.id WHERE p.buyer_id = 12 "
        "GROUP BY p.id", label="join_index_dropped")  # fmt: skip
dropped(A, *P_BUYER, "SELECT b.id, x.placed_at FROM (SELECT * FROM buyers WHERE region = 3 LIMIT 150) b CROSS JOIN "
        "LATERAL (SELECT placed_at FROM purchases p WHERE p.buyer_id = b.id ORDER BY placed_at DESC LIMIT 1) x",
        label="inner_index_dropped", modes=BOTH, always=ALONE)  # fmt: skip
dropped(A, *P_BUYER, "SELECT b.id, (SELECT count(*) FROM purchases p WHERE p.buyer_id = b.id) FROM buyers b "
        "WHERE b.id <= 200", label="inner_index_dropped", always=ALONE)  # fmt: skip
add(A, "index_column_dropped", "purchases", "SELECT * FROM purchases WHERE shop = 5 AND placed_at > '2026-05-17'",
    done=["DROP INDEX purchases_shop_placed", "DROP INDEX purchases_placed", "CREATE INDEX purchases_shop ON purchases "
          "(shop)", "ANALYZE purchases"],
    undone=["DROP INDEX purchases_shop", "CREATE INDEX purchases_placed ON purchases (placed_at)",
            "CREATE INDEX purchases_shop_placed ON purchases (shop, placed_at)", "ANALYZE purchases"],
    modes=BOTH)  # fmt: skip
dropped(A, "purchases_rare", "purchases (rare, id)", "purchases",
        "SELECT * FROM purchases WHERE rare = 1 ORDER BY id LIMIT 20", label="order_by_limit", modes=("analyze",))
dropped(A, *P_PLACED, "SELECT id, total FROM purchases ORDER BY placed_at DESC LIMIT 10", label="order_index_dropped",
        always=ALONE)  # fmt: skip
add(A, "statistics_stale", "late lines", "SELECT count(l.mark) FROM late p JOIN lines l ON l.purchase_id = p.id "
    "WHERE p.status = 'new'", done=["CREATE TABLE late AS SELECT * FROM purchases", "ANALYZE late",
    "UPDATE late SET status = 'new' WHERE id % 4 = 0"], undone=["ANALYZE late"],
    what="a quarter of the rows got a new status after ANALYZE", always=ALONE, harms="statistics")  # fmt: skip
add(A, "statistics_stale", "grown lines", "SELECT count(l.mark) FROM grown p JOIN lines l ON l.purchase_id = p.id "
    "WHERE p.placed_at > '2026-06-01'", done=["CREATE TABLE grown AS SELECT * FROM purchases", "ANALYZE grown",
    "INSERT INTO grown SELECT id, buyer_id, status, total, placed_at + interval '200 days', code, note, shop, rare, "
    "gift FROM purchases WHERE id <= 50000"], undone=["ANALYZE grown"],
    what="50,000 rows with later times were added after ANALYZE", always=ALONE, harms="statistics")  # fmt: skip
add(A, "statistics_dropped", "places purchases", "SELECT count(p.note) FROM places a JOIN purchases p ON p.buyer_id "
    "= a.buyer_id "
    "WHERE a.city = 7 AND a.zip = 49 AND a.state = 0", done=["DROP STATISTICS places_all"],
    undone=["CREATE STATISTICS places_all (mcv) ON city, zip, state FROM places", "ANALYZE places"], always=ALONE,
    harms="statistics", twin=False)  # fmt: skip
add(A, "sort_memory_cut", "purchases", "SELECT * FROM purchases ORDER BY note", set=["work_mem = '1MB'"],
    healthy_set=["work_mem = '128MB'"], always=ALONE, harms="disk")  # fmt: skip
add(A, "sort_memory_cut", "lines", "SELECT id, rank() OVER (PARTITION BY good_id ORDER BY price) FROM lines",
    set=["work_mem = '512kB'"], healthy_set=["work_mem = '128MB'"], always=ALONE, harms="disk")  # fmt: skip
add(A, "hash_memory_cut", "purchases", "SELECT count(*) FROM lines l JOIN purchases p ON p.id = l.purchase_id "
    "WHERE p.note > l.mark", set=["work_mem = '256kB'", "hash_mem_multiplier = 1"],
    healthy_set=["work_mem = '128MB'"], always=ALONE, since=14, harms="disk")  # fmt: skip
add(A, "group_memory_cut", "purchases", "SELECT note, count(*) FROM purchases GROUP BY note",
    set=["work_mem = '256kB'"], healthy_set=["work_mem = '128MB'"], always=ALONE, harms="disk")  # fmt: skip
add(A, "group_memory_cut", "lines", "SELECT purchase_id, max(price) FROM lines GROUP BY purchase_id",
    set=["work_mem = '128kB'"], healthy_set=["work_mem = '64MB'"], always=ALONE,
    harms="disk")  # fmt: skip
add(A, "bitmap_memory_cut", "purchases", "SELECT count(note) FROM purchases WHERE buyer_id BETWEEN 100 AND 1400",
    set=["work_mem = '64kB'"], healthy_set=["work_mem = '8MB'"], always=[*ALONE, "random_page_cost = 1.1"],
    harms="lossy")  # fmt: skip
add(A, "materialize_memory_cut", "c", "WITH c AS MATERIALIZED (SELECT * FROM lines) SELECT count(mark) FROM c",
    set=["work_mem = '1MB'"], healthy_set=["work_mem = '128MB'"], always=ALONE, harms="disk")  # fmt: skip
add(A, "cast_column", "purchases", "SELECT * FROM purchases WHERE placed_at::date = '2026-03-01'", modes=BOTH,
    healthy="SELECT * FROM purchases WHERE placed_at >= '2026-03-01' AND placed_at < '2026-03-02'")  # fmt: skip
add(A, "cast_column", "lines", "SELECT sum(price) FROM lines WHERE good_id::bigint = 55",
    healthy="SELECT sum(price) FROM lines WHERE good_id = 55")  # fmt: skip
add(A, "implicit_conversion", "purchases", "SELECT * FROM purchases WHERE buyer_id = 4711.0", modes=BOTH,
    healthy="SELECT * FROM purchases WHERE buyer_id = 4711")  # fmt: skip
add(A, "implicit_conversion", "lines", "SELECT * FROM lines WHERE purchase_id = 815::float8",
    healthy="SELECT * FROM lines WHERE purchase_id = 815")  # fmt: skip
add(A, "function_on_column", "buyers", "SELECT * FROM buyers WHERE lower(email) = 'b77@example.org'", modes=BOTH,
    healthy="SELECT * FROM buyers WHERE email = 'b77@example.org'")  # fmt: skip
add(A, "function_on_column", "purchases", "SELECT count(*) FROM purchases WHERE date_trunc('day', placed_at) = "
    "'2026-03-01 00:00+00'", healthy="SELECT count(*) FROM purchases WHERE placed_at >= '2026-03-01 00:00+00' AND "
    "placed_at < '2026-03-02 00:00+00'", modes=BOTH)  # fmt: skip
add(A, "function_on_column", "purchases", "SELECT * FROM purchases WHERE coalesce(buyer_id, 0) = 4711",
    healthy="SELECT * FROM purchases WHERE buyer_id = 4711")  # fmt: skip
add(A, "expression_on_column", "purchases", "SELECT * FROM purchases WHERE buyer_id + 1 = 4712", modes=BOTH,
    healthy="SELECT * FROM purchases WHERE buyer_id = 4711")  # fmt: skip
add(A, "leading_wildcard", "buyers", "SELECT * FROM buyers WHERE email LIKE '%77@example.org'", modes=BOTH,
    healthy="SELECT * FROM buyers WHERE email LIKE 'b77@%'")  # fmt: skip
add(A, "leading_wildcard", "purchases", "SELECT count(*) FROM purchases WHERE note LIKE '%abc%' AND gift",
    healthy="SELECT count(*) FROM purchases WHERE code LIKE '00012345%' AND gift", twin=False)  # fmt: skip
add(A, "offset", "purchases", "SELECT id, note FROM purchases ORDER BY id LIMIT 20 OFFSET 150000",
    healthy="SELECT id, note FROM purchases WHERE id > 150000 ORDER BY id LIMIT 20")  # fmt: skip
add(A, "offset", "lines", "SELECT l.id, g.name FROM lines l JOIN goods g ON g.id = l.good_id ORDER BY l.id LIMIT 50 "
    "OFFSET 90000", healthy="SELECT l.id, g.name FROM lines l JOIN goods g ON g.id = l.good_id WHERE l.id > 90000 "
    "ORDER BY l.id LIMIT 50", always=ALONE)  # fmt: skip
add(A, "not_in", "purchases", "SELECT count(*) FROM buyers WHERE id NOT IN (SELECT buyer_id FROM purchases "
    "WHERE status = 'held')", healthy="SELECT count(*) FROM buyers b WHERE NOT EXISTS (SELECT FROM purchases p "
    "WHERE p.buyer_id = b.id AND status = 'held')", modes=BOTH, harms="NULL", twin=False)  # fmt: skip
add(A, "not_in", "purchases", "SELECT count(*) FROM buyers WHERE id <= 3000 AND id NOT IN (SELECT buyer_id FROM "
    "purchases WHERE gift AND buyer_id IS NOT NULL)", set=["work_mem = '64kB'"], always=ALONE,
    healthy="SELECT count(*) FROM buyers b WHERE id <= 3000 AND NOT EXISTS (SELECT FROM purchases p WHERE "
    "p.buyer_id = b.id AND gift)", modes=BOTH)  # fmt: skip
add(A, "correlated_subplan", "purchases", "SELECT b.id, (SELECT max(total) FROM purchases p WHERE p.buyer_id = b.id) "
    "FROM buyers b", healthy="SELECT b.id, x.total FROM buyers b LEFT JOIN (SELECT buyer_id, max(total) AS total FROM "
    "purchases GROUP BY buyer_id) x ON x.buyer_id = b.id", modes=BOTH)  # fmt: skip
add(A, "correlated_subplan", "lines", "SELECT count(*) FROM goods g WHERE g.price < (SELECT avg(price) FROM lines l "
    "WHERE l.good_id = g.id)", healthy="SELECT count(*) FROM goods g JOIN (SELECT good_id, avg(price) AS price FROM "
    "lines GROUP BY good_id) x ON x.good_id = g.id WHERE g.price < x.price", modes=BOTH)  # fmt: skip
add(A, "visibility_lost", "visits", "SELECT count(*) FROM visits WHERE place BETWEEN 3 AND 30",
    done=["UPDATE visits SET n = n WHERE id % 3 = 0"], undone=["VACUUM visits"], what="a third of the rows was updated "
    "without VACUUM", always=ALONE, harms="blocks")  # fmt: skip
add(A, "workers_missing", "lines", "SELECT max(md5(md5(mark))) FROM lines",
    set=["max_parallel_workers = 0"], always=["min_parallel_table_scan_size = 0", "parallel_setup_cost = 0"],
    harms="processes")  # fmt: skip
add(A, "jit", "lines", "SELECT good_id, sum(price), max(mark), min(mark), avg(quantity) FROM lines "
    "WHERE price + quantity > 50 GROUP BY good_id", set=["jit = on", "jit_above_cost = 0",
    "jit_optimize_above_cost = 0", "jit_inline_above_cost = 0"], always=ALONE, debian=True)  # fmt: skip
add(A, "jit", "purchases", "SELECT sum(CASE WHEN gift THEN total ELSE 0 END), count(*) FILTER (WHERE shop = 3), "
    "max(note) FROM purchases WHERE id < 60000", set=["jit = on", "jit_above_cost = 0",
    "jit_optimize_above_cost = 0"], always=ALONE, debian=True)  # fmt: skip
add(A, "join_without_equality", "goods", "SELECT count(*) FROM goods a JOIN goods b ON b.price BETWEEN a.price AND "
    "a.price_to", healthy="SELECT count(*) FROM goods a JOIN goods b ON b.price = a.price", modes=BOTH)  # fmt: skip
add(A, "join_without_equality", "scores goods", "SELECT count(*) FROM goods g JOIN scores s ON abs(s.good_id - g.id) "
    "< 1 "
    "WHERE g.category < 4", healthy="SELECT count(*) FROM goods g JOIN scores s ON s.good_id = g.id "
    "WHERE g.category < 4", modes=BOTH, always=ALONE, twin=False)  # fmt: skip
add(A, "or_over_tables", "purchases buyers", "SELECT p.id FROM purchases p JOIN buyers b ON b.id = p.buyer_id WHERE "
    "p.id < 50 "
    "OR b.email = 'b77@example.org'", healthy="SELECT p.id FROM purchases p JOIN buyers b ON b.id = p.buyer_id "
    "WHERE p.id < 50 UNION SELECT p.id FROM purchases p JOIN buyers b ON b.id = p.buyer_id "
    "WHERE b.email = 'b77@example.org'", always=ALONE)  # fmt: skip
add(A, "join_condition_dropped", "goods buyers", "SELECT count(*) FROM buyers b, goods g WHERE b.region = 7 AND "
    "g.category = 3",
    healthy="SELECT count(*) FROM buyers b, goods g WHERE b.region = 7 AND g.category = 3 AND g.id = b.id",
    modes=BOTH, always=ALONE)  # fmt: skip
add(A, "cte_fence", "p purchases", "WITH p AS MATERIALIZED (SELECT * FROM purchases) SELECT * FROM p "
    "WHERE buyer_id = 4711", healthy="WITH p AS (SELECT * FROM purchases) SELECT * FROM p WHERE buyer_id = 4711",
    always=ALONE)  # fmt: skip
add(A, "partition_key_hidden", "months", "SELECT count(note) FROM months WHERE date_trunc('month', at) = '2026-05-01'",
    healthy="SELECT count(note) FROM months WHERE at >= '2026-05-01' AND at < '2026-06-01'", always=ALONE)  # fmt: skip
dropped(A, "papers_folder", "papers (folder_id)", "papers", "DELETE FROM folders WHERE id <= 80",
        label="foreign_key_index_dropped")
add(A, "trigger_added", "journal", "INSERT INTO journal SELECT i, 'x' FROM generate_series(1, 20000) i",
    done=["ALTER TABLE journal ENABLE TRIGGER journal_each"], undone=["ALTER TABLE journal DISABLE TRIGGER "
    "journal_each"])  # fmt: skip
add(A, "planner_setting", "purchases", "SELECT * FROM purchases WHERE buyer_id = 4711", set=["enable_indexscan = off",
    "enable_bitmapscan = off"], modes=BOTH)  # fmt: skip
add(A, "planner_setting", "lines", "SELECT count(*) FROM lines l JOIN goods g ON g.id = l.good_id WHERE g.brand = 3",
    set=["enable_hashjoin = off", "enable_mergejoin = off"], always=ALONE, modes=BOTH)  # fmt: skip
add(A, "order_by_random", "purchases", "SELECT id FROM purchases ORDER BY random() LIMIT 5", modes=BOTH,
    healthy="SELECT id FROM purchases ORDER BY id LIMIT 5", always=ALONE)  # fmt: skip
add(A, "union_instead_of_all", "purchases", "SELECT id FROM purchases WHERE id <= 60000 UNION SELECT id + 300000 FROM "
    "lines WHERE id <= 60000", healthy="SELECT id FROM purchases WHERE id <= 60000 UNION ALL SELECT id + 300000 FROM "
    "lines WHERE id <= 60000", always=ALONE)  # fmt: skip
add(A, "distinct_needless", "purchases", "SELECT DISTINCT id, note FROM purchases ORDER BY id, note",
    healthy="SELECT id, note FROM purchases ORDER BY id", always=[*ALONE, "work_mem = '64MB'"])  # fmt: skip
add(A, "row_locked", "buyers", "SELECT * FROM buyers WHERE id BETWEEN 10 AND 200 FOR UPDATE",
    meanwhile="SELECT * FROM buyers WHERE id = 50 FOR UPDATE")  # fmt: skip
add(A, "distinct_values_wrong", "goods", "SELECT count(g.name) FROM scores s JOIN goods g ON g.id = s.good_id",
    done=["ALTER TABLE scores ALTER good_id SET (n_distinct = 10)", "ANALYZE scores"],
    undone=["ALTER TABLE scores ALTER good_id RESET (n_distinct)", "ANALYZE scores"], since=14,
    always=ALONE, twin=False, harms="statistics")  # fmt: skip
add(A, "contradiction", "purchases", "SELECT * FROM purchases WHERE buyer_id = 5 AND buyer_id = 6", modes=BOTH,
    healthy="SELECT * FROM purchases WHERE buyer_id = 5 AND status = 'open'", harms="no row")  # fmt: skip
add(A, "wide_rows_sorted", "letters", "SELECT * FROM letters ORDER BY head", always=[*ALONE, "work_mem = '4MB'"],
    healthy="SELECT id, head FROM letters ORDER BY head")  # fmt: skip
add(A, "cost_setting", "purchases", "SELECT count(note) FROM purchases WHERE buyer_id BETWEEN 10 AND 60",
    set=["random_page_cost = 400"], always=ALONE, modes=BOTH)  # fmt: skip

for healthy in (
    "SELECT status, count(*), sum(total) FROM purchases GROUP BY status",
    "SELECT count(*) FROM lines",
    "SELECT count(*) FROM purchases WHERE gift",
    "SELECT count(*) FROM purchases WHERE status = 'done'",
    "SELECT sum(l.price) FROM lines l JOIN goods g ON g.id = l.good_id WHERE g.category < 20",
    "SELECT g.category, sum(l.price * l.quantity) FROM lines l JOIN goods g ON g.id = l.good_id GROUP BY g.category",
    "SELECT * FROM goods WHERE brand = 7",
    "SELECT * FROM goods WHERE lower(name) = 'good 7'",
    "SELECT b.name, count(*) FROM buyers b JOIN purchases p ON p.buyer_id = b.id WHERE b.region = 3 GROUP BY b.name",
    "SELECT shop, max(placed_at) FROM purchases WHERE placed_at > '2026-02-01' GROUP BY shop",
    "SELECT * FROM purchases WHERE placed_at >= '2026-03-01' AND placed_at < '2026-03-02' ORDER BY total DESC LIMIT 20",
    "SELECT DISTINCT shop, status FROM purchases",
):
    add(A, None, None, healthy, modes=BOTH)

# ---- the second group: readings of devices ----

B = "held"
TABLES[B] = [
    "SET client_min_messages = error",
    f"""CREATE TABLE sites AS SELECT i AS id, 'site ' || i AS name, {random_of('i', 30)} AS country, i % 4 AS zone,
        point(i, i) AS at FROM generate_series(1, 600) i""",
    "ALTER TABLE sites ADD PRIMARY KEY (id)",
    f"""CREATE TABLE devices AS SELECT i::bigint AS id, 'SN-' || upper(md5(i::text)) AS serial, i % 600 + 1 AS site_id,
        'model ' || i % 35 AS model, {random_of('i', 9)} AS firmware, date '2024-01-01' + i % 900 AS installed,
        repeat('note ', 8) || i AS remark FROM generate_series(1, 24000) i""",
    "ALTER TABLE devices ADD PRIMARY KEY (id)",
    "CREATE INDEX devices_serial ON devices (serial)",
    "CREATE INDEX devices_installed ON devices (installed)",
    "CREATE INDEX devices_site ON devices (site_id)",
    f"""CREATE TABLE readings AS SELECT i::bigint AS id, ({random_of('i', 24000)} + 1)::bigint AS device_id,
        timestamp '2026-04-01' + i * interval '20 seconds' AS taken, {random_of('i * 11', 6)}::smallint AS kind,
        {random_of('i * 13', 10000)} / 10.0::float8 AS value, CASE WHEN i % 400 = 0 THEN 'bad' ELSE 'good' END
        AS quality, md5((i * 17)::text) || i AS payload, CASE WHEN i % 500 = 0 THEN NULL ELSE i % 70 END AS lot
        FROM generate_series(1, 320000) i""",
    "ALTER TABLE readings ADD PRIMARY KEY (id)",
    "CREATE INDEX readings_device_taken ON readings (device_id, taken)",
    "CREATE INDEX readings_taken ON readings (taken)",
    "CREATE INDEX readings_quality ON readings (quality, taken)",
    f"""CREATE TABLE alarms AS SELECT i AS id, ({random_of('i', 24000)} + 1)::bigint AS device_id, i % 5 AS level,
        timestamp '2026-04-01' + i * interval '90 seconds' AS raised, CASE WHEN i > 69500 THEN NULL ELSE timestamp
        '2026-04-02' + i * interval '90 seconds' END AS closed, 'alarm ' || md5(i::text) AS words,
        i % 1000 AS low, i % 1000 + 1 AS high FROM generate_series(1, 70000) i""",
    "ALTER TABLE alarms ADD PRIMARY KEY (id)",
    "CREATE INDEX alarms_device ON alarms (device_id)",
    "CREATE INDEX alarms_open ON alarms (raised) WHERE closed IS NULL",
    "CREATE INDEX alarms_level_raised ON alarms (level, raised)",
    f"""CREATE TABLE parts AS SELECT i AS id, {random_of('i', 40)} AS maker, {random_of('i', 40)} + 1000 AS series,
        {random_of('i * 3', 24000)} + 1 AS device_id, md5(i::text) AS label FROM generate_series(1, 110000) i""",
    "CREATE STATISTICS parts_both (dependencies, mcv) ON maker, series FROM parts",
    "CREATE TABLE counters (id bigint, site int, n bigint) WITH (autovacuum_enabled = off)",
    "INSERT INTO counters SELECT i, i % 50, i FROM generate_series(1, 110000) i",
    "CREATE INDEX counters_site ON counters (site, id)",
    "CREATE TABLE manuals AS SELECT i AS id, i % 700 AS chapter, repeat(md5(i::text), 30) AS body "
    "FROM generate_series(1, 22000) i",
    "CREATE TABLE days (device int NOT NULL, day date NOT NULL, sum float8) PARTITION BY RANGE (day)",
    """DO $$BEGIN FOR i IN 0..39 LOOP EXECUTE format('CREATE TABLE days_%s PARTITION OF days FOR VALUES FROM (%L) '
       'TO (%L)', i, date '2026-01-01' + i * 7, date '2026-01-01' + (i + 1) * 7); END LOOP; END$$""",
    "INSERT INTO days SELECT i, date '2026-01-01' + i % 280, i FROM generate_series(1, 160000) i",
    "CREATE TABLE tours AS SELECT i AS id, 'tour ' || i AS name FROM generate_series(1, 2500) i",
    "ALTER TABLE tours ADD PRIMARY KEY (id)",
    "CREATE TABLE stops AS SELECT i AS id, 1000 + i % 1500 AS tour_id, i % 9 AS n FROM generate_series(1, 140000) i",
    "CREATE INDEX stops_tour ON stops (tour_id)",
    "ALTER TABLE stops ADD CONSTRAINT stops_tour_fk FOREIGN KEY (tour_id) REFERENCES tours (id) ON DELETE CASCADE",
    "CREATE TABLE events (id int, words text)",
    """CREATE FUNCTION events_check() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN NEW.words := md5(repeat(NEW.words, 500)); RETURN NEW; END$$""",
    "CREATE TRIGGER events_check BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_check()",
    "ALTER TABLE events DISABLE TRIGGER events_check",
    "CREATE TABLE links AS SELECT i AS id, i AS device_id FROM generate_series(1, 24000) i",
    "VACUUM (ANALYZE) sites, devices, readings, alarms, parts, counters, manuals, days, tours, stops, links",
]  # fmt: skip

R_DEVICE = ("readings_device_taken", "readings (device_id, taken)", "readings")
R_TAKEN = ("readings_taken", "readings (taken)", "readings")

dropped(B, *R_DEVICE, "SELECT taken, value FROM readings WHERE device_id = 1234 AND taken > '2026-04-10' ORDER BY "
    "taken",
        modes=BOTH)  # fmt: skip
dropped(B, *R_TAKEN, "SELECT kind, avg(value) FROM readings WHERE taken BETWEEN '2026-05-01 10:00' AND "
        "'2026-05-01 11:00' GROUP BY kind", modes=BOTH)  # fmt: skip
dropped(B, "devices_serial", "devices (serial)", "devices", "SELECT * FROM devices WHERE serial = 'SN-0'", modes=BOTH)
dropped(B, "alarms_device", "alarms (device_id)", "alarms", "SELECT level, raised FROM alarms WHERE device_id IN "
        "(5, 500, 5000)", modes=BOTH)  # fmt: skip
dropped(B, "alarms_open", "alarms (raised) WHERE closed IS NULL", "alarms", "SELECT id, raised FROM alarms "
        "WHERE closed IS NULL")  # fmt: skip
add(B, "index_invalid", "readings", "SELECT count(*) FROM readings WHERE taken < '2026-04-01 00:30'",
    done=["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'readings_taken'::regclass"],
    undone=["UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'readings_taken'::regclass"],
    what="the index readings_taken was left invalid", always=ALONE, modes=BOTH)  # fmt: skip
dropped(B, *R_DEVICE, "SELECT d.serial, r.taken, r.value FROM devices d JOIN readings r ON r.device_id = d.id "
        "WHERE d.site_id = 44", label="join_index_dropped", modes=BOTH)  # fmt: skip
dropped(B, "alarms_device", "alarms (device_id)", "alarms", "SELECT a.words FROM devices d JOIN alarms a ON "
        "a.device_id = d.id WHERE d.id BETWEEN 100 AND 104", label="join_index_dropped", always=ALONE)  # fmt: skip
dropped(B, *R_DEVICE, "SELECT d.id, l.value FROM (SELECT id FROM devices WHERE site_id IN (7, 8, 9, 10)) d "
        "LEFT JOIN LATERAL (SELECT value FROM readings r WHERE r.device_id = d.id ORDER BY taken DESC LIMIT 1) l ON "
        "true",
        label="inner_index_dropped", always=ALONE, modes=BOTH)  # fmt: skip
dropped(B, "alarms_device", "alarms (device_id)", "alarms", "SELECT id, EXISTS (SELECT FROM alarms a WHERE "
        "a.device_id = d.id AND a.level = 4 AND a.words > d.serial) FROM devices d WHERE site_id < 16",
        label="inner_index_dropped", always=ALONE)  # fmt: skip
add(B, "index_column_dropped", "alarms", "SELECT id FROM alarms WHERE level = 3 AND raised BETWEEN '2026-05-01' AND "
    "'2026-05-02'", done=["DROP INDEX alarms_level_raised", "CREATE INDEX alarms_level ON alarms (level)",
    "ANALYZE alarms"], undone=["DROP INDEX alarms_level", "CREATE INDEX alarms_level_raised ON alarms (level, raised)",
    "ANALYZE alarms"], modes=BOTH, always=["random_page_cost = 1.1"])  # fmt: skip
dropped(B, "alarms_open", "alarms (raised) WHERE closed IS NULL", "alarms", "SELECT id, words FROM alarms WHERE "
    "closed IS "
        "NULL ORDER BY id LIMIT 5", label="order_by_limit")  # fmt: skip
dropped(B, "readings_quality", "readings (quality, taken)", "readings", "SELECT id, value FROM readings WHERE "
    "quality = "
        "'bad' AND value > 990 ORDER BY taken LIMIT 50", label="order_by_limit", always=ALONE)  # fmt: skip
dropped(B, *R_TAKEN, "SELECT device_id, value FROM readings ORDER BY taken DESC LIMIT 25", label="order_index_dropped",
        always=ALONE)  # fmt: skip
add(B, "statistics_stale", "fresh readings", "SELECT max(r.payload) FROM fresh a JOIN readings r ON r.device_id = "
    "a.device_id "
    "WHERE a.level = 9", done=["CREATE TABLE fresh AS SELECT * FROM alarms", "ANALYZE fresh",
    "UPDATE fresh SET level = 9 WHERE id % 3 = 0"], undone=["ANALYZE fresh"],
    what="a third of the rows got a new level after ANALYZE", always=ALONE, harms="statistics", twin=False)  # fmt: skip
add(B, "statistics_stale", "queue devices", "SELECT count(d.remark) FROM queue q JOIN devices d ON d.id = q.device_id "
    "WHERE q.state = 2", done=["CREATE TABLE queue AS SELECT i AS id, i % 24000 + 1 AS device_id, 1 AS state FROM "
    "generate_series(1, 40000) i", "ANALYZE queue", "UPDATE queue SET state = 2"], undone=["ANALYZE queue"],
    what="all rows changed their state after ANALYZE", always=ALONE, harms="statistics")  # fmt: skip
add(B, "statistics_dropped", "parts readings", "SELECT count(r.payload) FROM parts p JOIN readings r ON r.device_id = "
    "p.device_id "
    "WHERE p.maker = 20 AND p.series = 1020", done=["DROP STATISTICS parts_both"],
    undone=["CREATE STATISTICS parts_both (dependencies, mcv) ON maker, series FROM parts", "ANALYZE parts"],
    always=ALONE, harms="statistics", twin=False)  # fmt: skip
add(B, "sort_memory_cut", "readings", "SELECT id, payload FROM readings WHERE kind < 5 ORDER BY payload",
    set=["work_mem = '2MB'"], healthy_set=["work_mem = '200MB'"], always=ALONE, harms="disk")  # fmt: skip
add(B, "sort_memory_cut", "alarms", "SELECT * FROM alarms ORDER BY words, raised",
    set=["work_mem = '256kB'"], healthy_set=["work_mem = '64MB'"], harms="disk")  # fmt: skip
add(B, "hash_memory_cut", "readings", "SELECT max(a.value) FROM readings a JOIN readings b ON b.payload = a.payload",
    set=["work_mem = '1MB'", "hash_mem_multiplier = 1"], healthy_set=["work_mem = '200MB'"],
    always=ALONE, since=14, harms="disk")  # fmt: skip
add(B, "group_memory_cut", "readings", "SELECT device_id, kind, sum(value) FROM readings GROUP BY device_id, kind",
    set=["work_mem = '256kB'"], healthy_set=["work_mem = '100MB'"], always=ALONE, harms="disk")  # fmt: skip
add(B, "group_memory_cut", "parts", "SELECT label, min(maker) FROM parts GROUP BY label", set=["work_mem = '128kB'"],
    healthy_set=["work_mem = '64MB'"], always=ALONE, harms="disk")  # fmt: skip
add(B, "bitmap_memory_cut", "readings", "SELECT sum(value) FROM readings WHERE device_id BETWEEN 500 AND 1900",
    set=["work_mem = '64kB'"], healthy_set=["work_mem = '16MB'"], always=[*ALONE, "random_page_cost = 1.2"],
    harms="lossy")  # fmt: skip
add(B, "materialize_memory_cut", "x", "WITH x AS MATERIALIZED (SELECT id, payload FROM readings) SELECT "
    "count(*), max(payload) FROM x", set=["work_mem = '512kB'"], healthy_set=["work_mem = '200MB'"], always=ALONE,
    harms="disk")  # fmt: skip
add(B, "cast_column", "readings", "SELECT count(*) FROM readings WHERE taken::date = '2026-05-05' AND kind = 2",
    healthy="SELECT count(*) FROM readings WHERE taken >= '2026-05-05' AND taken < '2026-05-06' AND kind = 2",
    modes=BOTH)  # fmt: skip
add(B, "cast_column", "devices", "SELECT * FROM devices WHERE installed::timestamptz = '2025-01-01 00:00+00'",
    healthy="SELECT * FROM devices WHERE installed = '2025-01-01'", modes=BOTH)  # fmt: skip
add(B, "implicit_conversion", "readings", "SELECT value FROM readings WHERE device_id = 1234::numeric", modes=BOTH,
    healthy="SELECT value FROM readings WHERE device_id = 1234")  # fmt: skip
add(B, "implicit_conversion", "alarms", "SELECT words FROM alarms WHERE device_id > 23995.5 AND level = 1",
    healthy="SELECT words FROM alarms WHERE device_id > 23995 AND level = 1")  # fmt: skip
add(B, "function_on_column", "devices", "SELECT id FROM devices WHERE upper(serial) = "
    "'SN-1679091C5A880FAF6FB5E6087EB1B2DC'",
    healthy="SELECT id FROM devices WHERE serial = 'SN-1679091C5A880FAF6FB5E6087EB1B2DC'", modes=BOTH)  # fmt: skip
add(B, "function_on_column", "readings", "SELECT count(*) FROM readings WHERE extract(doy FROM taken) = 130",
    healthy="SELECT count(*) FROM readings WHERE taken >= '2026-05-10' AND taken < '2026-05-11'", modes=BOTH)
add(B, "function_on_column", "devices", "SELECT id, remark FROM devices WHERE left(serial, 6) = 'SN-167'",
    healthy="SELECT id, remark FROM devices WHERE serial LIKE 'SN-167%'")  # fmt: skip
add(B, "expression_on_column", "readings", "SELECT value FROM readings WHERE taken + interval '1 day' < "
    "'2026-04-02 01:00'", healthy="SELECT value FROM readings WHERE taken < '2026-04-01 01:00'", modes=BOTH)
add(B, "leading_wildcard", "devices", "SELECT id FROM devices WHERE serial LIKE '%2DC'", modes=BOTH,
    healthy="SELECT id FROM devices WHERE serial LIKE 'SN-2DC%'")  # fmt: skip
add(B, "leading_wildcard", "alarms", "SELECT id FROM alarms WHERE words ILIKE '%beef%'",
    healthy="SELECT id FROM alarms WHERE device_id = 77", twin=False, modes=BOTH)  # fmt: skip
add(B, "offset", "readings", "SELECT id, value FROM readings ORDER BY taken OFFSET 250000 FETCH FIRST 30 ROWS ONLY",
    healthy="SELECT id, value FROM readings WHERE taken > '2026-05-28 20:53:20' ORDER BY taken LIMIT 30")  # fmt: skip
add(B, "offset", "alarms", "SELECT a.id, d.serial FROM alarms a JOIN devices d ON d.id = a.device_id WHERE a.level > 0 "
    "ORDER BY a.id LIMIT 100 OFFSET 40000", healthy="SELECT a.id, d.serial FROM alarms a JOIN devices d ON "
    "d.id = a.device_id WHERE a.level > 0 AND a.id > 50000 ORDER BY a.id LIMIT 100", always=ALONE)  # fmt: skip
add(B, "not_in", "alarms", "SELECT serial FROM devices WHERE id NOT IN (SELECT device_id FROM alarms)",
    healthy="SELECT serial FROM devices d WHERE NOT EXISTS (SELECT FROM alarms a WHERE a.device_id = d.id)",
    modes=BOTH, harms="NULL")  # fmt: skip
add(B, "not_in", "readings", "SELECT count(*) FROM parts WHERE id < 2500 AND maker NOT IN (SELECT lot FROM readings "
    "WHERE kind = 1)", set=["work_mem = '64kB'"], always=ALONE, healthy="SELECT count(*) FROM parts p WHERE id < 2500 "
    "AND NOT EXISTS (SELECT FROM readings r WHERE r.kind = 1 AND r.lot = p.maker)", modes=BOTH, twin=False,
    harms="NULL")  # fmt: skip
add(B, "correlated_subplan", "alarms", "SELECT d.id, (SELECT count(*) FROM alarms a WHERE a.device_id = d.id AND "
    "a.level > 2) FROM devices d", healthy="SELECT d.id, coalesce(x.n, 0) FROM devices d LEFT JOIN (SELECT device_id, "
    "count(*) AS n FROM alarms WHERE level > 2 GROUP BY device_id) x ON x.device_id = d.id", modes=BOTH)  # fmt: skip
add(B, "correlated_subplan", "readings", "SELECT count(*) FROM devices d WHERE d.firmware > (SELECT avg(kind) FROM "
    "readings r WHERE r.device_id = d.id)", healthy="SELECT count(*) FROM devices d JOIN (SELECT device_id, avg(kind) "
    "AS kind FROM readings GROUP BY device_id) x ON x.device_id = d.id WHERE d.firmware > x.kind",
    always=["work_mem = '64MB'"])  # fmt: skip
add(B, "visibility_lost", "counters", "SELECT site, count(id) FROM counters WHERE site < 20 GROUP BY site",
    done=["UPDATE counters SET n = n + 1 WHERE id % 2 = 0"], undone=["VACUUM counters"],
    what="group of the rows was updated without VACUUM", always=ALONE, harms="blocks")  # fmt: skip
add(B, "workers_missing", "readings", "SELECT max(md5(md5(payload))) FROM readings", set=["max_parallel_workers = 0"],
    always=["min_parallel_table_scan_size = 0", "parallel_setup_cost = 0"], harms="processes")  # fmt: skip
add(B, "jit", "readings", "SELECT kind, quality, avg(value), max(payload), sum(value * kind) FROM readings WHERE "
    "value > "
    "1 AND lot IS NOT NULL GROUP BY kind, quality", set=["jit = on", "jit_above_cost = 10",
    "jit_optimize_above_cost = 10", "jit_inline_above_cost = 10"], always=ALONE, debian=True)  # fmt: skip
add(B, "jit", "alarms", "SELECT d.model, count(*), max(a.words) FROM alarms a JOIN devices d ON d.id = a.device_id "
    "WHERE a.level + 1 > 2 GROUP BY d.model", set=["jit = on", "jit_above_cost = 0", "jit_inline_above_cost = 0"],
    debian=True, always=ALONE)  # fmt: skip
add(B, "join_without_equality", "alarms sites", "SELECT count(*) FROM sites s JOIN alarms a ON s.id >= a.low AND "
    "s.id < a.high "
    "WHERE a.level = 2", healthy="SELECT count(*) FROM sites s JOIN alarms a ON s.id = a.low WHERE a.level = 2",
    modes=BOTH, always=ALONE)  # fmt: skip
add(B, "or_over_tables", "readings devices", "SELECT r.id FROM readings r JOIN devices d ON d.id = r.device_id WHERE "
    "r.taken < '2026-04-01 00:10' OR d.serial = 'SN-1679091C5A880FAF6FB5E6087EB1B2DC'",
    healthy="SELECT r.id FROM readings r JOIN devices d ON d.id = r.device_id WHERE r.taken < '2026-04-01 00:10' UNION "
    "SELECT r.id FROM readings r JOIN devices d ON d.id = r.device_id WHERE "
    "d.serial = 'SN-1679091C5A880FAF6FB5E6087EB1B2DC'", always=ALONE)  # fmt: skip
add(B, "join_condition_dropped", "sites devices", "SELECT d.id, s.name FROM devices d, sites s WHERE d.model = "
    "'model 7' AND "
    "s.zone = 2", healthy="SELECT d.id, s.name FROM devices d, sites s WHERE d.model = 'model 7' AND s.zone = 2 AND "
    "s.id = d.site_id", twin=False, modes=BOTH)  # fmt: skip
add(B, "cte_fence", "r readings", "WITH r AS MATERIALIZED (SELECT id, device_id, value FROM readings) SELECT "
    "avg(value) "
    "FROM r WHERE device_id BETWEEN 7 AND 9", healthy="WITH r AS (SELECT id, device_id, value FROM readings) SELECT "
    "avg(value) FROM r WHERE device_id BETWEEN 7 AND 9", always=ALONE)  # fmt: skip
add(B, "partition_key_hidden", "days", "SELECT sum(sum) FROM days WHERE to_char(day, 'YYYY-MM-DD') = '2026-03-03'",
    healthy="SELECT sum(sum) FROM days WHERE day = '2026-03-03'", always=ALONE)  # fmt: skip
dropped(B, "stops_tour", "stops (tour_id)", "stops", "DELETE FROM tours WHERE id < 60",
        label="foreign_key_index_dropped")
add(B, "trigger_added", "events", "INSERT INTO events SELECT i, md5(i::text) FROM generate_series(1, 9000) i",
    done=["ALTER TABLE events ENABLE TRIGGER events_check"],
    undone=["ALTER TABLE events DISABLE TRIGGER events_check"])  # fmt: skip
add(B, "planner_setting", "readings", "SELECT count(*) FROM readings WHERE taken < '2026-04-01 04:00'",
    set=["enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off"], modes=BOTH)  # fmt: skip
add(B, "planner_setting", "devices", "SELECT s.name, count(*) FROM sites s JOIN devices d ON d.site_id = s.id GROUP BY "
    "s.name", set=["enable_hashjoin = off", "enable_hashagg = off"], modes=BOTH)  # fmt: skip
add(B, "order_by_random", "alarms", "SELECT words FROM alarms WHERE level = 2 ORDER BY random() LIMIT 3", modes=BOTH,
    healthy="SELECT words FROM alarms WHERE level = 2 ORDER BY raised LIMIT 3", always=ALONE)  # fmt: skip
add(B, "union_instead_of_all", "alarms", "SELECT 'a', id, words FROM alarms UNION SELECT 'd', id, serial FROM devices",
    healthy="SELECT 'a', id, words FROM alarms UNION ALL SELECT 'd', id, serial FROM devices",
    always=[*ALONE, "work_mem = '64MB'"])  # fmt: skip
add(B, "distinct_needless", "readings", "SELECT DISTINCT id FROM readings WHERE id < 90000 ORDER BY id",
    healthy="SELECT id FROM readings WHERE id < 90000 ORDER BY id", always=ALONE)  # fmt: skip
add(B, "row_locked", "sites", "UPDATE sites SET zone = zone WHERE id BETWEEN 5 AND 60",
    meanwhile="SELECT * FROM sites WHERE id = 20 FOR UPDATE")  # fmt: skip
add(B, "row_locked", "devices", "SELECT id FROM devices WHERE site_id = 9 FOR UPDATE",
    meanwhile="SELECT * FROM devices WHERE site_id = 9 LIMIT 1 FOR UPDATE")  # fmt: skip
add(B, "distinct_values_wrong", "devices", "SELECT max(d.remark) FROM links l JOIN devices d ON d.id = l.device_id",
    done=["ALTER TABLE links ALTER device_id SET (n_distinct = 5)", "ANALYZE links"],
    undone=["ALTER TABLE links ALTER device_id RESET (n_distinct)", "ANALYZE links"], since=14, twin=False,
    always=ALONE, harms="statistics")  # fmt: skip
add(B, "contradiction", "alarms", "SELECT * FROM alarms WHERE level = 1 AND level = 2", modes=BOTH, harms="no row",
    healthy="SELECT * FROM alarms WHERE device_id = 1 AND level = 2")  # fmt: skip
add(B, "wide_rows_sorted", "manuals", "SELECT chapter, body FROM manuals ORDER BY chapter, id",
    healthy="SELECT chapter, id FROM manuals ORDER BY chapter, id", always=ALONE)  # fmt: skip
add(B, "cost_setting", "alarms", "SELECT max(words) FROM alarms WHERE device_id BETWEEN 1 AND 90",
    set=["random_page_cost = 300", "seq_page_cost = 0.1"], modes=BOTH)  # fmt: skip

for healthy in (
    "SELECT count(*) FROM readings",
    "SELECT kind, avg(value), max(value) FROM readings GROUP BY kind",
    "SELECT count(*) FROM readings WHERE kind IN (1, 2)",
    "SELECT s.zone, count(*) FROM devices d JOIN sites s ON s.id = d.site_id GROUP BY s.zone",
    "SELECT d.model, avg(r.value) FROM readings r JOIN devices d ON d.id = r.device_id GROUP BY d.model",
    "SELECT * FROM sites WHERE country = 5",
    "SELECT name FROM sites WHERE lower(name) LIKE '%7'",
    "SELECT d.serial FROM devices d JOIN sites s ON s.id = d.site_id WHERE s.zone = 1 AND s.country = 4",
    "SELECT count(*) FROM alarms WHERE level >= 2",
    "SELECT device_id, max(raised) FROM alarms WHERE raised > '2026-04-20' GROUP BY device_id",
    "SELECT * FROM readings WHERE device_id = 17 ORDER BY taken DESC LIMIT 10",
    "SELECT a.id, d.serial FROM alarms a JOIN devices d ON d.id = a.device_id WHERE a.closed IS NULL",
):
    add(B, None, None, healthy, modes=BOTH)

# ---- the last group: a library, written after the rules were mended by the first two, and never used for that ----

C = "fresh"
TABLES[C] = [
    "SET client_min_messages = error",
    f"""CREATE TABLE authors AS SELECT i AS id, 'Author ' || i AS name, {random_of('i', 60)} AS nation, 1900 + i % 100
        AS born FROM generate_series(1, 8000) i""",
    "ALTER TABLE authors ADD PRIMARY KEY (id)",
    f"""CREATE TABLE books AS SELECT i AS id, {random_of('i * 5', 8000)} + 1 AS author_id, 'Title ' || md5(i::text)
       AS title,
        lpad((i * 7)::text, 13, '9') AS isbn, 1950 + i % 70 AS year, i % 23 AS shelf, {random_of('i * 3', 90)} AS genre,
        {random_of('i * 3', 90)} * 3 + 1 AS subgenre, repeat(md5(i::text), 3) AS blurb FROM generate_series(1,
           150000) i""",
    "ALTER TABLE books ADD PRIMARY KEY (id)",
    "CREATE INDEX books_author ON books (author_id)",
    "CREATE INDEX books_isbn ON books (isbn)",
    "CREATE INDEX books_genre_year ON books (genre, year)",
    "CREATE INDEX books_title ON books (title text_pattern_ops)",
    "CREATE STATISTICS books_genres (mcv) ON genre, subgenre FROM books",
    f"""CREATE TABLE loans AS SELECT i AS id, {random_of('i * 11', 150000)} + 1 AS book_id, {random_of('i * 2',
       30000)} + 1
        AS member_id, date '2024-01-01' + i / 400 AS taken, CASE WHEN i % 200 = 0 THEN NULL ELSE date '2024-01-20' +
        i / 400 END AS returned, {random_of('i * 19', 1000)} / 10.0 AS fee, md5((i * 3)::text) AS stamp
        FROM generate_series(1, 350000) i""",
    "ALTER TABLE loans ADD PRIMARY KEY (id)",
    "CREATE INDEX loans_book ON loans (book_id)",
    "CREATE INDEX loans_member ON loans (member_id, taken)",
    "CREATE INDEX loans_taken ON loans (taken)",
    "CREATE INDEX loans_open ON loans (id) WHERE returned IS NULL",
    f"""CREATE TABLE members AS SELECT i AS id, 'Member ' || i AS name, i || '@mail.example' AS mail, i % 12 AS branch,
        timestamp '2019-01-01' + i * interval '2 hours' AS joined, {random_of('i', 40)} AS age
        FROM generate_series(1, 30000) i""",
    "ALTER TABLE members ADD PRIMARY KEY (id)",
    "CREATE INDEX members_mail ON members (mail)",
    "CREATE INDEX members_joined ON members (joined)",
    "CREATE TABLE shelfmarks (id int PRIMARY KEY, hall int, place int) WITH (autovacuum_enabled = off)",
    "INSERT INTO shelfmarks SELECT i, i % 40, i FROM generate_series(1, 120000) i",
    "CREATE INDEX shelfmarks_hall ON shelfmarks (hall, place)",
    "CREATE TABLE scans AS SELECT i AS id, i % 900 AS page, repeat(md5(i::text), 28) AS picture "
    "FROM generate_series(1, 24000) i",
    "CREATE TABLE opening (day date NOT NULL, branch int, visitors int) PARTITION BY RANGE (day)",
    """DO $$BEGIN FOR i IN 0..29 LOOP EXECUTE format('CREATE TABLE opening_%s PARTITION OF opening FOR VALUES FROM
       (%L) '
       'TO (%L)', i, date '2024-01-01' + i * 30, date '2024-01-01' + (i + 1) * 30); END LOOP; END$$""",
    "INSERT INTO opening SELECT date '2024-01-01' + i % 900, i % 12, i FROM generate_series(1, 140000) i",
    "CREATE TABLE series AS SELECT i AS id, 'Series ' || i AS name FROM generate_series(1, 2800) i",
    "ALTER TABLE series ADD PRIMARY KEY (id)",
    "CREATE TABLE volumes AS SELECT i AS id, 1200 + i % 1600 AS series_id FROM generate_series(1, 130000) i",
    "CREATE INDEX volumes_series ON volumes (series_id)",
    "ALTER TABLE volumes ADD CONSTRAINT volumes_series_fk FOREIGN KEY (series_id) REFERENCES series (id)",
    "CREATE TABLE history (loan int, words text)",
    """CREATE FUNCTION history_words() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN PERFORM length(repeat(md5(NEW.words), 2000)); RETURN NEW; END$$""",
    "CREATE TRIGGER history_words AFTER INSERT ON history FOR EACH ROW EXECUTE FUNCTION history_words()",
    "ALTER TABLE history DISABLE TRIGGER history_words",
    "CREATE TABLE ranks AS SELECT i AS id, i * 2 AS low, i * 2 + 1 AS high FROM generate_series(1, 4000) i",
    "VACUUM (ANALYZE) authors, books, loans, members, shelfmarks, scans, opening, series, volumes, ranks",
]  # fmt: skip

dropped(C, "loans_member", "loans (member_id, taken)", "loans", "SELECT taken, fee FROM loans WHERE member_id = 77",
        modes=BOTH)  # fmt: skip
dropped(C, "books_isbn", "books (isbn)", "books", "SELECT id, title FROM books WHERE isbn = '9999999000777'",
    modes=BOTH)
dropped(C, "loans_taken", "loans (taken)", "loans", "SELECT sum(fee) FROM loans WHERE taken = '2025-03-03'", modes=BOTH)
dropped(C, "members_mail", "members (mail)", "members", "SELECT * FROM members WHERE mail = '4711@mail.example'",
        modes=BOTH, always=ALONE)  # fmt: skip
dropped(C, "loans_open", "loans (id) WHERE returned IS NULL", "loans", "SELECT count(stamp) FROM loans "
        "WHERE returned IS NULL")  # fmt: skip
add(C, "index_invalid", "books", "SELECT title FROM books WHERE author_id = 500",
    done=["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'books_author'::regclass"],
    undone=["UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'books_author'::regclass"],
    what="the index books_author was left invalid", modes=BOTH)  # fmt: skip
dropped(C, "loans_book", "loans (book_id)", "loans", "SELECT b.title, l.taken FROM books b JOIN loans l ON "
        "l.book_id = b.id WHERE b.isbn LIKE '9999999000%' AND b.author_id < 900", label="join_index_dropped",
        modes=BOTH)  # fmt: skip
dropped(C, "books_author", "books (author_id)", "books", "SELECT a.name, count(*) FROM authors a JOIN books b ON "
        "b.author_id = a.id WHERE a.id IN (7, 70, 700) GROUP BY a.name", label="join_index_dropped")  # fmt: skip
dropped(C, "loans_member", "loans (member_id, taken)", "loans", "SELECT m.id, x.taken FROM members m CROSS JOIN "
    "LATERAL "
        "(SELECT max(taken) AS taken FROM loans l WHERE l.member_id = m.id) x WHERE m.id < 150",
        label="inner_index_dropped", always=ALONE, modes=BOTH)  # fmt: skip
add(C, "index_column_dropped", "books", "SELECT id, title FROM books WHERE genre < 8 AND year = 1999",
    done=["DROP INDEX books_genre_year", "CREATE INDEX books_genre ON books (genre)", "ANALYZE books"],
    undone=["DROP INDEX books_genre", "CREATE INDEX books_genre_year ON books (genre, year)", "ANALYZE books"],
    modes=BOTH)  # fmt: skip
dropped(C, "loans_open", "loans (id) WHERE returned IS NULL", "loans", "SELECT id, stamp FROM loans WHERE returned IS "
        "NULL AND fee > 99.7 ORDER BY id LIMIT 15", label="order_by_limit", always=ALONE)  # fmt: skip
dropped(C, "members_joined", "members (joined)", "members", "SELECT name FROM members ORDER BY joined DESC LIMIT 5",
        label="order_index_dropped", always=ALONE)  # fmt: skip
add(C, "statistics_stale", "returns books", "SELECT max(b.blurb) FROM returns r JOIN books b ON b.id = r.book_id WHERE "
    "r.state = 'lost'", done=["CREATE TABLE returns AS SELECT id, book_id, 'back' AS state FROM loans WHERE id < 90000",
    "ANALYZE returns", "UPDATE returns SET state = 'lost' WHERE id % 2 = 0"], undone=["ANALYZE returns"],
    what="group of the rows got a new state after ANALYZE", always=ALONE, harms="statistics", twin=False)  # fmt: skip
add(C, "statistics_dropped", "books loans", "SELECT count(l.stamp) FROM books b JOIN loans l ON l.book_id = b.id WHERE "
    "b.genre = 11 AND b.subgenre = 34", done=["DROP STATISTICS books_genres"],
    undone=["CREATE STATISTICS books_genres (mcv) ON genre, subgenre FROM books", "ANALYZE books"], always=ALONE,
    harms="statistics", twin=False)  # fmt: skip
add(C, "sort_memory_cut", "loans", "SELECT stamp, fee FROM loans ORDER BY stamp", set=["work_mem = '1500kB'"],
    healthy_set=["work_mem = '256MB'"], always=ALONE, harms="disk")  # fmt: skip
add(C, "hash_memory_cut", "books", "SELECT count(*) FROM loans l JOIN books b ON b.id = l.book_id AND b.title > "
    "l.stamp",
    set=["work_mem = '512kB'", "hash_mem_multiplier = 1"], healthy_set=["work_mem = '128MB'"], always=ALONE, since=14,
    harms="disk")  # fmt: skip
add(C, "group_memory_cut", "loans", "SELECT stamp, count(*) FROM loans GROUP BY stamp", set=["work_mem = '512kB'"],
    healthy_set=["work_mem = '256MB'"], always=ALONE, harms="disk")  # fmt: skip
add(C, "bitmap_memory_cut", "loans", "SELECT sum(fee) FROM loans WHERE book_id < 9000", set=["work_mem = '64kB'"],
    healthy_set=["work_mem = '16MB'"], always=[*ALONE, "random_page_cost = 1.2"], harms="lossy")  # fmt: skip
add(C, "materialize_memory_cut", "l", "WITH l AS MATERIALIZED (SELECT * FROM loans) SELECT max(stamp), min(taken) "
    "FROM l",
    set=["work_mem = '1MB'"], healthy_set=["work_mem = '256MB'"], always=ALONE, harms="disk")  # fmt: skip
add(C, "cast_column", "members", "SELECT id FROM members WHERE joined::date = '2022-02-02'", modes=BOTH,
    healthy="SELECT id FROM members WHERE joined >= '2022-02-02' AND joined < '2022-02-03'")  # fmt: skip
add(C, "implicit_conversion", "loans", "SELECT fee FROM loans WHERE member_id = 12.0", modes=BOTH,
    healthy="SELECT fee FROM loans WHERE member_id = 12")  # fmt: skip
add(C, "function_on_column", "members", "SELECT name FROM members WHERE upper(mail) = '77@MAIL.EXAMPLE'", modes=BOTH,
    healthy="SELECT name FROM members WHERE mail = '77@mail.example'")  # fmt: skip
add(C, "function_on_column", "loans", "SELECT count(stamp) FROM loans WHERE to_char(taken, 'YYYYMMDD') = '20250101'",
    healthy="SELECT count(stamp) FROM loans WHERE taken = '2025-01-01'", modes=BOTH)  # fmt: skip
add(C, "expression_on_column", "loans", "SELECT stamp FROM loans WHERE member_id * 2 = 8000", modes=BOTH,
    healthy="SELECT stamp FROM loans WHERE member_id = 4000")  # fmt: skip
add(C, "leading_wildcard", "books", "SELECT id FROM books WHERE title LIKE '%cafe%'", modes=BOTH,
    healthy="SELECT id FROM books WHERE title LIKE 'Title cafe%'")  # fmt: skip
add(C, "offset", "loans", "SELECT id, stamp FROM loans ORDER BY taken, id LIMIT 25 OFFSET 200000", always=ALONE,
    healthy="SELECT id, stamp FROM loans WHERE taken > '2025-05-15' ORDER BY taken LIMIT 25")  # fmt: skip
add(C, "offset", "books", "SELECT title FROM books ORDER BY id OFFSET 120000 LIMIT 50",
    healthy="SELECT title FROM books WHERE id > 120000 ORDER BY id LIMIT 50")  # fmt: skip
add(C, "not_in", "loans", "SELECT title FROM books WHERE id NOT IN (SELECT book_id FROM loans WHERE fee < 5)",
    modes=BOTH,
    healthy="SELECT title FROM books b WHERE NOT EXISTS (SELECT FROM loans l WHERE l.book_id = b.id AND fee < 5)",
    harms="NULL", twin=False)  # fmt: skip
add(C, "not_in", "loans", "SELECT count(*) FROM members WHERE id < 2000 AND id NOT IN (SELECT member_id FROM loans "
    "WHERE "
    "fee < 4)", set=["work_mem = '64kB'"], always=ALONE, healthy="SELECT count(*) FROM members m WHERE id < 2000 "
    "AND NOT "
    "EXISTS (SELECT FROM loans l WHERE l.member_id = m.id AND fee < 4)", twin=False)  # fmt: skip
add(C, "correlated_subplan", "loans", "SELECT m.name, (SELECT sum(fee) FROM loans l WHERE l.member_id = m.id) FROM "
    "members m", healthy="SELECT m.name, x.fee FROM members m LEFT JOIN (SELECT member_id, sum(fee) AS fee FROM loans "
    "GROUP BY member_id) x ON x.member_id = m.id", modes=BOTH, always=["work_mem = '64MB'"])  # fmt: skip
add(C, "visibility_lost", "shelfmarks", "SELECT count(*) FROM shelfmarks WHERE hall < 15",
    done=["UPDATE shelfmarks SET place = place WHERE id % 2 = 1"], undone=["VACUUM shelfmarks"],
    what="group of the rows was updated without VACUUM", always=ALONE, harms="blocks")  # fmt: skip
add(C, "workers_missing", "loans", "SELECT min(md5(md5(stamp))) FROM loans", set=["max_parallel_workers = 0"],
    always=["min_parallel_table_scan_size = 0", "parallel_setup_cost = 0"], harms="processes")  # fmt: skip
add(C, "jit", "loans", "SELECT taken, sum(fee), max(stamp), avg(id) FROM loans WHERE fee > 1 AND book_id > 10 AND "
    "taken < '2025-06-01' GROUP BY taken", set=["jit = on", "jit_above_cost = 0", "jit_optimize_above_cost = 0",
    "jit_inline_above_cost = 0"], always=ALONE, debian=True)  # fmt: skip
add(C, "join_without_equality", "ranks books", "SELECT count(*) FROM ranks r JOIN books b ON b.year BETWEEN r.low AND "
    "r.high WHERE b.genre = 5", healthy="SELECT count(*) FROM ranks r JOIN books b ON b.year = r.low WHERE b.genre = 5",
    modes=BOTH, always=ALONE)  # fmt: skip
add(C, "or_over_tables", "loans books", "SELECT l.id FROM loans l JOIN books b ON b.id = l.book_id WHERE l.id < 20 OR "
    "b.isbn = '9999999000777'", healthy="SELECT l.id FROM loans l JOIN books b ON b.id = l.book_id WHERE l.id < 20 "
    "UNION "
    "SELECT l.id FROM loans l JOIN books b ON b.id = l.book_id WHERE b.isbn = '9999999000777'",
    always=ALONE)  # fmt: skip
add(C, "join_condition_dropped", "members authors", "SELECT m.id, a.id FROM members m, authors a WHERE m.branch = 3 "
    "AND "
    "a.nation = 9", healthy="SELECT m.id, a.id FROM members m, authors a WHERE m.branch = 3 AND a.nation = 9 AND "
    "a.id = m.id", modes=BOTH, always=ALONE, twin=False)  # fmt: skip
add(C, "cte_fence", "b books", "WITH b AS MATERIALIZED (SELECT id, title, isbn FROM books) SELECT title FROM b WHERE "
    "isbn = '9999999000777'", healthy="WITH b AS (SELECT id, title, isbn FROM books) SELECT title FROM b WHERE "
    "isbn = '9999999000777'")  # fmt: skip
add(C, "partition_key_hidden", "opening", "SELECT sum(visitors) FROM opening WHERE day + 1 = '2024-05-06'",
    healthy="SELECT sum(visitors) FROM opening WHERE day = '2024-05-05'", always=ALONE)  # fmt: skip
dropped(C, "volumes_series", "volumes (series_id)", "volumes", "DELETE FROM series WHERE id BETWEEN 100 AND 190",
        label="foreign_key_index_dropped")  # fmt: skip
add(C, "trigger_added", "history", "INSERT INTO history SELECT i, i::text FROM generate_series(1, 8000) i",
    done=["ALTER TABLE history ENABLE TRIGGER history_words"],
    undone=["ALTER TABLE history DISABLE TRIGGER history_words"])  # fmt: skip
add(C, "planner_setting", "loans", "SELECT count(*) FROM loans WHERE member_id BETWEEN 5 AND 60",
    set=["enable_indexonlyscan = off", "enable_indexscan = off", "enable_bitmapscan = off"], modes=BOTH)  # fmt: skip
add(C, "order_by_random", "loans", "SELECT stamp FROM loans ORDER BY random() LIMIT 1", modes=BOTH, always=ALONE,
    healthy="SELECT stamp FROM loans ORDER BY id LIMIT 1")  # fmt: skip
add(C, "union_instead_of_all", "books", "SELECT id, title FROM books UNION SELECT id, name FROM members",
    healthy="SELECT id, title FROM books UNION ALL SELECT id, name FROM members",
    always=[*ALONE, "work_mem = '64MB'"])  # fmt: skip
add(C, "row_locked", "members", "DELETE FROM members WHERE id BETWEEN 29000 AND 29040",
    meanwhile="SELECT * FROM members WHERE id = 29010 FOR UPDATE")  # fmt: skip
add(C, "contradiction", "books", "SELECT * FROM books WHERE genre = 1 AND genre = 2", modes=BOTH, harms="no row",
    healthy="SELECT * FROM books WHERE genre = 1 AND year = 2002")  # fmt: skip
add(C, "wide_rows_sorted", "scans", "SELECT page, picture FROM scans ORDER BY page, id", always=ALONE,
    healthy="SELECT page, id FROM scans ORDER BY page, id")  # fmt: skip

for healthy in (
    "SELECT count(*) FROM loans",
    "SELECT genre, count(*), max(year) FROM books GROUP BY genre",
    "SELECT count(*) FROM loans WHERE fee < 40",
    "SELECT count(*) FROM books WHERE year > 1960",
    "SELECT a.nation, count(*) FROM books b JOIN authors a ON a.id = b.author_id GROUP BY a.nation",
    "SELECT name FROM authors WHERE nation = 5",
    "SELECT m.branch, sum(l.fee) FROM loans l JOIN members m ON m.id = l.member_id GROUP BY m.branch",
    "SELECT b.title FROM books b JOIN authors a ON a.id = b.author_id WHERE a.id = 66",
    "SELECT * FROM loans WHERE member_id = 12 ORDER BY taken DESC LIMIT 3",
    "SELECT taken, count(*) FROM loans WHERE taken > '2025-01-01' GROUP BY taken ORDER BY taken",
    "SELECT l.id, b.title FROM loans l JOIN books b ON b.id = l.book_id WHERE l.returned IS NULL AND l.id < 9000",
):
    add(C, None, None, healthy, modes=BOTH)
