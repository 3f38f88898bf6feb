#!/usr/bin/env python3
"""Checks that everything in the tree is used. It finds:

C: functions that no program reaches from main(), functions without static that only their own file calls, prototypes
without a function, macros and constants without a use. SQL: statements that no C file names. Python and shell:
functions without a use. TypeScript: exports that no other file imports. CSS: classes, ids and variables that no page
and no script names. A function that only tests use counts as unused, unless a comment right above it says
`/* for tests: reason */`.
"""

import ast
import re
import sys
from collections import Counter

from check_tree import C_FILES, blank, c_code, line_of, read, run, tracked

WORD = re.compile(r"[A-Za-z_]\w*")
# clang-format's shape: a function's head begins in column 0, its braces stand alone in column 0.
FUNCTION = re.compile(r"^(?P<head>[A-Za-z_][^;{}#]*?)\n\{\n(?P<body>.*?)^\}$", re.M | re.S)
PROTOTYPE = re.compile(r"^(?!typedef)[A-Za-z_][\w \t\n*]*?\b(\w+)\([^;{}=]*\)[^;{}=]*;[ \t]*$", re.M)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)\)?", re.S)
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)
VALUED = re.compile(r"\b([A-Z]\w*)\s*=[^,]*(?=,\s*\w+\s*=|,?\s*$)")
CONSTANTS = re.compile(r"\benum \{([^}]*)\}")
FOR_TESTS = re.compile(r"/\* for tests: (?:(?!\*/).)+ \*/\n(?=[^\n]*\b(\w+)\()", re.S)
ENTRY_POINTS = {"main", "LLVMFuzzerTestOneInput", "__asan_default_options"}
# Macros that headers of other libraries read.
MACROS_OF_OTHERS = {"_GNU_SOURCE", "XXH_INLINE_ALL", "FD_SETSIZE"}
# Beginnings of classes that a library of the web part makes.
CLASSES_OF_OTHERS = ("u-",)  # uPlot


def words(text):
    return set(WORD.findall(text))


class Unit:
    """A C file: its functions, and the words outside of them."""

    def __init__(self, where, text):
        self.where, self.is_header, self.is_test = where, where.endswith(".h"), where.startswith("tests/")
        self.code = ATTRIBUTE.sub(blank, c_code(text))
        self.for_tests = set(FOR_TESTS.findall(text))
        self.functions = {}  # by name: line, whether it is static, words of its body
        for found in FUNCTION.finditer(self.code):
            name = re.search(r"\b(\w+)\s*\(", found["head"])
            if name:
                is_static = found["head"].startswith("static")
                self.functions[name[1]] = line_of(self.code, found.start()), is_static, words(found["body"])
        outside = FUNCTION.sub(blank, self.code)
        self.prototypes = {found[1]: line_of(self.code, found.start()) for found in PROTOTYPE.finditer(outside)}
        # A function that a table or a macro names counts as used, even if the table is not.
        self.outside = words(PROTOTYPE.sub(" ", outside))
        self.all = self.outside.union(*(body for _, _, body in self.functions.values()))


def reached(units):
    """(file, function) of every function that main() and the tables reach."""
    owners = {name: unit for unit in units for name, (_, is_static, _) in unit.functions.items()
              if not is_static or unit.is_header}
    ends = [(unit, name) for unit in units for name in unit.outside | ENTRY_POINTS | unit.for_tests]
    seen = set()
    while ends:
        unit, name = ends.pop()
        owner = unit if name in unit.functions else owners.get(name)
        if owner and (owner.where, name) not in seen:
            seen.add((owner.where, name))
            ends += [(owner, word) for word in owner.functions[name][2]]
    return seen


def unused_functions(units):
    used = reached([unit for unit in units if not unit.is_test])
    named = {}  # by word: the files that name it
    for unit in units:
        for word in unit.all:
            named.setdefault(word, set()).add(unit.where)
    for unit in units:
        for name, (line, is_static, _) in unit.functions.items():
            others = named.get(name, set()) - {unit.where}
            where = f"{unit.where}:{line}: {name}"
            if is_static and not unit.is_header or name in ENTRY_POINTS:
                continue  # the compiler sees to these
            if not unit.is_test and (unit.where, name) not in used:
                yield f"{where} is used by {'tests alone' if others else 'nobody'}"
            elif not is_static and not others:
                yield f"{where} is used in its own file alone: static"
    defined = {name for unit in units for name in unit.functions}
    for unit in units:
        for name, line in unit.prototypes.items():
            if name not in defined and name not in named:
                yield f"{unit.where}:{line}: {name} is declared and not there"


def unused_names(units):
    """Macros, and constants of enums without a name."""
    counts = Counter(word for unit in units for word in WORD.findall(unit.code))
    for unit in units:
        names = [(found.start(), found[1]) for found in MACRO.finditer(unit.code)]
        for found in CONSTANTS.finditer(unit.code):
            # Constants without a value, or before one without a value, only keep the order: they need no use.
            names += [(found.start(1) + name.start(), name[1]) for name in VALUED.finditer(found[1])]
        for at, name in names:
            if counts[name] == 1 and name not in MACROS_OF_OTHERS:
                yield f"{unit.where}:{line_of(unit.code, at)}: {name} is used by nobody"


def problems_of_c(files):
    units = [Unit(where, text) for where, text in files.items()]
    yield from unused_functions(units)
    yield from unused_names(units)


def problems_of_sql(statements, c_text):
    """A statement is named as SQL(its_name), or as a variable whose name ends in _sql_its_name."""
    named = set(re.findall(r"SQL\w*\((\w+)", c_text)) | set(re.findall(r"\bstore_sql_(\w+)", c_text))
    for where in statements:
        if where.rsplit("/", 1)[1].removesuffix(".sql") not in named:
            yield f"{where}: no file of C names it"


def problems_of_python(files):
    counts = Counter(word for text in files.values() for word in WORD.findall(text))
    for where, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.decorator_list:
                continue
            if counts[node.name] == 1 and not node.name.startswith(("test_", "Test", "__", "pytest_")):
                yield f"{where}:{node.lineno}: {node.name} is used by nobody"


def problems_of_shell(files):
    counts = Counter(word for text in files.values() for word in WORD.findall(text))
    for where, text in files.items():
        for found in re.finditer(r"^(\w+)\(\) ", text, re.M):
            if counts[found[1]] == 1:
                yield f"{where}:{line_of(text, found.start())}: {found[1]} is used by nobody"


def problems_of_typescript(files):
    named = {where: words(text) for where, text in files.items()}
    for where, text in files.items():
        for found in re.finditer(
            r"^export (?:async )?(?:function|const|let|class|type|interface|enum) (\w+)", text, re.M
        ):
            if not any(found[1] in others for other, others in named.items() if other != where):
                yield f"{where}:{line_of(text, found.start())}: no other file imports {found[1]}"


def problems_of_css(sheets, pages_text):
    """A name that is put together where it is used must have its beginning there: chart-${kind}."""
    named = set(re.findall(r"[\w-]+", pages_text))
    for text in sheets.values():
        named |= set(re.findall(r"var\((--[\w-]+)", text))
    for where, text in sheets.items():
        text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
        selectors = re.sub(r"\{[^{}]*\}", blank, text)
        names = [(found.start(), found[1]) for found in re.finditer(r"[.#]([a-zA-Z_][\w-]*)", selectors)]
        names += [(found.start(), found[1]) for found in re.finditer(r"(?<![\w-])(--[\w-]+)(?=\s*:)", text)]
        for name, at in sorted({name: at for at, name in reversed(names)}.items()):
            is_built = any(name[: at + 1] in named for at, byte in enumerate(name) if byte == "-" and at > 1)
            if name not in named and not is_built and not name.startswith(CLASSES_OF_OTHERS):
                yield f"{where}:{line_of(text, at)}: no page names {name}"


def problems_of_tree():
    def files_of(*patterns):
        return {where: read(where) for where in tracked(*patterns)}

    c_files = files_of(*C_FILES)
    pages = files_of("*.tpl", "*.ts", "*.html", "web/*.mjs", "static/*.svg")
    commands = {
        where: read(where) for where in tracked("dev/*", ".ci/*") if "." not in where[4:] or where.endswith(".sh")
    }
    yield from problems_of_c(c_files)
    yield from problems_of_sql(tracked("lib/*.sql"), "\n".join(c_files.values()))
    yield from problems_of_python(files_of("*.py"))
    yield from problems_of_shell(commands)
    yield from problems_of_typescript(files_of("*.ts", "*.mjs"))
    yield from problems_of_css(files_of("*.css"), "\n".join([*pages.values(), *c_files.values()]))


def self_test():
    main = "int main(void)\n{\n    used();\n}\n"
    assert not list(problems_of_c({"cli/a.c": main, "lib/b.c": "int used(void)\n{\n    return 1;\n}\n"}))
    assert list(problems_of_c({"cli/a.c": main + "\nint used(void)\n{\n}\n"})) == [
        "cli/a.c:6: used is used in its own file alone: static"]
    circle = "int first(void)\n{\n    second();\n}\n\nint second(void)\n{\n    first();\n}\n"
    assert len(list(problems_of_c({"cli/a.c": "int main(void)\n{\n}\n", "lib/b.c": circle}))) == 2
    tested = {"tests/unit/a.c": main, "lib/b.c": "int used(void)\n{\n}\n"}
    assert list(problems_of_c(tested)) == ["lib/b.c:1: used is used by tests alone"]
    tested["lib/b.c"] = "/* for tests: a clock that stands */\n" + tested["lib/b.c"]
    assert not list(problems_of_c(tested))
    table = "static const struct row rows[] = {{used}};\n\nint main(void)\n{\n}\n"
    assert not list(problems_of_c({"cli/a.c": table, "lib/b.c": "int used(void)\n{\n}\n"}))
    assert list(problems_of_c({"lib/b.h": "enum status gone(int a,\n                 int b);\n"})) == [
        "lib/b.h:1: gone is declared and not there"]
    assert [
        problem.split()[1]
        for problem in problems_of_c({"lib/b.h": "#define A 1\nenum { B = 2, C = 3, D = 4, E };\nint x[C];\n"})
    ] == ["A", "B"]
    assert list(problems_of_sql(["lib/store/sql/a.sql", "lib/store/sql/b.sql"], "SQL(a)")) == [
        "lib/store/sql/b.sql: no file of C names it"]
    assert len(list(problems_of_python({"a.py": "def one(): pass\ndef two(): one()\ndef test_three(): pass\n"}))) == 1
    assert len(list(problems_of_shell({"dev/a": "one() { :; }\ntwo() { one; }\n"}))) == 1
    assert (
        len(list(problems_of_typescript({"a.ts": "export const one = 1;\nexport const two = 2;\n", "b.ts": "one"})))
        == 1
    )
    sheet = {"a.css": ":root {\n  --x: 1px;\n  --y: 2px;\n}\n.a, .box-1, .c {\n  top: var(--x);\n}\n"}
    assert [problem.split()[-1] for problem in problems_of_css(sheet, '<p class="a"> `box-${kind}`')] == ["--y", "c"]


if __name__ == "__main__":
    sys.exit(run(problems_of_tree, self_test))
