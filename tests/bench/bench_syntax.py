"""What lib/syntax reads of the statements that servers read: PostgreSQL's regression tests, asked of its own parser
(libpg_query), and MariaDB's tests, asked of a MySQL 8.

One JSON object a line: the share that is read, and of those the shares that are written and read as the same tree, and
that keep their fingerprint. What a server refuses and Potto reads counts beside it. MySQL and its statements come as
for the bench `digest`; the regression tests from POTTO_REGRESS_SQL, a directory src/test/regress/sql of PostgreSQL's
source. What is not to be had is skipped.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_digest
from bench_digest import Missing

PROJECT = Path(__file__).resolve().parents[2]
VERDICT = Path(os.environ.get("POTTO_BUILD_DIR", PROJECT / "build")) / "tests/bench/syntax_verdict"
KINDS = {
    "queries": ("select", "insert", "update", "delete", "with", "values", "table", "replace"),
    "schema": ("create table", "create temp table", "create temporary table", "create unlogged table", "create index",
               "create unique index", "alter table"),
}
SPLIT = re.compile(r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
                       | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag) | --[^\n]* | /\*.*?\*/ | (?P<psql>\\[^\n]*)
                       | (?P<end>;)""", re.X | re.S)
COPY = re.compile(r"^copy\b[^;]*\bfrom\s+stdin[^;]*;\n.*?^\\\.$", re.I | re.M | re.S)
BEGINNING_BYTES = 400


def postgresql_statements(place):
    found = {}
    for path in sorted(place.glob("*.sql")):
        text, begin = COPY.sub("", path.read_text(errors="replace")), 0
        for token in SPLIT.finditer(text):
            if token["end"] or token["psql"] is not None:
                found[text[begin:token.start()].strip()] = None
                begin = token.end()
    return [statement for statement in found if statement and "\0" not in statement]


def beginning(statement):
    text = statement[:BEGINNING_BYTES].lstrip(" \t\r\n(")
    while text.startswith(("--", "#", "/*")):
        end = text.find("*/" if text.startswith("/*") else "\n")
        text = "" if end < 0 else text[end + 2 if text.startswith("/*") else end + 1:].lstrip(" \t\r\n(")
    return " ".join(text.lower().split())


def judge(name, dialect, statements):
    """Count the pairs (what the server says, what Potto says) for each kind of statement."""
    for kind, words in KINDS.items():
        asked = [statement for statement in statements if beginning(statement).startswith(words)]
        done = subprocess.run([VERDICT, dialect], input="".join(f"{one}\0" for one in asked).encode(),
                              stdout=subprocess.PIPE, check=True)
        pairs = collections.Counter(tuple(line.split(b"\t")[:2]) for line in done.stdout.splitlines())
        ours = collections.Counter()
        for (server, verdict), count in pairs.items():
            if server != b"refused":
                ours[verdict.decode()] += count
        asked_count, read = sum(ours.values()), sum(ours.values()) - ours["refused"]
        print(json.dumps({"bench": "syntax", "metric": f"{name}, {kind}", "statements": asked_count,
                          "value": read / max(asked_count, 1), "unit": "share read",
                          "same_tree": 1 - ours["changed"] / max(read, 1),
                          "same_fingerprint": ours["read"] / max(read, 1),
                          "server_refuses": pairs[b"refused", b"read"] + pairs[b"refused", b"refused"],
                          "refused_too": pairs[b"refused", b"refused"]}))


def mysql_statements():
    """Those of MariaDB's tests that MySQL 8 can read."""
    server = bench_digest.parts.mysql()
    statements = bench_digest.statements_in(bench_digest.kept("mariadb-test-data", bench_digest.fetch_tests))
    with tempfile.TemporaryDirectory() as state:
        os.chmod(state, 0o755)
        process, socket = bench_digest.start_mysql(server, Path(state))
        try:
            read = bench_digest.digests(socket, statements)
        finally:
            process.terminate()
            process.wait()
    return [statements[number] for number in read]


def main():
    if not VERDICT.exists():
        print("skipped: syntax_verdict needs libpg-query-dev", file=sys.stderr)
        return
    place = os.environ.get("POTTO_REGRESS_SQL")
    if place:
        judge("PostgreSQL's tests", "postgresql", postgresql_statements(Path(place)))
    else:
        print("skipped: POTTO_REGRESS_SQL names no directory", file=sys.stderr)
    try:
        judge("MariaDB's tests", "mysql", mysql_statements())
    except Missing as missing:
        print(f"skipped: {missing}", file=sys.stderr)


if __name__ == "__main__":
    main()
