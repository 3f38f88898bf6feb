#!/usr/bin/env python3
"""Checks that no line is longer than 120 columns: code, SQL, scripts, styles and documents.

Not counted: rows of tables and pictures in documents, lines between clang-format off and on (tables in C), and lines of
one word, such as an address.
"""

import re
import sys

from check_tree import C_FILES, read, run, tracked

COLUMNS_MAX = 120
PATTERNS = (
    *C_FILES,
    "*.sql",
    "*.py",
    "*.ts",
    "*.mjs",
    "*.css",
    "*.sh",
    "*.md",
    "*CMakeLists.txt",
    "*.cmake",
    "dev/*",
    ".ci/*",
)
C_TABLE = re.compile(r"clang-format off.*?(?:clang-format on|\Z)", re.S)


def problems_of(where, text):
    if where.endswith((".c", ".h")):
        text = C_TABLE.sub(lambda found: "\n" * found.group().count("\n"), text)
    for number, line in enumerate(text.split("\n"), 1):
        is_row = where.endswith(".md") and line.lstrip().startswith(("|", "!["))
        if len(line) > COLUMNS_MAX and not is_row and len(line.split()) > 2:
            yield f"{where}:{number}: {len(line)} columns"


def problems_of_tree():
    for where in tracked(*PATTERNS):
        yield from problems_of(where, read(where))


def self_test():
    long = "word " * 25
    assert not list(problems_of("a.c", long[:120] + "\n")) and list(problems_of("a.c", long))
    assert list(problems_of("a.c", "/* clang-format off */\n" + long + "\n/* clang-format on */\n" + long)) == [
        "a.c:4: 125 columns"
    ]
    assert not list(problems_of("a.md", "| " + long + "|")) and list(problems_of("a.md", long))
    assert not list(problems_of("a.py", "# https://example.com/" + "a" * 120))


if __name__ == "__main__":
    sys.exit(run(problems_of_tree, self_test))
