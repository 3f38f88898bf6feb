"""MariaDB's and MySQL's cases of the corpus; see corpus_postgresql.py. MySQL 8.0.15 has no ANALYZE, so that what only
shows there is MariaDB's alone (`modes`, `engines`). MariaDB's sessions take `set` as `SET …`."""

CASES = []

BOTH = ("analyze", "explain")
RUN = ("analyze",)
MARIADB = ("mariadb",)


def add(group, label, table, statement, **more):
    CASES.append({"group": group, "label": label, "table": table, "statement": statement, "modes": BOTH, **more})


def dropped(group, key, table, statement, label="index_dropped", **more):
    name = key.split(" ", 1)[0]
    add(group, label, table, statement, done=[f"ALTER TABLE {table} DROP KEY {name}"],
        undone=[f"ALTER TABLE {table} ADD KEY {key}", f"ANALYZE TABLE {table}"], **more)  # fmt: skip


NUMBERS = [
    "CREATE TABLE digits (d int)",
    "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    "CREATE TABLE numbers (n int PRIMARY KEY) AS SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n "
    "FROM digits a, digits b, digits c, digits d, digits e",
]


def random_of(key, below):
    return f"(crc32({key}) % {below})"


TABLES = {
    "tune": [
        """CREATE TABLE buyers (id int PRIMARY KEY, name varchar(40), email varchar(80), region int, country int,
           KEY buyers_email (email), KEY buyers_region (region)) CHARSET utf8mb4""",
        f"INSERT INTO buyers SELECT n, concat('buyer ', n), concat('b', n, '@example.org'), n % 20, "
        f"{random_of('n', 50)} FROM numbers WHERE n BETWEEN 1 AND 15000",
        """CREATE TABLE purchases (id int PRIMARY KEY, buyer_id int, status varchar(10), total int, placed_at datetime,
           code varchar(12), note char(32), shop int, rare int, KEY purchases_buyer (buyer_id),
           KEY purchases_placed (placed_at), KEY purchases_code (code), KEY purchases_shop_total (shop, total),
           KEY purchases_note (note)) CHARSET utf8mb4""",
        f"INSERT INTO purchases SELECT n, {random_of('n', 15000)} + 1, IF(n % 100 < 96, 'done', 'open'), "
        f"{random_of('n * 3', 5000)}, '2026-01-01' + INTERVAL n MINUTE, lpad(n, 8, '0'), md5(n), n % 12, n > 98500 "
        "FROM numbers",
        """CREATE TABLE goods (id int PRIMARY KEY, name varchar(40), category int, price int, code varchar(12),
           KEY goods_code (code)) CHARSET utf8mb4""",
        "INSERT INTO goods SELECT n, concat('good ', n), n % 40, n * 3, lpad(n, 8, '0') FROM numbers "
        "WHERE n BETWEEN 1 AND 2500",
        """CREATE TABLE old_goods (id int PRIMARY KEY, code varchar(12), price int, KEY old_code (code),
           KEY old_price (price)) CHARSET utf8mb4""",
        "INSERT INTO old_goods SELECT id, code, price FROM goods",
        """CREATE TABLE ticks (id int, at date, n int, PRIMARY KEY (id, at), KEY ticks_n (n)) PARTITION BY RANGE
           (to_days(at)) (%s, PARTITION rest VALUES LESS THAN MAXVALUE)"""
        % ", ".join(f"PARTITION p{i} VALUES LESS THAN (to_days('2026-01-01') + {i * 10 + 10})" for i in range(24)),
        "INSERT INTO ticks SELECT n, '2026-01-01' + INTERVAL n % 240 DAY, n % 5000 FROM numbers",
        "CREATE TABLE pairs (id int PRIMARY KEY, a int, b int, note char(32), KEY pairs_ab (a, b))",
        "INSERT INTO pairs SELECT n, n % 90, (n DIV 7) % 83, md5(n) FROM numbers",
        "ANALYZE TABLE buyers, purchases, goods, old_goods, ticks, pairs",
    ],
    "held": [
        """CREATE TABLE sites (id int PRIMARY KEY, name varchar(40), zone int, country int, opened date,
           KEY sites_country (country)) CHARSET utf8mb4""",
        f"INSERT INTO sites SELECT n, concat('site ', n), n % 7, {random_of('n', 30)}, '2020-01-01' + INTERVAL n DAY "
        "FROM numbers WHERE n BETWEEN 1 AND 1800",
        """CREATE TABLE devices (id int PRIMARY KEY, serial varchar(40), site_id int, model varchar(20), installed
           timestamp NULL, remark varchar(200), UNIQUE KEY devices_serial (serial), KEY devices_site (site_id))
           CHARSET utf8mb4""",
        f"INSERT INTO devices SELECT n, concat('SN', md5(n)), {random_of('n', 1800)} + 1, concat('model ', n % 35), "
        "'2024-01-01' + INTERVAL n HOUR, repeat('note ', 20) FROM numbers WHERE n BETWEEN 1 AND 12000",
        """CREATE TABLE readings (id int PRIMARY KEY, device_id int, taken datetime, kind int, value double,
           quality varchar(8), payload varchar(60), late int, KEY readings_device_taken (device_id, taken),
           KEY readings_taken (taken), KEY readings_kind_quality (kind, quality)) CHARSET utf8mb4""",
        f"INSERT INTO readings SELECT n, {random_of('n * 7', 12000)} + 1, '2026-04-01' + INTERVAL n * 20 SECOND, n % "
        "6, "
        f"{random_of('n * 13', 10000)} / 10, IF(n % 400 = 0, 'bad', 'good'), concat(md5(n * 17), n), n > 99000 "
        "FROM numbers",
        """CREATE TABLE alarms (id int PRIMARY KEY, device_id int, level int, raised datetime, words varchar(60),
           ticket char(10), KEY alarms_device (device_id), KEY alarms_ticket (ticket), KEY alarms_level (level))
           CHARSET utf8mb4""",
        f"INSERT INTO alarms SELECT n, {random_of('n * 3', 12000)} + 1, n % 5, '2026-04-01' + INTERVAL n * 90 SECOND, "
        "concat('alarm ', md5(n)), lpad(n, 10, '0') FROM numbers WHERE n < 45000",
        """CREATE TABLE orders_in (ticket varchar(10), amount int, KEY orders_in_ticket (ticket)) CHARSET utf8mb4""",
        "INSERT INTO orders_in SELECT lpad(n * 3, 10, '0'), n FROM numbers WHERE n < 4000",
        """CREATE TABLE meters (id int, site int, month int, n int, PRIMARY KEY (id, month)) PARTITION BY LIST (month)
           (%s)""" % ", ".join(f"PARTITION m{i} VALUES IN ({i})" for i in range(1, 25)),
        "INSERT INTO meters SELECT n, n % 600, n % 24 + 1, n FROM numbers",
        "CREATE TABLE tags (id int PRIMARY KEY, k int, v int, words char(32), KEY tags_kv (k, v))",
        "INSERT INTO tags SELECT n, n % 70, (n DIV 9) % 61, md5(n) FROM numbers",
        "ANALYZE TABLE sites, devices, readings, alarms, orders_in, meters, tags",
    ],
    "fresh": [
        """CREATE TABLE members (id int PRIMARY KEY, name varchar(40), mail varchar(60), branch int, joined datetime,
           KEY members_mail (mail), KEY members_joined (joined)) CHARSET utf8mb4""",
        "INSERT INTO members SELECT n, concat('Member ', n), concat(n, '@mail.example'), n % 12, '2019-01-01' + "
        "INTERVAL n "
        "HOUR FROM numbers WHERE n BETWEEN 1 AND 18000",
        """CREATE TABLE loans (id int PRIMARY KEY, member_id int, book_id int, taken date, fee int, stamp char(32),
           ticket varchar(12), KEY loans_member_taken (member_id, taken), KEY loans_book (book_id), KEY loans_taken
              (taken),
           KEY loans_ticket (ticket)) CHARSET utf8mb4""",
        f"INSERT INTO loans SELECT n, {random_of('n * 2', 18000)} + 1, {random_of('n * 11', 9000)} + 1, '2024-01-01' + "
        f"INTERVAL n DIV 200 DAY, {random_of('n * 19', 1000)}, md5(n * 3), lpad(n, 9, '7') FROM numbers",
        """CREATE TABLE books (id int PRIMARY KEY, title varchar(60), genre int, year int, shelf varchar(10),
           KEY books_genre_year (genre, year)) CHARSET utf8mb4""",
        f"INSERT INTO books SELECT n, concat('Title ', md5(n)), {random_of('n', 60)}, 1950 + n % 70, concat('S', n % "
        "900) "
        "FROM numbers WHERE n BETWEEN 1 AND 9000",
        "ANALYZE TABLE members, loans, books",
    ],
}
MARIADB_MORE = {
    "tune": ["ANALYZE TABLE buyers, purchases, goods PERSISTENT FOR ALL"],
    "held": ["ANALYZE TABLE sites, devices, readings, alarms PERSISTENT FOR ALL"],
    "fresh": ["ANALYZE TABLE members, loans, books PERSISTENT FOR ALL"],
}

A = "tune"
dropped(A, "purchases_buyer (buyer_id)", "purchases", "SELECT * FROM purchases WHERE buyer_id = 4711")
dropped(A, "purchases_placed (placed_at)", "purchases", "SELECT count(note) FROM purchases WHERE placed_at >= "
        "'2026-02-01' AND placed_at < '2026-02-02'")  # fmt: skip
dropped(A, "buyers_email (email)", "buyers", "SELECT id, name FROM buyers WHERE email = 'b77@example.org'")
dropped(A, "purchases_buyer (buyer_id)", "purchases", "SELECT b.name, p.id FROM buyers b STRAIGHT_JOIN purchases p ON "
        "p.buyer_id = b.id WHERE b.email LIKE 'b77%'", label="join_index_dropped")  # fmt: skip
dropped(A, "old_code (code)", "old_goods", "SELECT count(*) FROM goods g JOIN old_goods o ON o.code = g.code WHERE "
        "g.price > o.price", label="join_index_dropped", twin=False)  # fmt: skip
add(A, "index_column_dropped", "purchases", "SELECT id, note FROM purchases WHERE shop = 3 AND total BETWEEN 10 AND 60",
    done=["ALTER TABLE purchases DROP KEY purchases_shop_total, ADD KEY purchases_shop (shop)"],
    undone=["ALTER TABLE purchases DROP KEY purchases_shop, ADD KEY purchases_shop_total (shop, total)",
            "ANALYZE TABLE purchases"], modes=RUN)  # fmt: skip
add(A, "index_forced", "purchases", "SELECT * FROM purchases FORCE INDEX (purchases_shop_total) WHERE shop < 4 AND "
    "buyer_id = 4711", healthy="SELECT * FROM purchases WHERE shop < 4 AND buyer_id = 4711", modes=RUN)  # fmt: skip
add(A, "index_ignored", "purchases", "SELECT * FROM purchases IGNORE INDEX (purchases_buyer) WHERE buyer_id = 4711",
    healthy="SELECT * FROM purchases WHERE buyer_id = 4711")  # fmt: skip
add(A, "function_on_column", "purchases", "SELECT count(note) FROM purchases WHERE month(placed_at) = 2 AND "
    "day(placed_at) = 3", healthy="SELECT count(note) FROM purchases WHERE placed_at >= '2026-02-03' AND "
    "placed_at < '2026-02-04'")  # fmt: skip
add(A, "function_on_column", "buyers", "SELECT id FROM buyers WHERE lower(email) = 'b77@example.org'",
    healthy="SELECT id, name FROM buyers WHERE email = 'b77@example.org'")  # fmt: skip
add(A, "cast_column", "purchases", "SELECT count(note) FROM purchases WHERE date(placed_at) = '2026-02-03'",
    healthy="SELECT count(note) FROM purchases WHERE placed_at >= '2026-02-03' AND placed_at < '2026-02-04'")
add(A, "implicit_conversion", "purchases", "SELECT * FROM purchases WHERE code = 12345",
    healthy="SELECT * FROM purchases WHERE code = '00012345'")  # fmt: skip
add(A, "expression_on_column", "purchases", "SELECT * FROM purchases WHERE buyer_id + 1 = 4712",
    healthy="SELECT * FROM purchases WHERE buyer_id = 4711")  # fmt: skip
add(A, "leading_wildcard", "buyers", "SELECT id FROM buyers WHERE email LIKE '%77@example.org'",
    healthy="SELECT id FROM buyers WHERE email LIKE 'b77@%'")  # fmt: skip
add(A, "correlated_subplan", "purchases", "SELECT count(*) FROM buyers b WHERE region < (SELECT max(total) FROM "
    "purchases p WHERE p.buyer_id = b.id)", healthy="SELECT count(*) FROM buyers b JOIN (SELECT buyer_id, max(total) "
    "AS "
    "total FROM purchases GROUP BY buyer_id) x ON x.buyer_id = b.id WHERE region < x.total", twin=False)  # fmt: skip
add(A, "correlated_subplan", "purchases", "SELECT b.id, (SELECT sum(total) FROM purchases p WHERE p.buyer_id = b.id) s "
    "FROM buyers b WHERE b.region < 6", healthy="SELECT b.id, sum(total) FROM buyers b LEFT JOIN purchases p ON "
    "p.buyer_id = b.id WHERE b.region < 6 GROUP BY b.id", twin=False)  # fmt: skip
add(A, "derived_not_merged", "purchases", "SELECT b.name, d.n FROM buyers b JOIN (SELECT buyer_id, count(*) AS n, "
    "max(note) AS m FROM purchases GROUP BY buyer_id) d ON d.buyer_id = b.id WHERE b.email = 'b77@example.org'",
    healthy="SELECT b.name, count(*), max(note) FROM buyers b JOIN purchases p ON p.buyer_id = b.id WHERE b.email = "
    "'b77@example.org' GROUP BY b.name", twin=False)  # fmt: skip
dropped(A, "purchases_placed (placed_at)", "purchases", "SELECT id, total FROM purchases ORDER BY placed_at DESC "
        "LIMIT 10", label="order_index_dropped")  # fmt: skip
dropped(A, "purchases_note (note)", "purchases", "SELECT note, count(*) FROM purchases GROUP BY note",
        label="group_index_dropped", twin=False)  # fmt: skip
add(A, "order_by_random", "purchases", "SELECT id FROM purchases ORDER BY rand() LIMIT 5",
    healthy="SELECT id FROM purchases ORDER BY id LIMIT 5")  # fmt: skip
add(A, "range_checked", "old_goods", "SELECT count(*) FROM buyers b STRAIGHT_JOIN old_goods o ON o.price > "
    "b.region * 400 + b.country WHERE b.region = 3", healthy="SELECT count(*) FROM buyers b STRAIGHT_JOIN old_goods "
    "o ON "
    "o.price = b.region * 400 + b.country WHERE b.region = 3")  # fmt: skip
add(A, "join_without_equality", "goods", "SELECT count(*) FROM buyers b STRAIGHT_JOIN goods g ON abs(g.price - "
    "b.country) "
    "< 2 WHERE b.region = 4", healthy="SELECT count(*) FROM buyers b STRAIGHT_JOIN goods g ON g.id = b.country WHERE "
    "b.region = 4")  # fmt: skip
add(A, "index_order_wrong", "purchases", "SELECT shop, total FROM purchases WHERE total = 77",
    healthy="SELECT shop, total FROM purchases WHERE shop = 7 AND total = 77",
    engines=MARIADB, what="the condition leaves out the first column of the index, which MySQL skips")  # fmt: skip
add(A, "index_split", "pairs", "SELECT * FROM pairs WHERE a = 5 AND b = 7",
    done=["ALTER TABLE pairs DROP KEY pairs_ab, ADD KEY pairs_a (a), ADD KEY pairs_b (b)", "ANALYZE TABLE pairs"],
    undone=["ALTER TABLE pairs DROP KEY pairs_a, DROP KEY pairs_b, ADD KEY pairs_ab (a, b)", "ANALYZE TABLE pairs"])
add(A, "partition_key_hidden", "ticks", "SELECT count(*) FROM ticks WHERE n BETWEEN 5 AND 900 AND at + INTERVAL 1 "
    "DAY = "
    "'2026-03-02'", healthy="SELECT count(*) FROM ticks WHERE at = '2026-03-01'")  # fmt: skip
add(A, "contradiction", "purchases", "SELECT * FROM purchases WHERE buyer_id = 5 AND buyer_id = 6",
    healthy="SELECT * FROM purchases WHERE buyer_id = 5 AND total = 6", harms="no row")  # fmt: skip
dropped(A, "purchases_shop_total (shop, total)", "purchases", "SELECT * FROM purchases WHERE rare = 1 ORDER BY id "
    "LIMIT 10",
        label="order_by_limit", modes=RUN, twin=False)  # fmt: skip
add(A, "sort_memory_cut", "purchases", "SELECT id, note FROM purchases ORDER BY note, total", modes=RUN,
    set=["sort_buffer_size = 131072"], healthy_set=["sort_buffer_size = 67108864"], twin=False, harms="disk")
add(A, "old_transaction", "purchases", "SELECT count(*) FROM purchases WHERE note LIKE 'a%' OR total < 10", modes=RUN,
    engines=MARIADB, set=["START TRANSACTION WITH CONSISTENT SNAPSHOT"],
    meanwhile=["UPDATE purchases SET rare = rare + 1"], undone=["UPDATE purchases SET rare = rare - 1"],
    what="all rows changed after the transaction began", twin=False, harms="undo")  # fmt: skip
add(A, "statistics_stale", "late", "SELECT count(l.note) FROM buyers b JOIN late l ON l.buyer_id = b.id WHERE "
    "b.region = 3 AND l.state = 0", modes=RUN, engines=MARIADB,
    done=["CREATE TABLE late (id int PRIMARY KEY, buyer_id int, state int, note char(32), KEY late_buyer (buyer_id))",
          "INSERT INTO late SELECT id, buyer_id, 0, note FROM purchases WHERE id < 300", "ANALYZE TABLE late "
          "PERSISTENT "
          "FOR ALL", "INSERT INTO late SELECT id, buyer_id, 0, note FROM purchases WHERE id >= 300"],
    undone=["ANALYZE TABLE late PERSISTENT FOR ALL"], what="99,700 rows were added after ANALYZE", harms="statistics",
    twin=False)  # fmt: skip
add(A, "join_buffer_off", "goods", "SELECT count(*) FROM buyers b STRAIGHT_JOIN goods g ON g.category = b.country "
    "WHERE "
    "b.region = 5", set=["join_cache_level = 0"], engines=MARIADB, healthy="SELECT count(*) FROM buyers b "
    "STRAIGHT_JOIN "
    "goods g ON g.id = b.country WHERE b.region = 5", twin=False)  # fmt: skip
add(A, "charset_differs", "old_goods", "SELECT count(*) FROM goods g STRAIGHT_JOIN old_goods o ON o.code = g.code",
    done=["ALTER TABLE old_goods MODIFY code varchar(12) CHARACTER SET latin1", "ANALYZE TABLE old_goods"],
    undone=["ALTER TABLE old_goods MODIFY code varchar(12) CHARACTER SET utf8mb4"])  # fmt: skip

for healthy in (
    "SELECT status, count(*), sum(total) FROM purchases GROUP BY status",
    "SELECT count(*) FROM purchases",
    "SELECT count(*) FROM purchases WHERE status = 'done'",
    "SELECT * FROM goods WHERE category = 7",
    "SELECT * FROM goods WHERE lower(name) = 'good 7'",
    "SELECT b.name, p.id FROM buyers b JOIN purchases p ON p.buyer_id = b.id WHERE b.email = 'b77@example.org'",
    "SELECT * FROM purchases WHERE placed_at >= '2026-02-01' AND placed_at < '2026-02-02' ORDER BY total LIMIT 20",
    "SELECT id FROM purchases WHERE buyer_id IN (1, 2, 3)",
):
    add(A, None, None, healthy)

B = "held"
dropped(B, "readings_device_taken (device_id, taken)", "readings", "SELECT taken, value FROM readings WHERE "
        "device_id = 1234 AND taken > '2026-04-02'")  # fmt: skip
dropped(B, "readings_taken (taken)", "readings", "SELECT kind, avg(value) FROM readings WHERE taken BETWEEN "
        "'2026-04-10 10:00' AND '2026-04-10 11:00' GROUP BY kind", twin=False)  # fmt: skip
dropped(B, "alarms_device (device_id)", "alarms", "SELECT level, raised FROM alarms WHERE device_id IN (5, 500, 5000)")
dropped(B, "readings_device_taken (device_id, taken)", "readings", "SELECT d.serial, r.value FROM devices d "
    "STRAIGHT_JOIN "
        "readings r ON r.device_id = d.id WHERE d.site_id = 44", label="join_index_dropped")  # fmt: skip
dropped(B, "devices_site (site_id)", "devices", "SELECT s.name, d.serial FROM sites s STRAIGHT_JOIN devices d ON "
        "d.site_id = s.id WHERE s.country = 3", label="join_index_dropped")  # fmt: skip
add(B, "index_column_dropped", "readings", "SELECT id, payload FROM readings WHERE device_id BETWEEN 10 AND 3000 AND "
    "taken < '2026-04-01 12:00' AND kind = 5 AND quality = 'bad'",
    done=["ALTER TABLE readings DROP KEY readings_kind_quality, ADD KEY readings_kind (kind)",
          "ALTER TABLE readings DROP KEY readings_taken"],
    undone=["ALTER TABLE readings DROP KEY readings_kind, ADD KEY readings_kind_quality (kind, quality), ADD KEY "
            "readings_taken (taken)", "ANALYZE TABLE readings"], modes=RUN)  # fmt: skip
add(B, "index_forced", "readings", "SELECT id FROM readings FORCE INDEX (readings_taken) WHERE taken > '2026-04-05' "
    "AND "
    "device_id = 77", healthy="SELECT id FROM readings WHERE taken > '2026-04-05' AND device_id = 77",
    modes=RUN)  # fmt: skip
add(B, "index_ignored", "alarms", "SELECT words FROM alarms IGNORE INDEX (alarms_device) WHERE device_id = 99",
    healthy="SELECT words FROM alarms WHERE device_id = 99")  # fmt: skip
add(B, "function_on_column", "readings", "SELECT count(payload) FROM readings WHERE date_format(taken, '%Y%m%d') = "
    "'20260409'", healthy="SELECT count(payload) FROM readings WHERE taken >= '2026-04-09' AND taken < '2026-04-10'")
add(B, "function_on_column", "devices", "SELECT id FROM devices WHERE substr(serial, 1, 8) = 'SN167909'",
    healthy="SELECT id FROM devices WHERE serial LIKE 'SN167909%'")  # fmt: skip
add(B, "cast_column", "alarms", "SELECT words FROM alarms WHERE cast(device_id AS char) = '501'",
    healthy="SELECT words FROM alarms WHERE device_id = 501")  # fmt: skip
add(B, "implicit_conversion", "alarms", "SELECT words FROM alarms WHERE ticket = 4321",
    healthy="SELECT words FROM alarms WHERE ticket = '0000004321'")  # fmt: skip
add(B, "implicit_conversion", "devices", "SELECT id FROM devices WHERE serial IN (11, 12)",
    healthy="SELECT id FROM devices WHERE serial IN ('SN11', 'SN12')", twin=False)  # fmt: skip
add(B, "expression_on_column", "readings", "SELECT count(payload) FROM readings WHERE taken - INTERVAL 1 HOUR > "
    "'2026-04-24 01:00'", healthy="SELECT count(payload) FROM readings WHERE taken > '2026-04-24 02:00'",
    harms="index")  # fmt: skip
add(B, "leading_wildcard", "alarms", "SELECT id FROM alarms WHERE words LIKE '%beef%'",
    healthy="SELECT id FROM alarms WHERE ticket LIKE '00000043%'", twin=False)  # fmt: skip
add(B, "correlated_subplan", "alarms", "SELECT count(*) FROM devices d WHERE 3 < (SELECT count(*) FROM alarms a WHERE "
    "a.device_id = d.id)", healthy="SELECT count(*) FROM devices d JOIN (SELECT device_id FROM alarms GROUP BY "
    "device_id HAVING "
    "count(*) > 3) x ON x.device_id = d.id", twin=False)  # fmt: skip
add(B, "correlated_subplan", "readings", "SELECT s.id, (SELECT max(value) FROM devices d JOIN readings r ON "
    "r.device_id = d.id WHERE d.site_id = s.id) m FROM sites s", healthy="SELECT s.id, max(value) FROM sites s LEFT "
    "JOIN devices d ON "
    "d.site_id = s.id LEFT JOIN readings r ON r.device_id = d.id GROUP BY s.id", twin=False)  # fmt: skip
add(B, "derived_not_merged", "alarms", "SELECT count(*) FROM (SELECT DISTINCT device_id, words FROM alarms) d WHERE "
    "words > 'alarm b'", healthy="SELECT count(DISTINCT device_id, words) FROM alarms WHERE words > 'alarm b'",
    twin=False)  # fmt: skip
dropped(B, "readings_taken (taken)", "readings", "SELECT device_id, value FROM readings ORDER BY taken DESC LIMIT 25",
        label="order_index_dropped")  # fmt: skip
dropped(B, "alarms_ticket (ticket)", "alarms", "SELECT ticket, count(*) FROM alarms GROUP BY ticket",
        label="group_index_dropped", twin=False)  # fmt: skip
add(B, "order_by_random", "alarms", "SELECT words FROM alarms WHERE id > 100 ORDER BY rand() LIMIT 3",
    healthy="SELECT words FROM alarms WHERE id > 100 ORDER BY id LIMIT 3")  # fmt: skip
add(B, "range_checked", "orders_in", "SELECT count(*) FROM alarms a STRAIGHT_JOIN orders_in o ON o.ticket > "
    "concat(a.level, a.words) WHERE a.level = 2 AND a.id < 4000", healthy="SELECT count(*) FROM alarms a STRAIGHT_JOIN "
    "orders_in o ON o.ticket = a.ticket WHERE a.level = 2 AND a.id < 4000")  # fmt: skip
add(B, "join_without_equality", "sites", "SELECT count(*) FROM devices d STRAIGHT_JOIN sites s ON s.id + d.site_id = "
    "900 "
    "AND s.zone <> d.id % 7 WHERE d.id < 3000", healthy="SELECT count(*) FROM devices d STRAIGHT_JOIN sites s ON "
    "s.id = "
    "d.site_id WHERE d.id < 3000")  # fmt: skip
add(B, "index_order_wrong", "readings", "SELECT kind FROM readings WHERE quality = 'bad'",
    healthy="SELECT kind FROM readings WHERE kind = 4 AND quality = 'bad'",
    engines=MARIADB, what="the condition leaves out the first column of the index, which MySQL skips")  # fmt: skip
add(B, "index_split", "tags", "SELECT words FROM tags WHERE k = 15 AND v = 17",
    done=["ALTER TABLE tags DROP KEY tags_kv, ADD KEY tags_k (k), ADD KEY tags_v (v)", "ANALYZE TABLE tags"],
    undone=["ALTER TABLE tags DROP KEY tags_k, DROP KEY tags_v, ADD KEY tags_kv (k, v)", "ANALYZE TABLE tags"])
add(B, "partition_key_hidden", "meters", "SELECT sum(n) FROM meters WHERE month + 1 = 8 AND site < 300",
    healthy="SELECT sum(n) FROM meters WHERE month = 7 AND site < 300")  # fmt: skip
add(B, "contradiction", "alarms", "SELECT * FROM alarms WHERE level = 1 AND level = 2", harms="no row",
    healthy="SELECT * FROM alarms WHERE device_id = 1 AND level = 2")  # fmt: skip
dropped(B, "readings_kind_quality (kind, quality)", "readings", "SELECT id, value FROM readings WHERE late = 1 ORDER "
    "BY "
        "taken LIMIT 20", label="order_by_limit", modes=RUN, twin=False)  # fmt: skip
add(B, "sort_memory_cut", "readings", "SELECT id, payload FROM readings ORDER BY payload", modes=RUN, twin=False,
    set=["sort_buffer_size = 65536"], healthy_set=["sort_buffer_size = 67108864"], harms="disk")  # fmt: skip
add(B, "old_transaction", "alarms", "SELECT max(words) FROM alarms WHERE raised > '2026-04-05'", modes=RUN,
    engines=MARIADB, set=["START TRANSACTION WITH CONSISTENT SNAPSHOT"], meanwhile=["UPDATE alarms SET level = level "
    "+ 1"],
    undone=["UPDATE alarms SET level = level - 1"], what="all rows changed after the transaction began", twin=False,
    harms="undo")  # fmt: skip
add(B, "statistics_stale", "queue", "SELECT max(d.remark) FROM queue q JOIN devices d ON d.id = q.device_id WHERE "
    "d.site_id BETWEEN 5 AND 40", modes=RUN, engines=MARIADB,
    done=["CREATE TABLE queue (id int PRIMARY KEY, device_id int, words varchar(60), KEY queue_device (device_id))",
          "INSERT INTO queue SELECT id, device_id, payload FROM readings WHERE id < 100", "ANALYZE TABLE queue "
          "PERSISTENT "
          "FOR ALL", "INSERT INTO queue SELECT id, device_id, payload FROM readings WHERE id >= 100"],
    undone=["ANALYZE TABLE queue PERSISTENT FOR ALL"], what="99,900 rows were added after ANALYZE", harms="statistics",
    twin=False)  # fmt: skip
add(B, "charset_differs", "orders_in", "SELECT count(*) FROM alarms a STRAIGHT_JOIN orders_in o ON o.ticket = a.ticket "
    "WHERE a.id < 9000", done=["ALTER TABLE orders_in MODIFY ticket varchar(10) CHARACTER SET latin1", "ANALYZE "
    "TABLE orders_in"],
    undone=["ALTER TABLE orders_in MODIFY ticket varchar(10) CHARACTER SET utf8mb4"])  # fmt: skip

for healthy in (
    "SELECT count(*) FROM readings",
    "SELECT kind, avg(value), max(value) FROM readings GROUP BY kind",
    "SELECT count(*) FROM alarms WHERE level >= 2",
    "SELECT * FROM sites WHERE zone = 5",
    "SELECT name FROM sites WHERE lower(name) LIKE '%7'",
    "SELECT d.serial, s.name FROM devices d JOIN sites s ON s.id = d.site_id WHERE d.id BETWEEN 5 AND 60",
    "SELECT * FROM readings WHERE device_id = 17 ORDER BY taken DESC LIMIT 10",
    "SELECT max(raised) FROM alarms WHERE device_id IN (1, 2, 3)",
):
    add(B, None, None, healthy)

C = "fresh"
dropped(C, "loans_member_taken (member_id, taken)", "loans", "SELECT taken, fee FROM loans WHERE member_id = 77")
dropped(C, "loans_ticket (ticket)", "loans", "SELECT id, stamp FROM loans WHERE ticket = '777712345'")
dropped(C, "members_mail (mail)", "members", "SELECT name FROM members WHERE mail = '4711@mail.example'")
dropped(C, "loans_book (book_id)", "loans", "SELECT b.title, l.taken FROM books b STRAIGHT_JOIN loans l ON "
        "l.book_id = b.id WHERE b.genre = 7", label="join_index_dropped")  # fmt: skip
add(C, "index_ignored", "loans", "SELECT stamp FROM loans IGNORE INDEX (loans_book) WHERE book_id = 99",
    healthy="SELECT stamp FROM loans WHERE book_id = 99")  # fmt: skip
add(C, "function_on_column", "members", "SELECT id, name FROM members WHERE upper(mail) = '77@MAIL.EXAMPLE'",
    healthy="SELECT id, name FROM members WHERE mail = '77@mail.example'")  # fmt: skip
add(C, "function_on_column", "loans", "SELECT count(stamp) FROM loans WHERE year(taken) = 2024 AND month(taken) = 5",
    healthy="SELECT count(stamp) FROM loans WHERE taken >= '2024-05-01' AND taken < '2024-06-01'")  # fmt: skip
add(C, "cast_column", "members", "SELECT id, name FROM members WHERE date(joined) = '2019-05-06'",
    healthy="SELECT id, name FROM members WHERE joined >= '2019-05-06' AND joined < '2019-05-07'")  # fmt: skip
add(C, "implicit_conversion", "loans", "SELECT stamp FROM loans WHERE ticket = 777712345",
    healthy="SELECT stamp FROM loans WHERE ticket = '777712345'")  # fmt: skip
add(C, "expression_on_column", "loans", "SELECT stamp FROM loans WHERE book_id * 2 = 4000",
    healthy="SELECT stamp FROM loans WHERE book_id = 2000")  # fmt: skip
add(C, "leading_wildcard", "members", "SELECT id, name FROM members WHERE mail LIKE '%77@mail.example'",
    healthy="SELECT id, name FROM members WHERE mail LIKE '77@mail%'")  # fmt: skip
add(C, "correlated_subplan", "loans", "SELECT count(*) FROM members m WHERE branch < (SELECT max(fee) FROM loans l "
    "WHERE "
    "l.member_id = m.id)", healthy="SELECT count(*) FROM members m JOIN (SELECT member_id, max(fee) AS fee FROM loans "
    "GROUP BY member_id) x ON x.member_id = m.id WHERE branch < x.fee", twin=False)  # fmt: skip
dropped(C, "loans_taken (taken)", "loans", "SELECT id, fee FROM loans ORDER BY taken DESC LIMIT 12",
        label="order_index_dropped")  # fmt: skip
add(C, "order_by_random", "loans", "SELECT stamp FROM loans ORDER BY rand() LIMIT 3",
    healthy="SELECT stamp FROM loans ORDER BY id LIMIT 3")  # fmt: skip
add(C, "join_without_equality", "books", "SELECT count(*) FROM members m STRAIGHT_JOIN books b ON b.year + m.branch "
    "= 1999 "
    "WHERE m.id < 2000", healthy="SELECT count(*) FROM members m STRAIGHT_JOIN books b ON b.id = m.id WHERE m.id < "
    "2000")
add(C, "contradiction", "loans", "SELECT * FROM loans WHERE book_id = 5 AND book_id = 6", harms="no row",
    healthy="SELECT * FROM loans WHERE book_id = 5 AND fee = 6")  # fmt: skip
add(C, "sort_memory_cut", "loans", "SELECT id, stamp FROM loans ORDER BY stamp", modes=RUN, twin=False,
    set=["sort_buffer_size = 131072"], healthy_set=["sort_buffer_size = 67108864"], harms="disk")  # fmt: skip

for healthy in (
    "SELECT count(*) FROM loans",
    "SELECT branch, count(*) FROM members GROUP BY branch",
    "SELECT count(*) FROM loans WHERE fee < 400",
    "SELECT title FROM books WHERE genre = 7 AND year = 1999",
    "SELECT m.name, l.taken FROM members m JOIN loans l ON l.member_id = m.id WHERE m.mail = '77@mail.example'",
    "SELECT * FROM loans WHERE member_id = 17 ORDER BY taken DESC LIMIT 3",
):
    add(C, None, None, healthy)
