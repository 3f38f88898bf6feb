"""A hostile stand-in for PostgreSQL 15, and the attacks that it knows. Its honest answers are those of a real one."""

import base64
import hashlib
import hmac
import itertools
import os
import re
import struct
import time

from hostile_server import HONEST, Attack, Gone, HostileServer

TEXT, INT8, FLOAT8, BOOL, JSON = 25, 20, 701, 16, 114
MEGABYTE = 1 << 20
INT64_MAX = (1 << 63) - 1


# ---- messages ----


def message(kind, payload=b""):
    return kind + struct.pack("!i", len(payload) + 4) + payload


def zero(value):
    return (value if isinstance(value, bytes) else str(value).encode()) + b"\0"


def row_description(columns):
    body = struct.pack("!H", len(columns) & 0xFFFF)
    for name, oid in columns:
        body += zero(name) + struct.pack("!ihihih", 0, 0, oid, -1, -1, 0)
    return message(b"T", body)


def data_row(cells):
    body = [struct.pack("!H", len(cells) & 0xFFFF)]
    for cell in cells:
        if cell is None:
            body.append(b"\xff\xff\xff\xff")
        else:
            data = cell if isinstance(cell, bytes) else str(cell).encode()
            body += [struct.pack("!i", len(data)), data]
    return message(b"D", b"".join(body))


def notice(kind, text, code="XX000"):
    return message(kind, b"SERROR\0VERROR\0C" + zero(code) + b"M" + zero(text) + b"\0")


def parameter(name, value):
    return message(b"S", zero(name) + zero(value))


READY = message(b"Z", b"I")
PARSED, BOUND, EMPTY, NO_DATA = message(b"1"), message(b"2"), message(b"I"), message(b"n")


def completed(tag):
    return message(b"C", zero(tag))


# ---- honest answers ----

PLAN = (
    '[{"Plan": {"Node Type": "Seq Scan", "Parallel Aware": false, "Async Capable": false, "Relation Name": "orders", '
    '"Alias": "orders", "Startup Cost": 0.00, "Total Cost": 1693.00, "Plan Rows": 100000, "Plan Width": 14, '
    '"Filter": "(total > $1)"}}]'
)
SINCE_US = 1_760_000_000_000_000

# Kinds of statements, by what only they contain. The first match wins.
KINDS = [
    ("explain", r"^EXPLAIN"),
    ("prepare", r"^PREPARE"),
    ("command", r"^(BEGIN|ROLLBACK|SET|RESET|DEALLOCATE)\b"),
    ("prepared", r"pg_prepared_statements"),
    ("era", r"pg_stat_statements_info"),
    ("texts", r"userid .*left\(query.*pg_stat_statements\(true\)"),
    ("plan_texts", r"pg_stat_statements\(true\)"),
    ("counted", r"count\(\*\) FROM \S*pg_stat_statements"),
    ("counters", r"pg_stat_statements\(false\)"),
    ("sessions", r"pg_stat_activity"),
    ("about", r"pg_postmaster_start_time"),
    ("probe", r"pg_read_all_data"),
    ("one", r"^SELECT /\* potto \*/ 1$"),
]

NAMES = {
    "about": "extversion set_config pg_has_role rolsuper current_user current_database int8 pg_size_bytes "
    "current_setting has_schema_privilege quote_ident ?column?",
    "probe": "current_user current_database quote_ident rolsuper pg_has_role pg_has_role extversion quote_ident "
    "has_schema_privilege current_setting quote_ident",
    "era": "int8 int8",
    "counters": "?column? queryid calls total_exec_time rows shared_blks_hit shared_blks_read ?column?",
    "texts": "?column? left",
    "plan_texts": "queryid query",
    "sessions": "int8 ?column? ?column? query octet_length query_id",
    "prepared": "coalesce",
    "explain": "QUERY PLAN",
    "one": "?column?",
    "counted": "count",
}
TYPES = {
    "about": [TEXT, TEXT, BOOL, BOOL, 19, 19, INT8, INT8, TEXT, BOOL, TEXT, TEXT],
    "probe": [19, 19, TEXT, BOOL, BOOL, BOOL, TEXT, TEXT, BOOL, TEXT, TEXT],
    "era": [INT8, INT8],
    "counters": [TEXT, INT8, INT8, FLOAT8, INT8, INT8, INT8, TEXT],
    "texts": [TEXT, TEXT],
    "plan_texts": [INT8, TEXT],
    "sessions": [INT8, 1700, TEXT, TEXT, 23, INT8],
    "prepared": [23],
    "explain": [JSON],
    "one": [23],
    "counted": [INT8],
}
COLUMNS = {kind: list(zip(names.split(" ") if kind != "explain" else [names], TYPES[kind], strict=True))
           for kind, names in NAMES.items()}

STATEMENTS = {
    "10/16384/1001": ("1001", "SELECT * FROM orders WHERE total > $1"),
    "10/16384/1002": ("1002", "SELECT count(*) FROM customers WHERE city = $1"),
    "10/16384/-1003": ("-1003", "UPDATE orders SET total = $1 WHERE id = $2"),
}


def now_us():
    return int(time.time() * 1e6)


def counter(key, query_id, calls, total_ms=None, rows=None, hit=None, read=0):
    return [
        key, query_id, calls, total_ms if total_ms is not None else f"{calls * 1.5:.3f}",
        rows if rows is not None else calls, hit if hit is not None else calls * 3, read, None,
    ]


def honest_rows(kind, run):
    """run: how many times this kind of statement was answered before, by the whole stand-in."""
    if kind == "about":
        return [["1.10", "pg_catalog, public", "t", "f", "potto_monitor", "shop", SINCE_US, 1024, "top", "t", "public",
                 '"potto_monitor"']]
    if kind == "probe":
        return [["potto_monitor", "shop", "potto_monitor", "f", "t", "t", "1.10", "public", "t", "top", "shop"]]
    if kind == "era":
        return [[SINCE_US, now_us()]]
    if kind == "counters":
        return [counter(key, query_id, 10 + 10 * run) for key, (query_id, _) in STATEMENTS.items()]
    if kind == "texts":
        return [[key, text] for key, (_, text) in STATEMENTS.items()]
    if kind == "plan_texts":
        return [[query_id, text] for query_id, text in STATEMENTS.values()]
    return {"sessions": [], "prepared": [[1]], "explain": [[PLAN]], "one": [[1]], "counted": [[3]]}[kind]


class Session:
    """One connection to the stand-in: does what PostgreSQL does, unless the attack's point is reached."""

    def __init__(self, server, link):
        self.server, self.link = server, link
        self.sql, self.params, self.kind = "", [], ""

    def at(self, point):
        """Whether the attack has done something here."""
        if point != self.server.attack.point:
            return False
        self.server.reached += 1
        return self.server.attack.act(self) is not HONEST

    # -- what attacks use --

    def write(self, data):
        self.link.write(data)

    def begin(self, columns=None):
        """The answer's beginning, up to its rows."""
        self.write(PARSED + BOUND + row_description(COLUMNS[self.kind] if columns is None else columns))

    def end(self, tag="SELECT 1"):
        self.write(completed(tag) + READY)

    def answer(self, rows, columns=None):
        self.begin(columns)
        self.write(b"".join(data_row(row) for row in rows))
        self.end(f"SELECT {len(rows)}")

    def rows(self):
        """The honest rows of this statement."""
        return honest_rows(self.kind, self.server.run_of(self.kind))

    # -- the protocol --

    def serve(self):
        if self.at("connect"):
            return
        self._startup()
        self._authenticate()
        if self.at("greet"):
            return
        self.write(
            b"".join(
                parameter(name, value)
                for name, value in {
                    "server_version": "15.8 (Debian 15.8-0+deb12u1)", "server_encoding": "UTF8",
                    "client_encoding": "UTF8", "application_name": "potto", "default_transaction_read_only": "on",
                    "in_hot_standby": "off", "is_superuser": "off", "session_authorization": "potto_monitor",
                    "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC", "integer_datetimes": "on",
                    "standard_conforming_strings": "on",
                }.items()
            )
        )
        if self.at("parameters"):
            return
        self.write(message(b"K", struct.pack("!ii", 4711, 815)) + READY)
        while True:
            self._serve_message()

    def _startup(self):
        while True:
            (size,) = struct.unpack("!i", self.link.read(4))
            body = self.link.read(size - 4)
            (code,) = struct.unpack("!i", body[:4])
            if code == 80877103:  # SSLRequest
                if not self.at("tls"):
                    self.write(b"N")
            elif code == 80877104:  # GSSENCRequest
                self.write(b"N")
            elif code == 80877102:  # CancelRequest
                raise Gone
            else:
                return

    def read_message(self):
        kind = self.link.read(1)
        (size,) = struct.unpack("!i", self.link.read(4))
        return kind, self.link.read(size - 4)

    def _authenticate(self):
        """SCRAM-SHA-256. Any password is right, so the server's signature must be known from it."""
        if self.at("authentication"):
            return
        self.write(message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0"))
        first = self.read_message()[1].split(b"\0", 1)[1][4:]
        if self.at("scram"):
            return
        self.scram(first, os.urandom(16), 4096)

    def scram(self, first, salt, iterations, nonce_end=b"stand-in"):
        bare = first.split(b",", 2)[2]
        nonce = bare.split(b"r=", 1)[1] + nonce_end
        challenge = b"r=%s,s=%s,i=%d" % (nonce, base64.b64encode(salt), iterations)
        self.write(message(b"R", struct.pack("!i", 11) + challenge))
        final = self.read_message()[1]
        without_proof = final.rsplit(b",p=", 1)[0]
        salted = hashlib.pbkdf2_hmac("sha256", self.server.password, salt, iterations)
        key = hmac.digest(salted, b"Server Key", "sha256")
        signature = hmac.digest(key, b",".join((bare, challenge, without_proof)), "sha256")
        self.write(message(b"R", struct.pack("!i", 12) + b"v=" + base64.b64encode(signature)))
        self.write(message(b"R", struct.pack("!i", 0)))

    def _serve_message(self):
        kind, body = self.read_message()
        if kind == b"P":
            self.sql = body.split(b"\0", 2)[1].decode(errors="replace")
        elif kind == b"B":
            self.params = self._read_params(body)
        elif kind == b"Q":
            self.sql = body[:-1].decode(errors="replace")
            self._serve_statement()
        elif kind == b"S":
            self._serve_statement()
        elif kind == b"X":
            raise Gone

    @staticmethod
    def _read_params(body):
        rest = body.split(b"\0", 2)[2]
        (formats,) = struct.unpack_from("!H", rest)
        at = 2 + 2 * formats
        (count,) = struct.unpack_from("!H", rest, at)
        at += 2
        params = []
        for _ in range(count):
            (size,) = struct.unpack_from("!i", rest, at)
            params.append(None if size < 0 else rest[at + 4 : at + 4 + size])
            at += 4 + max(size, 0)
        return params

    def _serve_statement(self):
        self.kind = next((kind for kind, pattern in KINDS if re.search(pattern, self.sql, re.S)), "unknown")
        if self.kind == "unknown":
            self.server.unknown.append(self.sql)
            self.write(notice(b"E", "syntax error", "42601") + READY)
        elif not self.at("statement") and not self.at(self.kind):
            if self.kind in ("command", "prepare"):
                self.write(PARSED + BOUND + NO_DATA + completed(self.sql.split()[0]) + READY)
            else:
                self.answer(self.rows())
        self.server.count_run(self.kind)


class HostilePostgres(HostileServer):
    engine = "postgresql"
    session_class = Session


# ---- attacks ----


def cell_of(kind, column, value, every_row=False):
    """The honest answer with one other cell. value may be a function of the run's number."""

    def act(session):
        rows = session.rows()
        made = value(session.server.run_of(kind)) if callable(value) else value
        for row in rows if every_row else rows[:1]:
            row[column] = made
        session.answer(rows)

    return act


def all_cells(value):
    def act(session):
        session.answer([[value] * len(COLUMNS[session.kind])])

    return act


def one_column(session):
    """64 rows of one column each; each cell has the shape of pointer and size."""
    session.answer([[struct.pack("<QQ", 0x41414141_41414141, 4096)]] * 64, [("lie", TEXT)])


def one_row_of_one_column(session):
    session.answer([[struct.pack("<QQ", 0x41414141_41414141, 4096) * 16]], [("lie", TEXT)])


def no_rows(session):
    session.answer([])


def no_columns(session):
    session.answer([[]] * 64, [])


def many_columns(session):
    session.answer([["1"] * 65535], [("c", TEXT)] * 65535)


def endless_rows(cells_of):
    def act(session):
        session.begin()
        session.link.flood(data_row(cells_of(len(COLUMNS[session.kind]))))

    return act


def endless_rows_without_columns(session):
    session.begin([])
    session.link.flood(data_row([]))


def endless_wide_rows(session):
    session.begin([("c", TEXT)] * 65535)
    session.link.flood(data_row([None] * 65535))


def dripping_rows(session):
    """One row every two seconds, for ever."""
    session.begin()
    for number in itertools.count():
        row = session.rows()[0]
        row[0] = f"10/16384/{number}"
        session.write(data_row(row))
        session.link.pause(2)


def dripping_bytes(make):
    def act(session):
        data = make(session)
        session.write(data[:5])
        session.link.drip(data[5:])
        session.link.silence()

    return act


def silent(session):
    session.link.silence()


def flood_of(make, before=b""):
    def act(session):
        if before:
            session.write(before)
        for number in itertools.count():
            session.write(make(number))

    return act


def says(*parts):
    """Write these, then be silent."""

    def act(session):
        for part in parts:
            session.write(part)
        session.link.silence()

    return act


def claims(kind, size):
    """A message that claims a length, followed by bytes without an end."""

    def act(session):
        session.write(PARSED + BOUND + kind + struct.pack("!i", size))
        session.link.flood(b"\0" * 65536)

    return act


def lying_cell(size):
    """A cell whose length is not what its row has room for."""

    def act(session):
        session.begin()
        session.write(message(b"D", struct.pack("!H", 8) + struct.pack("!i", size) + b"x" * 64))
        session.end()
        session.link.silence()

    return act


def rows_of_other_widths(session):
    session.begin()
    for width in (8, 1, 0, 64, 7, 9):
        session.write(data_row(["7"] * width))
    session.end()


def second_description(session):
    session.begin()
    session.write(data_row(session.rows()[0]))
    session.write(row_description([("one", TEXT)]) + data_row(["7"]) * 64)
    session.end()


def many_results(session):
    session.write(PARSED + BOUND)
    session.link.flood(row_description([("one", INT8)]) + data_row(["1"]) + completed("SELECT 1"))


def sends(*parts):
    """Write these as the statement's whole answer, and go on honestly."""

    def act(session):
        session.write(b"".join(parts))

    return act


def many_entries(count, fresh):
    """So many entries; with fresh, each run has other ones."""

    def act(session):
        first = session.server.run_of("counters") * count if fresh else 0
        session.begin()
        piece = []
        for number in range(first, first + count):
            piece.append(data_row(counter(f"10/16384/{number}", number, 1 + session.server.run_of("counters"))))
            if len(piece) == 1000:
                session.write(b"".join(piece))
                piece = []
        session.write(b"".join(piece))
        session.end()

    return act


TEXT_FLOOD_ENTRIES = 5000


def texts_of_100_kb(session):
    """5,000 statements that nobody has seen, in each run, of 100 KB each."""
    if session.kind == "counters":
        return many_entries(TEXT_FLOOD_ENTRIES, True)(session)
    if session.kind != "texts":
        return HONEST
    wanted = session.params[0].decode().strip("{}").split(",")
    session.begin()
    for query_id in wanted:
        word = hashlib.sha256(query_id.encode()).hexdigest()
        session.write(data_row([f"10/16384/{query_id}", f"SELECT a{word} FROM t" + f" WHERE x{word[:9]} = 1" * 4500]))
    return session.end()


def text_of(sql):
    """All statements get this text."""
    return cell_of("texts", 1, sql, every_row=True)


def sessions_of(count, cells):
    def act(session):
        session.begin()
        for number in range(count):
            session.write(data_row(cells(number)))
        session.end()

    return act


def session_row(start_us=None, ms="5000", user="app@10.0.0.1", sql="SELECT pg_sleep(60)", size=19, query_id=None):
    return [now_us() - 5_000_000 if start_us is None else start_us, ms, user, sql, size, query_id]


def closes_somewhere(session):
    """Answer honestly, and close in the middle of a message, each time somewhere else."""
    data = PARSED + BOUND + row_description(COLUMNS.get(session.kind, []))
    data += b"".join(data_row(row) for row in (session.rows() if session.kind in COLUMNS else []))
    data += completed("SELECT 3") + READY
    session.write(data[: session.server.seed.randrange(len(data))])
    raise Gone


def closes_in_row(session):
    session.begin()
    session.write(data_row(session.rows()[0])[:-3])
    raise Gone


def resets(session):
    session.begin()
    session.link.reset()


def fails_in_greeting(session):
    """Errors without an end, instead of a greeting."""
    session.link.flood(notice(b"E", "no" * 1000))


def authentication(code, payload=b""):
    return says(message(b"R", struct.pack("!i", code) + payload))


def asks_for_cleartext(session):
    session.write(message(b"R", struct.pack("!i", 3)))
    session.read_message()
    session.write(message(b"R", struct.pack("!i", 0)))


def scram_with(salt=b"0123456789abcdef", iterations=4096, nonce_end=b"stand-in"):
    def act(session):
        challenge = b"r=%s,s=%s,i=%d" % (nonce_end, base64.b64encode(salt), iterations)
        session.write(message(b"R", struct.pack("!i", 11) + challenge))
        session.link.silence()

    return act


def scram_of_ours(iterations):
    """A challenge with the client's own nonce, so that the client begins to work."""

    def act(session):
        session.write(message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0"))
        first = session.read_message()[1].split(b"\0", 1)[1][4:]
        nonce = first.split(b"r=", 1)[1] + b"stand-in"
        challenge = b"r=%s,s=%s,i=%d" % (nonce, base64.b64encode(b"salt" * 4), iterations)
        session.write(message(b"R", struct.pack("!i", 11) + challenge))
        session.link.silence()

    return act


DEEP = '[{"Plan":' + '{"Node Type":"Sort","Plans":[' * 60000 + "{}" + "]}" * 60000 + "}]"
SORT_KEYS = '[{"Plan":{"Node Type":"Sort","Sort Key":[' + ",".join(['"a"'] * 24000) + "]}}]"
HUGE_NUMBERS = (
    '[{"Plan":{"Node Type":"Seq Scan","Relation Name":"o","Startup Cost":1e999,"Total Cost":1e308,'
    '"Plan Rows":-9223372036854775809,"Plan Width":1e400,"Actual Loops":NaN}}]'
)
BAD_UTF8 = b"SELECT \xff\xfe\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 FROM t WHERE a = '\xc0\xaf'"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\n</script><script>alert(1)</script>\"',;--\x7f"

ANY = ("ok", "warning", "failed")

ATTACKS = {
    "none": Attack("statement", lambda s: HONEST, ("ok",), runs=3, probed=True),
    # Lengths are believed.
    "query_id_of_5_mb": Attack("counters", cell_of("counters", 1, b"7" * (5 * MEGABYTE))),
    "counter_key_of_5_mb": Attack("counters", cell_of("counters", 0, b"k" * (5 * MEGABYTE))),
    "number_of_5_mb": Attack("counters", cell_of("counters", 2, b"1" * (5 * MEGABYTE))),
    "extension_version_of_5_mb": Attack("about", cell_of("about", 0, b"1" * (5 * MEGABYTE))),
    "user_name_of_5_mb": Attack("about", cell_of("about", 4, b"u" * (5 * MEGABYTE))),
    "quoted_user_of_5_mb": Attack("about", cell_of("about", 11, b"u" * (5 * MEGABYTE))),
    "probe_user_of_1_mb": Attack("probe", cell_of("probe", 2, b"u" * 1000000), ANY, probed=True),
    "version_of_1_mb": Attack("greet", flood_of(lambda number: parameter("server_version", b"9" * MEGABYTE)), ANY),
    "version_with_escapes": Attack("parameters", lambda s: s.write(parameter("server_version", "15.1" + ESCAPES))
                                   or HONEST, ANY, probed=True),
    "version_of_many_digits": Attack("parameters", lambda s: s.write(parameter("server_version", "9" * 40)) or HONEST,
                                     ANY, probed=True),
    # Shapes are believed.
    "one_column_times_64_rows": Attack("counters", one_column, runs=2),
    "about_of_one_column": Attack("about", one_row_of_one_column),
    "era_of_one_column": Attack("era", one_row_of_one_column),
    "texts_of_one_column": Attack("texts", one_column, ANY, runs=2),
    "sessions_of_one_column": Attack("sessions", one_column),
    "probe_of_one_column": Attack("probe", one_row_of_one_column, ANY, probed=True),
    "no_rows_about": Attack("about", no_rows),
    "no_rows_in_era": Attack("era", no_rows),
    "no_rows_in_probe": Attack("probe", no_rows, ANY, probed=True),
    "no_rows_in_one": Attack("one", no_rows, ANY, probed=True),
    "no_columns_about": Attack("about", no_columns),
    "no_columns_in_counters": Attack("counters", no_columns),
    "all_cells_null_about": Attack("about", all_cells(None)),
    "all_cells_null_in_counters": Attack("counters", all_cells(None), ANY),
    "all_cells_empty_in_counters": Attack("counters", all_cells(""), ("failed",)),
    "all_cells_null_in_sessions": Attack("sessions", all_cells(None), ANY),
    "many_columns": Attack("counters", many_columns),
    "rows_of_other_widths": Attack("counters", rows_of_other_widths),
    "second_description": Attack("counters", second_description),
    "no_answer_at_all": Attack("counters", sends(READY)),
    "only_completed": Attack("counters", sends(PARSED, BOUND, NO_DATA, completed("SELECT 3"), READY)),
    "empty_statement": Attack("counters", sends(PARSED, BOUND, EMPTY, READY)),
    "portal_suspended": Attack("counters", sends(PARSED, BOUND, row_description(COLUMNS["counters"]), message(b"s"),
                                                 READY)),
    "unknown_message": Attack("counters", sends(PARSED, message(b"@", b"x" * 99), READY)),
    "copy_in": Attack("counters", sends(PARSED, BOUND, message(b"G", b"\0\0\1\0\0"), READY)),
    "copy_both": Attack("counters", sends(PARSED, BOUND, message(b"W", b"\0\0\1\0\0"), READY)),
    "copy_out": Attack("counters", flood_of(lambda number: message(b"d", b"x" * 65536),
                                            PARSED + BOUND + message(b"H", b"\0\0\1\0\0"))),
    # Limits count payload, not cost.
    "one_byte_cells_by_the_million": Attack("counters", endless_rows(lambda width: ["7"] * width), is_hungry=True),
    "null_cells_by_the_million": Attack("counters", endless_rows(lambda width: [None] * width), is_hungry=True),
    "empty_cells_by_the_million": Attack("counters", endless_rows(lambda width: [""] * width), is_hungry=True),
    "rows_without_columns_by_the_million": Attack("counters", endless_rows_without_columns, is_hungry=True),
    "wide_rows_of_null": Attack("counters", endless_wide_rows, is_hungry=True),
    "sessions_by_the_million": Attack("sessions", endless_rows(lambda width: ["7"] * width), is_hungry=True),
    "probe_rows_by_the_million": Attack("probe", endless_rows(lambda width: [None] * width), ANY, probed=True,
                                        is_hungry=True),
    "endless_notices": Attack("counters", flood_of(lambda number: notice(b"N", "n" * 9000), PARSED), is_hungry=True),
    "endless_notices_in_greeting": Attack("greet", flood_of(lambda number: notice(b"N", "n" * 9000)), is_hungry=True),
    "endless_parameters": Attack("counters", flood_of(
        lambda number: b"".join(parameter(f"p{number * 50 + i}", "v" * 900) for i in range(50)), PARSED),
        is_hungry=True),
    "endless_parameters_in_greeting": Attack("greet", flood_of(
        lambda number: b"".join(parameter(f"p{number * 50 + i}", "v" * 900) for i in range(50))), is_hungry=True),
    "endless_notifications": Attack("counters", flood_of(
        lambda number: message(b"A", struct.pack("!i", 1) + zero("channel") + zero("x" * 7000)), PARSED),
        is_hungry=True),
    "endless_errors": Attack("counters", flood_of(lambda number: notice(b"E", "e" * 9000), PARSED), is_hungry=True),
    "endless_errors_in_greeting": Attack("greet", fails_in_greeting, is_hungry=True),
    "many_results": Attack("counters", many_results, is_hungry=True),
    "error_of_1_gb": Attack("counters", claims(b"E", (1 << 30) - 1), is_hungry=True),
    "row_of_1_gb": Attack("counters", claims(b"D", (1 << 30) - 1), is_hungry=True),
    "notice_of_1_gb": Attack("greet", claims(b"N", (1 << 30) - 1), is_hungry=True),
    "description_of_1_gb": Attack("counters", claims(b"T", (1 << 30) - 1), is_hungry=True),
    "texts_of_100_kb_times_5000": Attack("statement", texts_of_100_kb, ANY, runs=2, is_hungry=True),
    "sessions_of_1_mb_each": Attack("sessions", sessions_of(
        400, lambda number: session_row(sql=f"SELECT {number}" + " + a" * 250000, size=MEGABYTE)), is_hungry=True),
    "a_million_entries": Attack("counters", many_entries(1_000_000, False), ANY, is_hungry=True),
    "other_entries_each_run": Attack("counters", many_entries(20000, True), ANY, runs=3),
    "same_entry_again_and_again": Attack("counters", lambda s: s.answer([counter("10/1/1", "1", 5)] * 5000), ANY,
                                         runs=2),
    # Message lengths lie.
    "message_of_length_minus_1": Attack("counters", claims(b"D", -1)),
    "message_of_length_3": Attack("counters", claims(b"D", 3)),
    "message_of_2_gb": Attack("counters", claims(b"D", (1 << 31) - 1)),
    "cell_of_2_gb": Attack("counters", lying_cell((1 << 31) - 1)),
    "cell_of_length_minus_2": Attack("counters", lying_cell(-2)),
    "cell_beyond_its_row": Attack("counters", lying_cell(65)),
    # Deadlines of each read, not of the cycle.
    "dripping_rows": Attack("counters", dripping_rows),
    "dripping_bytes_in_a_row": Attack("counters", dripping_bytes(
        lambda s: PARSED + BOUND + row_description(COLUMNS["counters"]) + data_row(["7" * 500] * 8))),
    "dripping_greeting": Attack("greet", dripping_bytes(lambda s: parameter("server_version", "1" * 500))),
    "dripping_authentication": Attack("authentication", dripping_bytes(
        lambda s: message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0" * 50))),
    "dripping_probe": Attack("probe", dripping_rows, ANY, probed=True),
    "silence_after_connect": Attack("connect", silent),
    "silence_after_tls_request": Attack("tls", silent, fields={"tls_mode": "prefer"}),
    "silence_after_startup": Attack("authentication", silent),
    "silence_after_authentication": Attack("greet", silent),
    "silence_in_statement": Attack("counters", silent),
    "silence_in_explain": Attack("explain", silent, ANY, runs=2),
    "silence_in_rollback": Attack("command", silent, ANY, runs=2),
    "silence_in_probe": Attack("one", silent, ANY, probed=True),
    # Encryption and passwords.
    "tls_of_garbage": Attack("tls", lambda s: s.write(b"S" + os.urandom(4096)) or s.link.silence(),
                             fields={"tls_mode": "require"}),
    "tls_answer_that_is_none": Attack("tls", says(b"X"), fields={"tls_mode": "prefer"}),
    "tls_error_without_end": Attack("tls", flood_of(lambda number: b"E" + b"e" * 65536),
                                    fields={"tls_mode": "prefer"}),
    "tls_with_text_behind_it": Attack("tls", says(b"S" + message(b"R", struct.pack("!i", 0)) + READY),
                                      fields={"tls_mode": "require"}),
    "tls_record_of_silence": Attack("tls", says(b"S\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"),
                                    fields={"tls_mode": "require"}),
    "cleartext_password": Attack("authentication", asks_for_cleartext, probed=True),
    "unknown_authentication": Attack("authentication", authentication(99)),
    "kerberos": Attack("authentication", authentication(2)),
    "gss": Attack("authentication", authentication(7)),
    "sspi": Attack("authentication", authentication(9)),
    "mechanisms_without_end": Attack("authentication", claims(b"R", 100 * MEGABYTE)),
    "unknown_mechanism": Attack("authentication", authentication(10, b"EVIL-1\0\0")),
    "scram_of_2_billion_iterations": Attack("authentication", scram_of_ours((1 << 31) - 1)),
    "scram_of_negative_iterations": Attack("authentication", scram_of_ours(-5)),
    "scram_with_another_nonce": Attack("scram", scram_with()),
    "scram_with_a_salt_of_20_mb": Attack("scram", scram_with(salt=b"s" * (20 * MEGABYTE))),
    "signed_in_again_and_again": Attack("authentication", flood_of(
        lambda number: message(b"R", struct.pack("!i", 0)))),
    # Numbers that no server has. The alternating calls need two snapshots each.
    "calls_up_and_down": Attack("counters", cell_of("counters", 2, lambda run: (1, INT64_MAX)[run % 2]), ANY, runs=5),
    "calls_of_2_to_the_62": Attack("counters", cell_of("counters", 2, lambda run: min(run, 1) << 62, True), ANY,
                                   runs=4),
    "all_numbers_at_their_largest": Attack("counters", lambda s: s.answer(
        [counter("10/1/1", "1", (5, INT64_MAX)[s.server.run_of("counters") % 2], "1e308", INT64_MAX, INT64_MAX,
                 INT64_MAX)]), ANY, runs=4),
    "negative_numbers": Attack("counters", lambda s: s.answer(
        [counter("10/1/1", "1", -5 - s.server.run_of("counters"), "-7", -1, -INT64_MAX, -9)]), ANY, runs=3),
    "time_is_nan": Attack("counters", cell_of("counters", 3, "NaN", True), ANY, runs=3),
    "time_is_infinite": Attack("counters", cell_of("counters", 3, "Infinity", True), ANY, runs=3),
    "time_of_1e308": Attack("counters", cell_of("counters", 3, lambda run: f"{run}e307", True), ANY, runs=4),
    "numbers_that_are_words": Attack("counters", all_cells("many"), ANY, runs=2),
    "snapshot_in_the_far_future": Attack("era", lambda s: s.answer([[SINCE_US, INT64_MAX - s.server.run_of("era")]]),
                                         ANY, runs=3),
    "snapshot_in_the_far_past": Attack("era", lambda s: s.answer([[SINCE_US, -INT64_MAX]]), ANY, runs=3),
    "server_since_for_ever": Attack("about", cell_of("about", 6, -INT64_MAX), ANY, runs=3),
    "reset_in_each_look": Attack("era", lambda s: s.answer([[now_us(), now_us()]]), ANY, runs=2),
    "session_from_the_far_past": Attack("sessions", sessions_of(9, lambda n: session_row(-INT64_MAX + n)), ANY),
    "session_from_the_far_future": Attack("sessions", sessions_of(9, lambda n: session_row(INT64_MAX - n)), ANY),
    "session_of_endless_duration": Attack("sessions", sessions_of(9, lambda n: session_row(ms=("NaN", "1e308", "-5",
                                          "Infinity")[n % 4])), ANY),
    # Texts that are none.
    "texts_that_are_no_utf8": Attack("texts", text_of(BAD_UTF8), ANY, runs=2),
    "texts_with_nul": Attack("texts", text_of(b"SELECT \0 FROM t\0"), ANY, runs=2),
    "texts_of_brackets": Attack("texts", text_of("SELECT " + "(" * 99000), ANY, runs=2),
    "texts_of_quotes": Attack("texts", text_of("SELECT '" + "$a$'\"/*" * 14000), ANY, runs=2),
    "texts_of_a_long_list": Attack("texts", text_of("SELECT 1 WHERE a IN (" + "1," * 49000 + "1)"), ANY, runs=2),
    "texts_of_100_mb": Attack("texts", text_of(b"SELECT " + b"a," * (50 * MEGABYTE)), is_hungry=True),
    "sessions_that_are_no_utf8": Attack("sessions", sessions_of(
        20, lambda n: session_row(user=b"\xff\xfe\0x" * 50, sql=BAD_UTF8 + b"%d" % n)), ANY),
    "session_user_of_5_mb": Attack("sessions", sessions_of(2, lambda n: session_row(user=b"u" * (5 * MEGABYTE))), ANY),
    "names_with_escapes": Attack("about", lambda s: s.answer(
        [["1.10", "x", "f", "f", ESCAPES, ESCAPES, SINCE_US, 1024, "none", "t", ESCAPES, ESCAPES]]), ANY),
    "names_that_are_no_utf8": Attack("about", lambda s: s.answer(
        [["1.10", "x", "f", "f", b"\xff\xfe", b"\xc3\x28", SINCE_US, 1024, "none", "f", b"\xed\xa0\x80", b"\xff\0"]]),
        ANY),
    # Plans.
    "plan_that_is_deep": Attack("explain", lambda s: s.answer([[DEEP]]), ANY, runs=2),
    "plan_of_many_sort_keys": Attack("explain", lambda s: s.answer([[SORT_KEYS]]), ANY, runs=2),
    "plan_of_50_mb": Attack("explain", lambda s: s.answer([[b'[{"Plan":{"Node Type":"' + b"x" * (50 * MEGABYTE)
                                                            + b'"}}]']]), ANY, runs=2, is_hungry=True),
    "plan_of_huge_numbers": Attack("explain", lambda s: s.answer([[HUGE_NUMBERS]]), ANY, runs=2),
    "plan_that_is_none": Attack("explain", lambda s: s.answer([[b"\xff\0{]"]]), ANY, runs=2),
    "two_billion_parameters": Attack("prepared", cell_of("prepared", 0, (1 << 31) - 1), ANY, runs=2),
    "negative_parameters": Attack("prepared", cell_of("prepared", 0, -(1 << 31)), ANY, runs=2),
    # Ends.
    "closes_after_connect": Attack("connect", lambda s: s.link.close()),
    "closes_in_greeting": Attack("greet", lambda s: s.link.reset()),
    "closes_in_row": Attack("counters", closes_in_row),
    "closes_somewhere": Attack("statement", closes_somewhere, runs=5),
    "resets_in_statement": Attack("counters", resets),
    "speaks_http": Attack("connect", says(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 99)),
    "speaks_noise": Attack("connect", lambda s: s.link.flood(os.urandom(65536))),
    "noise_in_statement": Attack("counters", lambda s: s.link.flood(os.urandom(65536))),
    "negotiates_protocol": Attack("authentication", says(message(b"v", struct.pack("!ii", 3, 1 << 30) + b"_pq_.x\0"))),
    "key_of_1_mb": Attack("parameters", lambda s: s.write(message(b"K", b"k" * MEGABYTE) + READY) or HONEST, ANY),
}


def stand_ins(wants):
    """By name, the class of the stand-in and the attack, of those attacks that are wanted."""
    return {name: (HostilePostgres, attack) for name, attack in ATTACKS.items() if wants(attack)}
