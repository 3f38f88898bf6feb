"""The attacks of the stand-in for PostgreSQL 15 (hostile_postgres_server.py)."""

import base64
import hashlib
import itertools
import os
import ssl
import struct
import subprocess
import tempfile

from hostile_postgres_server import (
    BOUND,
    COLUMNS,
    EMPTY,
    INT8,
    NO_DATA,
    PARSED,
    READY,
    SINCE_US,
    TEXT,
    HostilePostgres,
    completed,
    counter,
    data_row,
    message,
    notice,
    now_us,
    parameter,
    row_description,
    zero,
)
from hostile_server import ANY, ESCAPES, HONEST, INT64_MAX, MEGABYTE, Attack, Gone


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
        session.link.read(1)

    return act


def scram_in_tls(iterations):
    """Where nobody between server and client library sees the challenge."""
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as certificate:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=stand-in", "-keyout",
                        key.name, "-out", certificate.name], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.name, key.name)

    def act(session):
        session.write(b"S")
        session.link.raw.settimeout(30)
        session.link.raw = context.wrap_socket(session.link.raw, server_side=True)
        session.link.raw.settimeout(0.2)
        (size,) = struct.unpack("!i", session.link.read(4))
        session.link.read(size - 4)
        scram_of_ours(iterations)(session)

    return act


DEEP = '[{"Plan":' + '{"Node Type":"Sort","Plans":[' * 60000 + "{}" + "]}" * 60000 + "}]"
SORT_KEYS = '[{"Plan":{"Node Type":"Sort","Sort Key":[' + ",".join(['"a"'] * 24000) + "]}}]"
HUGE_NUMBERS = (
    '[{"Plan":{"Node Type":"Seq Scan","Relation Name":"o","Startup Cost":1e999,"Total Cost":1e308,'
    '"Plan Rows":-9223372036854775809,"Plan Width":1e400,"Actual Loops":NaN}}]'
)
BAD_UTF8 = b"SELECT \xff\xfe\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 FROM t WHERE a = '\xc0\xaf'"


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
    "scram_of_2_billion_iterations": Attack("authentication", scram_of_ours((1 << 31) - 1), probed=True,
                                            told="1,000,000 rounds of SCRAM"),
    "scram_of_2_billion_iterations_in_tls": Attack("tls", scram_in_tls((1 << 31) - 1), probed=True,
                                                   fields={"tls_mode": "require"},
                                                   # On a busy machine a first look is over before 2 s of processor.
                                                   told="costs too much|took longer"),
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
    "measures_that_are_none": Attack("counters", cell_of("counters", 9, lambda run: (
        "NaN,Infinity,-1,1e308,-5,99999999999999999999,x,,0,0,0,0,0", "-" * 500, ",,,,,,,,,,,,", "1,2")[run % 4], True),
        ANY, runs=4),
    "measures_at_their_largest": Attack("counters", cell_of("counters", 9, lambda run: ",".join(
        [str((0, INT64_MAX)[run % 2])] * 13), True), ANY, runs=4),
    "measures_of_5_mb": Attack("counters", cell_of("counters", 9, b"1" * (5 * MEGABYTE))),
    "blocks_of_no_size": Attack("about", cell_of("about", 14, lambda run: (0, INT64_MAX)[run % 2]), ANY, runs=3),
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
        [["1.10", "x", "f", "f", ESCAPES, ESCAPES, SINCE_US, 1024, "none", "t", ESCAPES, ESCAPES, "f", ESCAPES,
          "8192", "on", "off"]]), ANY),
    "names_that_are_no_utf8": Attack("about", lambda s: s.answer(
        [["1.10", "x", "f", "f", b"\xff\xfe", b"\xc3\x28", SINCE_US, 1024, "none", "f", b"\xed\xa0\x80", b"\xff\0",
          "f", b"\xff", "8192", "on", None]]), ANY),
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
    "speaks_http": Attack("connect", says(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 99), told="An HTTP server"),
    "speaks_noise": Attack("connect", lambda s: s.link.flood(os.urandom(65536))),
    "noise_in_statement": Attack("counters", lambda s: s.link.flood(os.urandom(65536))),
    "negotiates_protocol": Attack("authentication", says(message(b"v", struct.pack("!ii", 3, 1 << 30) + b"_pq_.x\0"))),
    "key_of_1_mb": Attack("parameters", lambda s: s.write(message(b"K", b"k" * MEGABYTE) + READY) or HONEST, ANY),
}


def stand_ins(wants):
    """By name, the class of the stand-in and the attack, of those attacks that are wanted."""
    return {name: (HostilePostgres, attack) for name, attack in ATTACKS.items() if wants(attack)}
