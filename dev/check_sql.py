#!/usr/bin/env python3
"""Each file of lib/store/<room>/sql/ holds one statement with named columns and every placeholder's type at its first
use."""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# Comments and quoted texts do not belong to the statement's shape.
NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.S)


def problems_of(text):
    bare = NOISE.sub(lambda found: " " if found.group()[0] in "-/" else "''", text)
    if bare.strip().rstrip(";").count(";"):
        yield "more than one statement"
    if not bare.strip():
        yield "no statement"
    if re.search(r"\b(SELECT|RETURNING)\s+(DISTINCT\s+)?([a-z_]\w*\.)?\*", bare, re.I):
        yield "columns are named, not *"
    if re.search(r",\s*([a-z_]\w*\.)\*", bare, re.I):
        yield "columns are named, not *"
    if re.search(r"\bINSERT\s+INTO\s+[\w.]+\s+(AS\s+\w+\s+)?(VALUES|SELECT)\b", bare, re.I):
        yield "INSERT names its columns"
    if re.search(r"^(?! *AND ).*-- scope *$", text, re.M):
        yield "a line that ends in -- scope is a condition of its own, AND …"
    seen = set()
    for found in re.finditer(r"\$(\d+)\b(\s*::)?", bare):
        if found.group(1) not in seen and not found.group(2):
            yield f"${found.group(1)} has no type at its first use"
        seen.add(found.group(1))
    if seen and len(seen) != max(int(number) for number in seen):
        yield "placeholders are not numbered from 1 without a gap"


def main():
    status = 0
    for path in sorted((PROJECT / "lib/store").glob("*/sql/*.sql")):
        for problem in problems_of(path.read_text()):
            print(f"{path.relative_to(PROJECT)}: {problem}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
