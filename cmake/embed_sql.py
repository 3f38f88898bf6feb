#!/usr/bin/env python3
"""Embed every lib/store/<room>/sql/*.sql: store_sql.h declares the statements and their columns, store_sql.c has them.

    embed_sql.py STORE_DIR OUT_DIR [--without-scope]

A parameter has the type of its first cast, `$1::bigint`. Columns are declared in a line of the file's comment,

    -- returns: id bigint, name text

or, if another statement has the same columns, by `-- returns: as other_statement`. A statement without this line
returns no columns. The columns of team_list.sql become an enum TEAM_LIST_ID, TEAM_LIST_NAME. A statement whose comment
says "Planned each time" is planned for its parameters at each use and never gets a generic plan.

--without-scope: remove the lines that limit rows to the caller's scope, to test that row policies alone hide
everything. Each such line is a condition of its own, "AND … -- scope". It is replaced by one that is always true and
has the same parameters, so that their types stay known.
"""

import re
import sys
from pathlib import Path

TYPES = {
    "boolean", "bytea", "bigint", "smallint", "int", "text", "void", "oid", "real", "float8", "int[]", "text[]",
    "bigint[]", "float8[]", "date", "timestamptz", "timestamptz[]", "uuid", "uuid[]", "jsonb",
}  # fmt: skip
# Types that migrations define are sent and read as text.
AS_TEXT = {"user_role", "tls_mode", "visibility_scope", "database_engine"}
NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.S)
PARAMETER = re.compile(r"\$(\d+)::(\w+(?:\[\])?)")
RETURNS = re.compile(r"^-- returns: (.*(?:\n--   .*)*)", re.M)


class Wrong(Exception):
    pass


def constant(type_name):
    if type_name == "bool":
        type_name = "boolean"
    if type_name not in TYPES:
        raise Wrong(f"{type_name} is no type that lib/db knows")
    return "DB_TYPE_" + type_name.upper().replace("[]", "_ARRAY")


def parameters_of(text):
    """The types of $1, $2, …, each from its first cast."""
    types = {}
    for number, type_name in PARAMETER.findall(NOISE.sub(" ", text)):
        types.setdefault(int(number), type_name)
    if sorted(types) != list(range(1, len(types) + 1)):
        raise Wrong("placeholders are not numbered from 1 without a gap, each with a type")
    return [constant(types[number]) for number in sorted(types)]


def declared_columns(text):
    """[(name, type)], or the name of the statement with the same columns."""
    found = RETURNS.search(text)
    if not found:
        return []
    line = re.sub(r"\n--\s+", " ", found.group(1)).strip().rstrip(".")
    if line.startswith("as "):
        return line[3:]
    columns = [tuple(column.split()) for column in line.split(",")]
    if any(len(column) != 2 for column in columns) or len({name for name, _ in columns}) != len(columns):
        raise Wrong("returns: name type, name type, … with names that differ")
    return columns


def columns_of(name, statements):
    columns = declared_columns(statements[name])
    if isinstance(columns, str):
        if columns not in statements or isinstance(declared_columns(statements[columns]), str):
            raise Wrong(f"returns: as {columns}, which declares no columns")
        return declared_columns(statements[columns]), False
    return columns, True


def without_scope(text):
    def instead(found):
        return "".join(
            f" AND (true OR {parameter} IS NULL)" for parameter in re.findall(r"\$\d+::\w+(?:\[\])?", found.group())
        )

    return re.sub(r"^[^\n]*-- scope *$", instead, text, flags=re.M)


def literal(text):
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def array(values):
    return f"(const enum db_type[]){{{', '.join(values)}}}" if values else "0"


def generate(statements, is_without_scope):
    title = "/* Generated from the SQL files of lib/store by cmake/embed_sql.py. */\n"
    header = [title, '#include "db/sql.h"\n\n']
    source = [title, '#include "store_sql.h"\n\n']
    for index, (name, text) in enumerate(statements.items()):
        try:
            parameters = parameters_of(text)
            columns, is_own = columns_of(name, statements)
            types = [constant(type_name) for _, type_name in columns]
        except Wrong as wrong:
            sys.exit(f"{name}.sql: {wrong}")
        planned = "true" if re.search(r"^-- .*Planned each time", text, re.M) else "false"
        header.append(f"extern const struct db_sql store_sql_{name};\n")
        if columns and is_own:
            header.append(f"enum {{ {', '.join(f'{name}_{column}'.upper() for column, _ in columns)} }};\n")
        embedded = literal(without_scope(text) if is_without_scope else text)
        source.append(
            f'const struct db_sql store_sql_{name} = {{"{name}", "{embedded}",'
            f" {index}, {planned}, {len(parameters)}, {len(columns)}, {array(parameters)}, {array(types)}}};\n"
        )
    header.append(f"enum {{ STORE_SQL_COUNT = {len(statements)} }};\n")
    return "".join(header), "".join(source)


def write_if_different(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    store, out = Path(sys.argv[1]), Path(sys.argv[2])
    files = sorted(store.glob("*/sql/*.sql"), key=lambda path: path.stem)
    statements = {path.stem: path.read_text() for path in files}
    if len(statements) != len(files):
        sys.exit("two statements have one name")
    header, source = generate(statements, "--without-scope" in sys.argv)
    out.mkdir(parents=True, exist_ok=True)
    write_if_different(out / "store_sql.h", header)
    write_if_different(out / "store_sql.c", source)


if __name__ == "__main__":
    main()
