#!/usr/bin/env python3
"""Checks that landed migrations are unchanged (migrations/checksums), and that each file of migrations/functions/ makes
the function or view of its name."""

import hashlib
import re
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
FUNCTION = re.compile(r"(?:--[^\n]*\n)+CREATE OR REPLACE (FUNCTION|AGGREGATE|VIEW) (\w+)\b")
# Comments, quoted texts and bodies do not count for the number of statements.
NOISE = re.compile(r"--[^\n]*|(\$\w*\$).*?\1|'(?:[^']|'')*'", re.S)
# 005 makes these for itself and for 006, which drops them; 006 makes and drops the last one.
TEMPORARY = {"legacy_triple", "legacy_connections_ensure", "legacy_json"}


def problems_of_numbered():
    listed = dict(reversed(line.split()) for line in (MIGRATIONS / "checksums").read_text().splitlines())
    files = {path.name: path.read_bytes() for path in MIGRATIONS.glob("*.sql")}
    for name in sorted(files.keys() | listed.keys()):
        if name not in files:
            yield f"{name} has landed and is gone"
        elif name not in listed:
            yield f"{name} is not in checksums; migrations/README.md says how it gets there"
        elif hashlib.sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} has landed and is edited; a change is a new migration"
    for name, text in files.items():
        bare = NOISE.sub("", text.decode())
        for made in re.findall(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|AGGREGATE|VIEW)\s+(\w+)", bare, re.I):
            if made not in TEMPORARY:
                yield f"{name} makes {made}, which belongs in functions/{made}.sql"


def problems_of_functions():
    for path in sorted((MIGRATIONS / "functions").iterdir()):
        text = path.read_text()
        found = FUNCTION.match(text)
        if path.suffix != ".sql" or not found:
            yield f"functions/{path.name}: a comment and CREATE OR REPLACE, in a file that ends in .sql"
        elif found.group(2) != path.stem:
            yield f"functions/{path.name} makes {found.group(2)}"
        elif NOISE.sub("", text).strip().rstrip(";").count(";"):
            yield f"functions/{path.name} has more than one statement"
        elif "SECURITY DEFINER" in text and "SET search_path = public, pg_temp" not in text:
            yield f"functions/{path.name} is privileged and does not fix its search_path"


def main():
    problems = [*problems_of_numbered(), *problems_of_functions()]
    for problem in problems:
        print(f"migrations/{problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
