#!/usr/bin/env python3
"""Checks fcgi/routes.c: rows are complete and unique, public rows see no data, handlers are declared and defined."""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ROW = re.compile(
    r'\{\s*(METHOD_\w+)\s*,\s*"([^"]*)"\s*,\s*(ACCESS_\w+)\s*,\s*(VISIBILITY_\w+)\s*,\s*(\w+)\s*,\s*([\w| ]+?)\s*\}'
)


def main():
    table = (PROJECT / "fcgi/routes.c").read_text()
    declared = (PROJECT / "fcgi/handlers.h").read_text()
    sources = "\n".join(path.read_text() for path in (PROJECT / "fcgi").rglob("*.c") if path.name != "routes.c")
    rows, problems, seen = ROW.findall(table), [], set()
    if not rows or len(rows) != len(re.findall(r"^\s*\{\s*METHOD_", table, re.M)):
        problems.append("fcgi/routes.c: rows of another shape")
    for method, path, access, visibility, handler, flags in rows:
        where = f"{method} {path}"
        if (method, re.sub(r"\{\w+\}", "{}", path)) in seen:
            problems.append(f"{where}: twice in the table")
        seen.add((method, re.sub(r"\{\w+\}", "{}", path)))
        if "UNSET" in method + access + visibility + flags:
            problems.append(f"{where}: *_UNSET")
        if access == "ACCESS_PUBLIC" and visibility != "VISIBILITY_NONE":
            problems.append(f"{where}: public, and sees {visibility}")
        if not re.search(rf"\b{handler}\b", declared):
            problems.append(f"{where}: {handler} is not declared in fcgi/handlers.h")
        if not re.search(rf"^enum status {handler}\(", sources, re.M):
            problems.append(f"{where}: {handler} is not defined")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
