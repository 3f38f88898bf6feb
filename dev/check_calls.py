#!/usr/bin/env python3
"""Banned calls of C: what is wrong with each, and what to call instead."""

import re
import sys

from check_tree import C_FILES, c_code, line_of, read, run, tracked

# Names; what is wrong with them and what to call instead; the files that may still call them.
BANNED = [
    (
        "strcpy strcat stpcpy strncpy strncat",
        "writes past an end or leaves the NUL out: memcpy, buffer_append, arena_printf",
        (),
    ),
    ("sprintf vsprintf", "writes past an end: snprintf, buffer_printf, arena_printf", ()),
    ("gets scanf fscanf sscanf", "reads past an end, and numbers without a range: text_split, text_to_int64", ()),
    ("strtok strtok_r", "keeps state and cuts its input: text_split", ()),
    ("atoi atol atoll atof", "takes what is no number for one: text_to_int64, text_to_double", ()),
    (
        "strtol strtoll strtoul strtoull strtof",
        "passes over white space and stops at any byte: text_to_int64",
        ("lib/base/text.c", "tests/bench/fcgi_hello.c"),  # what others call; what links libfcgi alone
    ),
    (
        "localtime localtime_r mktime ctime ctime_r asctime asctime_r tzset",
        "depends on the server's time zone: clock_format",
        (),
    ),
    ("gmtime", "returns memory that the next caller writes to: gmtime_r", ()),
    ("time gettimeofday", "another clock than everybody's: clock_now_us, clock_monotonic_us", ()),
    ("rand srand random srandom", "can be guessed: getrandom; in tests drand48 with a seed", ()),
    ("system popen vfork", "starts a shell or shares memory with a child: fork and exec", ()),
    ("tmpnam tempnam mktemp", "a name that somebody else may take first: mkostemp", ()),
    ("alloca strdupa strndupa", "can go past the end of the stack: arena_alloc", ()),
    ("asprintf vasprintf", "leaves its result unset on failure: arena_printf, buffer_printf", ()),
    ("setlocale", "changes how every thread writes numbers; nothing here needs it", ()),
    ("signal", "means another thing on each system: sigaction", ()),
    (
        "gethostbyname inet_ntoa inet_addr",
        "knows IPv4 only and returns shared memory: getaddrinfo, inet_pton, inet_ntop",
        (),
    ),
    ("setjmp longjmp sigsetjmp siglongjmp", "jumps over cleanups: return a status", ()),
]
# Calls that only programs may make. Exceptions: arena.c reports that memory is out, config.c writes to a given stream.
OF_PROGRAMS = [
    ("printf fprintf puts fputs putchar perror exit _exit", "a library neither speaks nor ends the process: error_set",
     ("lib/base/arena.c", "lib/base/config.c")),
]


def table_of(rows):
    return {name: (reason, allowed) for names, reason, allowed in rows for name in names.split()}


EVERYWHERE, IN_LIBRARIES = table_of(BANNED), table_of(BANNED + OF_PROGRAMS)
CALL = re.compile(r"(?<![\w.>])(" + "|".join(sorted(IN_LIBRARIES)) + r")\s*\(")


def problems_of(where, text):
    table = IN_LIBRARIES if where.startswith("lib/") else EVERYWHERE
    for found in CALL.finditer(c_code(text)):
        reason, allowed = table.get(found.group(1), (None, ()))
        if reason and where not in allowed:
            yield f"{where}:{line_of(text, found.start())}: {found.group(1)} {reason}"


def problems_of_tree():
    for where in tracked(*C_FILES):
        yield from problems_of(where, read(where))
    for where in {where for _, _, allowed in BANNED + OF_PROGRAMS for where in allowed} - set(tracked(*C_FILES)):
        yield f"dev/check_calls.py: {where} is not there"


def self_test():
    assert [problem.split(" ")[:2] for problem in problems_of("cli/a.c", "\nint x = atoi(y);")] == [
        ["cli/a.c:2:", "atoi"]
    ]
    assert list(problems_of("tests/unit/test_a.c", "strcpy(a, b);"))
    assert not list(
        problems_of("cli/a.c", '/* sprintf(a) */ f("strcpy(");  // gets(a)\nmy_strcpy(a);\ntable->time(1);\nint time;')
    )
    assert list(problems_of("lib/base/a.c", 'printf("a");')) and not list(problems_of("cli/a.c", 'printf("a");'))
    assert list(problems_of("lib/base/a.c", "strtoll(a, b, 10)")) and not list(
        problems_of("lib/base/text.c", "strtoll(a, b, 10)")
    )


if __name__ == "__main__":
    sys.exit(run(problems_of_tree, self_test))
