"""What a PostgreSQL says of its own growth, beside what Potto stored of it, statement by statement."""

import contextlib

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


def work(server, times=2, database=None):
    """A workload in one session."""
    connection = server.connect(database=database or server.database)
    try:
        with connection.cursor() as cursor:
            for _ in range(times):
                for statement in (*QUERIES, *OTHERS):
                    cursor.execute(statement)
                with contextlib.suppress(Exception):
                    cursor.execute("SELECT 1 / 0")
                with open("/dev/null", "w") as nowhere:
                    cursor.copy_expert("COPY item TO STDOUT", nowhere)
    finally:
        connection.close()
