"""What a PostgreSQL says of its own growth, beside what Potto stored of it, statement by statement."""

import contextlib
from typing import NamedTuple

from watched import Watched

NUMBERS = ("calls", "ms", "rows", "hit", "read")
ROUNDING_MS = 2.0**-14  # of durations in the store


def add(left, right):
    return tuple(a + b for a, b in zip(left, right, strict=True))


def subtract(left, right):
    return tuple(a - b for a, b in zip(left, right, strict=True))


NOTHING = (0, 0.0, 0, 0, 0)


class Walk:
    """A connection to a database of the server, and the server's own statistics of it.

    These are read in the database `postgres`, so that reading them is no statement of the database that is watched.
    Potto's own statements, which are those of its role, must count nowhere."""

    def __init__(self, server, watched: Watched, database=None, nested=False):
        self.server, self.watched, self.nested = server, watched, nested
        self.database = database or server.database
        watched.wait_first_run()
        self.begin()

    def begin(self):
        """From now on."""
        self.truth_before, self.stored_before = self.truth(), self.stored()

    def truth(self, server=None):
        """{key: numbers} of all entries of the database."""
        top = "" if self.nested or self.server.major < 14 else "AND toplevel"
        rows = (server or self.server).execute(
            "SELECT userid || '/' || dbid || '/' || queryid, sum(calls)::bigint, sum(total_exec_time), "
            "sum(rows)::bigint, sum(shared_blks_hit)::bigint, sum(shared_blks_read)::bigint FROM pg_stat_statements "
            "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = %s) AND userid <> "
            f"(SELECT oid FROM pg_roles WHERE rolname = %s) {top} GROUP BY 1",
            self.database,
            self.server.user,
            database="postgres",
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def stored(self):
        """{fingerprint's hash: numbers} in the store."""
        self.watched.settle()
        rows = self.watched.sql(
            "SELECT sql_hash::text, sum(counter_calls)::bigint AS calls, sum(counter_ms) AS ms, "
            "sum(counter_rows)::bigint AS rows, sum(blocks_hit)::bigint AS hit, sum(blocks_read)::bigint AS read "
            "FROM query_fingerprint_metrics WHERE database_connection_id = %s AND resolution_s = 300 GROUP BY 1",
            self.watched.id,
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    def coverage(self):
        """What the store says of the time of the database's statements, so far."""
        row = self.watched.sql(
            "SELECT max(basis) AS basis, coalesce(sum(server_ms), 0) AS server, "
            "coalesce(sum(attributed_ms), 0) AS attributed, coalesce(sum(attributed_calls), 0)::bigint AS calls "
            "FROM connection_coverage WHERE database_connection_id = %s",
            self.watched.id,
        )[0]
        return row._asdict()

    def hashes(self):
        """{key: fingerprint's hash} of the entries of the last snapshot."""
        rows = self.watched.sql(
            "SELECT counter_key, sql_hash::text FROM counter_baselines WHERE database_connection_id = %s",
            self.watched.id,
        )
        return dict(rows)

    def grown(self):
        """What the server's entries grew by; entries that were not there before, by all that they hold."""
        now = self.truth()
        return {key: subtract(numbers, self.truth_before.get(key, NOTHING)) for key, numbers in now.items()}

    def counted(self, expected):
        """Collect. Each statement's growth in the store is that of its entries in `expected`, {key: numbers}. Their
        sum."""
        row = self.watched.collect()
        assert row.state in ("ok", "warning"), row
        hashes, wanted, total = self.hashes(), {}, NOTHING
        for key, numbers in expected.items():
            wanted[hashes[key]] = add(wanted.get(hashes[key], NOTHING), numbers)
        found = self.stored()
        for each in {*wanted, *found}:
            got = subtract(found.get(each, NOTHING), self.stored_before.get(each, NOTHING))
            want = wanted.get(each, NOTHING)
            total = add(total, got)
            assert got[0] == want[0] and got[2:] == want[2:] and abs(got[1] - want[1]) <= ROUNDING_MS, (
                f"{self.text(each)}: stored {dict(zip(NUMBERS, got))}, the server's own {dict(zip(NUMBERS, want))}"
            )
        self.begin()
        return total

    def text(self, sql_hash):
        rows = self.watched.sql("SELECT fingerprint FROM query_fingerprints WHERE sql_hash = %s::uuid", sql_hash)
        return rows[0].fingerprint if rows else sql_hash


PLANNING, IO_TIMING = "pg_stat_statements.track_planning", "track_io_timing"
BLOCK_BYTES = 8192


class Measure(NamedTuple):
    """A number of lib/facts/measures.h, by its place there."""

    name: str
    column: str
    unit: int = 1  # of the store, in one of the column
    since: int = 13
    setting: str = ""  # without which the server counts nothing


def measures(major):
    """{number: Measure} of those that the server has."""
    blocks = ("blk",) if major < 17 else ("shared_blk", "local_blk")
    read, write = (" + ".join(f"{kind}_{what}_time" for kind in blocks) for what in ("read", "write"))
    jit = " + ".join(f"jit_{part}_time" for part in ("generation", "inlining", "optimization", "emission"))
    known = (
        Measure("plans", "plans", setting=PLANNING),
        Measure("plan_ms", "total_plan_time", 1000, setting=PLANNING),
        Measure("read_ms", read, 1000, setting=IO_TIMING),
        Measure("write_ms", write, 1000, setting=IO_TIMING),
        Measure("temp_read_bytes", "temp_blks_read", BLOCK_BYTES),
        Measure("temp_written_bytes", "temp_blks_written", BLOCK_BYTES),
        Measure("temp_read_ms", "temp_blk_read_time", 1000, 15, IO_TIMING),
        Measure("temp_write_ms", "temp_blk_write_time", 1000, 15, IO_TIMING),
        Measure("wal_records", "wal_records"),
        Measure("wal_full_page_images", "wal_fpi"),
        Measure("wal_bytes", "wal_bytes"),
        Measure("jit_functions", "jit_functions", 1, 15),
        Measure("jit_ms", jit, 1000, 15),
        Measure("workers_planned", "parallel_workers_to_launch", 1, 18),
        Measure("workers_launched", "parallel_workers_launched", 1, 18),
    )
    return {number: measure for number, measure in enumerate(known, 1) if measure.since <= major}


class Measured:
    """The same comparison for what a server counts beside calls, time, rows and blocks; of the Walk's database."""

    def __init__(self, walk):
        self.walk, self.measures = walk, measures(walk.server.major)
        self.begin()

    def begin(self):
        self.truth_before, self.stored_before = self.truth(), self.stored()

    def truth(self):
        """{key: [amount of each measure, in the store's unit]}."""
        server, columns = self.walk.server, [measure.column for measure in self.measures.values()]
        rows = server.execute(
            f"SELECT userid || '/' || dbid || '/' || queryid, {', '.join(columns)} FROM pg_stat_statements "
            "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = %s) AND userid <> "
            f"(SELECT oid FROM pg_roles WHERE rolname = %s) {'' if server.major < 14 else 'AND toplevel'}",
            self.walk.database, server.user, database="postgres",
        )  # fmt: skip
        units = [measure.unit for measure in self.measures.values()]
        return {row[0]: [float(value) * unit for value, unit in zip(row[1:], units, strict=True)] for row in rows}

    def stored(self):
        """{fingerprint's hash: {number: amount}}; that of 0 has the bits of those that are known."""
        self.walk.watched.settle()
        rows = self.walk.watched.sql(
            "SELECT sql_hash::text AS hash, (entry >> 56)::int AS number, bit_or(entry) AS bits, "
            "sum(entry & 72057594037927935)::bigint AS amount FROM query_fingerprint_metrics "
            "CROSS JOIN LATERAL unnest(measures) AS entry WHERE database_connection_id = %s AND resolution_s = 300 "
            "GROUP BY 1, 2",
            self.walk.watched.id,
        )
        found = {}
        for row in rows:
            found.setdefault(row.hash, {})[row.number] = row.amount if row.number else row.bits
        return found

    def counted(self, settings=()):
        """After Walk.counted(): each measure of each statement in the store grew as the server's; where a setting is
        not among `settings`, it is not known. {name: sum} of those that are."""
        hashes, found, now = self.walk.hashes(), self.stored(), self.truth()
        wanted, entries = {}, {}
        for key, amounts in now.items():
            before = self.truth_before.get(key, [0] * len(amounts))
            if amounts != before:
                sums = wanted.setdefault(hashes[key], [0] * len(amounts))
                wanted[hashes[key]] = [a + b - c for a, b, c in zip(sums, amounts, before, strict=True)]
                entries[hashes[key]] = entries.get(hashes[key], 0) + 1
        total = {}
        for each, amounts in wanted.items():
            got, before = found[each], self.stored_before.get(each, {})
            for (number, measure), want in zip(self.measures.items(), amounts, strict=True):
                is_known = not measure.setting or measure.setting in settings
                words = f"{self.walk.text(each)}: {measure.name}"
                assert bool(got[0] & 1 << number) == is_known, words
                grown = got.get(number, 0) - before.get(number, 0)
                slack = 2 * entries[each] if measure.unit == 1000 else 0  # whole microseconds of each total
                assert abs(grown - want) <= slack, f"{words}: stored {grown}, the server's own {want}"
                if is_known:
                    total[measure.name] = total.get(measure.name, 0) + grown
        self.begin()
        return total


# What sorts in files, reads with several workers, and writes.
HEAVY = (
    "SET work_mem = '64kB'",
    "SELECT count(*) FROM (SELECT note, id FROM sale ORDER BY note, id DESC OFFSET 1) AS sorted",
    "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0",
    "SELECT max(id), min(note) FROM sale",
    "UPDATE sale SET item = item + 1 WHERE id % 3 = 0",
)


TABLES = """
CREATE TABLE item (id int PRIMARY KEY, name text, price numeric);
INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 200) AS i;
CREATE TABLE sale (id serial, item int, at timestamptz DEFAULT now(), note text);
INSERT INTO sale (item, note) SELECT i % 200, repeat('x', 400) FROM generate_series(1, 8000) AS i;
CREATE FUNCTION cheapest(most numeric) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found bigint; BEGIN SELECT count(*) INTO found FROM item WHERE price < most; RETURN found; END $$;
ANALYZE;
"""

# The queries among them; Potto explains queries alone.
QUERIES = (
    "SELECT name FROM item WHERE id = 17",
    "SELECT count(*) FROM sale",
    "SELECT item.name, count(*) FROM item JOIN sale ON sale.item = item.id GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    "SELECT * FROM sale WHERE id BETWEEN 100 AND 220 AND note LIKE 'x%'",
    "WITH dear AS (SELECT id FROM item WHERE price > 150) SELECT count(*) FROM dear",
    "SELECT name FROM item WHERE name = 'Käse' OR id IN (1, 2, 3)",
    "SELECT count(*) FROM sale WHERE at > now() - interval '2 days'",
    "VALUES (1, 'a'), (2, 'b')",
    "SELECT cheapest(20)",
)
OTHERS = (
    "INSERT INTO item VALUES (1001, 'new', 3), (1002, 'newer', 4)",
    "UPDATE item SET price = price + 1 WHERE id > 1000",
    "DELETE FROM item WHERE id > 1000",
    "PREPARE by_id (int) AS SELECT price FROM item WHERE id = $1; EXECUTE by_id(3); EXECUTE by_id(4)",
    "DEALLOCATE by_id",
    "BEGIN; SAVEPOINT s1; UPDATE item SET price = 0 WHERE id = 5; ROLLBACK TO SAVEPOINT s1; COMMIT",
    "BEGIN; DECLARE c CURSOR FOR SELECT id FROM sale; FETCH 10 FROM c; CLOSE c; COMMIT",
    "DO $$ BEGIN PERFORM count(*) FROM item; END $$",
    "CREATE TABLE dear AS SELECT * FROM item WHERE price > 100",
    "DROP TABLE dear",
    "SET work_mem = '8MB'",
    "ANALYZE item",
)


def work(server, times=2, database=None, more=()):
    """A workload in one session."""
    connection = server.connect(database=database or server.database)
    try:
        with connection.cursor() as cursor:
            for _ in range(times):
                for statement in (*QUERIES, *OTHERS, *more):
                    cursor.execute(statement)
                with contextlib.suppress(Exception):
                    cursor.execute("SELECT 1 / 0")
                with open("/dev/null", "w") as nowhere:
                    cursor.copy_expert("COPY item TO STDOUT", nowhere)
    finally:
        connection.close()
