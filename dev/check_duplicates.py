#!/usr/bin/env python3
"""Checks that no run of seven lines occurs twice in C, SQL, Python, TypeScript, CSS, shell and templates.

Blank lines, comments, includes and lines without a word of their own are skipped; white space counts once. Exceptions
are in ACCEPTED, each with a reason, as long as they exist. Numbered migrations are left out, because they are never
edited.
"""

import re
import sys
from collections import defaultdict

from check_tree import C_FILES, read, run, tracked

LINES_MIN = 7
PATTERNS = (*C_FILES, "*.sql", "*.py", "*.ts", "*.mjs", "*.css", "*.sh", "*.tpl", "dev/*", ".ci/*")
LEFT_OUT = ("migrations/0",)
# Two files (or one, with itself): why both have it.
READ = "lib/store/read/sql/"
ORDERED = "one list in several orders: PostgreSQL uses an index only if the order stands in the statement"
ACCEPTED = {
    (READ + "slow_query_list_duration.sql", READ + "slow_query_list_hash.sql"): ORDERED,
    (READ + "slow_query_list_slowest.sql", READ + "slow_query_list_slowest.sql"): "one step for days, then for hours",
    (READ + "query_segments_read.sql", READ + "query_segments_read.sql"): "two remainders, each with a one-time filter",
    ("lib/facts/histogram.c", "migrations/functions/histogram_bin.sql"): "bounds that C and SQL must hold alike",
    (READ + "stats_databases.sql", READ + "stats_engines.sql"): "a view would hide the scope's lines from the planner",
}

C_NOISE = r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/'
HASH_NOISE = r"""("(?:\\.|[^"\\\n])*"|'[^'\n]*')|(?<![\w$\\{])#[^\n]*"""
NOISE = {
    "c": C_NOISE, "h": C_NOISE, "cc": C_NOISE, "ts": C_NOISE, "mjs": C_NOISE, "css": C_NOISE,
    "sql": r"('(?:[^']|'')*')|--[^\n]*|/\*.*?\*/", "py": HASH_NOISE, "sh": HASH_NOISE, "": HASH_NOISE,
}
# Lines that do not count: punctuation, keywords that close or continue a block, includes and imports.
PYTHON_IMPORT = re.compile(r"^from \S+ import \([^)]*\)", re.M)
THIN = re.compile(
    r"""\W*(?:(?:else|break|continue|return|do|try|finally|begin|end|then|fi|done|esac|pass|true|false|null)\W*)*$
                      |\#\s*include\b|import\b|from\s+\S+\s+import\b""",
    re.X | re.I,
)


def lines_of(text, kind):
    """(number, line) of the lines that count."""
    noise = NOISE.get(kind)
    if noise:
        text = re.sub(noise, lambda found: found.group(1) or re.sub(r"[^\n]", "", found.group()), text, flags=re.S)
    if kind == "py":
        text = PYTHON_IMPORT.sub(lambda found: re.sub(r"[^\n]", "", found.group()), text)
    for number, line in enumerate(text.split("\n"), 1):
        line = " ".join(line.split())
        if not THIN.match(line):
            yield number, line


def runs_of(files):
    """((file, first line, last line), the same, lines) of the longest runs that two places share, longest first."""
    lines = {
        where: list(lines_of(text, where.rsplit(".", 1)[1] if "." in where else "")) for where, text in files.items()
    }
    places = defaultdict(list)
    for where, counted in lines.items():
        for at in range(len(counted) - LINES_MIN + 1):
            places[tuple(line for _, line in counted[at : at + LINES_MIN])].append((where, at))
    found = []
    for shared in places.values():
        for index, (one, one_at) in enumerate(shared):
            for other, other_at in shared[index + 1 :]:
                if one == other and other_at < one_at + LINES_MIN:
                    continue  # with itself
                before = one_at > 0 and other_at > 0 and lines[one][one_at - 1][1] == lines[other][other_at - 1][1]
                if before and not (one == other and other_at - 1 < one_at - 1 + LINES_MIN):
                    continue  # told with the line before
                count = LINES_MIN
                while (one_at + count < len(lines[one]) and other_at + count < len(lines[other])
                       and lines[one][one_at + count][1] == lines[other][other_at + count][1]
                       and not (one == other and one_at + count >= other_at)):
                    count += 1
                found.append(
                    (place(one, lines[one], one_at, count), place(other, lines[other], other_at, count), count)
                )
    return sorted(found, key=lambda run: (-run[2], run))


def place(where, counted, at, count):
    return where, counted[at][0], counted[at + count - 1][0]


def problems_of(files, accepted):
    seen = set()
    for one, other, count in runs_of(files):
        pair = (one[0], other[0])
        seen.add(pair)
        if pair not in accepted:
            yield "{}:{}-{} and {}:{}-{} share {} lines".format(*one, *other, count)
    for pair in accepted.keys() - seen:
        yield f"dev/check_duplicates.py: {' and '.join(pair)} share nothing any more"


def problems_of_tree():
    yield from problems_of({where: read(where) for where in tracked(*PATTERNS, without=LEFT_OUT)}, ACCEPTED)


def self_test():
    def body(words):
        return "\n\n".join(f"    {word} = {word}_of(1); /* {word} */" for word in words.split())

    six, seven = "one two three four five six", "one two three four five six seven"
    files = {
        "a.c": "int a;\n" + body(seven),
        "b.c": "{\n" + body(seven).replace("/*", "/* of") + "\n}\n" + body("nine"),
    }
    assert list(problems_of(files, {})) == ["a.c:2-14 and b.c:2-14 share 7 lines"]
    assert not list(problems_of(files, {("a.c", "b.c"): "a reason"}))
    assert list(problems_of({"a.c": "int a;\n"}, {("a.c", "b.c"): "a reason"}))
    assert not list(problems_of({"a.c": body(six), "b.c": body(six)}, {}))
    assert len(list(problems_of({"a.sql": body(seven).replace("/*", "-- /*") + "\n" + body(seven)}, {}))) == 1


if __name__ == "__main__":
    sys.exit(run(problems_of_tree, self_test))
