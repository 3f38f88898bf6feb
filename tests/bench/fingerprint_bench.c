/* How fast statements become fingerprints on one core, beside libpg_query's normalize over the same statements in the
 * same run. Processor time is measured, so that other load on the machine does not count. Prints one JSON object a
 * line: one for each class of statements, then one for the whole corpus. */
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sql/statement.h"
#include "tests/bench/sql_corpus.h"

enum { REPEATS = 9, CLASS_BYTES = 2 * 1024 * 1024, PEER_CLASS_BYTES = 192 * 1024 };

static unsigned sink; /* keeps the work from being optimised away */

static double processor_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double potto_us(const struct sql_corpus *corpus, struct arena *arena)
{
    double start_us = processor_us();

    for (size_t i = 0; i < corpus->count; i++) {
        struct sql_fingerprint fingerprint = sql_fingerprint(SQL_DIALECT_POSTGRESQL, corpus->statements[i], arena);

        sink += fingerprint.hash.bytes[0];
        if (i % 64 == 63)
            arena_reset(arena);
    }
    arena_reset(arena);
    return processor_us() - start_us;
}

static double peer_us(const struct sql_corpus *corpus)
{
    double start_us = processor_us();

    for (size_t i = 0; i < corpus->count; i++) {
        PgQueryNormalizeResult result = pg_query_normalize(corpus->statements[i].data);

        if (result.error != NULL) {
            fprintf(stderr, "libpg_query refuses: %s\n%s\n", result.error->message, corpus->statements[i].data);
            exit(1);
        }
        sink += (unsigned char)result.normalized_query[0];
        pg_query_free_normalize_result(result);
    }
    return processor_us() - start_us;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, REPEATS, sizeof *values, compare);
    return values[REPEATS / 2];
}

static void print_line(const char *corpus, double value, double peer)
{
    printf("{\"bench\":\"fingerprint\",\"corpus\":\"%s\",\"value\":%.1f,\"unit\":\"MB/s\",\"peer\":\"libpg_query "
           "normalize\",\"peer_value\":%.1f,\"ratio\":%.1f}\n",
           corpus, value, peer, value / peer);
}

int main(void)
{
    struct arena *texts = arena_new(0), *arena = arena_new(0);
    struct sql_corpus corpora[SQL_CORPUS_CLASS_COUNT], peer_corpora[SQL_CORPUS_CLASS_COUNT];
    double ours[SQL_CORPUS_CLASS_COUNT + 1][REPEATS] = {0}, peers[SQL_CORPUS_CLASS_COUNT + 1][REPEATS] = {0};

    for (int group = 0; group < SQL_CORPUS_CLASS_COUNT; group++) {
        corpora[group] = sql_corpus_make(group, CLASS_BYTES, 1, texts);
        peer_corpora[group] = sql_corpus_make(group, PEER_CLASS_BYTES, 1, texts); /* fewer of the same statements */
    }
    for (int repeat = -1; repeat < REPEATS; repeat++) { /* the first round warms up and is not counted */
        double our_us = 0, our_bytes = 0, their_us = 0, their_bytes = 0;

        for (int group = 0; group < SQL_CORPUS_CLASS_COUNT; group++) {
            double us = potto_us(&corpora[group], arena), them_us = peer_us(&peer_corpora[group]);

            our_us += us;
            our_bytes += (double)corpora[group].size_bytes;
            their_us += them_us;
            their_bytes += (double)peer_corpora[group].size_bytes;
            if (repeat >= 0) {
                ours[group][repeat] = (double)corpora[group].size_bytes / us;
                peers[group][repeat] = (double)peer_corpora[group].size_bytes / them_us;
            }
        }
        if (repeat >= 0) {
            ours[SQL_CORPUS_CLASS_COUNT][repeat] = our_bytes / our_us;
            peers[SQL_CORPUS_CLASS_COUNT][repeat] = their_bytes / their_us;
        }
    }
    for (int group = 0; group < SQL_CORPUS_CLASS_COUNT; group++)
        print_line(sql_corpus_class_name(group), median(ours[group]), median(peers[group]));
    print_line("all, equal bytes of each", median(ours[SQL_CORPUS_CLASS_COUNT]), median(peers[SQL_CORPUS_CLASS_COUNT]));
    arena_destroy(texts);
    arena_destroy(arena);
    return sink == 0;
}
