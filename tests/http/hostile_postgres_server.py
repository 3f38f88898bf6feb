"""A hostile stand-in for PostgreSQL 15, with the honest answers of a real one."""

import base64
import hashlib
import hmac
import os
import re
import struct
import time

from hostile_server import HONEST, Gone, HostileServer

TEXT, INT8, FLOAT8, BOOL, JSON = 25, 20, 701, 16, 114


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
    ("totals", r"FROM pg_stat_database WHERE"),
    ("era", r"pg_stat_statements_info"),
    ("texts", r"userid .*left\(query.*pg_stat_statements\(true\)"),
    ("plan_texts", r"pg_stat_statements\(true\)"),
    ("counted", r"count\(\*\) FROM \S*pg_stat_statements"),
    ("counters", r"pg_stat_statements\(false\)"),
    ("blockers", r"pg_blocking_pids"),
    ("waits", r"wait_event_type"),
    ("sessions", r"pg_stat_activity"),
    ("about", r"pg_postmaster_start_time"),
    ("probe", r"pg_read_all_data"),
    ("path", r"^SELECT /\* potto \*/ pg_catalog.set_config"),
    ("one", r"^SELECT /\* potto \*/ 1 AS potto$"),
    ("limits", r"default_transaction_read_only"),
]

NAMES = {
    "about": "extversion set_config pg_has_role rolsuper current_user current_database int8 pg_size_bytes "
    "current_setting has_schema_privilege quote_ident ?column? coalesce current_setting current_setting "
    "current_setting current_setting",
    "probe": "current_user current_database quote_ident rolsuper pg_has_role pg_has_role extversion quote_ident "
    "has_schema_privilege current_setting quote_ident coalesce current_setting",
    "era": "int8 int8",
    "totals": "active_time int8 ?column? dealloc int8",
    "counters": "?column? queryid calls total_exec_time rows shared_blks_hit shared_blks_read ?column? max_exec_time "
    "concat_ws",
    "texts": "?column? left",
    "plan_texts": "queryid query",
    "sessions": "int8 ?column? ?column? query octet_length query_id",
    "waits": "pid wait_event_type wait_event usename coalesce application_name case ?column? ?column? count",
    "blockers": "waiter blocker state usename coalesce application_name case ?column? ?column?",
    "path": "set_config",
    "prepared": "coalesce",
    "explain": "QUERY PLAN",
    "one": "?column?",
    "limits": "?column?",
    "counted": "count",
}
TYPES = {
    "about": [TEXT, TEXT, BOOL, BOOL, 19, 19, INT8, INT8, TEXT, BOOL, TEXT, TEXT, BOOL, TEXT, TEXT, TEXT, TEXT],
    "probe": [19, 19, TEXT, BOOL, BOOL, BOOL, TEXT, TEXT, BOOL, TEXT, TEXT, BOOL, TEXT],
    "era": [INT8, INT8],
    "totals": [FLOAT8, INT8, FLOAT8, INT8, INT8],
    "counters": [TEXT, INT8, INT8, FLOAT8, INT8, INT8, INT8, TEXT, FLOAT8, TEXT],
    "texts": [TEXT, TEXT],
    "plan_texts": [INT8, TEXT],
    "sessions": [INT8, 1700, TEXT, TEXT, 23, INT8],
    "waits": [23, TEXT, TEXT, 19, TEXT, TEXT, TEXT, BOOL, TEXT, INT8],
    "blockers": [23, 23, TEXT, 19, TEXT, TEXT, TEXT, BOOL, TEXT],
    "path": [TEXT],
    "prepared": [23],
    "explain": [JSON],
    "one": [23],
    "limits": [BOOL],
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


def counter(key, query_id, calls, total_ms=None, rows=None, hit=None, read=0, measures=None):
    return [
        key, query_id, calls, total_ms if total_ms is not None else f"{calls * 1.5:.3f}",
        rows if rows is not None else calls, hit if hit is not None else calls * 3, read, None, "1.5",
        measures if measures is not None else f"0,0,0.5,0,2,3,0,0.25,{calls},1,200,4,0.1",
    ]


def honest_rows(kind, run):
    """run: how many times this kind of statement was answered before, by the whole stand-in."""
    if kind == "about":
        return [["1.10", "pg_catalog, public", "t", "f", "potto_monitor", "shop", SINCE_US, 1024, "top", "t", "public",
                 '"potto_monitor"', "f", "auto", "8192", "off", "off"]]
    if kind == "probe":
        return [["potto_monitor", "shop", "potto_monitor", "f", "t", "t", "1.10", "public", "t", "top", "shop", "f",
                 "auto"]]
    if kind == "era":
        return [[SINCE_US, now_us()]]
    if kind == "totals":
        return [[f"{100 + 100 * run}.5", now_us(), "0", 0, 5000]]
    if kind == "counters":
        return [counter(key, query_id, 10 + 10 * run) for key, (query_id, _) in STATEMENTS.items()]
    if kind == "texts":
        return [[key, text] for key, (_, text) in STATEMENTS.items()]
    if kind == "plan_texts":
        return [[query_id, text] for query_id, text in STATEMENTS.values()]
    others = {"path": [["pg_catalog"]], "waits": [], "blockers": [], "sessions": [], "prepared": [[1]],
              "explain": [[PLAN]], "one": [[1]], "limits": [["t"]], "counted": [[3]]}
    return others[kind]


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
