/* Fingerprints compared with those of PostgreSQL's own parser (libpg_query). Statements that differ for it must have
 * different hashes. A statement that it normalizes must keep its hash. Statements that are the same for it must have
 * the same hash, with the exceptions that docs/fingerprint.md lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#ifdef POTTO_HAVE_PG_QUERY
#include <pg_query.h>

#include "sql/statement.h"
#include "tests/bench/sql_corpus.h"

enum { CORPUS_BYTES = 200 * 1000, STATEMENTS_MAX = 32 * 1000 };

struct judged {
    struct text sql;
    uint64_t theirs;
    struct sql_hash ours;
};

static struct judged statements[STATEMENTS_MAX];
static size_t statement_count;

static struct sql_hash our_hash(struct text sql, struct arena *arena)
{
    return sql_fingerprint(SQL_DIALECT_POSTGRESQL, sql, arena).hash;
}

static void judge(struct text sql, struct arena *arena)
{
    PgQueryFingerprintResult result = pg_query_fingerprint(sql.data);

    if (result.error != NULL)
        fail_msg("libpg_query refuses: %s\n%s", result.error->message, sql.data);
    assert_true(statement_count < STATEMENTS_MAX);
    statements[statement_count++] = (struct judged){sql, result.fingerprint, our_hash(sql, arena)};
    pg_query_free_fingerprint_result(result);
}

/* Similar statements: all pairs of them are compared. */
static const char *const near[] = {
    "SELECT a FROM t",
    "SELECT a, b FROM t",
    "SELECT b FROM t",
    "SELECT a FROM u",
    "SELECT a FROM t WHERE b = 1",
    "SELECT a FROM t WHERE b = -1",
    "SELECT a FROM t WHERE b = 'x'",
    "select A from T where B=2 -- comment",
    "SELECT \"a\" FROM \"t\" WHERE b = 3;",
    "SELECT a FROM t WHERE b = $1",
    "SELECT a FROM t WHERE b <> 1",
    "SELECT a FROM t WHERE b != 1",
    "SELECT a FROM t WHERE b > 1",
    "SELECT a FROM t WHERE b IS NULL",
    "SELECT a FROM t WHERE b IS NOT NULL",
    "SELECT a FROM t WHERE b IS TRUE",
    "SELECT a FROM t WHERE NOT b",
    "SELECT a FROM t WHERE b AND c",
    "SELECT a FROM t WHERE b OR c",
    "SELECT a FROM t WHERE b LIKE 'x'",
    "SELECT a FROM t WHERE b ILIKE 'x'",
    "SELECT a FROM t WHERE b BETWEEN 1 AND 2",
    "SELECT a FROM t WHERE b - 1 > 2",
    "SELECT a FROM t WHERE b + 1 > 2",
    "SELECT a FROM t WHERE b -> 'x' = '1'",
    "SELECT a FROM t WHERE b ->> 'x' = '1'",
    "SELECT a FROM t WHERE b ? 'x'",
    "SELECT a FROM t WHERE b @> '{}'",
    "SELECT a FROM t ORDER BY a",
    "SELECT a FROM t ORDER BY a DESC",
    "SELECT a FROM t ORDER BY a DESC NULLS LAST",
    "SELECT a FROM t LIMIT 1",
    "SELECT a FROM t LIMIT 2 OFFSET 3",
    "SELECT a FROM t GROUP BY a",
    "SELECT a FROM t GROUP BY a HAVING count(*) > 1",
    "SELECT DISTINCT a FROM t",
    "SELECT DISTINCT ON (b) a FROM t",
    "SELECT count(*) FROM t",
    "SELECT count(a) FROM t",
    "SELECT count(DISTINCT a) FROM t",
    "SELECT max(a) FROM t",
    "SELECT a FROM t JOIN u ON t.i = u.i",
    "SELECT a FROM t LEFT JOIN u ON t.i = u.i",
    "SELECT a FROM t JOIN u USING (i)",
    "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)",
    "SELECT a FROM t WHERE b IN (SELECT c FROM u)",
    "SELECT a FROM t WHERE b NOT IN (1, 2)",
    "SELECT a FROM t UNION SELECT b FROM u",
    "SELECT a FROM t UNION ALL SELECT b FROM u",
    "SELECT a FROM t FOR UPDATE",
    "SELECT a FROM t FOR SHARE",
    "SELECT a[1] FROM t",
    "SELECT a[1:2] FROM t",
    "SELECT CASE WHEN a THEN 1 ELSE 2 END FROM t",
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
    "SELECT row_number() OVER (ORDER BY b) FROM t",
    "SELECT sum(a) FILTER (WHERE b) FROM t",
    "WITH x AS (SELECT a FROM t) SELECT * FROM x",
    "WITH RECURSIVE x AS (SELECT a FROM t) SELECT * FROM x",
    "INSERT INTO t (a) VALUES (1)",
    "INSERT INTO t (a) VALUES (1), (2)",
    "INSERT INTO t (a, b) VALUES (1, 2)",
    "INSERT INTO t (a, b) VALUES (1, now())",
    "INSERT INTO t (a, b) VALUES (1, 2), (3, 4) ON CONFLICT DO NOTHING",
    "INSERT INTO t (a) SELECT b FROM u",
    "UPDATE t SET a = 1",
    "UPDATE t SET a = 1 WHERE b = 2",
    "UPDATE t SET b = 1",
    "DELETE FROM t",
    "DELETE FROM t WHERE a = 1",
    "VALUES (1), (2)",
    "TRUNCATE t",
    "BEGIN",
    "COMMIT",
};

static int by_ours(const void *left, const void *right)
{
    const struct judged *a = left, *b = right;
    int order = memcmp(&a->ours, &b->ours, sizeof a->ours);

    return order != 0 ? order : (a->theirs > b->theirs) - (a->theirs < b->theirs);
}

static void statements_that_the_parser_distinguishes_have_different_hashes(void **state)
{
    struct arena *arena = arena_new(0);
    size_t groups = 0;

    (void)state;
    statement_count = 0;
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        judge(text_of(near[i]), arena);
    for (int group = 0; group < SQL_CORPUS_CLASS_COUNT; group++) {
        struct sql_corpus corpus = sql_corpus_make(group, CORPUS_BYTES, 1, arena);

        for (size_t i = 0; i < corpus.count; i++)
            judge(corpus.statements[i], arena);
    }
    qsort(statements, statement_count, sizeof statements[0], by_ours);
    for (size_t i = 1; i < statement_count; i++) {
        bool is_same = memcmp(&statements[i].ours, &statements[i - 1].ours, sizeof statements[i].ours) == 0;

        groups += !is_same;
        if (is_same && statements[i].theirs != statements[i - 1].theirs)
            fail_msg("one hash for two statements:\n%s\n%s", statements[i - 1].sql.data, statements[i].sql.data);
    }
    assert_true(groups > 100);
    arena_destroy(arena);
}

static void other_literals_give_the_same_hash_as_for_the_parser(void **state)
{
    struct arena *arena = arena_new(0);
    size_t equal = 0;

    (void)state;
    for (int group = 0; group < SQL_CORPUS_CLASS_COUNT; group++) {
        struct sql_corpus left = sql_corpus_make(group, CORPUS_BYTES, 1, arena);
        struct sql_corpus right = sql_corpus_make(group, CORPUS_BYTES, 2, arena);

        for (size_t i = 0; i < left.count && i < right.count; i++) {
            struct sql_hash a = our_hash(left.statements[i], arena), b = our_hash(right.statements[i], arena);
            PgQueryFingerprintResult theirs = pg_query_fingerprint(left.statements[i].data);
            PgQueryFingerprintResult others = pg_query_fingerprint(right.statements[i].data);
            bool is_equal = theirs.error == NULL && others.error == NULL && theirs.fingerprint == others.fingerprint;

            pg_query_free_fingerprint_result(theirs);
            pg_query_free_fingerprint_result(others);
            if (is_equal && memcmp(&a, &b, sizeof a) != 0)
                fail_msg("two hashes for one statement:\n%s\n%s", left.statements[i].data, right.statements[i].data);
            equal += is_equal;
        }
    }
    assert_true(equal > 1000);
    arena_destroy(arena);
}

/* The parser's normalize writes what pg_stat_statements writes. */
static void normalized_statements_keep_their_hash(void **state)
{
    struct arena *arena = arena_new(0);

    (void)state;
    for (int group = 0; group <= SQL_CORPUS_CLASS_COUNT; group++) {
        bool is_near = group == SQL_CORPUS_CLASS_COUNT;
        struct sql_corpus corpus = {0};
        size_t count = sizeof near / sizeof near[0];

        if (!is_near) {
            corpus = sql_corpus_make(group, CORPUS_BYTES, 3, arena);
            count = corpus.count;
        }
        for (size_t i = 0; i < count; i++) {
            struct text sql = is_near ? text_of(near[i]) : corpus.statements[i];
            PgQueryNormalizeResult result = pg_query_normalize(sql.data);
            struct sql_hash before = our_hash(sql, arena), after;

            assert_null(result.error);
            after = our_hash(text_of(result.normalized_query), arena);
            if (memcmp(&before, &after, sizeof before) != 0)
                fail_msg("another hash when normalized:\n%s\n%s", sql.data, result.normalized_query);
            pg_query_free_normalize_result(result);
        }
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_that_the_parser_distinguishes_have_different_hashes),
        cmocka_unit_test(other_literals_give_the_same_hash_as_for_the_parser),
        cmocka_unit_test(normalized_statements_keep_their_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static void libpg_query_was_not_there_when_this_was_built(void **state)
{
    (void)state;
    printf("skipped: install libpg-query-dev and build again\n");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(libpg_query_was_not_there_when_this_was_built)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
