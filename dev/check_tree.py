"""Shared by the checks of dev/: the files of the tree, C without comments and literals, printing problems."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
C_FILES = ("*.c", "*.h", "*.cc")
C_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
SQL_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)


def tracked(*patterns, without=()):
    """Files of the tree that git tracks or would track, as paths relative to PROJECT."""
    command = ["git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [
        name
        for name in sorted(set(filter(None, listed)))
        if (PROJECT / name).is_file() and not name.startswith(without)
    ]


def read(name):
    return (PROJECT / name).read_text(encoding="utf-8")


def blank(found):
    """White space of the same size and lines, so that offsets and line numbers do not change."""
    return re.sub(r"[^\n]", " ", found.group())


def c_code(text):
    """C without comments, strings and characters."""
    return C_NOISE.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def run(problems_of_tree, self_test):
    """Print the problems of the tree; with --self-test, test the check itself."""
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    if sys.argv[1:]:
        sys.exit(f"usage: {sys.argv[0]} [--self-test]")
    problems = list(problems_of_tree())
    for problem in problems:
        print(problem)
    return 1 if problems else 0
