/* Statements like those that applications send, made from a fixed seed: the same bytes on every machine. */
#ifndef POTTO_TESTS_BENCH_SQL_CORPUS_H
#define POTTO_TESTS_BENCH_SQL_CORPUS_H

#include "base/arena.h"
#include "base/text.h"

enum sql_corpus_class {
    SQL_CORPUS_OLTP,     /* short look-ups and changes, 40 to 200 bytes */
    SQL_CORPUS_ORM,      /* quoted names, wide select lists, trailing comments of tracers */
    SQL_CORPUS_IN_LIST,  /* 20 to 2,000 ids or strings */
    SQL_CORPUS_INSERT,   /* 10 to 200 rows of 4 to 12 columns */
    SQL_CORPUS_ANALYTIC, /* CTEs, joins, windows, indented over many lines, 1 to 4 KB */
    SQL_CORPUS_CLASS_COUNT
};

const char *sql_corpus_class_name(enum sql_corpus_class group);

struct sql_corpus {
    struct text *statements; /* each is followed by a NUL, which libpg_query needs */
    size_t count;
    size_t size_bytes; /* of all statements, without the NULs */
};

/* Make about `size_bytes` of statements of one class, in PostgreSQL's dialect and accepted by its parser: 300 different
 * ones, some much more frequent than others. `seed` chooses only their literals and the numbers of their items and
 * rows: the i-th statements of two corpora of a class have the same shape. In `arena`. */
struct sql_corpus sql_corpus_make(enum sql_corpus_class group, size_t size_bytes, unsigned seed, struct arena *arena);

#endif
