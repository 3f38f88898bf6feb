#!/usr/bin/env python3
"""Who may include whom: the arrows of docs/architecture.md, held here. Prints each include that goes against them."""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# Room: the rooms it may include, directly.
ARROWS = {
    "base": set(),
    "sql": {"base"},
    "plan": {"base"},
    "wire": {"base", "sql"},
    "crypto": {"base"},
    "http": {"base"},
    "source": {"http", "base"},
    "store": {"crypto", "sql", "base"},
    "collect": {"source", "sql", "plan", "wire", "base"},
    "auth": {"store", "crypto", "base"},
    "advise": {"source", "sql", "plan", "http", "base"},
    "investigate": {"source", "http", "base"},
}
PROGRAMS = {"fcgi", "collector", "agent", "cli"}
# Only these make or open a scope; everybody else is handed one.
INTERNAL = {
    "store/scope_internal.h": {"auth", "store"},
    "store/admin.h": {"cli", "store"},  # acts without a scope
    "store/migrate.h": {"cli", "store"},
}
NOT_FROM_LIBRARIES = {"base/log.h": "libraries return errors, programs log", "base/config.h": "programs read settings"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def room_of(path):
    """base for lib/base/text.c, fcgi for fcgi/api/auth.c, None for tests."""
    parts = path.relative_to(PROJECT).parts
    return parts[1] if parts[0] == "lib" else parts[0] if parts[0] in PROGRAMS else None


def problems_of(path):
    room, library = room_of(path), path.relative_to(PROJECT).parts[0] == "lib"
    text = path.read_text()
    for included in INCLUDE.findall(text):
        target = included.split("/")[0]
        where = f"{path.relative_to(PROJECT)} includes {included}"
        if library and target in PROGRAMS:
            yield f"{where}: a library never includes a program"
        elif library and target in ARROWS and target != room and target not in ARROWS.get(room, set()):
            yield f"{where}: {room} may use {', '.join(sorted(ARROWS.get(room, set()))) or 'nobody'}"
        elif not library and target in PROGRAMS and target != room:
            yield f"{where}: a program includes another"
        if included in INTERNAL and room not in INTERNAL[included]:
            yield f"{where}: only {', '.join(sorted(INTERNAL[included]))} may"
        if library and room != "base" and included in NOT_FROM_LIBRARIES:
            yield f"{where}: {NOT_FROM_LIBRARIES[included]}"
    if library and room != "base" and re.search(r"\b(secure_)?getenv\s*\(", text):
        yield f"{path.relative_to(PROJECT)}: a library reads the environment"


def main():
    found = []
    for top in ["lib", *sorted(PROGRAMS)]:
        for path in sorted((PROJECT / top).rglob("*")):
            if path.suffix in {".c", ".h", ".cc"}:
                found += problems_of(path)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
