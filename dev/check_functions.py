#!/usr/bin/env python3
"""Checks that no C function is longer than 70 lines from brace to brace, unless a comment right above it says why.

The comment is `/* long: reason */`, in one or more lines, between the function and its other comment.
"""

import re
import sys

from check_tree import C_FILES, read, run, tracked

LINES_MAX = 70


def functions_of(text):
    """(name, line of the opening brace, lines, reason to be long or None), by clang-format's shape: braces in column
    0."""
    lines = text.split("\n")
    begin = None
    for at, line in enumerate(lines):
        if line == "{":
            begin = at
        elif line == "}" and begin is not None:
            head = begin
            while head > 0 and re.match(r"[A-Za-z_ ]", lines[head - 1]) and not lines[head - 1].endswith(("*/", ";")):
                head -= 1
            name = re.search(r"(\w+)\(", " ".join(lines[head:begin]).replace("__attribute__", ""))
            above = "\n".join(lines[:head])
            reason = re.search(r"/\* long: ((?:(?!\*/).)+) \*/$", above, re.S)
            reason = reason and re.sub(r"\s*\n \*\s*", " ", reason.group(1))
            yield name.group(1) if name else "?", begin + 1, at - begin + 1, reason
            begin = None


def problems_of(where, text):
    for name, line, lines, reason in functions_of(text):
        if lines > LINES_MAX and reason is None:
            yield f"{where}:{line}: {name} has {lines} lines of at most {LINES_MAX}"
        if lines <= LINES_MAX and reason is not None:
            yield f"{where}:{line}: {name} has {lines} lines and needs no reason"


def problems_of_tree():
    for where in tracked(*C_FILES):
        text = read(where)
        for name, line, lines, reason in functions_of(text):
            if lines > LINES_MAX and reason:
                print(f"{where}:{line}: {name} may have {lines} lines: {reason}", file=sys.stderr)
        yield from problems_of(where, text)


def self_test():
    def function(lines, above=""):
        return (
            f"int before;\n\n{above}static int f(int a,\n             int b)\n{{\n" + "    a++;\n" * (lines - 2) + "}\n"
        )

    assert [found[0] for found in functions_of(function(3))] == ["f"]
    assert not list(problems_of("a.c", function(70)))
    assert list(problems_of("a.c", function(71))) == ["a.c:5: f has 71 lines of at most 70"]
    assert not list(
        problems_of("a.c", function(71, "/* What it does. */\n/* long: one state machine,\n * for speed */\n"))
    )
    assert list(problems_of("a.c", function(71, "/* long: a reason of another */\nint g(void);\n")))
    assert list(problems_of("a.c", function(70, "/* long: no more */\n")))


if __name__ == "__main__":
    sys.exit(run(problems_of_tree, self_test))
