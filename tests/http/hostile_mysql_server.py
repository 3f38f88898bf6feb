"""A hostile stand-in for MariaDB 10.11, with the honest answers of a real one."""

import itertools
import os
import re
import struct
import time

from hostile_server import HONEST, Gone, HostileServer

PACKET_MAX = (1 << 24) - 1

LONG, DOUBLE, LONGLONG, YEAR, VAR_STRING = 3, 5, 8, 13, 253
UNSIGNED, ZEROFILL = 32, 64

CLIENT_SSL, CLIENT_PROGRESS = 0x800, 1 << 29
# What a MariaDB 10.11 offers, without TLS.
OFFERED = 0xBFA28C  # all but TLS and compression
AUTOCOMMIT, MORE_RESULTS, CURSOR_EXISTS, STATE_CHANGED = 2, 8, 0x40, 0x4000


# ---- packets ----


def integer(value):
    """A length-encoded integer."""
    if value < 251:
        return bytes([value])
    if value < 1 << 16:
        return b"\xfc" + struct.pack("<H", value)
    if value < 1 << 24:
        return b"\xfd" + struct.pack("<I", value)[:3]
    return b"\xfe" + struct.pack("<Q", value)


def string(value):
    data = value if isinstance(value, bytes) else str(value).encode()
    return integer(len(data)) + data


class Column:
    def __init__(self, name, kind=VAR_STRING, length=None, flags=0, decimals=0, charset=45):
        self.name, self.kind = name, kind
        self.length = (20 if kind == LONGLONG else 1024) if length is None else length
        self.flags, self.decimals, self.charset = flags, decimals, charset

    def packet(self):
        return (
            string("def") + string("") * 3 + string(self.name) + string("") + b"\x0c"
            + struct.pack("<HIBHB", self.charset, self.length, self.kind, self.flags, self.decimals) + b"\0\0"
        )


def eof(status=AUTOCOMMIT):
    return b"\xfe" + struct.pack("<HH", 0, status)


def ok(status=AUTOCOMMIT, rest=b""):
    return b"\0\0\0" + struct.pack("<HH", status, 0) + rest


def error(code, text, state=b"42000"):
    return b"\xff" + struct.pack("<H", code) + b"#" + state + (text if isinstance(text, bytes) else text.encode())


def text_row(cells):
    return b"".join(b"\xfb" if cell is None else string(cell) for cell in cells)


def binary_row(cells, columns):
    nulls, values = bytearray((len(cells) + 9) // 8), []
    for index, (cell, column) in enumerate(zip(cells, columns, strict=False)):
        if cell is None:
            nulls[(index + 2) // 8] |= 1 << (index + 2) % 8
        elif isinstance(cell, int) and column.kind == LONGLONG:
            values.append(struct.pack("<q", cell))
        else:
            values.append(string(cell))
    return b"\0" + bytes(nulls) + b"".join(values)


# ---- honest answers ----

PLAN = (
    '{"query_block": {"select_id": 1, "nested_loop": [{"table": {"table_name": "orders", "access_type": "ALL", '
    '"rows": 1000, "filtered": 100, "attached_condition": "orders.total > 5"}}]}}'
)

KINDS = [
    ("explain", r"^EXPLAIN"),
    ("use", r"^USE"),
    ("set", r"^SET"),
    ("log_begin", r"@potto_row := 0"),
    ("log_rows", r"@potto_row AS potto$"),
    ("digest_texts", r"LEFT\(DIGEST_TEXT"),
    ("digests", r"SUM_TIMER_WAIT"),
    ("about", r"performance_schema_digests_size"),
    ("switches", r"setup_consumers"),
    ("now", r"NOW\(6\)\) \* 1000000 AS SIGNED\) AS potto$"),
    ("probe_log", r"mysql\.slow_log LIMIT 1"),
    ("slow_log", r"FROM mysql\.slow_log"),
    ("privileges", r"USER_PRIVILEGES"),
    ("probe", r"FIND_IN_SET"),
    ("settings", r"@@GLOBAL\.slow_query_log"),
    ("one", r"^SELECT /\* potto \*/ 1 AS potto$"),
]


def texts(names):
    return [Column(name) for name in names.split()]


COLUMNS = {
    "settings": [Column("slow", LONGLONG), Column("log_output"), Column("long"), Column("user"),
                 Column("now", LONGLONG), Column("version")],
    "probe": texts("user database slow output long to_table"),
    "probe_log": texts("start_time"),
    "privileges": texts("is_granted"),
    "slow_log": [Column("start", LONGLONG), Column("duration", LONGLONG), Column("rows_examined", LONGLONG),
                 Column("rows_sent", LONGLONG), Column("user_host"), Column("db"), Column("sql_text"),
                 Column("row", LONGLONG), Column("lock", LONGLONG)],
    "log_begin": [Column("row", LONGLONG), Column("first", LONGLONG)],
    "log_rows": [Column("row", LONGLONG)],
    "about": texts("performance_schema size length uptime"),
    "switches": texts("consumers instruments"),
    "digests": texts("key digest calls ms max examined sent lock temp disk sorts no_index errors since"),
    "digest_texts": texts("key sample text"),
    "now": [Column("now", LONGLONG)],
    "explain": texts("EXPLAIN"),
    "one": texts("1"),
}


def now_us():
    return int(time.time() * 1e6)


def log_row(start_us, duration_us=250_000, examined=1000, sent=3, user="app[app] @ host [10.0.0.1]", db="shop",
            sql="SELECT * FROM orders WHERE total > 5", row=1, lock_us=120):
    return [start_us, duration_us, examined, sent, user, db, sql, row, lock_us]


def digest_row(number, calls, since_us=None, key=None, digest=None):
    began_us = now_us() - 3_600_000_000 if since_us is None else since_us
    return [key or f"{number:032x}", digest or f"{number:032x}", calls, f"{calls * 2}.5000", "3.2500", calls * 9,
            calls * 4, calls * 50, calls, 0, 0, calls, 0, began_us]


def honest_rows(kind, run):
    if kind == "settings":
        return [[1, "TABLE", "0.020000", "potto_monitor@127.0.0.1", now_us(), "10.11.6-MariaDB"]]
    if kind == "probe":
        return [["potto_monitor@127.0.0.1", "shop", "1", "TABLE", "0.020000", "1"]]
    if kind == "slow_log":
        return [log_row(now_us() - 1_000_000 - number, sql=f"SELECT * FROM orders WHERE total > {number + 10 * run}",
                        row=3 * run + number + 1) for number in range(3)]
    if kind == "digests":
        return [digest_row(number, 10 + 3 * run * number) for number in range(5)]
    if kind == "digest_texts":
        return [[f"{number:032x}", None, f"SELECT * FROM `orders` WHERE `total` > ? AND `n{number}` = ? "]
                for number in range(5)]
    if kind == "now":
        return [[now_us()]]
    if kind == "log_rows":
        return [[3 * run + 3]]
    return {"log_begin": [[0, 2637181610]], "probe_log": [["2026-01-01 00:00:00.000000"]], "privileges": [["1"]],
            "explain": [[PLAN]], "one": [["1"]], "about": [["1", "10000", "1024", "86400"]],
            "switches": [["1", "1"]]}[kind]


class Session:
    """One connection to the stand-in: does what MariaDB does, unless the attack's point is reached."""

    def __init__(self, server, link):
        self.server, self.link = server, link
        self.sequence, self.sql, self.kind, self.is_binary = 0, "", "", False
        self.scramble = bytes(33 + byte % 90 for byte in os.urandom(20))

    def at(self, point):
        if point != self.server.attack.point:
            return False
        self.server.reached += 1
        return self.server.attack.act(self) is not HONEST

    # -- packets --

    def packet(self, payload):
        """The payload as packets, without sending them."""
        parts = []
        for at in range(0, len(payload) + 1, PACKET_MAX):
            part = payload[at : at + PACKET_MAX]
            parts += [struct.pack("<I", len(part))[:3] + bytes([self.sequence & 255]), part]
            self.sequence += 1
        return b"".join(parts)

    def write(self, *payloads):
        self.link.write(b"".join(map(self.packet, payloads)))

    def flood(self, make):
        for number in itertools.count():
            self.write(*(make(number) for _ in range(50)))

    def read(self):
        payload = b""
        while True:
            head = self.link.read(4)
            size = struct.unpack("<I", head[:3] + b"\0")[0]
            self.sequence = head[3] + 1
            payload += self.link.read(size)
            if size < PACKET_MAX:
                return payload

    # -- answers --

    def begin(self, columns=None, status=AUTOCOMMIT):
        columns = COLUMNS[self.kind] if columns is None else columns
        self.write(integer(len(columns)), *(column.packet() for column in columns), eof(status))

    def row(self, cells, columns=None):
        return binary_row(cells, columns or COLUMNS[self.kind]) if self.is_binary else text_row(cells)

    def answer(self, rows, columns=None, status=AUTOCOMMIT):
        self.begin(columns, status)
        self.write(*(self.row(row, columns) for row in rows), eof(status))

    def rows(self):
        return honest_rows(self.kind, self.server.run_of(self.kind))

    # -- the protocol --

    def serve(self):
        if self.at("connect"):
            return
        self._greet()
        if self.at("authentication"):
            self.read_commands()
            return
        self.write(ok())
        self.read_commands()

    def greeting(self, version=b"5.5.5-10.11.6-MariaDB-0+deb12u1", offered=OFFERED,
                 plugin=b"mysql_native_password"):
        return (
            b"\x0a" + version + b"\0" + struct.pack("<I", 7) + self.scramble[:8] + b"\0"
            + struct.pack("<HBHHB", offered & 0xFFFF, 45, AUTOCOMMIT, offered >> 16 & 0xFFFF, 21)
            + b"\0" * 6 + struct.pack("<I", offered >> 32) + self.scramble[8:] + b"\0" + plugin + b"\0"
        )

    def _greet(self):
        offered = OFFERED
        if self.server.attack.point == "tls":
            offered |= CLIENT_SSL
        if not self.at("greeting"):
            self.write(self.greeting(offered=offered))
        answer = self.read()
        if offered & CLIENT_SSL and len(answer) <= 32:
            self.at("tls")
            raise Gone

    def switch(self, plugin, data=None):
        """Ask the client to sign in by another method; its answer."""
        self.write(b"\xfe" + plugin + b"\0" + ((self.scramble + b"\0") if data is None else data))
        return self.read()

    def read_commands(self):
        while True:
            self.sequence = 0
            body = self.read()
            command, body = body[0], body[1:]
            if command == 3:
                self.serve_statement(body, False)
            elif command == 0x16:
                self.serve_prepare(body)
            elif command == 0x17:
                self.serve_statement(self.sql.encode(), True)
            elif command == 1:
                raise Gone
            elif command != 0x19:
                self.write(ok())

    def find_kind(self, sql):
        self.sql = sql.decode(errors="replace")
        self.kind = next((kind for kind, pattern in KINDS if re.search(pattern, self.sql, re.S)), "unknown")

    def serve_prepare(self, sql):
        self.find_kind(sql)
        columns, params = COLUMNS[self.kind], self.sql.count("?")
        self.write(b"\0" + struct.pack("<IHHBH", 1, len(columns), params, 0, 0))
        if params:
            self.write(*(Column("?").packet() for _ in range(params)), eof())
        self.write(*(column.packet() for column in columns), eof())

    def serve_statement(self, sql, is_binary):
        self.find_kind(sql)
        self.is_binary = is_binary
        if self.kind == "unknown":
            self.server.unknown.append(self.sql)
            self.write(error(1064, "syntax"))
        elif not self.at("statement") and not self.at(self.kind):
            if self.kind in ("set", "use"):
                self.write(ok())
            else:
                self.answer(self.rows())
        self.server.count_run(self.kind)


class HostileMysql(HostileServer):
    engine = "mysql"
    session_class = Session
