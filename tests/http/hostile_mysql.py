"""The attacks of the stand-in for MariaDB 10.11 (hostile_mysql_server.py)."""

import itertools
import os
import struct
import subprocess
import tempfile
from pathlib import Path

from hostile_mysql_server import (
    AUTOCOMMIT,
    COLUMNS,
    CURSOR_EXISTS,
    DOUBLE,
    LONG,
    LONGLONG,
    MORE_RESULTS,
    PACKET_MAX,
    STATE_CHANGED,
    UNSIGNED,
    YEAR,
    ZEROFILL,
    Column,
    HostileMysql,
    digest_row,
    eof,
    error,
    integer,
    log_row,
    now_us,
    ok,
    string,
    text_row,
    texts,
)
from hostile_server import ANY, ESCAPES, HONEST, INT64_MAX, MEGABYTE, Attack, Gone


def cell_of(column, value, every_row=False):
    def act(session):
        rows = session.rows()
        made = value(session.server.run_of(session.kind)) if callable(value) else value
        for row in rows if every_row else rows[:1]:
            row[column] = made
        columns = list(COLUMNS[session.kind])
        if not isinstance(made, int):
            columns[column] = Column("lie")
        session.answer(rows, columns)

    return act


def all_cells(value):
    def act(session):
        columns = COLUMNS[session.kind] if value is None else [Column("lie")] * len(COLUMNS[session.kind])
        session.answer([[value] * len(columns)], columns)

    return act


def one_column(session):
    session.answer([[struct.pack("<QQ", 0x41414141_41414141, 4096)]] * 64, [Column("lie")])


def one_row_of_one_column(session):
    session.answer([[struct.pack("<QQ", 0x41414141_41414141, 4096) * 16]], [Column("lie")])


def no_rows(session):
    session.answer([])


def no_columns(session):
    session.write(b"\0" if session.is_binary else integer(0), *[b"\0"] * 64, eof())


def many_columns(count):
    def act(session):
        session.answer([[None] * count], [Column("c")] * count)

    return act


def column_count(count):
    """The count is a lie; then columns without an end."""

    def act(session):
        session.write(integer(count))
        session.flood(lambda number: Column("c" * 200).packet())

    return act


def endless_rows(value):
    def act(session):
        columns = [Column("c")] * len(COLUMNS[session.kind])
        session.begin(columns)
        row = session.row([value] * len(columns), columns)
        session.flood(lambda number: row)

    return act


def endless_wide_rows(session):
    columns = [Column("c")] * 4000
    session.begin(columns)
    row = session.row([None] * 4000, columns)
    session.flood(lambda number: row)


def dripping_rows(session):
    """One row every two seconds, for ever."""
    session.begin()
    for number in itertools.count():
        session.write(session.row(session.rows()[0][:1] + session.rows()[number % len(session.rows())][1:]))
        session.link.pause(2)


def dripping_bytes(make):
    def act(session):
        data = make(session)
        session.link.write(data[:5])
        session.link.drip(data[5:])
        session.link.silence()

    return act


def silent(session):
    session.link.silence()


def raw(data):
    """These bytes, as they are; then silence."""

    def act(session):
        session.link.write(data)
        session.link.silence()

    return act


def raw_flood(data):
    def act(session):
        session.link.flood(data)

    return act


def chain_of_packets(session):
    """Packets of 16 MB, each of which says that another one follows."""
    while True:
        session.link.write(b"\xff\xff\xff" + bytes([session.sequence & 255]) + b"\x01" * PACKET_MAX)
        session.sequence += 1


def empty_packets(session):
    session.flood(lambda number: b"")


def lying_cell(size):
    """A cell whose length is not what its row has room for."""

    def act(session):
        session.begin([Column("c")] * 8)
        lie = b"\xfe" + struct.pack("<Q", size) + b"x" * 64
        session.write((b"\0\0\0" if session.is_binary else b"") + lie, eof())
        session.link.silence()

    return act


def short_rows(session):
    session.begin([Column("c")] * 8)
    for size in (0, 1, 2, 3, 7, 12):
        session.write((b"\0\0\0" if session.is_binary else b"") + b"\x01x" * size)
    session.write(eof())


def reserved_length(session):
    """0xff begins no length."""
    session.begin([Column("c")] * 8)
    session.write((b"\0\0\0" if session.is_binary else b"") + b"\xff" * 40, b"\0\0\0" + b"\xff" * 40)
    session.write(eof())


def describes(*columns, values=None, rows=8):
    """Columns whose description lies, with arbitrary bytes in them."""

    def act(session):
        session.begin(list(columns))
        for number in range(rows):
            if values is not None:
                data = b"".join(values)
            else:
                data = bytes([(1, 8, 11, 12, 0, 255, 4, 7)[number % 8]]) + os.urandom(4096)
            session.write((b"\0" + b"\0" * ((len(columns) + 9) // 8) if session.is_binary else b"") + data)
        session.write(eof())

    return act


def liar(kind, length=0xFFFFFFFF, flags=ZEROFILL | UNSIGNED, decimals=255):
    return Column("lie", kind, length, flags, decimals, 63)


def year_with_zerofill(session):
    """A YEAR that is 4,294,967,295 digits wide and filled with zeros."""
    columns = [liar(YEAR, decimals=0)] * 8
    session.begin(columns)
    session.write((b"\0\0\0" + struct.pack("<H", 1999) * 8) if session.is_binary else text_row(["1999"] * 8), eof())


def wide_numbers(kind, size):
    """The same for another type of so many bytes."""

    def act(session):
        columns = [liar(kind)] * 8
        session.begin(columns)
        session.write(
            (b"\0\0\0" + b"\x7f" * size * 8) if session.is_binary else text_row(["9" * 300] * 8), eof()
        )

    return act


def asks_for_file(name):
    def act(session):
        session.write(b"\xfb" + name)
        session.read()
        session.write(ok())

    return act


def many_results(session):
    while True:
        session.answer([["1"] * len(COLUMNS[session.kind])], texts("c " * len(COLUMNS[session.kind])),
                       AUTOCOMMIT | MORE_RESULTS)


def many_oks(session):
    session.flood(lambda number: ok(AUTOCOMMIT | MORE_RESULTS))


def session_state(lie):
    """An OK whose session state says more than it has, or very much."""

    def act(session):
        session.write(ok(AUTOCOMMIT | STATE_CHANGED, string("") + lie))
        session.link.silence()

    return act


def variables_without_end(session):
    item = b"\0" + string(string("name") + string("v" * 200))
    session.write(ok(AUTOCOMMIT | STATE_CHANGED, string("") + string(item * 60000)))
    session.flood(lambda number: ok(AUTOCOMMIT | STATE_CHANGED | MORE_RESULTS, string("") + string(item * 50)))


def progress_without_end(session):
    session.flood(lambda number: b"\xff\xff\xff" + b"\x01" + b"\x01\x02" + b"\x10\x27\0" + string("working"))


def cursor_without_end(session):
    session.begin(status=AUTOCOMMIT | CURSOR_EXISTS)
    session.link.silence()


def log_of(count, make):
    """A slow log of so many rows."""

    def act(session):
        session.begin()
        base_us = now_us() - 3_600_000_000
        for at in range(0, count, 500):
            session.write(*(session.row(make(base_us, number)) for number in range(at, min(at + 500, count))))
        session.write(eof())

    return act


def digests_of(make):
    """Digests of the rows that make(run) gives; the server says that all of their texts are `SELECT ?`."""

    def act(session):
        session.answer(make(session.server.run_of("digests")))

    return act


def digest_texts_of(text, sample=None):
    def act(session):
        session.answer([[f"{number:032x}", sample, text] for number in range(5)])

    return act


def log_without_end(session):
    """As many rows as one look takes, in each look."""
    run = session.server.run_of("slow_log")
    base_us = now_us() - 86_000_000_000 + run * 10_000
    session.begin()
    session.write(*(session.row(log_row(base_us + number, sql=f"SELECT {run}", row=5000 * run + number + 1))
                    for number in range(5000)), eof())


def closes_somewhere(session):
    session.sequence = 1
    columns = COLUMNS.get(session.kind, [])
    parts = [session.packet(integer(len(columns)))] + [session.packet(column.packet()) for column in columns]
    rows = session.rows() if columns else []
    data = b"".join([*parts, session.packet(eof()), *(session.packet(session.row(row)) for row in rows)])
    session.link.write(data[: session.server.seed.randrange(len(data))])
    raise Gone


def closes_in_row(session):
    session.begin()
    session.link.write(session.packet(session.row(session.rows()[0]))[:-3])
    raise Gone


def greets(**with_):
    def act(session):
        session.write(session.greeting(**with_))

    return act


def switches_to(plugin, data=None):
    """Ask for another method, note what comes, and let the client in."""

    def act(session):
        session.switch(plugin, data)
        session.write(ok())

    return act


def switches_for_ever(session):
    while True:
        session.switch(b"mysql_native_password")


KEY = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True, text=True).stdout
PUBLIC_KEY = subprocess.run(["openssl", "rsa", "-pubout"], input=KEY, capture_output=True, check=True, text=True).stdout


def decrypt(data):
    with tempfile.TemporaryDirectory() as directory:
        key, secret = Path(directory, "key"), Path(directory, "secret")
        key.write_text(KEY)
        secret.write_bytes(data)
        command = ["openssl", "pkeyutl", "-decrypt", "-inkey", key, "-in", secret, "-pkeyopt", "rsa_padding_mode:oaep"]
        return subprocess.run(command, capture_output=True).stdout


def own_key(plugin, asks):
    """Let the client encrypt its password with our key, and read it."""

    def act(session):
        session.switch(plugin)
        if asks:
            session.write(asks)
            session.read()
        session.write(b"\x01" + PUBLIC_KEY.encode())
        plain = decrypt(session.read())
        scramble = itertools.cycle(session.scramble)
        session.server.keep(bytes(byte ^ next(scramble) for byte in plain))
        session.write(ok())

    return act


DEEP = '{"query_block":' + '{"nested_loop":[{"table":' * 60000 + "{}" + "}]}" * 60000 + "}"
HUGE_NUMBERS = (
    '{"query_block":{"select_id":1e999,"cost":1e308,"table":{"table_name":"o","access_type":"ALL",'
    '"rows":-9223372036854775809,"filtered":1e400}}}'
)
BAD_UTF8 = b"SELECT \xff\xfe\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 FROM t WHERE a = '\xc0\xaf'"

ATTACKS = {
    "none": Attack("statement", lambda s: HONEST, ("ok",), runs=3, probed=True),
    # Lengths are believed.
    "user_of_5_mb": Attack("settings", cell_of(3, b"'" * (5 * MEGABYTE) + b"@h")),
    "log_output_of_5_mb": Attack("settings", cell_of(1, b"T," * (5 * MEGABYTE // 2))),
    "number_of_5_mb": Attack("settings", cell_of(4, b"1" * (5 * MEGABYTE))),
    "log_user_of_5_mb": Attack("slow_log", cell_of(4, b"u" * (5 * MEGABYTE)), ANY),
    "log_database_of_5_mb": Attack("slow_log", cell_of(5, b"`" * (5 * MEGABYTE)), ANY),
    "log_duration_of_5_mb": Attack("slow_log", cell_of(1, b"1" * (5 * MEGABYTE)), ANY),
    "log_text_of_15_mb": Attack("slow_log", cell_of(6, b"SELECT " + b"a," * (7 * MEGABYTE)), ANY),
    "probe_user_of_1_mb": Attack("probe", cell_of(0, b"u@" * (MEGABYTE // 2 - 99)), ANY, probed=True),
    "version_of_1_mb": Attack("greeting", greets(version=b"9" * MEGABYTE), ANY, probed=True),
    "version_of_15_mb": Attack("greeting", greets(version=b"1" * (15 * MEGABYTE)), ANY),
    "version_with_escapes": Attack("greeting", greets(version=b"10.11.6" + ESCAPES.encode()), ANY, probed=True),
    "version_without_end": Attack("greeting", lambda s: s.write(b"\x0a" + b"5" * 100)),
    "version_of_many_digits": Attack("greeting", greets(version=b"9" * 40 + b".9" * 40), ANY, probed=True),
    # Shapes are believed.
    "one_column_times_64_rows": Attack("slow_log", one_column),
    "settings_of_one_column": Attack("settings", one_row_of_one_column),
    "probe_of_one_column": Attack("probe", one_row_of_one_column, ANY, probed=True),
    "no_rows_in_settings": Attack("settings", no_rows),
    "no_rows_in_probe": Attack("probe", no_rows, ANY, probed=True),
    "no_rows_in_one": Attack("one", no_rows, ANY, probed=True),
    "no_rows_in_privileges": Attack("privileges", no_rows, ANY, probed=True),
    "no_rows_in_explain": Attack("explain", no_rows, ANY),
    "no_columns_in_settings": Attack("settings", no_columns),
    "no_columns_in_slow_log": Attack("slow_log", no_columns),
    "all_cells_null_in_settings": Attack("settings", all_cells(None)),
    "all_cells_null_in_slow_log": Attack("slow_log", all_cells(None), ANY),
    "all_cells_null_in_probe": Attack("probe", all_cells(None), ANY, probed=True),
    "all_cells_empty_in_slow_log": Attack("slow_log", all_cells(""), ANY),
    "thousands_of_columns": Attack("slow_log", many_columns(4000)),
    "columns_without_end": Attack("settings", column_count(1 << 62), is_hungry=True),
    "sixty_thousand_columns_that_never_come": Attack("settings", lambda s: s.write(integer(65535)) or
                                                     s.link.silence()),
    "short_rows": Attack("slow_log", short_rows),
    "cells_of_reserved_length": Attack("slow_log", reserved_length),
    "answer_to_a_setting": Attack("set", lambda s: s.answer([["1"]], texts("c")), ANY),
    "ok_instead_of_rows": Attack("settings", lambda s: s.write(ok())),
    "ok_instead_of_the_log": Attack("slow_log", lambda s: s.write(ok())),
    # Descriptions of columns lie to the client's library.
    "year_with_zerofill": Attack("slow_log", year_with_zerofill, ANY),
    "long_with_zerofill": Attack("slow_log", wide_numbers(LONG, 4)),
    "longlong_with_zerofill": Attack("slow_log", wide_numbers(LONGLONG, 8)),
    "double_of_255_decimals": Attack("slow_log", wide_numbers(DOUBLE, 8), ANY),
    "tiny_with_zerofill": Attack("slow_log", wide_numbers(1, 1)),
    "float_of_255_decimals": Attack("slow_log", wide_numbers(4, 4), ANY),
    "year_with_zerofill_in_settings": Attack("settings", year_with_zerofill, ANY),
    "kinds_0_to_7": Attack("slow_log", describes(*map(liar, range(8)))),
    "kinds_8_to_15": Attack("slow_log", describes(*map(liar, range(8, 16)))),
    "times_of_other_sizes": Attack("slow_log", describes(*[liar(11)] * 4, *[liar(12)] * 4)),
    "dates_of_other_sizes": Attack("slow_log", describes(*[liar(10)] * 4, *[liar(7)] * 4)),
    "kinds_16_to_23": Attack("slow_log", describes(*map(liar, range(16, 24)))),
    "kinds_240_to_247": Attack("slow_log", describes(*map(liar, range(240, 248)))),
    "kinds_248_to_255": Attack("slow_log", describes(*map(liar, range(248, 256)))),
    "kinds_in_settings": Attack("settings", describes(liar(7), liar(10), liar(11), liar(12), liar(13))),
    "column_without_an_end": Attack("settings", lambda s: s.write(integer(5), string("def") + b"\xfe" + b"\xff" * 8)),
    "column_of_lying_lengths": Attack("settings", lambda s: s.write(
        integer(5), *[b"\x03def" + b"\xfd\xff\xff\xff" * 3 + b"x" * 50] * 5, eof())),
    # Limits count payload, not cost.
    "one_byte_cells_by_the_million": Attack("slow_log", endless_rows("7"), is_hungry=True),
    "null_cells_by_the_million": Attack("slow_log", endless_rows(None), is_hungry=True),
    "empty_cells_by_the_million": Attack("slow_log", endless_rows(""), is_hungry=True),
    "settings_by_the_million": Attack("settings", endless_rows("7"), is_hungry=True),
    "null_settings_by_the_million": Attack("settings", endless_rows(None), is_hungry=True),
    "wide_rows_of_null": Attack("slow_log", endless_wide_rows, is_hungry=True),
    "probe_rows_by_the_million": Attack("probe", endless_rows(None), ANY, probed=True, is_hungry=True),
    "chain_of_packets": Attack("settings", chain_of_packets, is_hungry=True),
    "chain_of_packets_in_greeting": Attack("connect", chain_of_packets, is_hungry=True),
    "empty_packets": Attack("settings", empty_packets),
    "many_results": Attack("settings", many_results, is_hungry=True),
    "results_behind_a_setting": Attack("set", many_oks, is_hungry=True),
    "error_of_15_mb": Attack("settings", lambda s: s.write(error(1105, b"e" * (15 * MEGABYTE)))),
    "error_of_16_mb_in_greeting": Attack("connect", lambda s: s.write(error(1105, b"e" * (16 * MEGABYTE)))),
    "error_without_text": Attack("settings", lambda s: s.write(b"\xff")),
    "log_of_100_kb_texts": Attack("slow_log", log_of(5000, lambda base, n: log_row(
        base + n, sql=f"SELECT a{n}x{base} FROM t" + " WHERE x = 1" * 8000)), ANY, is_hungry=True),
    "log_of_fresh_fingerprints": Attack("slow_log", log_of(2000, lambda base, n: log_row(
        base + n, sql=f"SELECT a{n}x{base} FROM t")), ANY, runs=2),
    "log_of_a_million_rows": Attack("slow_log", log_of(1_000_000, lambda base, n: log_row(base + n)), ANY,
                                    is_hungry=True),
    "log_without_end": Attack("slow_log", log_without_end, ANY, runs=2),
    "same_row_again_and_again": Attack("slow_log", log_of(2000, lambda base, n: log_row(base)), ANY, runs=2),
    # Lengths in packets lie.
    "cell_of_1_gb": Attack("slow_log", lying_cell(1 << 30)),
    "cell_of_2_to_the_63": Attack("slow_log", lying_cell(1 << 63)),
    "cell_of_minus_2": Attack("slow_log", lying_cell((1 << 64) - 2)),
    "cell_beyond_its_row": Attack("slow_log", lying_cell(65)),
    "settings_cell_of_1_gb": Attack("settings", lying_cell(1 << 30)),
    "settings_cell_of_minus_2": Attack("settings", lying_cell((1 << 64) - 2)),
    "packets_out_of_order": Attack("settings", lambda s: setattr(s, "sequence", 77) or s.answer(s.rows()), ANY),
    "packet_that_ends_early": Attack("settings", raw(b"\xff\xff\x7f\x01" + b"\x05" * 100)),
    "state_that_lies": Attack("set", session_state(b"\xfe" + b"\xff" * 8)),
    "state_longer_than_its_packet": Attack("set", session_state(b"\xfd\xff\xff\x7f\0\xfc\xff\xff")),
    "state_of_nothing": Attack("set", session_state(b"\x03\0\xfe\xff")),
    "variables_without_end": Attack("set", variables_without_end, is_hungry=True),
    "progress_without_end": Attack("settings", progress_without_end),
    "cursor_without_rows": Attack("slow_log", cursor_without_end),
    # Deadlines of each read, not of the cycle.
    "dripping_rows": Attack("slow_log", dripping_rows, ANY),
    "dripping_settings": Attack("settings", dripping_rows),
    "dripping_probe": Attack("probe", dripping_rows, ANY, probed=True),
    "dripping_bytes_in_a_row": Attack("settings", dripping_bytes(
        lambda s: s.packet(integer(5)) + b"".join(s.packet(c.packet()) for c in COLUMNS["settings"]))),
    "dripping_greeting": Attack("connect", dripping_bytes(lambda s: s.packet(s.greeting()))),
    "dripping_authentication": Attack("authentication", dripping_bytes(lambda s: s.packet(b"\xfe" + b"p" * 500))),
    "silence_after_connect": Attack("connect", silent),
    "silence_after_tls_request": Attack("tls", silent, ANY, fields={"tls_mode": "prefer"}),
    "silence_after_greeting": Attack("authentication", silent),
    "silence_after_authentication": Attack("set", silent),
    "silence_in_statement": Attack("settings", silent),
    "silence_in_the_log": Attack("slow_log", silent),
    "silence_in_explain": Attack("explain", silent, ANY),
    "silence_in_probe": Attack("one", silent, ANY, probed=True),
    # Encryption, passwords, files.
    "tls_of_garbage": Attack("tls", lambda s: s.link.write(os.urandom(4096)) or s.link.silence(),
                             fields={"tls_mode": "require"}),
    "tls_record_of_silence": Attack("tls", raw(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"),
                                    fields={"tls_mode": "require"}),
    "clear_password": Attack("authentication", switches_to(b"mysql_clear_password"), probed=True),
    "dialog": Attack("authentication", switches_to(b"dialog", b"\x02Password: ")),
    "dialog_again_and_again": Attack("authentication", lambda s: s.switch(b"dialog", b"\x02Password: ") and
                                     s.flood(lambda number: b"\x02Password: ")),
    "old_password": Attack("authentication", switches_to(b"mysql_old_password")),
    "old_password_without_name": Attack("authentication", lambda s: s.write(b"\xfe") or s.read() and s.write(ok())),
    "plugin_of_another_directory": Attack("authentication", switches_to(b"../../../../../tmp/evil")),
    "plugin_of_a_long_name": Attack("authentication", switches_to(b"p" * MEGABYTE)),
    "other_methods_for_ever": Attack("authentication", switches_for_ever),
    "own_key_for_sha256": Attack("authentication", own_key(b"sha256_password", None), probed=True),
    "own_key_for_caching_sha2": Attack("authentication", own_key(b"caching_sha2_password", b"\x01\x04"), probed=True),
    "more_data_without_end": Attack("authentication", lambda s: s.switch(b"caching_sha2_password") and
                                    s.flood(lambda number: b"\x01\x03")),
    "key_of_15_mb": Attack("authentication", lambda s: s.switch(b"sha256_password") and
                           s.write(b"\x01" + b"k" * (15 * MEGABYTE)) or s.link.silence()),
    "scramble_that_is_short": Attack("greeting", lambda s: s.write(s.greeting()[:60])),
    "protocol_9": Attack("greeting", lambda s: s.write(b"\x09" + s.greeting()[1:])),
    "asks_for_a_file": Attack("settings", asks_for_file(b"/etc/passwd")),
    "asks_for_a_file_in_authentication": Attack("authentication", lambda s: s.write(b"\xfb/etc/passwd") or
                                                s.link.silence()),
    "asks_for_a_file_in_set": Attack("set", asks_for_file(b"/etc/hostname")),
    # Numbers that no server has.
    "log_of_huge_counts": Attack("slow_log", log_of(20, lambda base, n: log_row(
        base + n, INT64_MAX, INT64_MAX, INT64_MAX)[:7] + [base, INT64_MAX]), ANY, runs=2),
    "log_of_negative_counts": Attack("slow_log", log_of(20, lambda base, n: log_row(
        base + n, -INT64_MAX, -1 - n, -INT64_MAX)[:7] + [-n, -n]), ANY, runs=2),
    "log_of_the_far_future": Attack("slow_log", log_of(20, lambda base, n: log_row(INT64_MAX - n)[:7] + [INT64_MAX, 0]),
                                    ANY, runs=2),
    "log_of_the_far_past": Attack("slow_log", log_of(20, lambda base, n: log_row(-INT64_MAX + n)[:7] + [n, 0]), ANY,
                                  runs=2),
    "duration_is_nan": Attack("slow_log", cell_of(1, "NaN", True), ANY),
    "duration_is_infinite": Attack("slow_log", cell_of(1, "1e999", True), ANY),
    "numbers_that_are_words": Attack("slow_log", all_cells("many"), ANY),
    "settings_that_are_words": Attack("settings", all_cells("many"), ANY),
    "long_query_time_of_1e308": Attack("settings", cell_of(2, "1e308"), ANY),
    "now_in_the_far_future": Attack("settings", cell_of(4, INT64_MAX), ANY, runs=3),
    "now_in_the_far_past": Attack("settings", cell_of(4, -INT64_MAX), ANY, runs=3),
    # Texts that are none.
    "texts_that_are_no_utf8": Attack("slow_log", log_of(9, lambda base, n: log_row(
        base + n, user=b"\xff\xfe" * 99, db=b"\xc3\x28", sql=BAD_UTF8 + b"%d" % n)), ANY),
    "texts_with_nul": Attack("slow_log", log_of(9, lambda base, n: log_row(
        base + n, user=b"a\0b", db=b"\0", sql=b"SELECT \0 FROM t\0")), ANY),
    "texts_of_brackets": Attack("slow_log", log_of(9, lambda base, n: log_row(base + n, sql="SELECT " + "(" * 10**6)),
                                ANY),
    "texts_of_quotes": Attack("slow_log", log_of(9, lambda base, n: log_row(
        base + n, sql="SELECT '" + "`\"/*#--" * 140000)), ANY),
    "database_with_escapes": Attack("slow_log", log_of(9, lambda base, n: log_row(base + n, db=ESCAPES, user=ESCAPES)),
                                    ANY),
    "user_with_escapes": Attack("settings", cell_of(3, ESCAPES + "'\\'@%"), ANY),
    # Digests.
    "no_rows_in_about": Attack("about", no_rows, ANY, probed=True),
    "about_that_is_words": Attack("about", all_cells("many"), ANY, probed=True),
    "room_for_no_digest": Attack("about", cell_of(1, "0"), ("ok",), probed=True),
    "uptime_of_1e15": Attack("about", cell_of(3, "1e15"), ANY, runs=2),
    "silence_in_switches": Attack("switches", silent, ANY, probed=True),
    "silence_in_digests": Attack("digests", silent, ANY),
    "digests_by_the_million": Attack("digests", endless_rows(None), ANY, is_hungry=True),
    "digest_key_of_5_mb": Attack("digests", cell_of(0, b"a" * (5 * MEGABYTE)), ANY),
    "digest_that_is_a_condition": Attack("digests", cell_of(1, "') OR (SELECT SLEEP(9)) -- "), ANY, runs=2),
    "digests_of_huge_counts": Attack("digests", digests_of(lambda run: [
        digest_row(number, INT64_MAX - number * (3 - run)) for number in range(5)]), ANY, runs=3),
    "digests_that_shrink": Attack("digests", digests_of(lambda run: [
        digest_row(number, 10**9 // (run + 1)) for number in range(5)]), ANY, runs=3),
    "digests_of_one_key": Attack("digests", digests_of(lambda run: [
        digest_row(number, run * 7, key="1" * 32) for number in range(500)]), ANY, runs=3),
    "digests_of_the_far_future": Attack("digests", digests_of(lambda run: [
        digest_row(number, 10 * run, since_us=253402300799999999) for number in range(5)]), ANY, runs=3),
    "digest_texts_of_brackets": Attack("digest_texts", digest_texts_of("SELECT " + "( " * 190000), ANY),
    "digest_texts_of_rows": Attack("digest_texts", digest_texts_of("VALUES " + "(...) , " * 48000), ANY),
    "digest_texts_that_are_no_utf8": Attack("digest_texts", digest_texts_of(BAD_UTF8, BAD_UTF8), ANY),
    "digest_texts_of_others": Attack("digest_texts", lambda s: s.answer([["f" * 32, None, "SELECT ?"]] * 300), ANY),
    "digest_texts_of_null": Attack("digest_texts", all_cells(None), ANY),
    "now_of_digests_in_the_far_past": Attack("now", cell_of(0, -INT64_MAX), ANY, runs=3),
    # Plans.
    "plan_that_is_deep": Attack("explain", lambda s: s.answer([[DEEP]]), ANY),
    "plan_of_50_mb": Attack("explain", lambda s: s.answer([[b'{"query_block":{"message":"' + b"x" * (50 * MEGABYTE)
                                                            + b'"}}']]), ANY, is_hungry=True),
    "plan_of_huge_numbers": Attack("explain", lambda s: s.answer([[HUGE_NUMBERS]]), ANY),
    "plan_that_is_none": Attack("explain", lambda s: s.answer([[b"\xff\0{]"]]), ANY),
    # Ends.
    "closes_after_connect": Attack("connect", lambda s: s.link.close()),
    "closes_in_row": Attack("slow_log", closes_in_row),
    "closes_somewhere": Attack("statement", closes_somewhere, runs=5),
    "resets_in_statement": Attack("slow_log", lambda s: s.link.reset()),
    "speaks_http": Attack("connect", raw(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 99)),
    "speaks_noise": Attack("connect", raw_flood(os.urandom(65536))),
    "noise_in_statement": Attack("settings", raw_flood(os.urandom(65536))),
}


def stand_ins(wants):
    """By name, the class of the stand-in and the attack, of those attacks that are wanted."""
    return {name: (HostileMysql, attack) for name, attack in ATTACKS.items() if wants(attack)}
