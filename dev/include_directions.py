#!/usr/bin/env python3
"""Checks which room may include which: the arrows of docs/architecture.md. Prints each include that violates them, and
each use of libpq outside the rooms that it belongs to."""

import re
import sys
from pathlib import Path

from check_tree import c_code

PROJECT = Path(__file__).resolve().parents[1]

# For each room: the rooms that it may include directly. A room inside another is named by its path.
ARROWS = {
    "base": set(),
    "sql": {"base"},
    "syntax": {"sql", "base"},
    "plan": {"base"},
    "advise": {"syntax", "sql", "base"},
    "facts": {"sql", "base"},
    "watch": {"base"},
    "wire": {"facts", "sql", "base"},
    "logs": {"facts", "sql", "base"},
    "crypto": {"base"},
    "http": {"base"},
    "llm": {"http", "sql", "base"},
    "db": {"sql", "base"},
    "target": {"base"},
    "store/scope": {"db", "facts", "crypto", "sql", "base"},
    "store/read": {"store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/rollup": {"store/read", "store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/ingest": {"store/read", "store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/collect": {"store/ingest", "store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/admin": {"store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/jobs": {"store/collect", "store/admin", "store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/llm": {"store/scope", "db", "facts", "crypto", "sql", "base"},
    "store/upkeep": {
        "store/ingest",
        "store/rollup",
        "store/read",
        "store/scope",
        "db",
        "facts",
        "crypto",
        "sql",
        "base",
    },
    "collect": {"collect/postgres", "collect/mysql", "target", "logs", "facts", "sql", "plan", "base"},
    "collect/postgres": {"collect", "target", "facts", "sql", "base"},
    "collect/mysql": {"collect", "target", "facts", "sql", "base"},
    "child": {"collect", "target", "logs", "facts", "base"},
    "jail": {"child", "collect", "target", "base"},
    "ask": {"llm", "store", "base"},
    "auth": {"store", "crypto", "base"},
    "fcgi": {"fcgi/request"},
    "fcgi/request": {"fcgi"},
    "fcgi/server": {"fcgi/request", "fcgi"},
    "fcgi/api": {"fcgi/request", "fcgi"},
    "fcgi/pages": {"fcgi/request", "fcgi"},
}
PROGRAMS = {"fcgi", "collector", "jail", "agent", "cli"}
# Talking with monitored servers is for children alone.
JAIL_CALLS = re.compile(r"\b(collect_cycle|collect_probe|collect_waits|collect_log|target_open)\s*\(")
JAIL_ROOMS = {"jail", "collect", "target"}
# Headers that only these rooms may include; all other code gets a scope from them.
INTERNAL = {
    "store/scope/scope_internal.h": {"auth", "store"},
    "store/admin/account_admin.h": {"cli", "store"},  # these act without a scope
    "store/admin/connection_admin.h": {"cli", "store"},
    "store/admin/sealed.h": {"cli", "store"},
    "store/upkeep/migrate.h": {"cli", "store"},
    "store/scope/scope_read.h": {"auth", "store"},
    "store/scope/statement.h": {"store"},  # statements are the store's alone
    "store/scope/literal_internal.h": {"store"},  # literals leave by store_literals_open, which notes who reads them
}
LIBPQ = re.compile(r"\b(PG(?:result|conn)|PQ[a-z]\w*)\b|libpq-fe\.h")
LIBPQ_ROOMS = {"db", "store"}
LIBPQ_FILES = {"lib/target/postgres.c"}  # a client of monitored servers
NOT_FROM_LIBRARIES = {"base/log.h": "libraries return errors, programs log", "base/config.h": "programs read settings"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def room_of(parts):
    """store/read for store/read/query.c, base for base/text.c, fcgi for fcgi/routes.c."""
    return "/".join(parts[: 2 if parts[0] in {"store", "fcgi", "collect"} and len(parts) > 2 else 1])


def may_include(room, target):
    allowed = ARROWS[room]
    if room.startswith("collect/") and target.startswith("collect/"):
        return target == room  # an engine knows no other
    top = target.split("/")[0]
    # A room's name allows the rooms inside it too; "fcgi" means only the files at the top of the program.
    return target == room or target in allowed or (top in allowed and top != "fcgi")


def problems_of(path):
    parts = path.relative_to(PROJECT).parts
    library = parts[0] == "lib"
    room = room_of(parts[1:] if library else parts)
    text = path.read_text()
    for included in INCLUDE.findall(text):
        target = room_of(included.split("/"))
        where = f"{path.relative_to(PROJECT)} includes {included}"
        if included == "store_sql.h":
            continue
        if library and target.split("/")[0] in PROGRAMS:
            yield f"{where}: a library never includes a program"
        elif not library and target.split("/")[0] in PROGRAMS and target.split("/")[0] != room.split("/")[0]:
            yield f"{where}: a program includes another"
        elif room in ARROWS and (library or target.split("/")[0] in PROGRAMS) and not may_include(room, target):
            yield f"{where}: {room} may use {', '.join(sorted(ARROWS[room])) or 'nobody'}"
        elif library and room not in ARROWS:
            yield f"{where}: {room} has no arrows in dev/include_directions.py"
        if target == "db" and not library:
            yield f"{where}: a program uses the database through the store"
        if included in INTERNAL and room.split("/")[0] not in INTERNAL[included]:
            yield f"{where}: only {', '.join(sorted(INTERNAL[included]))} may"
        if library and room != "base" and included in NOT_FROM_LIBRARIES:
            yield f"{where}: {NOT_FROM_LIBRARIES[included]}"
    used = LIBPQ.search(c_code(text))
    if used and room.split("/")[0] not in LIBPQ_ROOMS and str(path.relative_to(PROJECT)) not in LIBPQ_FILES:
        yield f"{path.relative_to(PROJECT)}: {used.group()} is for {', '.join(sorted(LIBPQ_ROOMS))} alone"
    if room.split("/")[0] not in JAIL_ROOMS and path.suffix == ".c" and JAIL_CALLS.search(c_code(text)):
        yield f"{path.relative_to(PROJECT)}: only a child talks with monitored servers (child/child.h)"
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
