/* lib/plan's findings over the corpus of plans to which something was done (tests/plans/corpus.py): what was reached
 * may not be lost. `dev/bench plans` tells more, by label and beside PEV2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/plans/corpus.h"

enum { FAULTY_MIN = 200, HEALTHY_MIN = 100 };

/* The plans of a group; data NULL: all. */
static struct corpus_tally score(const struct corpus *corpus, struct text group)
{
    struct corpus_tally tally = {0};

    for (size_t i = 0; i < corpus->count; i++) {
        struct arena *arena = arena_new(0);

        if (group.data == NULL || text_equal(corpus->items[i].group, group))
            assert_true(corpus_score(&corpus->items[i], arena, NULL, &tally));
        arena_destroy(arena);
    }
    return tally;
}

static void faults_are_named_and_healthy_plans_left_alone(void **state)
{
    /* What was reached, but for a little. Rules were never tuned with the third group. */
    static const struct {
        const char *name; /* NULL: all */
        double precision_min, recall_min;
    } groups[] = {{"tune", 0.97, 0.95}, {"held", 0.97, 0.95}, {"fresh", 0.97, 0.93}, {NULL, 0.97, 0.95}};
    struct arena *arena = arena_new(0);
    struct corpus corpus;
    struct corpus_tally tally = {0};

    (void)state;
    assert_true(corpus_read(POTTO_PROJECT_DIR "/tests/plans/corpus.jsonl.gz", arena, &corpus));
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        tally = score(&corpus, text_of(groups[i].name));
        assert_true(tally.faulty > 0 && tally.healthy > 0);
        if (corpus_precision(&tally) < groups[i].precision_min || corpus_recall(&tally) < groups[i].recall_min)
            fail_msg("%s: precision %.4f (%zu of %zu findings), recall %.4f (%zu of %zu faults)",
                     groups[i].name == NULL ? "all" : groups[i].name, corpus_precision(&tally), tally.right,
                     tally.findings, corpus_recall(&tally), tally.found, tally.faulty);
    }
    assert_true(tally.faulty >= FAULTY_MIN && tally.healthy >= HEALTHY_MIN);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_named_and_healthy_plans_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
